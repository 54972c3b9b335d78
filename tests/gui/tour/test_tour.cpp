// The tour as everybody has it: `signalbox tour`, on a private display. That a release waits, turns out to be bad and
// is rolled back is proven by its own steps; here: that it tells them, fails when it should, and that its pictures show
// something. Looking at them is for people.
#include "tests/support/lab.h"
#include "tests/support/needs.h"
#include "tests/support/picture.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QImage>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox::test;

namespace
{

QString named(const char *name)
{
    return QString::fromLatin1(name);
}

} // namespace

class TestTour : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        for (const char *program : {"Xvfb", "openbox"}) {
            if (QStandardPaths::findExecutable(named(program)).isEmpty())
                MISSING(qPrintable(QStringLiteral("%1 is not installed").arg(named(program))));
        }
        QDir(folder()).removeRecursively();
        QElapsedTimer timer;
        timer.start();
        m_output = onDisplay({named("tour"), named("--out"), folder()}, {});
        m_seconds = timer.elapsed() / 1000;
        qInfo().noquote() << m_output.out;
        QVERIFY2(m_output.isGood(), m_output.err.constData());
    }

    void tellsEachStepWithItsTime()
    {
        const QStringList lines = QString::fromUtf8(m_output.out).split(u'\n', Qt::SkipEmptyParts);
        static const QRegularExpression form(named("^\\d\\d:\\d\\d\\.\\d  \\S"));
        for (const QString &line : lines)
            QVERIFY2(form.match(line).hasMatch(), qPrintable(line));
        for (const char *what : {"A release waits",
                                 "1.45.0 0 %",
                                 "green 1.45.0 10 %",
                                 "green 1.45.0 50 %",
                                 "its error rate rises",
                                 "Rolled back, and observed",
                                 "the numbers recover",
                                 "A first start, with nothing open",
                                 "Chooses the one that lacks nothing but your word: embedding-api",
                                 "Break glass is the first: it asks for a reason",
                                 "It can wait: Esc, and nothing was signed",
                                 "Holds Enter: the approval is signed",
                                 "Promotions: carried out, and observed",
                                 "Chooses a run that was run again",
                                 "the one before: what failed then",
                                 "Chooses the release of embedding-api that waits at its production gate",
                                 "The arrows walk through them, up to the gate: deploy-production",
                                 "Holds the button: claimed in the ledger, then pressed at the vendor",
                                 "Read again at the vendor: the gate is open",
                                 "Pipelines: the run goes on behind its gate"})
            QVERIFY2(m_output.out.contains(what), what);
    }
    void takesAFewMinutes() { QVERIFY2(m_seconds < 540, qPrintable(QString::number(m_seconds))); }
    void noTextIsCut() { QVERIFY2(!m_output.out.contains("Cut text"), m_output.out.constData()); }

    void everyScreenIsThereFourTimes_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"first-start",
                                 "overview",
                                 "traffic-waiting",
                                 "traffic-plan",
                                 "traffic-errors",
                                 "rollback-plan",
                                 "rollback-done",
                                 "palette",
                                 "help",
                                 "cluster",
                                 "metrics",
                                 "connections",
                                 "settings",
                                 "traffic-recovered",
                                 "overview-after",
                                 "guide",
                                 "pipelines",
                                 "pipeline-attempt",
                                 "pipeline-waiting",
                                 "gate",
                                 "gate-decided",
                                 "pipeline-goes-on",
                                 "promotions",
                                 "promotion-changes",
                                 "break-glass",
                                 "promotion-approved",
                                 "promotion-done",
                                 "ledger",
                                 "drills"})
            QTest::newRow(name) << named(name);
    }
    void everyScreenIsThereFourTimes()
    {
        QFETCH(QString, name);
        for (const bool isDark : {true, false}) {
            for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
                const QString file = QStringLiteral("%1/%2-%3-%4x%5.png")
                                         .arg(folder(), name, isDark ? named("dark") : named("light"))
                                         .arg(size.width())
                                         .arg(size.height());
                const QImage image(file);
                QVERIFY2(!image.isNull(), qPrintable(file));
                QCOMPARE(image.size(), size);
                const bool isDarkThere = qGray(image.pixel(8, size.height() / 2)) < 128;
                // A veil over the page darkens the light one.
                if (name != named("help") && name != named("palette") && name != named("guide"))
                    QVERIFY2(isDarkThere == isDark, qPrintable(file));
                // The navigation, the page and the line at the bottom, each for itself.
                QVERIFY2(coloursIn(image, QRect(0, 0, 190, size.height() - 40)) > 20, qPrintable(file));
                QVERIFY2(coloursIn(image, QRect(200, 60, size.width() - 210, size.height() - 110)) > 60,
                         qPrintable(file));
                QVERIFY2(coloursIn(image, QRect(200, size.height() - 24, size.width() - 210, 20)) > 10,
                         qPrintable(file));
            }
        }
    }
    void noTwoAreTheSame()
    {
        QSet<QByteArray> seen;
        const QStringList files = QDir(folder()).entryList({named("*.png")});
        QVERIFY(files.size() >= 60);
        for (const QString &name : files) {
            QFile file(folder() + QLatin1Char('/') + name);
            QVERIFY(file.open(QIODevice::ReadOnly));
            seen.insert(file.readAll());
        }
        QCOMPARE(seen.size(), files.size());
    }

    // As ./run does it where there is no display: everything is drawn off screen.
    void withoutADisplayItIsDrawnOffScreen()
    {
        QTemporaryDir place;
        const auto output = runProgram(named("env"),
                                       {named("-u"), named("DISPLAY"), named("-u"), named("WAYLAND_DISPLAY"),
                                        named("-u"), named("QT_QPA_PLATFORM"), named(SIGNALBOX_PROGRAM), named("tour"),
                                        named("--readme"), named("--out"), place.path()},
                                       {}, 480, {named("SIGNALBOX_DATA=") + m_data.path()});
        QVERIFY2(output.isGood(), (output.out + output.err).constData());
        QVERIFY2(output.err.contains("There is no display: the window is drawn off screen."), output.err.constData());
        QVERIFY2(output.out.contains("Rolled back, and observed"), output.out.constData());
        for (const char *name : {"overview", "traffic-errors", "rollback-plan", "promotion-approved", "pipelines",
                                 "gate", "ledger", "cluster", "metrics"}) {
            const QImage image(place.filePath(named(name) + named(".png")));
            QCOMPARE(image.size(), QSize(1440, 900));
            QVERIFY2(coloursIn(image, QRect(200, 60, 1230, 790)) > 60, name);
        }
    }

    void aFolderThatCannotBeMadeIsSaid()
    {
        QTemporaryDir place;
        QFile inTheWay(place.filePath(named("file")));
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        const auto output = onDisplay({named("tour"), named("--out"), place.filePath(named("file/pictures"))},
                                      {named("QT_QPA_PLATFORM=offscreen")});
        QCOMPARE(output.status, 1);
        QVERIFY2(output.err.contains("could not be made"), output.err.constData());
    }
    void withoutAFolderItSaysHow()
    {
        const auto output = runProgram(named(SIGNALBOX_PROGRAM), {named("tour")});
        QCOMPARE(output.status, 2);
        QVERIFY2(output.err.contains("--out"), output.err.constData());
    }

private:
    static QString folder() { return named(SIGNALBOX_TOUR); }
    LabCluster::Output onDisplay(const QStringList &arguments, const QStringList &environment) const
    {
        return runProgram(named(SIGNALBOX_SOURCE_DIR "/tests/lab/display/alone.sh"),
                          QStringList{named("--size"), named("1600x1000"), named(SIGNALBOX_PROGRAM)} + arguments, {},
                          480, environment + QStringList{named("SIGNALBOX_DATA=") + m_data.path()});
    }

    QTemporaryDir m_data;
    LabCluster::Output m_output;
    qint64 m_seconds = 0;
};

QTEST_GUILESS_MAIN(TestTour)
#include "test_tour.moc"

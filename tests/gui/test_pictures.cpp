// The real console draws every screen, on a real control plane with a real Prometheus beside it. A picture must have
// something on it; looking at them is for people.
#include "tests/support/lab.h"
#include "tests/support/labprometheus.h"
#include "tests/support/needs.h"
#include "tests/support/picture.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include <array>

using namespace signalbox::test;

namespace
{

constexpr std::array pages = {"overview", "pipelines", "promotions", "traffic",     "rollback", "cluster",
                              "metrics",  "ledger",    "drills",     "connections", "settings"};

QString named(const char *name)
{
    return QString::fromLatin1(name);
}

} // namespace

class TestPictures : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QString error;
        m_cluster = LabCluster::shared(&error);
        if (!m_cluster)
            MISSING(qPrintable(error));
        QVERIFY2(showcase({}).isGood(), showcase({}).err.constData());
        LabPrometheus::Options options;
        options.application = named("image-classifier");
        options.ns = named("production");
        m_metrics = LabPrometheus::start(options, &error);
        QVERIFY2(m_metrics, qPrintable(error));
        QVERIFY(m_metrics->setLoad(named("blue"), 9));
        QVERIFY(m_metrics->setLoad(named("green"), 3));
        draw();
    }
    void cleanupTestCase()
    {
        if (m_cluster)
            showcase({named("--delete")});
    }

    void hasSomethingOnIt_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<QString>("theme");
        QTest::addColumn<QSize>("size");
        for (const char *page : pages) {
            for (const char *theme : {"dark", "light"}) {
                for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)})
                    QTest::addRow("%s %s %d", page, theme, size.width()) << named(page) << named(theme) << size;
            }
        }
    }
    void hasSomethingOnIt()
    {
        QFETCH(QString, page);
        QFETCH(QString, theme);
        QFETCH(QSize, size);
        const QImage image(fileOf(page, theme, size));
        QVERIFY2(!image.isNull(), qPrintable(fileOf(page, theme, size)));
        QCOMPARE(image.size(), size);
        QVERIFY((qGray(image.pixel(8, size.height() / 2)) < 128) == (theme == named("dark")));
        // The navigation, the page and the line at the bottom, each for itself.
        QVERIFY(coloursIn(image, QRect(0, 0, 190, size.height() - 40)) > 20);
        QVERIFY(coloursIn(image, QRect(200, 60, size.width() - 210, size.height() - 110)) > 60);
        QVERIFY(coloursIn(image, QRect(200, size.height() - 24, size.width() - 210, 20)) > 10);
    }

    void noTwoAreTheSame()
    {
        QSet<QByteArray> seen;
        const QStringList files = QDir(folder()).entryList({named("*.png")});
        QCOMPARE(files.size(), qsizetype(pages.size() * 4));
        for (const QString &name : files) {
            QFile file(folder() + QLatin1Char('/') + name);
            QVERIFY(file.open(QIODevice::ReadOnly));
            seen.insert(file.readAll());
        }
        QCOMPARE(seen.size(), files.size());
    }

private:
    static QString folder() { return named(SIGNALBOX_PICTURES); }
    static QString fileOf(const QString &page, const QString &theme, const QSize &size)
    {
        return QStringLiteral("%1/%2-%3-%4x%5.png").arg(folder(), page, theme).arg(size.width()).arg(size.height());
    }

    LabCluster::Output showcase(const QStringList &more) const
    {
        return runProgram(named("python3"),
                          QStringList{named(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/showcase.py"), named("--dir"),
                                      m_cluster->directory(), named("--port"), QString::number(m_cluster->port())} +
                              more,
                          {}, 90);
    }

    void draw()
    {
        QDir(folder()).removeRecursively();
        const QString path = m_folder.filePath(named("team.yaml"));
        QFile workspace(path);
        QVERIFY(workspace.open(QIODevice::WriteOnly));
        workspace.write("version: 1\nname: Acme Vision\nconnections:\n  - {id: lab, kind: kubernetes, kubeconfig: \"" +
                        m_cluster->kubeconfig().toUtf8() + "\"}\n  - {id: metrics, kind: prometheus, url: \"" +
                        m_metrics->url().toString().toUtf8() + "\"}\npreferences:\n  trafficSteps: [10, 50, 100]\n");
        workspace.close();
        const LabCluster::Output drawn = runProgram(
            named(SIGNALBOX_CONSOLE_PROGRAM), {named("-w"), path, named("--pictures"), folder()}, {}, 150,
            {named("SIGNALBOX_DATA=") + m_folder.filePath(named("data")), named("QT_QPA_PLATFORM=offscreen")});
        QVERIFY2(drawn.isGood(), drawn.err.constData());
    }

    QTemporaryDir m_folder;
    std::unique_ptr<LabCluster> m_cluster;
    std::unique_ptr<LabPrometheus> m_metrics;
};

QTEST_GUILESS_MAIN(TestPictures)
#include "test_pictures.moc"

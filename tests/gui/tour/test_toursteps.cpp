// A tour that does not go as its script says ends with a sentence: which step, what was seen instead, and where the
// picture of that moment is. The whole story is told by test_tour.
#include "app/console/tour/tour.h"
#include "tests/support/consoleworld.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

using Doubt = TourOperator::Doubt;

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

TourStep step(const char *title, const TourStep::Act &act, const TourStep::Look &look)
{
    TourStep made;
    made.title = text(title);
    made.act = act;
    made.look = look;
    made.limit = 200ms;
    return made;
}

TourStep wellDone()
{
    return step("Looks at the screen", {}, [](const TourOperator &who) { return who.isOnPage(text("overview")); });
}

} // namespace

Q_DECLARE_METATYPE(signalbox::TourStep)

class TestTourSteps : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void init()
    {
        m_world = std::make_unique<ConsoleWorld>();
        m_world->addRichCluster();
        m_folder = std::make_unique<QTemporaryDir>();
        m_window = std::make_unique<MainWindow>(*m_world->context, consolePages(), m_theme.get());
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    void cleanup()
    {
        m_window.reset();
        m_world.reset();
    }
    void cleanupTestCase() { m_theme.reset(); }

    void aStepThatFailsIsASentence_data()
    {
        QTest::addColumn<TourStep>("bad");
        QTest::addColumn<QString>("instead");
        QTest::newRow("what is to be pressed is not there")
            << step(
                   "Presses a button", [](TourOperator &who) { return who.click(text("noSuchButton")); },
                   [](const TourOperator &) { return Doubt(); })
            << text("noSuchButton is not on screen");
        QTest::newRow("what is waited for does not come")
            << step("Waits for the recovery", {}, [](const TourOperator &who) { return who.isOnPage(text("traffic")); })
            << text("the screen is overview");
        QTest::newRow("a plan that nobody can hold")
            << step(
                   "Holds the button", [](TourOperator &who) { return who.canHold(); },
                   [](const TourOperator &) { return Doubt(); })
            << text("there is no operation on this screen");
    }
    void aStepThatFailsIsASentence()
    {
        QFETCH(TourStep, bad);
        QFETCH(QString, instead);
        bool goesOn = false;
        const TourStep after = step("Is never reached", {}, [&goesOn](const TourOperator &) {
            goesOn = true;
            return Doubt();
        });
        QStringList said;
        const QString failure = outcomeOf({wellDone(), bad, after}, m_folder->path(), &said);
        const QString picture = m_folder->filePath(text("failed.png"));
        QVERIFY2(failure.contains(QStringLiteral("Step 2 of 3 failed: %1. Seen instead: %2.").arg(bad.title, instead)),
                 qPrintable(failure));
        QVERIFY2(failure.contains(QDir::toNativeSeparators(picture)), qPrintable(failure));
        QVERIFY2(!QImage(picture).isNull(), "what was on screen");
        QCOMPARE(said.size(), 1); // the step that went well
        QVERIFY(said.first().contains(text("Looks at the screen")));
        QVERIFY(!goesOn);
    }

    void aPictureThatCannotBeWrittenIsASentence()
    {
        TourStep pictured = wellDone();
        pictured.picture = text("overview");
        QVERIFY(QDir(m_folder->path()).mkdir(text("overview-dark-1440x900.png"))); // in its place
        QStringList said;
        const QString failure = outcomeOf({pictured}, m_folder->path(), &said);
        QVERIFY2(failure.contains(text("overview-dark-1440x900.png could not be written in ")) &&
                     failure.contains(m_folder->path()),
                 qPrintable(failure));
        QVERIFY2(!failure.contains(text("overview-light")), qPrintable(failure)); // the others were
    }

    void aFolderThatCannotBeMadeIsASentence()
    {
        QFile inTheWay(m_folder->filePath(text("file")));
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        QStringList said;
        const QString failure = outcomeOf({wellDone()}, m_folder->filePath(text("file/pictures")), &said);
        QVERIFY2(failure.contains(text("could not be made")), qPrintable(failure));
        QVERIFY(said.isEmpty());
    }

    void whatGoesWellIsNoFailure()
    {
        QStringList said;
        QCOMPARE(outcomeOf({wellDone(), wellDone()}, m_folder->path(), &said), QString());
        QCOMPARE(said.size(), 3);
        QVERIFY2(said.last().contains(text("Done: 2 steps")), qPrintable(said.last()));
        QVERIFY(!QFile::exists(m_folder->filePath(text("failed.png"))));
    }

private:
    QString outcomeOf(const QList<TourStep> &steps, const QString &folder, QStringList *said)
    {
        Tour tour(*m_window, *m_theme, steps, Tour::Options{folder, Tour::Pictures::All});
        connect(&tour, &Tour::said, this, [said](const QString &line) { said->append(line); });
        const QSignalSpy ended(&tour, &Tour::finished);
        tour.start();
        if (!QTest::qWaitFor([&ended] { return !ended.isEmpty(); }, 60'000))
            return text("it never ended");
        return ended.first().first().toString();
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConsoleWorld> m_world;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestTourSteps)
#include "test_toursteps.moc"

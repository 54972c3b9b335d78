// A tour that does not go as its script says ends with a sentence: which step, what was seen instead, and where the
// picture of that moment is. The whole story is told by test_tour.
#include "app/console/tour/tour.h"
#include "tests/support/consoleworld.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>

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

    // A person scrolls to a line before clicking on it.
    void aLineOutOfSightIsWalkedTo()
    {
        TourOperator who(*m_window);
        QTRY_VERIFY(who.find<QAbstractItemView>(text("releasesTable")));
        auto *table = who.find<QAbstractItemView>(text("releasesTable"));
        m_window->resize(1100, 640);
        const auto last = [table] { return table->model()->index(table->model()->rowCount() - 1, 0); };
        QTRY_VERIFY(last().row() > 2);
        const auto isInSight = [&] { return table->viewport()->rect().contains(table->visualRect(last()).center()); };
        QTRY_VERIFY(!isInSight());
        QVERIFY(who.clickCell(table, last()).has_value());
        const Doubt doubt = who.walkTo(table, last());
        QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
        QVERIFY(isInSight());
        const Doubt click = who.clickCell(table, last());
        QVERIFY2(!click, qPrintable(click.value_or(QString())));
        QVERIFY(who.walkTo(nullptr, {}).has_value());
    }

    // A question over the window takes what is typed and clicked; its picture shows both.
    void aQuestionIsWorkedIn()
    {
        QDialog dialog(m_window.get());
        dialog.setStyleSheet(text("QDialog { background: #ff00ff; }"));
        dialog.resize(400, 300);
        auto *down = new QVBoxLayout(&dialog);
        auto *field = new QLineEdit(&dialog);
        field->setObjectName(text("field"));
        auto *close = new QPushButton(text("Close"), &dialog);
        close->setObjectName(text("closeQuestion"));
        close->setAutoDefault(false);
        down->addWidget(field);
        down->addStretch();
        down->addWidget(close);
        connect(close, &QPushButton::clicked, &dialog, &QDialog::accept);
        TourStep below = step(
            "Clicks what lies below",
            [&dialog](TourOperator &who) -> Doubt {
                if (!dialog.isVisible())
                    dialog.open();
                const Doubt doubt = who.click(text("searchField"));
                return doubt && doubt->contains(text("below the question")) ? Doubt() : text("it could be clicked");
            },
            [&dialog](const TourOperator &who) {
                return who.question() == &dialog ? Doubt() : text("nothing lies over it");
            });
        TourStep type = step(
            "Types into it",
            [](TourOperator &who) -> Doubt {
                if (const Doubt doubt = who.click(text("field")))
                    return doubt;
                who.type(text("why"));
                return std::nullopt;
            },
            [field](const TourOperator &) { return field->text() == text("why") ? Doubt() : field->text(); });
        type.picture = text("question");
        TourStep leave = step(
            "Closes it", [](TourOperator &who) { return who.click(text("closeQuestion")); },
            [](const TourOperator &who) { return who.question() == nullptr ? Doubt() : text("it is open"); });
        for (TourStep *each : {&below, &type, &leave})
            each->limit = 5s;
        QStringList said;
        QCOMPARE(outcomeOf({below, type, leave}, m_folder->path(), &said), QString());
        for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
            const QImage image(
                m_folder->filePath(QStringLiteral("question-light-%1x%2.png").arg(size.width()).arg(size.height())));
            QCOMPARE(image.size(), size);
            QCOMPARE(image.pixelColor(size.width() / 2, size.height() / 2), QColor(255, 0, 255));
            QVERIFY(image.pixelColor(size.width() / 2 + 300, size.height() / 2) != QColor(255, 0, 255));
        }
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

// The log of the chosen job while its run goes on, its connection breaks, and its reader comes and goes.
#include "tests/gui/pipelines/pipelineworld.h"
#include "tests/support/shots.h"
#include "ui/pages/pipelines/logcard.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/theme/theme.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/joblogview.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const QString unitTests = QStringLiteral("Unit tests");
const QString pushImage = QStringLiteral("Push image");
const QString building = QStringLiteral("Build");

// Keeps the question for a file until the test answers it.
class HeldPrompter : public FakePrompter
{
public:
    void askSaveFile(QWidget *, const QString &, const QString &name,
                     std::function<void(const QString &)> answer) override
    {
        suggested = name;
        held = std::move(answer);
    }
    QString suggested;
    std::function<void(const QString &)> held;
};

// The card of image-classifier #1290, whose unit tests run.
struct ShownCard
{
    ShownCard()
        : presenter(*world.context)
        , card(presenter, prompter)
        , source(world.github->fakeSource)
    {
        card.resize(900, 320);
    }
    void start()
    {
        world.start();
        presenter.setActive(true);
        card.show();
        card.setActive(true);
        const QString pipeline = world.classifierPipeline.ref.key();
        QTRY_VERIFY(presenter.store().entry(pipeline) && !presenter.store().entry(pipeline)->runs.isEmpty());
        run = source.runsOf[pipeline].first().ref;
        presenter.select(run.key());
        QTRY_COMPARE(card.title(), QStringLiteral("Unit tests log"));
    }
    // The page is left, and looked at again.
    void leave()
    {
        card.setActive(false);
        presenter.setActive(false);
        card.hide();
    }
    void comeBack()
    {
        card.show();
        presenter.setActive(true);
        card.setActive(true);
    }
    void change(const QString &name, RunState state)
    {
        for (Job &job : source.details[run.id].jobs) {
            if (job.name != name)
                continue;
            job.state = state;
            job.hasLog = true;
            if (!job.startedAt.isValid())
                job.startedAt = world.now;
            job.finishedAt = isEnded(state) ? world.now : QDateTime();
        }
    }
    qsizetype queriesOf(const QString &job) const
    {
        return std::count_if(source.logQueries.cbegin(), source.logQueries.cend(),
                             [&job](const LogQuery &query) { return query.job == job; });
    }
    template <typename T>
    T &find(const char *name) const
    {
        return *card.findChild<T *>(QString::fromLatin1(name));
    }
    JobLogView &view() const { return find<JobLogView>("jobLog"); }
    JobLogLines &lines() const { return *view().lines(); }
    QByteArray text() const
    {
        const JobLogText shown = view().log().text();
        QByteArray all;
        for (const auto &chunk : shown.chunks())
            all += chunk->text;
        return all + shown.tail();
    }
    QString cut() const { return find<QLabel>("jobLogCut").isVisible() ? find<QLabel>("jobLogCut").text() : QString(); }
    QString offer() const
    {
        return find<QLabel>("jobLogOffer").isVisible() ? find<QLabel>("jobLogOffer").text() : QString();
    }

    PipelineWorld world;
    HeldPrompter prompter;
    PipelinesPresenter presenter;
    LogCard card;
    FakePipelines &source;
    RunRef run;
};

void turnWheel(QWidget &widget, int by)
{
    const QPointF at = widget.rect().center();
    QWheelEvent event(at, widget.mapToGlobal(at), {}, {0, by}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&widget, &event);
}

} // namespace

class TestLogCard : public QObject
{
    Q_OBJECT
private slots:
    void init() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanup() { m_theme.reset(); }

    // ---- cut off

    void aCutLogSaysWhereAndSinceWhen()
    {
        ShownCard shown;
        const QByteArray whole = shown.source.logs[unitTests];
        shown.source.logCuts.insert(unitTests, whole.size() / 2);
        shown.start();
        QTRY_VERIFY(!shown.cut().isEmpty());
        const int lines = shown.view().log().lineCount();
        QVERIFY(lines > 500 && lines < 700);
        QCOMPARE(shown.cut(), QStringLiteral("Cut at %1 line(s) since %2. The connection was closed.")
                                  .arg(lines)
                                  .arg(clockText(AgeTicker::now())));
        QCOMPARE(shown.card.subtitle(), QStringLiteral("cut"));
        QVERIFY(shown.card.isStale());
        const QString tip = shown.find<QPushButton>("jobLogFollow").toolTip();
        QVERIFY2(!tip.contains(QStringLiteral("is complete")), qPrintable(tip));
        QVERIFY(shown.find<QPushButton>("jobLogReadAgain").isVisible());
    }

    void isReadOnWhereItBrokeOff()
    {
        ShownCard shown;
        const QByteArray whole = shown.source.logs[unitTests];
        shown.source.logCuts.insert(unitTests, whole.size() / 2); // within a line
        shown.start();
        QTRY_VERIFY(!shown.cut().isEmpty());
        shown.lines().goToLine(100);
        const int top = shown.lines().firstVisibleLine();
        shown.find<QPushButton>("jobLogReadOn").click();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        QCOMPARE(shown.text(), whole); // nothing twice, nothing lost
        QCOMPARE(shown.lines().firstVisibleLine(), top);
        QTRY_VERIFY(shown.cut().isEmpty());
        QVERIFY(!shown.card.isStale());
    }

    void anotherLogInItsPlaceIsReadFromItsBeginning()
    {
        ShownCard shown;
        shown.source.logCuts.insert(unitTests, 20000);
        shown.start();
        QTRY_VERIFY(!shown.cut().isEmpty());
        const QByteArray other = QByteArray("began anew\n").repeated(3000);
        shown.source.logs[unitTests] = other;
        const QSignalSpy noticed(&shown.card, &LogCard::noticed);
        shown.find<QPushButton>("jobLogReadOn").click();
        QTRY_COMPARE(shown.text(), other);
        QCOMPARE(noticed.size(), 1);
    }

    void canBeReadAgain()
    {
        ShownCard shown;
        const QByteArray whole = shown.source.logs[unitTests];
        shown.source.logCuts.insert(unitTests, 1000);
        shown.start();
        QTRY_VERIFY(!shown.cut().isEmpty());
        shown.find<QPushButton>("jobLogReadAgain").click();
        QTRY_COMPARE(shown.text(), whole);
        QTRY_VERIFY(shown.cut().isEmpty());
    }

    void whatCannotBeReadAgainStays()
    {
        ShownCard shown;
        shown.source.logCuts.insert(unitTests, 20000);
        shown.start();
        QTRY_VERIFY(!shown.cut().isEmpty());
        const QByteArray before = shown.text();
        QVERIFY(shown.find<QPushButton>("jobLogReadAgain").isEnabled());
        shown.world.servers.remove(QStringLiteral("github")); // shown.source is gone with it
        QTRY_VERIFY(!shown.find<QPushButton>("jobLogReadAgain").isEnabled());
        QVERIFY(!shown.find<QPushButton>("jobLogReadOn").isEnabled());
        QCOMPARE(shown.text(), before);
    }

    // GitHub has a log of a job only when it ended.
    void aRunningJobWithoutALogSaysWhenThereIsOne()
    {
        ShownCard shown;
        for (RunDetail &detail : shown.source.details) {
            for (Job &job : detail.jobs)
                job.hasLog = false;
        }
        shown.start();
        QTRY_COMPARE(shown.card.state(), Panel::State::Empty);
        const auto says = [&shown](const QString &text) {
            const QList<QLabel *> labels = shown.card.findChildren<QLabel *>();
            return std::any_of(labels.cbegin(), labels.cend(), [&text](const QLabel *label) {
                return label->isVisible() && label->text().contains(text);
            });
        };
        QTRY_VERIFY(says(QStringLiteral("The server gives none before the job has ended.")));
    }

    // ---- whose log

    void goesOnToTheNextJobWhileNobodyTouchesIt()
    {
        ShownCard shown;
        shown.source.logs.insert(pushImage, "pushing\n");
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        shown.change(unitTests, RunState::Passed);
        shown.change(pushImage, RunState::Running);
        QTRY_COMPARE(shown.card.title(), QStringLiteral("Push image log"));
        QTRY_COMPARE(shown.text(), QByteArray("pushing\n"));
        QVERIFY(shown.offer().isEmpty());
    }

    void whatSomebodyReadsStays_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : {"wheel", "bar", "key", "click", "search", "error", "chosen"})
            QTest::newRow(how) << QString::fromLatin1(how);
    }
    void whatSomebodyReadsStays()
    {
        QFETCH(QString, how);
        ShownCard shown;
        shown.source.logs[unitTests] += "ERROR: one failed\n";
        shown.source.logs.insert(pushImage, "pushing\n");
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1211);
        if (how == QLatin1String("wheel")) {
            turnWheel(*shown.lines().viewport(), 360);
        } else if (how == QLatin1String("bar")) {
            shown.lines().verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepSub);
        } else if (how == QLatin1String("key")) {
            QTest::keyClick(&shown.lines(), Qt::Key_PageUp);
        } else if (how == QLatin1String("click")) {
            QTest::mouseClick(shown.lines().viewport(), Qt::LeftButton, {}, QPoint(300, 40));
        } else if (how == QLatin1String("search")) {
            shown.card.focusSearch();
            shown.find<QLineEdit>("jobLogSearch").setText(QStringLiteral("batch[7]"));
        } else if (how == QLatin1String("error")) {
            shown.find<QPushButton>("jobLogErrors").click();
        } else {
            shown.presenter.chooseJob(unitTests);
        }
        const QByteArray before = shown.text();
        shown.change(unitTests, RunState::Passed);
        shown.change(pushImage, RunState::Running);
        QTRY_COMPARE(shown.offer(), QStringLiteral("Push image has started."));
        QCOMPARE(shown.card.title(), QStringLiteral("Unit tests log"));
        QCOMPARE(shown.text(), before);
        QCOMPARE(shown.queriesOf(pushImage), 0);
        shown.find<QPushButton>("jobLogShowBegun").click();
        QTRY_COMPARE(shown.text(), QByteArray("pushing\n"));
        QCOMPARE(shown.card.title(), QStringLiteral("Push image log"));
        QVERIFY(shown.offer().isEmpty());
    }

    void aNewAttemptDoesNotWipeOutWhatIsRead_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<RunState>("state");
        QTest::addColumn<int>("later"); // seconds
        QTest::addColumn<QString>("offer");
        const QString again = QStringLiteral("Unit tests, run again");
        const QString started = QStringLiteral("Unit tests has started.");
        const QString wasRun = QStringLiteral("Unit tests was run again.");
        QTest::newRow("the same job") << unitTests << RunState::Running << 0 << started;
        QTest::newRow("another job") << again << RunState::Running << 60 << started;
        QTest::newRow("the same job, over already") << unitTests << RunState::Failed << 60 << wasRun;
        QTest::newRow("another job, over already") << again << RunState::Passed << 60 << wasRun;
        QTest::newRow("a copy under another id") << again << RunState::Passed << 0 << QString();
    }
    void aNewAttemptDoesNotWipeOutWhatIsRead()
    {
        QFETCH(QString, id);
        QFETCH(RunState, state);
        QFETCH(int, later);
        QFETCH(QString, offer);
        ShownCard shown;
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        QTest::keyClick(&shown.lines(), Qt::Key_PageUp);
        shown.source.logs[id] = "second try\n";
        for (Job &job : shown.source.details[shown.run.id].jobs) {
            if (job.name != unitTests)
                continue;
            job.id = id;
            job.attempt += 1;
            job.startedAt = job.startedAt.addSecs(later);
            job.state = state;
            job.finishedAt = isEnded(state) ? job.startedAt.addSecs(1) : QDateTime();
        }
        const auto isHeard = [&] {
            const std::optional<Job> job = shown.presenter.jobNamed(id);
            return job && job->attempt == 2;
        };
        QTRY_VERIFY(isHeard());
        QTRY_COMPARE(shown.offer(), offer);
        QCOMPARE(shown.view().log().lineCount(), 1210);
        QCOMPARE(shown.card.title(), QStringLiteral("Unit tests log"));
        if (offer.isEmpty())
            return;
        shown.find<QPushButton>("jobLogShowBegun").click();
        QTRY_COMPARE(shown.text(), QByteArray("second try\n"));
    }

    // As Travis tells it: the id stays, and each try behind the first is the second.
    void aThirdTryIsNotTheSecond()
    {
        ShownCard shown;
        const auto begin = [&shown](int later) {
            for (RunDetail &detail : shown.source.details) {
                for (Job &job : detail.jobs) {
                    if (job.name != unitTests || !job.startedAt.isValid())
                        continue;
                    job.attempt = 2;
                    job.startedAt = job.startedAt.addSecs(later);
                }
            }
        };
        begin(0);
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        shown.source.logs[unitTests] = "third try\n";
        begin(30);
        QTRY_COMPARE(shown.text(), QByteArray("third try\n"));
    }

    void whatIsSavedIsWhatItIsCalled()
    {
        ShownCard shown;
        shown.source.logs.insert(pushImage, "pushing\n");
        shown.start();
        const QByteArray whole = shown.source.logs[unitTests];
        QTRY_COMPARE(shown.text(), whole);
        shown.find<QPushButton>("jobLogSave").click();
        QVERIFY(shown.prompter.held);
        QCOMPARE(shown.prompter.suggested, QStringLiteral("image-classifier-1290-Unit tests.log"));
        shown.change(unitTests, RunState::Passed); // while the question is open
        shown.change(pushImage, RunState::Running);
        QTRY_COMPARE(shown.text(), QByteArray("pushing\n"));
        const QTemporaryDir folder;
        const QString path = folder.filePath(shown.prompter.suggested);
        const QSignalSpy noticed(&shown.card, &LogCard::noticed);
        shown.prompter.held(path);
        QTRY_COMPARE(noticed.size(), 1);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), whole);
    }

    // ---- kept

    void isNotReadAgainOnReturn()
    {
        ShownCard shown;
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        shown.lines().goToLine(300);
        const int top = shown.lines().firstVisibleLine();
        QTRY_COMPARE(shown.card.subtitle(), QString()); // its end came
        const qsizetype asked = shown.queriesOf(unitTests);
        shown.leave();
        shown.comeBack();
        QTRY_VERIFY(shown.presenter.detail().has_value());
        QCOMPARE(shown.view().log().lineCount(), 1210);
        QCOMPARE(shown.lines().firstVisibleLine(), top);
        QCOMPARE(shown.lines().currentLine(), 300);
        QCOMPARE(shown.queriesOf(unitTests), asked);
    }

    void aRunningOneGoesOnWhereItWas()
    {
        ShownCard shown;
        shown.source.openLogs.insert(unitTests);
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        QCOMPARE(shown.card.subtitle(), QStringLiteral("follows"));
        shown.leave();
        shown.source.writeLog(unitTests, "while nobody "); // and what still comes on the old connection is not taken
        shown.source.writeLog(unitTests, "looked\n");
        shown.comeBack();
        QTRY_COMPARE(shown.view().log().lineCount(), 1211);
        shown.source.writeLog(unitTests, "and now\n");
        QTRY_COMPARE(shown.view().log().lineCount(), 1212);
        QCOMPARE(shown.text(), shown.source.logs[unitTests]);
    }

    void aPlaceAheadOfWhatCameLosesNothing()
    {
        ShownCard shown;
        shown.source.openLogs.insert(unitTests);
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        const std::shared_ptr<LogPlace> place = shown.source.logQueries.last().place;
        QVERIFY(place);
        shown.leave();
        shown.source.writeLog(unitTests, "counted, but not taken\n"); // as the page was left
        place->offset = place->bytes = shown.source.logs[unitTests].size();
        shown.comeBack();
        QTRY_COMPARE(shown.view().log().lineCount(), 1211);
        QCOMPARE(shown.text(), shown.source.logs[unitTests]);
        QCOMPARE(place->offset.load(), 0);
    }

    void anotherJobAndBackIsAsItWasLeft()
    {
        ShownCard shown;
        shown.start();
        QTRY_COMPARE(shown.view().log().lineCount(), 1210);
        shown.presenter.chooseJob(building);
        QTRY_COMPARE(shown.text(), QByteArray("built\n"));
        shown.presenter.chooseJob(unitTests);
        QCOMPARE(shown.view().log().lineCount(), 1210);
        shown.lines().goToLine(400);
        const int top = shown.lines().firstVisibleLine();
        const qsizetype asked = shown.source.logQueries.size();
        shown.presenter.chooseJob(building);
        QCOMPARE(shown.text(), QByteArray("built\n"));
        shown.presenter.chooseJob(unitTests);
        QCOMPARE(shown.lines().firstVisibleLine(), top);
        QCOMPARE(shown.lines().currentLine(), 400);
        QTRY_COMPARE(shown.card.subtitle(), QString());
        QCOMPARE(shown.queriesOf(building), 1);
        QVERIFY(shown.source.logQueries.size() <= asked + 1);
    }

    void theShelfIsBounded()
    {
        LogShelf shelf;
        const auto logOf = [](int number, qsizetype bytes) {
            ReadLog log;
            log.key = QString::number(number);
            JobLogReader reader;
            for (qsizetype left = bytes; left > 0; left -= 65536) {
                for (const JobLogPiece &piece : reader.read(QByteArray("0123456789abcde\n").repeated(4096)))
                    log.log.take(piece);
            }
            return log;
        };
        for (int i = 0; i < 20; ++i)
            shelf.put(logOf(i, 65536));
        QCOMPARE(shelf.count(), LogShelf::mostLogs);
        QVERIFY(!shelf.take(QStringLiteral("3")));
        QVERIFY(shelf.take(QStringLiteral("19")));
        for (int i = 20; i < 24; ++i)
            shelf.put(logOf(i, 18 * 1024 * 1024));
        QVERIFY(shelf.memory() <= LogShelf::mostMemory);
        QVERIFY(shelf.take(QStringLiteral("23")));
        shelf.put(logOf(30, 60 * 1024 * 1024));
        QVERIFY(!shelf.take(QStringLiteral("30")));
        QVERIFY(shelf.count() >= 1); // and it drove nothing out
    }

    void fileNamesAreOnesThatCanBe_data()
    {
        QTest::addColumn<QString>("job");
        QTest::addColumn<QString>("name");
        QTest::newRow("usual") << QStringLiteral("Unit tests") << QStringLiteral("cart-412-Unit tests.log");
        QTest::newRow("matrix") << QStringLiteral("test (a/b, c:1)") << QStringLiteral("cart-412-test (a_b, c_1).log");
        QTest::newRow("a way out") << QStringLiteral("../../x") << QStringLiteral("cart-412-.._.._x.log");
    }
    void fileNamesAreOnesThatCanBe()
    {
        QFETCH(QString, job);
        QTEST(logFileName(QStringLiteral("cart"), QStringLiteral("412"), job), "name");
    }

    void aLongPipelineLeavesTheFileNameItsJob()
    {
        const QString pipeline = QStringLiteral("team/").repeated(60);
        const QString name = logFileName(pipeline, QStringLiteral("412"), unitTests);
        QVERIFY2(name.endsWith(QStringLiteral("-412-Unit tests.log")), qPrintable(name));
        QVERIFY(name.startsWith(QStringLiteral("team_team_")));
        QCOMPARE(name.size(), 124);
        QVERIFY(logFileName(pipeline, QStringLiteral("412"), pipeline).size() <= 124);
        QCOMPARE(logFileName({}, {}, {}), QStringLiteral("job.log"));
        QCOMPARE(logFileName(QStringLiteral("cart"), {}, {}), QStringLiteral("cart.log"));
    }

    // ---- states, in both themes

    void eachStateSaysWhatItIs_data()
    {
        QTest::addColumn<Theme::Choice>("scheme");
        QTest::addColumn<QString>("state");
        for (const char *state : {"loading", "empty", "error", "cut", "content"}) {
            QTest::addRow("dark-%s", state) << Theme::Choice::Dark << QString::fromLatin1(state);
            QTest::addRow("light-%s", state) << Theme::Choice::Light << QString::fromLatin1(state);
        }
    }
    void eachStateSaysWhatItIs()
    {
        QFETCH(Theme::Choice, scheme);
        QFETCH(QString, state);
        m_theme->setChoice(scheme);
        ShownCard shown;
        if (state == QLatin1String("loading")) {
            shown.source.logs[unitTests].clear();
            shown.source.openLogs.insert(unitTests);
        } else if (state == QLatin1String("empty")) {
            shown.source.logs[unitTests].clear();
        } else if (state == QLatin1String("error")) {
            shown.source.logs[unitTests] = {};
            shown.source.logCuts.insert(unitTests, 1);
        } else if (state == QLatin1String("cut")) {
            shown.source.logCuts.insert(unitTests, 4000);
        }
        shown.start();
        const auto says = [&shown](const QString &text) {
            const QList<QLabel *> labels = shown.card.findChildren<QLabel *>();
            return std::any_of(labels.cbegin(), labels.cend(), [&text](const QLabel *label) {
                return label->isVisible() && label->text().contains(text);
            });
        };
        if (state == QLatin1String("loading")) {
            QTRY_COMPARE(shown.card.state(), Panel::State::Loading);
        } else if (state == QLatin1String("empty")) {
            QTRY_COMPARE(shown.card.state(), Panel::State::Empty);
            QVERIFY(says(QStringLiteral("The job wrote nothing.")));
        } else if (state == QLatin1String("error")) {
            QTRY_COMPARE(shown.card.state(), Panel::State::Error);
            QVERIFY(says(QStringLiteral("The connection was closed.")));
            shown.source.logs[unitTests] = "there\n";
            shoot(shown.card);
            shown.find<QPushButton>("panelAction").click();
            QTRY_COMPARE(shown.text(), QByteArray("there\n"));
            return;
        } else if (state == QLatin1String("cut")) {
            QTRY_VERIFY(shown.card.isStale());
            QCOMPARE(shown.card.state(), Panel::State::Content);
        } else {
            QTRY_COMPARE(shown.view().log().lineCount(), 1210);
            QCOMPARE(shown.card.state(), Panel::State::Content);
            QVERIFY(!shown.card.isStale());
        }
        shoot(shown.card);
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestLogCard)
#include "test_logcard.moc"

// The log of a job as one sees and drives it.
#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/foldingtools.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/joblogview.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;

namespace
{

class Shown
{
public:
    explicit Shown(bool isRunning = true)
    {
        view.resize(800, 300);
        view.begin(isRunning);
        view.show();
    }
    void take(const QByteArray &bytes) { view.take(reader.read(bytes)); }
    void end()
    {
        view.take(reader.finish());
        view.end();
    }
    JobLogLines &lines() { return *view.lines(); }
    QScrollBar &bar() { return *lines().verticalScrollBar(); }
    template <typename T>
    T &find(const char *name)
    {
        return *view.findChild<T *>(QString::fromLatin1(name));
    }
    QString current() { return view.log().line(lines().currentLine()).text.text; }

    JobLogReader reader;
    JobLogView view;
};

QByteArray numbered(int count, int from = 0)
{
    QByteArray bytes;
    for (int i = from; i < from + count; ++i)
        bytes += "2026-11-22T18:16:20.0000000Z line " + QByteArray::number(i) + "\n";
    return bytes;
}

bool hasColor(const QImage &image, const QColor &color)
{
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            if (std::abs(pixel.red() - color.red()) + std::abs(pixel.green() - color.green()) +
                    std::abs(pixel.blue() - color.blue()) <
                24)
                return true;
        }
    }
    return false;
}

} // namespace

class TestJobLogView : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void followsUntilSomebodyScrollsUp()
    {
        Shown log;
        log.take(numbered(500));
        QVERIFY(log.lines().follows());
        QCOMPARE(log.bar().value(), log.bar().maximum());
        QVERIFY(log.find<QWidget>("jobLogBehind").isHidden());
        log.bar().setValue(20);
        QVERIFY(!log.lines().follows());
        QVERIFY(log.find<QWidget>("jobLogBehind").isVisible()); // says so
        QVERIFY(!log.find<QPushButton>("jobLogFollow").isChecked());
        log.take(numbered(100, 500));
        QCOMPARE(log.bar().value(), 20);
        log.find<QPushButton>("jobLogFollowAgain").click();
        QVERIFY(log.lines().follows());
        QCOMPARE(log.bar().value(), log.bar().maximum());
        QVERIFY(log.find<QWidget>("jobLogBehind").isHidden());
        log.bar().setValue(20);
        log.end();
        QVERIFY(log.find<QWidget>("jobLogBehind").isHidden()); // nothing comes
        QVERIFY(!log.find<QPushButton>("jobLogFollow").isEnabled());
    }

    void whatIsReadStaysWhenGroupsAboveFold()
    {
        Shown log;
        log.take("::group::A\n" + numbered(50));
        log.take("::group::B\n" + numbered(200, 50));
        log.bar().setValue(100);
        log.take("::endgroup::\n::endgroup::\n" + numbered(50, 250)); // somebody reads in them
        QCOMPARE(log.bar().value(), 100);
        log.lines().goToLine(120);
        const int top = log.view.log().lineOfRow(log.bar().value());
        log.lines().setFolded(0, true);
        log.lines().goToLine(280);
        QVERIFY(log.view.log().rowCount() < 60);
        log.lines().setFolded(0, false);
        QVERIFY(top > 51);
    }

    void anEndedLogOpensWhereItWentWrong()
    {
        Shown log(false);
        log.take(numbered(400));
        QCOMPARE(log.bar().value(), 0);
        log.take("src/a.c:3:1: error: expected ';'\n" + numbered(400, 400));
        QCOMPARE(log.lines().currentLine(), 400);
        QCOMPARE(log.current(), QStringLiteral("src/a.c:3:1: error: expected ';'"));
        QCOMPARE(log.find<QPushButton>("jobLogErrors").text(), QStringLiteral("errors: 1"));
        log.take("ERROR: again\n");
        QCOMPARE(log.lines().currentLine(), 400); // only once
        log.end();
        QTest::keyClick(&log.lines(), Qt::Key_F8);
        QCOMPARE(log.current(), QStringLiteral("ERROR: again"));
        QTest::keyClick(&log.lines(), Qt::Key_F8);
        QCOMPARE(log.lines().currentLine(), 400); // around
        QTest::keyClick(&log.lines(), Qt::Key_F8, Qt::ShiftModifier);
        QCOMPARE(log.current(), QStringLiteral("ERROR: again"));
    }

    void noErrorNoButton()
    {
        Shown log(false);
        log.take("fine\n");
        log.end();
        QVERIFY(!log.find<QPushButton>("jobLogErrors").isEnabled());
        QVERIFY(!log.find<QPushButton>("jobLogErrors").toolTip().isEmpty());
        QVERIFY(!log.find<QPushButton>("jobLogTimes").isEnabled());
    }

    void aCutLogIsNotCalledComplete()
    {
        Shown log;
        log.take(numbered(5));
        log.view.end(JobLogView::End::Cut);
        const auto &follow = log.find<QPushButton>("jobLogFollow");
        QVERIFY(!follow.isEnabled());
        QCOMPARE(follow.toolTip(), QStringLiteral("Nothing comes any more: the log is cut, not complete."));
        log.view.goOn(true);
        QVERIFY(follow.isEnabled());
        log.view.end();
        QCOMPARE(follow.toolTip(), QStringLiteral("Nothing comes any more: the log is complete."));
    }

    void isPutAwayAndShownAgainAsItWas()
    {
        Shown log(false);
        log.take("::group::A\n" + numbered(50) + "::endgroup::\n" + numbered(400, 50));
        log.end();
        log.lines().goToLine(300);
        log.bar().setValue(log.bar().value() + 3);
        const JobLog kept = log.view.log();
        const JobLogView::Place place = log.view.place();
        const int top = log.lines().firstVisibleLine();
        log.view.begin(true);
        log.take(numbered(10));
        QVERIFY(log.lines().follows());
        log.view.resume(kept, place, false);
        QCOMPARE(log.lines().firstVisibleLine(), top);
        QCOMPARE(log.lines().currentLine(), 300);
        QVERIFY(!log.lines().follows());
    }

    void tellsWhenAHandTouchesIt()
    {
        Shown log;
        const QSignalSpy touched(&log.view, &JobLogView::touched);
        log.take(numbered(500) + "ERROR: no\n");
        log.lines().goToLine(20); // a program
        log.lines().setFollows(true);
        log.take(numbered(100, 500));
        QCOMPARE(touched.size(), 0);
        log.bar().triggerAction(QAbstractSlider::SliderPageStepSub);
        QCOMPARE(touched.size(), 1);
    }

    void leadsToTheStepsOfTheJob()
    {
        const QDateTime begin(QDate(2026, 11, 22), QTime(10, 54, 8), Qt::UTC);
        const auto step = [&begin](const char *name, RunState state, int from, int to) {
            JobStep one;
            one.name = QString::fromLatin1(name);
            one.state = state;
            if (from >= 0)
                one.startedAt = begin.addSecs(from);
            if (to >= 0)
                one.finishedAt = begin.addSecs(to);
            return one;
        };
        Shown log(false);
        auto &steps = log.find<QPushButton>("jobLogSteps");
        QVERIFY(!steps.isVisible());
        log.take("2026-11-22T10:54:08Z runner 2.319\n" // 0
                 "2026-11-22T10:54:09Z ##[group]Run actions/checkout@v4\n2026-11-22T10:54:09Z ##[endgroup]\n"
                 "2026-11-22T10:54:10Z cloned\n" // 3
                 "2026-11-22T10:54:12Z last words\n"
                 "2026-11-22T10:54:12Z ##[group]pytest -q\n2026-11-22T10:54:12Z ##[endgroup]\n" // 5
                 "2026-11-22T10:54:13Z ##[error]1 failed\n");
        log.end();
        log.view.setSteps({step("Set up job", RunState::Passed, 0, 1),
                           step("Run actions/checkout@v4", RunState::Passed, 1, 4),
                           step("Lint", RunState::Skipped, -1, -1), step("Tests & more", RunState::Failed, 4, 6),
                           step("Upload", RunState::Passed, 60, 61)});
        QVERIFY(steps.isVisible());
        QCOMPARE(steps.text(), QStringLiteral("steps: 5"));
        log.lines().goToLine(0);
        QTest::keyClick(&log.lines(), Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(log.lines().currentLine(), 1);
        QTest::keyClick(&log.lines(), Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(log.lines().currentLine(), 5); // the group that began in that second
        QTest::keyClick(&log.lines(), Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(log.lines().currentLine(), 5);
        QTest::keyClick(&log.lines(), Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(log.lines().currentLine(), 1);
        auto *menu = steps.menu();
        emit menu->aboutToShow();
        const QList<QAction *> actions = menu->actions();
        QCOMPARE(actions.size(), 5);
        QCOMPARE(actions[3]->text(), QStringLiteral("Tests && more\tfailed · 2.0 s"));
        QVERIFY(!actions[3]->icon().isNull());
        QVERIFY(!actions[2]->isEnabled());
        QVERIFY(!actions[4]->isEnabled());
        actions[3]->trigger();
        QCOMPARE(log.lines().currentLine(), 5);
    }

    void groupsFoldByKeyAndMouse()
    {
        Shown log(false);
        log.take("a\n::group::Set up\nx\ny\n::endgroup::\nb\n");
        log.end();
        QCOMPARE(log.view.log().rowCount(), 3);
        log.lines().goToLine(1);
        QTest::keyClick(&log.lines(), Qt::Key_Right);
        QCOMPARE(log.view.log().rowCount(), 5);
        QVERIFY(log.lines().accessibleDescription().contains(QStringLiteral("open group")));
        log.lines().goToLine(3);
        QTest::keyClick(&log.lines(), Qt::Key_Left); // the one it is in, and goes to its head
        QCOMPARE(log.view.log().rowCount(), 3);
        QCOMPARE(log.lines().currentLine(), 1);
        QVERIFY(log.lines().accessibleDescription().contains(QStringLiteral("folded group: Set up")));
        QTest::keyClick(&log.lines(), Qt::Key_Return);
        QCOMPARE(log.view.log().rowCount(), 5);
        const int height = QFontMetrics(signalbox::font(TextRole::MonoSmall)).height() + 4;
        QTest::mouseClick(log.lines().viewport(), Qt::LeftButton, {}, QPoint(20, 8 + height + height / 2));
        QCOMPARE(log.view.log().rowCount(), 3);
    }

    void findsAsOneTypes()
    {
        Shown log(false);
        log.take(numbered(3000) + "::group::G\nneedle in it\n::endgroup::\nNeedle again\n");
        log.end();
        QVERIFY(log.find<QWidget>("jobLogFindBar").isHidden());
        QTest::keyClick(&log.lines(), Qt::Key_F, Qt::ControlModifier);
        auto &text = log.find<QLineEdit>("jobLogSearch");
        QVERIFY(text.isVisible());
        QTest::keyClicks(&text, QStringLiteral("needle"));
        auto &hits = log.find<QLabel>("jobLogHits");
        QTRY_COMPARE(hits.text(), QStringLiteral("1 of 2 lines"));
        QCOMPARE(log.current(), QStringLiteral("needle in it")); // unfolded for it
        QVERIFY(log.view.log().isShown(log.lines().currentLine()));
        QTest::keyClick(&text, Qt::Key_Return);
        QCOMPARE(log.current(), QStringLiteral("Needle again"));
        QCOMPARE(hits.text(), QStringLiteral("2 of 2 lines"));
        QTest::keyClick(&text, Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(log.current(), QStringLiteral("needle in it"));
        log.find<QPushButton>("jobLogExact").click();
        QTRY_COMPARE(hits.text(), QStringLiteral("1 of 1 lines"));
        text.setText(QStringLiteral("nowhere"));
        QTRY_COMPARE(hits.text(), QStringLiteral("not found"));
        QTest::keyClick(&text, Qt::Key_Escape);
        QVERIFY(log.find<QWidget>("jobLogFindBar").isHidden());
    }

    void copiesLinesWithTheirTimes()
    {
        setDisplayZone(QTimeZone("Europe/Berlin"));
        Shown log(false);
        log.take(
            "2026-11-22T18:16:20.1Z \x1b[32mone\x1b[0m\n2026-11-22T18:16:21.1Z two\n2026-11-22T18:16:22.1Z three\n");
        log.lines().goToLine(0);
        QTest::keyClick(&log.lines(), Qt::Key_Down, Qt::ShiftModifier);
        QTest::keySequence(&log.lines(), QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("2026-11-22 19:16:20 Europe/Berlin one\n"
                                                                   "2026-11-22 19:16:21 Europe/Berlin two\n"));
        log.find<QPushButton>("jobLogTimes").click();
        log.lines().copy();
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("one\ntwo\n"));
        setDisplayZone(QTimeZone::utc());
    }

    void copiesNotMoreThanAClipboardTakes()
    {
        Shown log(false);
        log.take(numbered(30000));
        const QSignalSpy noticed(&log.view, &JobLogView::noticed);
        log.lines().selectAll();
        log.lines().copy();
        QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 20000);
        QCOMPARE(noticed.size(), 1);
    }

    void longLinesGoOnBelow()
    {
        Shown log(false);
        log.take(QByteArray(1000, 'x') + "\nend\n");
        QVERIFY(log.lines().horizontalScrollBar()->maximum() > 0);
        log.find<QPushButton>("jobLogWrap").click();
        QCOMPARE(log.lines().horizontalScrollBar()->maximum(), 0);
        log.take(QByteArray("y\n").repeated(100));
        log.lines().setFollows(true);
        log.view.grab();
        QTest::keyClick(&log.lines(), Qt::Key_Home);
        QCOMPARE(log.bar().value(), 0);
        const int height = QFontMetrics(signalbox::font(TextRole::MonoSmall)).height() + 4;
        QTest::mouseClick(log.lines().viewport(), Qt::LeftButton, {}, QPoint(300, 8 + 2 * height + 3));
        QCOMPARE(log.lines().currentLine(), 0); // still the first
        QTest::keyClick(&log.lines(), Qt::Key_End);
        QCOMPARE(log.lines().currentLine(), 101);
        QCOMPARE(log.bar().value(), log.bar().maximum());
    }

    void savesWhatCameByteByByte()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("job.log"));
        Shown log(false);
        const QByteArray bytes = "\x1b[31mred\x1b[0m\r\n" + numbered(50000) + "no end";
        log.take(bytes);
        const QSignalSpy saved(&log.view, &JobLogView::saved);
        const QSignalSpy failed(&log.view, &JobLogView::saveFailed);
        log.view.saveTo(path);
        QTRY_COMPARE(saved.size(), 1);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), bytes);
        log.view.saveTo(folder.filePath(QStringLiteral("none/job.log")));
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(failed.first().first().toString().contains(QStringLiteral("none/job.log")));
    }

    void isSeenAndSaid()
    {
        Panel panel;
        panel.resize(900, 260);
        auto *view = new JobLogView(&panel);
        panel.setContent(view);
        panel.setTitle(QStringLiteral("Unit tests log"));
        panel.setSubtitle(QStringLiteral("follows"));
        panel.addHeaderWidget(view->tools());
        panel.showContent();
        view->begin(true);
        JobLogReader reader;
        view->take(reader.read("2026-11-22T10:54:08Z ##[group]Set up Python\n2026-11-22T10:54:09Z pip install\n"
                               "2026-11-22T10:54:09Z ##[endgroup]\n"
                               "2026-11-22T10:54:10Z tests/test_predict.py::test_top1 \x1b[32mPASSED\x1b[0m\n"
                               "2026-11-22T10:54:12Z warning: 1 deprecated call in resize()\n"
                               "2026-11-22T10:54:13Z ##[error]tests/test_decode.py::test_cmyk failed\n"
                               "2026-11-22T10:54:14Z tests/test_api.py::test_predict_latency_budget ..."));
        panel.show();
        const QImage image = view->lines()->grab().toImage();
        QVERIFY(hasColor(image, tokens().ok.text));
        QVERIFY(hasColor(image, tokens().warning.text));
        QVERIFY(hasColor(image, tokens().failing.text));
        view->lines()->goToLine(5);
        QCOMPARE(view->lines()->accessibleDescription(),
                 QStringLiteral("Line 6, 10:54:13, error: tests/test_decode.py::test_cmyk failed"));
        QVERIFY(!view->lines()->accessibleName().isEmpty());
        const auto tools = view->tools()->findChildren<QPushButton *>();
        QVERIFY(tools.size() >= 7);
        for (const QPushButton *tool : tools)
            QVERIFY2(!tool->accessibleName().isEmpty() || !tool->text().isEmpty(), qPrintable(tool->objectName()));
        view->openFind();
        view->findChild<QLineEdit *>(QStringLiteral("jobLogSearch"))->setText(QStringLiteral("test_"));
        panel.grab();
        const QByteArray shots = qgetenv("SIGNALBOX_SHOTS");
        if (!shots.isEmpty())
            panel.grab().save(QString::fromLocal8Bit(shots) + QStringLiteral("/joblog.png"));
    }

    // A small window: the switches are in a menu, do there what they did, and come back when there is room.
    void toolsFoldWhereTheyHaveNoRoom()
    {
        Panel panel;
        auto *view = new JobLogView(&panel);
        panel.setContent(view);
        panel.setTitle(QStringLiteral("deploy-the-classifier-to-every-region-of-production (eu, us, ap) log"));
        panel.addHeaderWidget(view->tools());
        panel.showContent();
        view->begin(false);
        JobLogReader reader;
        view->take(reader.read("2026-11-22T10:54:08Z " + QByteArray(2000, 'x') + "\n"));
        panel.show();
        FoldingTools *tools = view->tools();
        const auto button = [tools](const char *name) {
            return tools->findChild<QPushButton *>(QString::fromLatin1(name));
        };
        panel.resize(900, 260);
        QTRY_VERIFY(!tools->isFolded());
        QVERIFY(button("jobLogTimes")->isVisible() && button("jobLogWrap")->isVisible());
        QVERIFY(!button("foldedTools")->isVisible());
        const int narrowest = panel.minimumSizeHint().width();
        QVERIFY2(narrowest < 520, qPrintable(QString::number(narrowest)));
        panel.resize(narrowest, 260);
        QTRY_VERIFY(tools->isFolded());
        QVERIFY(!button("jobLogTimes")->isVisible() && !button("jobLogWrap")->isVisible());
        QVERIFY(button("foldedTools")->isVisible());
        const auto cut = [tools] {
            for (const QPushButton *shown : tools->findChildren<QPushButton *>())
                if (shown->isVisible() && (shown->x() < 0 || shown->geometry().right() >= tools->width()))
                    return shown->objectName();
            return QString();
        };
        QTRY_COMPARE(cut(), QString());

        QVERIFY(view->lines()->horizontalScrollBar()->maximum() > 0);
        QTest::mouseClick(button("foldedTools"), Qt::LeftButton);
        auto *menu = tools->findChild<QMenu *>(QStringLiteral("foldedToolsMenu"));
        QTRY_VERIFY(menu->isVisible());
        QCOMPARE(menu->actions().size(), 2);
        QVERIFY(menu->actions().at(0)->isChecked());
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Return);
        QTRY_COMPARE(view->lines()->horizontalScrollBar()->maximum(), 0);
        QVERIFY(button("jobLogWrap")->isChecked());

        panel.resize(900, 260);
        QTRY_VERIFY(!tools->isFolded());
        QVERIFY(button("jobLogWrap")->isVisible());
    }

    void aMillionLinesComeWithoutAStall()
    {
        Shown log;
        QByteArray bytes;
        for (int i = 0; i < 10000; ++i)
            bytes += "2026-11-22T18:16:20.0000000Z " + QByteArray(150, 'x') + " error: no\n";
        std::vector<JobLogPiece> pieces = log.reader.read(bytes);
        qint64 longest = 0;
        for (int i = 0; i < 100; ++i) {
            QElapsedTimer timer;
            timer.start();
            log.view.take(pieces);
            longest = std::max(longest, timer.elapsed());
        }
        QCOMPARE(log.view.log().lineCount(), 1000000);
        QVERIFY2(longest < 100, qPrintable(QString::number(longest))); // the bench has the limit
        QElapsedTimer timer;
        timer.start();
        log.bar().setValue(500000);
        log.view.grab();
        QVERIFY2(timer.elapsed() < 200, qPrintable(QString::number(timer.elapsed())));
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestJobLogView)
#include "test_joblogview.moc"

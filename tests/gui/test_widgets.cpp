#include "ui/dialogs/holdalternative.h"
#include "ui/dialogs/prompter.h"
#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/podgrid.h"
#include "ui/widgets/timetext.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace std::chrono_literals;

namespace
{

const Confirmation holdBack{Confirmation::Kind::Hold, 400ms, {}};
const Confirmation holdForward{Confirmation::Kind::Hold, 800ms, {}};

QList<LogView::Line> lines(int count, const QString &text = QStringLiteral("GET /predict 200 in 12 ms"))
{
    QList<LogView::Line> result;
    for (int i = 0; i < count; ++i)
        result.append({QDateTime(QDate(2026, 3, 5), QTime(10, 0), Qt::UTC).addMSecs(i),
                       QStringLiteral("%1 %2").arg(i).arg(text)});
    return result;
}

QList<PodCell> cells(int count)
{
    QList<PodCell> result;
    for (int i = 0; i < count; ++i)
        result.append({QStringLiteral("uid%1").arg(i), QStringLiteral("web-%1").arg(i), QStringLiteral("Running"),
                       i % 50 == 7 ? Health::Failing : Health::Ok, -1});
    return result;
}

// The first row of pixels with about this colour; -1: there is none.
int rowWith(const QColor &color, const QImage &image)
{
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            const int off = std::abs(pixel.red() - color.red()) + std::abs(pixel.green() - color.green()) +
                            std::abs(pixel.blue() - color.blue());
            if (off < 24)
                return y;
        }
    }
    return -1;
}

} // namespace

class TestWidgets : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    // ---- times

    void sentencesHaveTheOperatorsClock_data()
    {
        QTest::addColumn<QByteArray>("zone");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("shown");
        const QByteArray berlin("Europe/Berlin");
        const auto row = [](const char *name, const QByteArray &zone, const char *sentence, const char *shown) {
            QTest::newRow(name) << zone << QString::fromUtf8(sentence) << QString::fromUtf8(shown);
        };
        row("winter", berlin, "Open until 2026-11-21 09:54 UTC.", "Open until 2026-11-21 10:54 Europe/Berlin.");
        row("summer, another day", berlin, "From 2026-06-30 22:30 UTC on", "From 2026-07-01 00:30 Europe/Berlin on");
        row("as RFC 3339 has it", berlin, "is over since 2026-11-21T09:54:02.120Z",
            "is over since 2026-11-21 10:54 Europe/Berlin");
        row("two", "Asia/Shanghai", "2026-11-21 09:54 UTC to 2026-11-21T18:00Z",
            "2026-11-21 17:54 Asia/Shanghai to 2026-11-22 02:00 Asia/Shanghai");
        row("wall time of a policy", berlin, "2026-11-21T09:54 Europe/Berlin", "2026-11-21T09:54 Europe/Berlin");
        row("no such time", berlin, "2026-13-41 09:54 UTC", "2026-13-41 09:54 UTC");
        row("a hash", berlin, "sha256:2026-11-21T09:54:02Zab", "sha256:2026-11-21T09:54:02Zab");
        row("an operator in UTC", "UTC", "2026-11-21 09:54 UTC", "2026-11-21 09:54 UTC");
        row("an operator in UTC, as RFC 3339 has it", "UTC", "read at 2026-11-21T09:54:02.120Z",
            "read at 2026-11-21 09:54 UTC");
    }
    void sentencesHaveTheOperatorsClock()
    {
        QFETCH(QByteArray, zone);
        QFETCH(QString, sentence);
        setDisplayZone(QTimeZone(zone));
        const QString shown = withLocalTimes(sentence);
        setDisplayZone({});
        QTEST(shown, "shown");
    }

    // ---- hold

    void holdActsOnceTheTimeIsFull_data()
    {
        QTest::addColumn<bool>("byMouse");
        QTest::addColumn<bool>("back");
        QTest::newRow("mouse, back") << true << true;
        QTest::newRow("Enter, back") << false << true;
        QTest::newRow("mouse, forward") << true << false;
        QTest::newRow("Enter, forward") << false << false;
    }
    void holdActsOnceTheTimeIsFull()
    {
        QFETCH(bool, byMouse);
        QFETCH(bool, back);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Roll back now"), back ? ToneName::Failing : ToneName::Green, &window);
        prepare(window, button);
        button.showPlan("plan", back ? holdBack : holdForward);
        QSignalSpy started(&button, &HoldButton::holdStarted);
        QSignalSpy held(&button, &HoldButton::held);
        const int full = back ? 400 : 800;
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        QCOMPARE(started.size(), 1);
        m_now += full - 1;
        button.check();
        QCOMPARE(held.size(), 0);
        QVERIFY(button.progress() > 0.99);
        m_now += 1;
        button.check();
        QCOMPARE(held.size(), 1);
        QCOMPARE(held[0][0].toByteArray(), QByteArray("plan"));
        m_now += 5000;
        button.check();
        up(button, byMouse);
        QCOMPARE(held.size(), 1);
    }

    // As where a decision is carried out: the button goes while it is down, and its release with it.
    void theNextHoldCountsAtOnce_data()
    {
        QTest::addColumn<bool>("byMouse");
        QTest::newRow("mouse") << true;
        QTest::newRow("key") << false;
    }
    void theNextHoldCountsAtOnce()
    {
        QFETCH(bool, byMouse);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Approve"), ToneName::Green, &window);
        prepare(window, button);
        button.showPlan("first", holdForward);
        QSignalSpy held(&button, &HoldButton::held);
        connect(&button, &HoldButton::held, &button, &QWidget::hide);
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        m_now += 800;
        button.check();
        QCOMPARE(held.size(), 1);
        other.setFocus(); // what is released is released there
        button.showPlan("second", holdForward);
        button.show();
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        m_now += 800;
        button.check();
        QCOMPARE(held.size(), 2);
        QCOMPARE(held[1][0].toByteArray(), QByteArray("second"));
    }

    void holdStartsAnew_data()
    {
        QTest::addColumn<QString>("cause");
        for (const char *cause : {"released", "another plan", "no plan", "focus lost", "disabled", "mouse left"})
            QTest::newRow(cause) << QString::fromLatin1(cause);
    }
    void holdStartsAnew()
    {
        QFETCH(QString, cause);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        QSignalSpy released(&button, &HoldButton::holdReleased);
        QSignalSpy held(&button, &HoldButton::held);
        const bool byMouse = cause == QLatin1String("mouse left");
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        m_now += 300;
        if (cause == QLatin1String("released"))
            up(button, false);
        else if (cause == QLatin1String("another plan"))
            button.showPlan("other", holdBack);
        else if (cause == QLatin1String("no plan"))
            button.showPlan({}, holdBack);
        else if (cause == QLatin1String("focus lost"))
            other.setFocus();
        else if (cause == QLatin1String("disabled"))
            button.setEnabled(false);
        else
            QTest::mouseMove(&button, QPoint(button.width() + 40, 5));
        if (byMouse) { // offscreen, mouseMove carries no buttons: send what the platform would
            QMouseEvent leave(QEvent::MouseMove, QPointF(button.width() + 40, 5), QPointF(), Qt::NoButton,
                              Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(&button, &leave);
        }
        QCOMPARE(released.size(), 1);
        m_now += 5000;
        button.check();
        QCOMPARE(held.size(), 0);
    }

    // On Windows a key that is down comes back without saying that it repeats.
    void aKeyThatWasDownWhenTheWindowWasLeftIsNoNewPress_data()
    {
        QTest::addColumn<QString>("events");
        QTest::addColumn<bool>("acts");
        // k Enter, m mouse, r Enter let go, w window left, f and back, o and back from another button, . a second
        QTest::newRow("still down") << "kwfk" << false;
        QTest::newRow("still down, left twice") << "kwfwfk" << false;
        QTest::newRow("still down, let go, pressed anew") << "kwfkrk" << true;
        QTest::newRow("let go elsewhere, pressed later") << "kwf.k" << true;
        QTest::newRow("let go elsewhere, by the mouse") << "kwfm" << true;
        QTest::newRow("let go before") << "krwfk" << true;
        QTest::newRow("within the window") << "kok" << true;
    }
    void aKeyThatWasDownWhenTheWindowWasLeftIsNoNewPress()
    {
        QFETCH(QString, events);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        const QSignalSpy held(&button, &HoldButton::held);
        button.setFocus();
        for (const QChar event : events) {
            m_now += event == QLatin1Char('.') ? 1000 : 10;
            if (event == QLatin1Char('k') || event == QLatin1Char('m'))
                down(button, event == QLatin1Char('m'));
            else if (event == QLatin1Char('r'))
                up(button, false);
            if (event == QLatin1Char('w') || event == QLatin1Char('o')) {
                QFocusEvent left(QEvent::FocusOut,
                                 event == QLatin1Char('w') ? Qt::ActiveWindowFocusReason : Qt::TabFocusReason);
                QCoreApplication::sendEvent(&button, &left);
            }
            if (event == QLatin1Char('f') || event == QLatin1Char('o')) {
                QFocusEvent back(QEvent::FocusIn,
                                 event == QLatin1Char('f') ? Qt::ActiveWindowFocusReason : Qt::TabFocusReason);
                QCoreApplication::sendEvent(&button, &back);
            }
        }
        m_now += 500;
        button.check();
        QTEST(held.size() == 1, "acts");
    }

    void autoRepeatDoesNotCount()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        QSignalSpy started(&button, &HoldButton::holdStarted);
        button.setFocus();
        QKeyEvent repeat(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QStringLiteral("\r"), true);
        QApplication::sendEvent(&button, &repeat);
        QCOMPARE(started.size(), 0);
    }

    void pressBeforeThePlanStoodDoesNotCount()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        QSignalSpy held(&button, &HoldButton::held);
        button.setFocus();
        down(button, false);
        m_now += 50;
        button.showPlan("plan", holdBack);
        m_now += 5000;
        button.check();
        QCOMPARE(held.size(), 0);
        up(button, false);
        down(button, false);
        m_now += 400;
        button.check();
        QCOMPARE(held.size(), 1);
    }

    void unprotectedActsAtAPress()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Restart"), ToneName::Green, &window);
        prepare(window, button);
        button.showPlan("plan", {Confirmation::Kind::Press, 0ms, {}});
        QSignalSpy held(&button, &HoldButton::held);
        button.setFocus();
        down(button, true);
        QCOMPARE(held.size(), 1);
    }

    void screenReaderIsAsked()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        QSignalSpy asked(&button, &HoldButton::alternativeRequested);
        QSignalSpy held(&button, &HoldButton::held);
        QAccessibleInterface *reader = QAccessible::queryAccessibleInterface(&button);
        QVERIFY(reader != nullptr);
        QCOMPARE(reader->role(), QAccessible::Button);
        QVERIFY(reader->actionInterface() != nullptr);
        reader->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QTRY_COMPARE(asked.size(), 1);
        QCOMPARE(held.size(), 0);
    }

    void typedNameMustBeExact()
    {
        QWidget window;
        window.show();
        DialogPrompter prompter;
        int answers = 0;
        bool accepted = false;
        askInsteadOfHold(prompter, &window, Direction::Forward, QStringLiteral("cart"), QStringLiteral("Shift cart"),
                         QStringLiteral("25 % to 50 %"), QStringLiteral("Shift"), [&](bool yes) {
                             ++answers;
                             accepted = yes;
                         });
        auto *input = window.findChild<QLineEdit *>(QStringLiteral("typedName"));
        auto *accept = window.findChild<QPushButton *>(QStringLiteral("accept"));
        QVERIFY(input != nullptr && accept != nullptr);
        QTest::keyClicks(input, QStringLiteral("car"));
        QVERIFY(!accept->isEnabled());
        QTest::keyClicks(input, QStringLiteral("t"));
        QVERIFY(accept->isEnabled());
        accept->click();
        QCOMPARE(answers, 1);
        QVERIFY(accepted);
    }

    void goingBackIsOnePlainQuestion()
    {
        QWidget window;
        window.show();
        DialogPrompter prompter;
        std::optional<bool> answer;
        askInsteadOfHold(prompter, &window, Direction::Back, QStringLiteral("cart"), QStringLiteral("Roll back cart"),
                         QStringLiteral("2 to 1"), QStringLiteral("Roll back now"), [&](bool yes) { answer = yes; });
        QVERIFY(window.findChild<QLineEdit *>(QStringLiteral("typedName")) == nullptr);
        window.findChild<QPushButton *>(QStringLiteral("reject"))->click();
        QCOMPARE(answer, std::optional(false));
    }

    // ---- panel

    void panelShowsItsFourStates()
    {
        Panel panel(QStringLiteral("Workloads"));
        panel.setContent(new QLabel(QStringLiteral("content")));
        panel.resize(400, 300);
        panel.show();
        int retries = 0;
        Freshness freshness;
        freshness.since = QDateTime::currentDateTimeUtc();
        panel.follow(freshness, QStringLiteral("none"), {});
        QCOMPARE(panel.state(), Panel::State::Loading);

        freshness.state = Freshness::State::Failed;
        freshness.error = Error{ErrorKind::Unreachable, QStringLiteral("No route to 10.0.0.1."), {}};
        panel.follow(freshness, QStringLiteral("none"), [&] { ++retries; });
        QCOMPARE(panel.state(), Panel::State::Error);
        QCOMPARE(panel.findChild<QLabel *>(QStringLiteral("panelMessageText"))->text(),
                 QStringLiteral("No route to 10.0.0.1."));
        QTest::mouseClick(panel.findChild<QPushButton *>(QStringLiteral("panelAction")), Qt::LeftButton);
        QCOMPARE(retries, 1);

        freshness.state = Freshness::State::Absent;
        panel.follow(freshness, QStringLiteral("none"), {});
        QCOMPARE(panel.state(), Panel::State::Empty);

        freshness.state = Freshness::State::Stale;
        freshness.lastHeard = QDateTime::currentDateTimeUtc().addSecs(-120);
        panel.follow(freshness, QStringLiteral("none"), {});
        QCOMPARE(panel.state(), Panel::State::Content);
        QVERIFY(panel.isStale());
        const auto *stale = panel.findChild<QLabel *>(QStringLiteral("panelStale"));
        QVERIFY(stale->isVisible());
        QVERIFY(stale->text().contains(QStringLiteral("2 m")));

        freshness.state = Freshness::State::Live;
        panel.follow(freshness, QStringLiteral("none"), {});
        QVERIFY(!panel.isStale());
        QVERIFY(!stale->isVisible());
    }

    // ---- log

    void logTakes100000LinesWithoutAStall()
    {
        LogView log;
        log.resize(800, 400);
        log.show();
        qint64 longest = 0;
        for (int batch = 0; batch < 100; ++batch) {
            const QList<LogView::Line> more = lines(1000);
            QElapsedTimer timer;
            timer.start();
            log.append(more);
            log.grab();
            longest = std::max(longest, timer.elapsed());
        }
        QCOMPARE(log.lineCount(), 100000);
        QCOMPARE(log.verticalScrollBar()->value(), log.verticalScrollBar()->maximum()); // follows
        QVERIFY2(longest < 200, qPrintable(QString::number(longest)));
    }

    void logStopsFollowingWhenScrolledUp()
    {
        LogView log;
        log.resize(800, 300);
        log.show();
        log.append(lines(500));
        QVERIFY(log.follows());
        log.verticalScrollBar()->setValue(10);
        QVERIFY(!log.follows());
        log.append(lines(100));
        QCOMPARE(log.firstVisibleLine(), 10);
        QTest::keyClick(&log, Qt::Key_End);
        QVERIFY(log.follows());
        QCOMPARE(log.verticalScrollBar()->value(), log.verticalScrollBar()->maximum());
    }

    void logFindsAndCopies()
    {
        setDisplayZone(QTimeZone("Europe/Berlin"));
        LogView log;
        log.resize(800, 300);
        log.append(lines(1000));
        log.append({{QDateTime(QDate(2026, 3, 5), QTime(9, 0), Qt::UTC), QStringLiteral("ERROR out of memory")}});
        log.setSearch(QStringLiteral("OUT OF"));
        QCOMPARE(log.hitCount(), 1);
        log.findNext();
        log.copy();
        QCOMPARE(QApplication::clipboard()->text(),
                 QStringLiteral("2026-03-05 10:00:00 Europe/Berlin ERROR out of memory\n"));
        setDisplayZone(QTimeZone::utc());
    }

    // What programs write for a terminal.
    void logShowsWhatATerminalWould()
    {
        LogView log;
        log.resize(600, 200);
        log.append({{{}, QStringLiteral("\x1b[31mred\x1b[0m then plain")},
                    {{}, QStringLiteral("\x1b[32;1mgoes on")},
                    {{}, QStringLiteral("to here\x1b[0m")},
                    {{}, QStringLiteral("ERROR at 10 %\rERROR at 90 %")}});
        QCOMPARE(log.allText(), QStringLiteral("red then plain\ngoes on\nto here\nERROR at 90 %\n"));
        log.setSearch(QStringLiteral("red then"));
        QCOMPARE(log.hitCount(), 1);
        const QFontMetrics metrics(signalbox::font(TextRole::MonoSmall));
        const int height = metrics.height() + 4;
        const QImage image = log.grab().toImage();
        const auto has = [&](int line, const QColor &color) {
            return rowWith(color, image.copy(0, 8 + line * height, image.width(), height)) >= 0;
        };
        QVERIFY(has(0, tokens().failing.text) && has(0, tokens().text));
        QVERIFY(has(1, tokens().ok.text) && !has(1, tokens().text));
        QVERIFY(has(2, tokens().ok.text) && !has(2, tokens().text));
        QVERIFY(has(3, tokens().failing.text) && !has(3, tokens().text)); // by the word
        log.clear();
        log.append({{{}, QStringLiteral("anew")}});
        QCOMPARE(log.lineText(0), QStringLiteral("anew"));
    }

    void logKeepsColoursWithTheirLines()
    {
        LogView log;
        log.resize(600, 200);
        log.append(lines(LogView::capacity - 1));
        log.append({{{}, QStringLiteral("\x1b[35mmagenta\x1b[0m")}});
        log.append(lines(3)); // the oldest go
        QVERIFY(log.wasCut());
        const QImage before = log.grab().toImage();
        log.append(lines(1));
        log.setFollows(false);
        const QImage after = log.grab().toImage();
        const QColor magenta = tokens().canary.text;
        QVERIFY(rowWith(magenta, before) > 0);
        QVERIFY(rowWith(magenta, after) > 0 && rowWith(magenta, after) < rowWith(magenta, before)); // a line up
    }

    // ---- pods

    void podGridHoldsTenThousand()
    {
        PodGrid grid;
        grid.setCells(cells(10000));
        grid.resize(1100, grid.heightForWidth(1100));
        QElapsedTimer timer;
        timer.start();
        grid.grab();
        QVERIFY2(timer.elapsed() < 400, qPrintable(QString::number(timer.elapsed())));
        timer.restart();
        QList<PodCell> changed = cells(10000);
        changed[17].health = Health::Warning;
        grid.setCells(changed);
        QVERIFY2(timer.elapsed() < 60, qPrintable(QString::number(timer.elapsed())));
    }

    void podGridIsWalkedByKeys()
    {
        PodGrid grid;
        grid.setCells(cells(100));
        grid.resize(10 * PodGrid::pitch, 200);
        grid.show();
        grid.setFocus();
        QSignalSpy opened(&grid, &PodGrid::activated);
        QTest::keyClick(&grid, Qt::Key_Home);
        QTest::keyClick(&grid, Qt::Key_Right);
        QTest::keyClick(&grid, Qt::Key_Down);
        QCOMPARE(grid.currentIndex(), 11);
        QTest::keyClick(&grid, Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].toString(), QStringLiteral("uid11"));
        QTest::mouseClick(&grid, Qt::LeftButton, Qt::NoModifier, grid.cellRect(7).center());
        QCOMPARE(opened[1][0].toString(), QStringLiteral("uid7"));
        grid.setCells(cells(100).mid(3)); // the chosen pod stays chosen
        QCOMPARE(grid.cells().at(grid.currentIndex()).uid, QStringLiteral("uid7"));
    }

    void podGridSpeaks()
    {
        PodGrid grid;
        grid.setCells(cells(20));
        grid.resize(200, 60);
        QAccessibleInterface *list = QAccessible::queryAccessibleInterface(&grid);
        QCOMPARE(list->role(), QAccessible::List);
        QCOMPARE(list->childCount(), 20);
        QAccessibleInterface *bad = list->child(7);
        QCOMPARE(bad->role(), QAccessible::ListItem);
        QCOMPARE(bad->text(QAccessible::Name), QStringLiteral("web-7, failing"));
        QSignalSpy opened(&grid, &PodGrid::activated);
        bad->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(opened.size(), 1);
    }

    // ---- times and notices

    void agesReadAsPeopleSay_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("now") << 59 << QStringLiteral("now");
        QTest::newRow("minutes") << 6 * 60 + 30 << QStringLiteral("6 m");
        QTest::newRow("hours") << 2 * 3600 << QStringLiteral("2 h");
        QTest::newRow("days") << 3 * 86400 + 1 << QStringLiteral("3 d");
        QTest::newRow("the future of another clock") << -30 << QStringLiteral("now");
    }
    void agesReadAsPeopleSay()
    {
        QFETCH(int, seconds);
        QFETCH(QString, text);
        const QDateTime now(QDate(2026, 3, 5), QTime(12, 0), Qt::UTC);
        QCOMPARE(ageText(now.addSecs(-seconds), now), text);
    }

    void agesGoOnByThemselves()
    {
        const QDateTime now(QDate(2026, 3, 5), QTime(12, 0), Qt::UTC);
        AgeTicker::freezeAt(now);
        AgeLabel label;
        label.setTime(now.addSecs(-70));
        QCOMPARE(label.text(), QStringLiteral("1 m"));
        AgeTicker::freezeAt(now.addSecs(3600));
        emit AgeTicker::ticker().ticked();
        QCOMPARE(label.text(), QStringLiteral("1 h"));
        QVERIFY(label.toolTip().contains(QStringLiteral("2026-03-05 11:58:50 UTC")));
        AgeTicker::freezeAt({});
    }

    void noticesGoUnlessSomethingFailed()
    {
        QWidget window;
        window.resize(900, 600);
        window.show();
        NoticeArea area(&window);
        area.show(QStringLiteral("Saved."), Health::Ok, {}, {}, 20);
        area.show(QStringLiteral("Could not be saved."), Health::Failing, {}, {}, 20);
        QCOMPARE(area.count(), 2);
        QTRY_COMPARE(area.count(), 1);
        QCOMPARE(window.findChild<QLabel *>(QStringLiteral("noticeText"))->text(),
                 QStringLiteral("Could not be saved."));
    }

    void noticesCoverNothingThatIsOperated_data()
    {
        QTest::addColumn<QRect>("place");
        QTest::addColumn<bool>("isEnabled");
        QTest::addColumn<bool>("isLeft"); // lower left, where they lie by themselves
        QTest::newRow("a field there") << QRect(40, 500, 300, 60) << true << false;
        QTest::newRow("one that cannot be used") << QRect(40, 500, 300, 60) << false << true;
        QTest::newRow("elsewhere") << QRect(40, 100, 300, 60) << true << true;
        QTest::newRow("everywhere") << QRect(0, 0, 900, 600) << true << true;
    }
    void noticesCoverNothingThatIsOperated()
    {
        QFETCH(QRect, place);
        QFETCH(bool, isEnabled);
        QFETCH(bool, isLeft);
        QWidget window;
        window.resize(900, 600);
        auto *field = new QLineEdit(&window);
        field->setGeometry(place);
        field->setEnabled(isEnabled);
        window.show();
        NoticeArea area(&window);
        area.show(QStringLiteral("Could not be saved."), Health::Failing);
        QCOMPARE(area.x() < 100 && area.y() > 400, isLeft);
        QVERIFY(window.rect().contains(area.geometry()));
    }

    void noticesLieInTheRoomThatIsFreeForThem_data()
    {
        QTest::addColumn<QRect>("room");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("fits");
        const QString digest = QStringLiteral("Promote embedding-api to production: sha256:") + QString(64, u'c');
        QTest::newRow("room enough") << QRect(0, 300, 196, 260) << QStringLiteral("Could not be saved.") << true;
        QTest::newRow("a word longer than it is wide") << QRect(0, 300, 196, 260) << digest << true;
        QTest::newRow("too low") << QRect(0, 520, 196, 40) << digest << false;
        QTest::newRow("none") << QRect() << digest << false;
    }
    void noticesLieInTheRoomThatIsFreeForThem()
    {
        QFETCH(QRect, room);
        QFETCH(QString, text);
        QFETCH(bool, fits);
        QWidget window;
        window.resize(900, 600);
        auto *effect = new QWidget(&window); // what the effect of a plan stands in
        effect->setProperty("keepsClear", true);
        effect->setGeometry(200, 440, 700, 130);
        window.show();
        NoticeArea area(&window, [&room] { return room; });
        area.show(text, Health::Failing);
        QCOMPARE(room.contains(area.geometry()), fits);
        QVERIFY(window.rect().contains(area.geometry()));
        QVERIFY(!area.geometry().intersects(effect->geometry()));
        const auto *label = area.findChild<QLabel *>(QStringLiteral("noticeText"));
        QTRY_VERIFY(label->width() > 0 && label->height() >= label->heightForWidth(label->width()));
        QVERIFY(area.rect().contains(QRect(label->mapTo(&area, QPoint()), label->size())));
    }

    void noticesGoElsewhereWhenTheFocusComesBelow()
    {
        QWidget window;
        window.resize(900, 600);
        auto *field = new QLineEdit(&window);
        field->setGeometry(40, 500, 300, 60);
        field->hide();
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        NoticeArea area(&window);
        area.show(QStringLiteral("Could not be saved."), Health::Failing);
        QVERIFY(area.geometry().intersects(field->geometry()));
        field->show();
        field->setFocus();
        QVERIFY(!area.geometry().intersects(field->geometry()));
    }

private:
    void prepare(QWidget &window, HoldButton &button)
    {
        button.setGeometry(0, 0, 220, 36);
        button.setClock([this] { return m_now; });
        window.resize(400, 200);
        for (QLineEdit *other : window.findChildren<QLineEdit *>()) {
            other->setGeometry(0, 100, 100, 30);
            other->setFocus();
        }
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
    }
    static void down(QWidget &button, bool byMouse)
    {
        if (byMouse)
            QTest::mousePress(&button, Qt::LeftButton);
        else
            QTest::keyPress(&button, Qt::Key_Return);
    }
    static void up(QWidget &button, bool byMouse)
    {
        if (byMouse)
            QTest::mouseRelease(&button, Qt::LeftButton);
        else
            QTest::keyRelease(&button, Qt::Key_Return);
    }

    std::unique_ptr<Theme> m_theme;
    qint64 m_now = 1000;
};

QTEST_MAIN(TestWidgets)
#include "test_widgets.moc"

// Small parts of every screen: times, panels, the grid of pods, notices.
#include "tests/support/calm.h"
#include "tests/support/stays.h"
#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/podgrid.h"
#include "ui/widgets/timetext.h"

#include <QAccessible>
#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <QVBoxLayout>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QList<PodCell> cells(int count)
{
    QList<PodCell> result;
    for (int i = 0; i < count; ++i)
        result.append({QStringLiteral("uid%1").arg(i), QStringLiteral("web-%1").arg(i), QStringLiteral("Running"),
                       i % 50 == 7 ? Health::Failing : Health::Ok, -1});
    return result;
}

} // namespace

class TestWidgets : public QObject
{
    Q_OBJECT
private slots:
    // Whoever hears a choice has to hear of what it is one.
    void aChoiceIsSpokenWithItsPurpose()
    {
        ChipButton chip(QStringLiteral("%1"));
        chip.setPurpose(QStringLiteral("Environment"));
        chip.setChoices(
            {{QStringLiteral("a"), QStringLiteral("staging")}, {QStringLiteral("b"), QStringLiteral("dev")}});
        chip.setChosen(QStringLiteral("a"));
        QCOMPARE(chip.text(), QStringLiteral("staging"));
        QCOMPARE(chip.accessibleName(), QStringLiteral("Environment: staging"));
        chip.setChosen(QStringLiteral("b"));
        QCOMPARE(chip.accessibleName(), QStringLiteral("Environment: dev"));
        ChipButton plain(QStringLiteral("show"));
        plain.setChoices({{QStringLiteral("a"), QStringLiteral("all")}});
        plain.setChosen(QStringLiteral("a"));
        QCOMPARE(plain.accessibleName(), QStringLiteral("show: all"));
    }

    // What is told again as it is lays nothing out and paints nothing.
    void whatIsTheSameIsNotPaintedAgain()
    {
        Panel panel(QStringLiteral("Run"));
        auto *content = new QWidget;
        auto *down = new QVBoxLayout(content);
        auto *badge = new Badge(QStringLiteral("attempt 2"), ToneName::Warning, content);
        auto *chip = new ChipButton(QStringLiteral("show"), content);
        chip->setChoices({{QStringLiteral("a"), QStringLiteral("all")}});
        chip->setChosen(QStringLiteral("a"));
        down->addWidget(badge);
        down->addWidget(chip);
        panel.setContent(content);
        panel.showContent();
        const QDateTime since = QDateTime::currentDateTimeUtc().addSecs(-600);
        panel.setStale(since, QStringLiteral("no answer"));
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        QVERIFY(comesToRest(panel));
        const PaintWatch watch(panel);
        QVERIFY(stays(
            [&] {
                panel.setTitle(QStringLiteral("Run"));
                panel.setStale(since, QStringLiteral("no answer"));
                badge->setText(QStringLiteral("attempt 2"));
                chip->setChoices({{QStringLiteral("a"), QStringLiteral("all")}});
                chip->setChosen(QStringLiteral("a"));
                return true;
            },
            std::chrono::milliseconds(200)));
        QVERIFY(watch.calmMs() >= 190);
        badge->setText(QString());
        QVERIFY(badge->isHidden());
        badge->setText(QStringLiteral("attempt 3"));
        QVERIFY(!badge->isHidden());
    }

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

    static QWidget *noticeOf(const NoticeArea &area, const QString &text)
    {
        for (QWidget *one : area.findChildren<QWidget *>(QStringLiteral("notice"))) {
            if (one->accessibleName().endsWith(text))
                return one;
        }
        return nullptr;
    }
    // Room for one of them.
    static QRect roomForOne(QWidget &window)
    {
        NoticeArea area(&window, [] { return QRect(0, 0, 196, 560); });
        area.show(QStringLiteral("Saved."), Health::Failing);
        return {0, 300, 196, area.height() + 2 * space::s + 4};
    }

    // What could not be seen does not go, and what failed stands before what did not.
    void aNoticeThatFindsNoRoomIsSeenLater()
    {
        QWidget window;
        window.resize(900, 600);
        window.show();
        const QRect room = roomForOne(window);
        NoticeArea area(&window, [room] { return room; });
        area.show(QStringLiteral("Broken."), Health::Failing);
        area.show(QStringLiteral("Saved."), Health::Ok, {}, {}, 600000);
        QWidget *const failing = noticeOf(area, QStringLiteral("Broken."));
        QWidget *const saved = noticeOf(area, QStringLiteral("Saved."));
        QVERIFY(failing && saved);
        QVERIFY(!failing->isHidden());
        QVERIFY(saved->isHidden());
        const auto goes = [saved] {
            const auto *timer = saved->findChild<QTimer *>({}, Qt::FindDirectChildrenOnly);
            return timer && timer->isActive();
        };
        QVERIFY(!goes());
        failing->close();
        QTRY_VERIFY(!saved->isHidden());
        QVERIFY(goes());
    }

    // What finds room only later says when it happened; that something went well is no news then.
    void whatIsSeenLateSaysWhen()
    {
        QWidget window;
        window.resize(900, 600);
        window.show();
        const QRect room = roomForOne(window);
        NoticeArea area(&window, [room] { return room; });
        const QDateTime then(QDate(2026, 11, 2), QTime(8, 0), Qt::UTC);
        AgeTicker::freezeAt(then);
        const auto thaw = qScopeGuard([] { AgeTicker::freezeAt({}); });
        area.show(QStringLiteral("Broken."), Health::Failing);
        area.show(QStringLiteral("Look."), Health::Warning, {}, {}, 600000);
        area.show(QStringLiteral("Saved."), Health::Ok, {}, {}, 600000);
        QCOMPARE(area.count(), 3);
        AgeTicker::freezeAt(then.addSecs(60));
        noticeOf(area, QStringLiteral("Broken."))->close();
        QTRY_COMPARE(area.count(), 1);
        QWidget *const late = noticeOf(area, QStringLiteral("Look."));
        QVERIFY(late);
        QTRY_VERIFY(!late->isHidden());
        const QString text = late->findChild<QLabel *>(QStringLiteral("noticeText"))->text();
        QVERIFY2(text.startsWith(clockText(then)), qPrintable(text));
    }

    void aNoticeWithTheFocusStays()
    {
        QWidget window;
        window.resize(900, 600);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        const QRect room = roomForOne(window);
        NoticeArea area(&window, [room] { return room; });
        area.show(QStringLiteral("Saved."), Health::Ok, {}, {}, 600000);
        QWidget *const saved = noticeOf(area, QStringLiteral("Saved."));
        QVERIFY(saved);
        auto *const closing = saved->findChild<QPushButton *>();
        closing->setFocus();
        QVERIFY(closing->hasFocus());
        area.show(QStringLiteral("Broken."), Health::Failing);
        QVERIFY(!saved->isHidden());
        QVERIFY(closing->hasFocus());
        saved->close();
        QTRY_COMPARE(area.count(), 1);
        QTRY_VERIFY(!noticeOf(area, QStringLiteral("Broken."))->isHidden());
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
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestWidgets)
#include "test_widgets.moc"

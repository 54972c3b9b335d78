#include "tests/gui/operations/operationconsole.h"
#include "tests/gui/promotions/fakedesk.h"
#include "tests/support/fakemetricsource.h"
#include "tests/support/stays.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/pages/operation/checkslist.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/operation/planpanels.h"
#include "ui/pages/operation/plansession.h"
#include "ui/pages/traffic/splitslider.h"
#include "ui/pages/traffic/stagestrip.h"
#include "ui/pages/traffic/trackcard.h"
#include "ui/pages/traffic/trafficpage.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSet>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

using Stage = TrafficPresenter::Stage;
using Stages = QList<TrafficPresenter::Stage>;

namespace
{

const QString classifierKey = QStringLiteral("prod-eu|production|image-classifier");

struct Screen
{
    explicit Screen(void (*prepare)(OperationConsole &) = [](OperationConsole &) {})
        : page((prepare(world), *world.context))
    {
        page.resize(1200, 800);
        page.show();
        QApplication::setActiveWindow(&page);
        open(classifierKey);
        world.takeClock(hold());
        world.takeClock(allBack());
    }
    void open(const QString &key)
    {
        NavigationTarget target;
        target.deployedKey = key;
        page.open(target);
    }

    SplitSlider *slider() const { return page.findChild<SplitSlider *>(QStringLiteral("splitSlider")); }
    QWidget *box() const { return page.findChild<QWidget *>(QStringLiteral("operationBox")); }
    QWidget *backBox() const { return page.findChild<QWidget *>(QStringLiteral("backBox")); }
    HoldButton *hold() const { return box()->findChild<HoldButton *>(QStringLiteral("holdButton")); }
    HoldButton *allBack() const { return page.findChild<HoldButton *>(QStringLiteral("allBack")); }
    QPushButton *button(const char *name) const { return visible<QPushButton>(page, name); }
    QLineEdit *stages() const { return page.findChild<QLineEdit *>(QStringLiteral("stages")); }
    QString text() const { return textOf(*box(), "operationText"); }
    qsizetype stepsToCome() const // in the difference
    {
        const auto *diff = page.findChild<DiffView *>();
        return diff->isVisible() ? diff->toPlainText().count(QStringLiteral("PATCH ")) : 0;
    }
    bool isReady() const { return !hold()->fingerprint().isEmpty(); }
    int planned() const // per cent of green that the plan on screen ends with
    {
        const QList<TrafficOrder> &orders = world.router->orders;
        for (auto it = orders.rbegin(); it != orders.rend(); ++it) {
            const int green = it->steps.last().percent.value(QStringLiteral("green"));
            if (green != 0 || (slider()->value() == 0 && isReady())) // else that of the button for all to blue
                return green;
        }
        return -1;
    }
    void takeStages(const QString &text)
    {
        auto *inSteps = page.findChild<QCheckBox *>(QStringLiteral("inSteps"));
        if (!inSteps->isChecked())
            inSteps->click();
        stages()->clear();
        QTest::keyClicks(stages(), text);
    }
    // Three steps of which the first was observed.
    void startSteps()
    {
        takeStages(QStringLiteral("50 10m, 75 10m, 100"));
        QTRY_VERIFY(isReady() && world.router->orders.last().steps.size() == 3);
        hold()->setFocus();
        world.press(hold(), 800);
        QVERIFY(world.reach(OperationState::Dwelling, forward()));
    }
    Operation *forward() const
    {
        for (Operation *each : world.operations->operations()) {
            if (each->direction() == Direction::Forward && each->state() > OperationState::AwaitingConfirmation)
                return each;
        }
        return nullptr;
    }
    Operation *sent() const // the newest of those that were confirmed, whichever way it goes
    {
        for (Operation *each : world.operations->operations()) {
            if (each->state() > OperationState::AwaitingConfirmation)
                return each;
        }
        return nullptr;
    }
    Operation *back() const
    {
        for (Operation *each : world.operations->operations()) {
            if (each->direction() == Direction::Back)
                return each;
        }
        return nullptr;
    }

    OperationConsole world;
    TrafficPage page;
};

void giveGreen(OperationConsole &world, double share)
{
    for (TrafficLeg &leg : world.router->now.legs)
        leg.share = leg.track == QLatin1String("green") ? share : 1 - share;
}

// 7.15 % of what green gets fails, and 0.121 % of what blue gets.
void giveBadGreen(OperationConsole &world)
{
    auto source = std::make_unique<FakeMetricSource>();
    source->suggestions = {
        FakeMetricSource::panel(QStringLiteral("requests"), QStringLiteral("Requests"), QStringLiteral("per second")),
        FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Error rate"), QStringLiteral("percent"))};
    source->value = [](const QString &expression, const QString &track, qint64) {
        if (expression.startsWith(QLatin1String("requests")))
            return 100.0;
        return track == QLatin1String("green") ? 7.15 : 0.121;
    };
    world.metrics.add(std::move(source));
}

const Panel *panelOf(const QWidget *inside)
{
    while (inside && !qobject_cast<const Panel *>(inside))
        inside = inside->parentWidget();
    return static_cast<const Panel *>(inside);
}

} // namespace

class TestTrafficPage : public QObject
{
    Q_OBJECT
private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    // What the policy alone stops has a way out where it is confirmed; nothing that goes back is asked about it.
    void whoCannotWaitBreaksTheGlass_data()
    {
        QTest::addColumn<CheckId>("id");
        QTest::addColumn<bool>("isOffered");
        QTest::addColumn<bool>("isRefused");
        QTest::newRow("a freeze") << CheckId::FreezeWindow << true << false;
        QTest::newRow("a hold") << CheckId::Policy << true << false;
        QTest::newRow("somebody who may not") << CheckId::Policy << true << true;
        QTest::newRow("a right is missing") << CheckId::Rights << false << false;
    }
    void whoCannotWaitBreaksTheGlass()
    {
        QFETCH(CheckId, id);
        QFETCH(bool, isOffered);
        QFETCH(bool, isRefused);
        FakeDesk written;
        if (isRefused)
            written.writeFails = Error{ErrorKind::Refused, QStringLiteral("Only oncall may."), {}};
        static FakeDesk *desk = nullptr; // the screen is prepared by what captures nothing
        static CheckId blocking;
        desk = &written;
        blocking = id;
        Screen screen([](OperationConsole &world) {
            world.context->promotions = desk;
            world.operations->setPolicyChecks([](const Plan &, const StopToken &) {
                QList<Check> checks;
                if (desk->told.isEmpty() || desk->writeFails)
                    checks = {
                        {blocking, CheckState::Block, QStringLiteral("It is stopped"), QStringLiteral("frozen"), {}}};
                return ready(Result<QList<Check>>(checks));
            });
        });
        screen.takeStages(QStringLiteral("50 10m, 75 10m, 100"));
        QTRY_VERIFY(screen.text().contains(QStringLiteral("It is stopped")));
        QCOMPARE(screen.button("operationGlass") != nullptr, isOffered);
        if (!isOffered)
            return;
        screen.world.prompter.words = QStringLiteral("the shop is down");
        screen.button("operationGlass")->click();
        QTRY_COMPARE(written.told.size(), qsizetype(1));
        QCOMPARE(screen.world.prompter.asked.last(), QStringLiteral("Break glass"));
        QVERIFY2(screen.world.prompter.lastText.contains(policy::shortDigest(written.glassDigest)), // seen, then signed
                 qPrintable(screen.world.prompter.lastText));
        QCOMPARE(written.told.first().seen.subject.digest, written.glassDigest);
        QCOMPARE(written.told.first().what, QStringLiteral("breakGlassAt image-classifier production"));
        QCOMPARE(written.told.first().words, QStringLiteral("the shop is down"));
        if (isRefused) {
            QTRY_VERIFY(screen.text().contains(QStringLiteral("Only oncall may.")));
            return;
        }
        QTRY_VERIFY(screen.isReady()); // to be confirmed as any other
        QVERIFY(!screen.button("operationGlass"));
    }

    void theNewestIsTheCandidate_data()
    {
        QTest::addColumn<int>("blueAfterGreen"); // seconds
        QTest::addColumn<QString>("candidate");
        QTest::addColumn<QString>("blueVersion"); // green is 2.15.0-rc.2
        const QString older = QStringLiteral("2.14.3");
        QTest::newRow("green is newer") << -3600 << QStringLiteral("green") << older;
        QTest::newRow("blue is newer") << 3600 << QStringLiteral("blue") << QStringLiteral("2.16.0");
        QTest::newRow("blue was restarted") << 3600 << QStringLiteral("green") << older;
        // Rolled out together, whatever the minute: the one with less traffic.
        QTest::newRow("a second apart, over a minute's end")
            << 1 << QStringLiteral("green") << QStringLiteral("2.16.0");
        QTest::newRow("most of a minute apart") << 59 << QStringLiteral("green") << QStringLiteral("2.16.0");
    }
    void theNewestIsTheCandidate()
    {
        QFETCH(int, blueAfterGreen);
        QFETCH(QString, candidate);
        QFETCH(QString, blueVersion);
        static int after;
        static QString version;
        after = blueAfterGreen;
        version = blueVersion;
        Screen screen([](OperationConsole &world) {
            giveGreen(world, 0.25);
            Deployed item = world.classifier();
            const QDateTime green(QDate(2026, 3, 4), QTime(9, 0, 59), Qt::UTC);
            for (Track &track : item.tracks) {
                const bool isGreen = track.name == QLatin1String("green");
                track.since = isGreen ? green : green.addSecs(after);
                track.version = isGreen ? track.version : version;
            }
            world.put(item);
        });
        QTRY_VERIFY(screen.isReady());
        const auto *chip = screen.page.findChild<QAbstractButton *>(QStringLiteral("pickCandidate"));
        QVERIFY(chip != nullptr);
        QVERIFY2(chip->text().contains(candidate), qPrintable(chip->text()));
        // All to the other one is the way back where that is older; rolled out together, the version tells.
        const QList<TrafficOrder> &orders = screen.world.router->orders;
        const auto back = std::find_if(orders.crbegin(), orders.crend(), [&candidate](const TrafficOrder &one) {
            return one.steps.last().percent.value(candidate) == 0;
        });
        QVERIFY(back != orders.crend());
        QCOMPARE(back->direction == Direction::Back,
                 blueVersion < QLatin1String("2.15") || candidate == QLatin1String("blue"));
    }

    // Nothing tells which release is the older one: all to the one with most traffic is no harder than any way back.
    void whatIsOfUnknownAgeGoesBackAsEasily()
    {
        Screen screen([](OperationConsole &world) {
            giveGreen(world, 0.25);
            Deployed item = world.classifier();
            for (Track &track : item.tracks) {
                track.since = {};
                track.version = QStringLiteral("main-") + track.name;
            }
            world.put(item);
        });
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty());
        const QList<TrafficOrder> &orders = screen.world.router->orders;
        const auto back = std::find_if(orders.cbegin(), orders.cend(), [](const TrafficOrder &one) {
            return !one.isRehearsal && one.steps.last().percent.value(QStringLiteral("blue")) == 100;
        });
        QVERIFY(back != orders.cend());
        QCOMPARE(back->direction, Direction::Back);
    }

    void stagesAreReadAs_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<Stages>("stages");
        QTest::addColumn<QString>("problem"); // a part of it
        const auto bad = [](const char *row, const char *text, const char *problem) {
            QTest::newRow(row) << QString::fromUtf8(text) << Stages() << QString::fromUtf8(problem);
        };
        QTest::newRow("minutes") << QStringLiteral("5 10m, 25 15m, 100") << Stages{{5, 600s}, {25, 900s}, {100, 0s}}
                                 << QString();
        QTest::newRow("signs and units") << QStringLiteral("1 % 30s,50% 2h") << Stages{{1, 30s}, {50, 7200s}}
                                         << QString();
        QTest::newRow("one") << QStringLiteral("100") << Stages{{100, 0s}} << QString();
        QTest::newRow("zero") << QStringLiteral("0 1m, 1") << Stages{{0, 60s}, {1, 0s}} << QString();
        QTest::newRow("a comma at the end") << QStringLiteral("5 1m, 10,") << Stages{{5, 60s}, {10, 0s}} << QString();
        QTest::newRow("a comma and a space at the end") << QStringLiteral("10, ") << Stages{{10, 0s}} << QString();
        QTest::newRow("a week") << QStringLiteral("5 168h, 100") << Stages{{5, 604800s}, {100, 0s}} << QString();
        QTest::newRow("a space before the unit") << QStringLiteral("5 1 m") << Stages{{5, 60s}} << QString();
        bad("nothing", "", "no stage");
        bad("only spaces", "  ", "no stage");
        bad("only a comma", ",", "no stage");
        bad("a word", "5, half, 100", "\"half\" is not a stage");
        bad("too much", "5, 101", "\"101\" is not a stage");
        bad("a number that overflows", "99999999999", "is not a stage");
        bad("a dwell that overflows", "5 99999999999999h", "is not a stage");
        bad("more than a week", "5 169h", "no longer than a week");
        bad("negative", "-5", "\"-5\" is not a stage");
        bad("no unit", "5 10", "\"5 10\" is not a stage");
        bad("a fraction", "2.5 1m", "\"2.5 1m\" is not a stage");
        bad("falling", "25 1m, 5", "5 % comes after 25 %");
        bad("twice the same", "25 1m, 25", "25 % comes after 25 %");
    }
    void stagesAreReadAs()
    {
        QFETCH(QString, text);
        QFETCH(Stages, stages);
        QFETCH(QString, problem);
        const auto read = parseStages(text);
        QCOMPARE(read.has_value(), problem.isEmpty());
        if (read)
            QCOMPARE(*read, stages);
        else
            QVERIFY2(read.error().message.contains(problem), qPrintable(read.error().message));
    }

    void stagesAreWrittenAsTheyAreRead_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"1 10m, 5 10m, 25 15m, 50 15m, 100", "5 90s, 100", "50 120m", "0, 100"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void stagesAreWrittenAsTheyAreRead()
    {
        QFETCH(QString, text);
        QCOMPARE(stagesText(*parseStages(text)), text);
    }

    void aDwellIsSaidAs_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << qint64(0) << QString();
        QTest::newRow("seconds") << qint64(6) << QStringLiteral("6 s");
        QTest::newRow("minutes") << qint64(600) << QStringLiteral("10 m");
        QTest::newRow("minutes and seconds") << qint64(90) << QStringLiteral("1 m 30 s");
        QTest::newRow("hours") << qint64(7200) << QStringLiteral("2 h");
        QTest::newRow("hours and minutes") << qint64(5400) << QStringLiteral("1 h 30 m");
    }
    void aDwellIsSaidAs()
    {
        QFETCH(qint64, seconds);
        QFETCH(QString, text);
        QCOMPARE(dwellText(std::chrono::seconds(seconds)), text);
    }

    // A step is called by the candidate's share, planned and under way.
    void aStepIsCalled_data()
    {
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("label");
        QTest::newRow("a share") << QStringLiteral("blue 90 %, green 10 %") << QStringLiteral("10 %");
        QTest::newRow("the candidate comes first") << QStringLiteral("green 25 %, red 75 %") << QStringLiteral("25 %");
        QTest::newRow("all of it") << QStringLiteral("all traffic to green") << QStringLiteral("100 %");
        QTest::newRow("all to another") << QStringLiteral("all traffic to blue")
                                        << QStringLiteral("all traffic to blue");
        QTest::newRow("a longer name") << QStringLiteral("evergreen 25 %, blue 75 %")
                                       << QStringLiteral("evergreen 25 %, blue 75 %");
        QTest::newRow("something else") << QStringLiteral("Pause Argo CD") << QStringLiteral("Pause Argo CD");
    }
    void aStepIsCalled()
    {
        QFETCH(QString, title);
        QFETCH(QString, label);
        QCOMPARE(candidateShare(title, QStringLiteral("green")), label);
    }

    void theFieldOfStagesExplainsItself()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QVERIFY(textOf(screen.page, "stagesExample").isEmpty());
        screen.takeStages(QStringLiteral("50 10m, 100"));
        QVERIFY(textOf(screen.page, "stagesExample").contains(QStringLiteral("5 10m, 25 15m, 100")));
        const auto *const strip = screen.page.findChild<StageStrip *>();
        QTRY_COMPARE(strip->accessibleName(), QStringLiteral("Stages: 50 % 10 m, 100 % "));
    }

    void theRouterIsNamedWithoutTheIndexOfItsOnlyRule_data()
    {
        QTest::addColumn<int>("rules");
        QTest::addColumn<QString>("end");
        QTest::newRow("one") << 1 << QStringLiteral(" image-classifier");
        QTest::newRow("two") << 2 << QStringLiteral(" image-classifier, rule 1");
    }
    void theRouterIsNamedWithoutTheIndexOfItsOnlyRule()
    {
        QFETCH(int, rules);
        QFETCH(QString, end);
        Screen screen;
        Deployed item = screen.world.classifier();
        item.routers[0].rule = QStringLiteral("0");
        if (rules > 1) {
            item.routers.append(item.routers[0]);
            item.routers[1].rule = QStringLiteral("1");
        }
        screen.world.put(item);
        const auto *const router = screen.page.findChild<ChipButton *>(QStringLiteral("pickRouter"));
        QTRY_VERIFY2(router->text().endsWith(end), qPrintable(router->text()));
    }

    void keysMoveTheSlider_data()
    {
        QTest::addColumn<Qt::Key>("key");
        QTest::addColumn<int>("wanted");
        QTest::newRow("left") << Qt::Key_Left << 51; // green grows to the left
        QTest::newRow("up") << Qt::Key_Up << 51;
        QTest::newRow("right") << Qt::Key_Right << 49;
        QTest::newRow("down") << Qt::Key_Down << 49;
        QTest::newRow("page up") << Qt::Key_PageUp << 60;
        QTest::newRow("page down") << Qt::Key_PageDown << 40;
        QTest::newRow("home") << Qt::Key_Home << 0;
        QTest::newRow("end") << Qt::Key_End << 100;
    }
    void keysMoveTheSlider()
    {
        QFETCH(Qt::Key, key);
        QFETCH(int, wanted);
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QVERIFY(screen.slider()->hasFocus());
        QCOMPARE(screen.slider()->value(), 50); // twice of now is offered
        QTest::keyClick(screen.slider(), key);
        QCOMPARE(screen.slider()->value(), wanted);
        QTRY_COMPARE(screen.planned(), wanted);
        QTRY_COMPARE(screen.hold()->text(), QStringLiteral("Shift to %1 %").arg(wanted));
    }

    // The bar stands below "Live traffic": its solid part is what is live.
    void theBarIsFilledWithWhatIsLive_data()
    {
        QTest::addColumn<int>("live");
        QTest::addColumn<int>("wanted");
        QTest::addColumn<int>("at"); // per cent of the width
        QTest::addColumn<bool>("isBlueMost");
        QTest::addColumn<bool>("isHatched");
        QTest::newRow("all would move") << 0 << 100 << 20 << true << true;
        QTest::newRow("what stays") << 25 << 50 << 20 << true << false;
        QTest::newRow("what would move") << 25 << 50 << 55 << true << true;
        QTest::newRow("what is there already") << 25 << 50 << 90 << false << false;
        QTest::newRow("what would go back") << 50 << 25 << 55 << false << true;
        QTest::newRow("nothing moves") << 50 << 50 << 55 << false << false;
    }
    void theBarIsFilledWithWhatIsLive()
    {
        QFETCH(int, live);
        QFETCH(int, wanted);
        QFETCH(int, at);
        QFETCH(bool, isBlueMost);
        QFETCH(bool, isHatched);
        SplitSlider slider;
        slider.resize(1000, 34);
        slider.setTracks(QStringLiteral("blue"), QStringLiteral("green"));
        slider.setValue(wanted);
        slider.setLive(live);
        const QImage image = slider.grab().toImage();
        int blue = 0;
        int green = 0;
        const int from = image.width() * at / 100 - 15; // beside the words
        for (int x = from; x < from + 30; ++x) {
            for (int y = 5; y < 29; ++y) {
                blue += image.pixelColor(x, y) == trackTone(QStringLiteral("blue")).solid ? 1 : 0;
                green += image.pixelColor(x, y) == trackTone(QStringLiteral("green")).solid ? 1 : 0;
            }
        }
        QCOMPARE(blue > green, isBlueMost);
        QCOMPARE(std::min(blue, green) > 0, isHatched);
        QVERIFY2(slider.accessibleDescription().contains(QStringLiteral("wanted %1 %, now %2 %").arg(wanted).arg(live)),
                 qPrintable(slider.accessibleDescription()));
    }

    void theMouseMovesTheSlider()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        const int width = screen.slider()->width();
        QTest::mouseClick(screen.slider(), Qt::LeftButton, {}, QPoint(width / 10, 10));
        QCOMPARE(screen.slider()->value(), 90);
        QTRY_COMPARE(screen.planned(), 90);
    }

    // Part of the traffic taken back from the newer release is a way back, as on the command line.
    void aPresetIsPlannedAndShifted_data()
    {
        QTest::addColumn<int>("percent"); // of green, the newer one, which has 25
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<int>("holdMs");
        QTest::newRow("more of the newest") << 100 << Direction::Forward << 800;
        QTest::newRow("some of it back") << 5 << Direction::Back << 400;
    }
    void aPresetIsPlannedAndShifted()
    {
        QFETCH(int, percent);
        QFETCH(Direction, direction);
        QFETCH(int, holdMs);
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        const QByteArray offered = screen.hold()->fingerprint();
        QTest::mouseClick(screen.button(qPrintable(QStringLiteral("preset-%1").arg(percent))), Qt::LeftButton);
        QCOMPARE(screen.slider()->value(), percent);
        QTRY_COMPARE(screen.planned(), percent);
        const QList<TrafficOrder> &orders = screen.world.router->orders;
        const auto ordered = std::find_if(orders.crbegin(), orders.crend(), [percent](const TrafficOrder &one) {
            return one.steps.last().percent.value(QStringLiteral("green")) == percent;
        });
        QVERIFY(ordered != orders.crend());
        QCOMPARE(ordered->direction, direction);
        QTRY_VERIFY(screen.isReady() && screen.hold()->fingerprint() != offered);
        screen.hold()->setFocus();
        screen.world.press(screen.hold(), holdMs - 1);
        QTest::qWait(20);
        QCOMPARE(screen.world.executed(), 0);
        QTRY_VERIFY(screen.world.reach(OperationState::AwaitingConfirmation, screen.world.operation()));
        screen.world.press(screen.hold(), holdMs);
        QTRY_COMPARE(screen.world.executed(), 1);
        QVERIFY(screen.sent());
        QCOMPARE(screen.sent()->direction(), direction);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.sent()));
        QVERIFY(screen.box()->isVisible() && screen.button("operationDismiss"));
        QVERIFY(!screen.backBox()->isVisible());
    }

    // What was sent with the slider is shown where it was sent, whichever way it went.
    void aShiftBackIsShownAgainWhereItWasSent()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        const QByteArray offered = screen.hold()->fingerprint();
        QTest::mouseClick(screen.button("preset-5"), Qt::LeftButton);
        QTRY_VERIFY(screen.planned() == 5 && screen.isReady() && screen.hold()->fingerprint() != offered);
        screen.hold()->setFocus();
        screen.world.press(screen.hold(), 400);
        QTRY_COMPARE(screen.world.executed(), 1);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.sent()));
        QTRY_VERIFY(screen.button("operationDismiss"));
        screen.open(QStringLiteral("prod-eu|production|smart-support"));
        QTRY_VERIFY(!screen.button("operationDismiss"));
        screen.open(classifierKey);
        QTRY_VERIFY(screen.button("operationDismiss"));
        QVERIFY(screen.box()->isVisible() && !screen.backBox()->isVisible());
    }

    void presetsAreTheSharesOfTheStages()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QVERIFY(screen.button("preset-25"));
        screen.takeStages(QStringLiteral("10 10m, 40 10m, 100"));
        screen.page.findChild<QCheckBox *>(QStringLiteral("inSteps"))->click();
        QTRY_VERIFY(screen.button("preset-40"));
        for (const char *name : {"preset-0", "preset-10", "preset-100"})
            QVERIFY2(screen.button(name), name);
        QVERIFY(!screen.button("preset-25"));
        QTest::mouseClick(screen.button("preset-40"), Qt::LeftButton);
        QTRY_COMPARE(screen.planned(), 40);
    }

    void whatIsLiveAlreadyIsNotPlanned()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QTest::mouseClick(screen.button("preset-25"), Qt::LeftButton);
        QTRY_VERIFY(!screen.isReady());
        QCOMPARE(textOf(*screen.box(), "operationHeadline"), QStringLiteral("Green has 25 % of live traffic"));
        const auto *headline = screen.box()->findChild<QLabel *>(QStringLiteral("operationHeadline"));
        QVERIFY2(!headline->text().contains(QStringLiteral("25 %")), "no line ends before the sign");
    }

    void aRouterThatCannotDivideMovesAllOrNothing()
    {
        Screen screen([](OperationConsole &world) {
            world.router->can = TrafficRouter::Capability::Switch;
            world.router->setShares(100, 0);
        });
        QTRY_VERIFY(screen.slider()->isEnabled() && screen.slider()->isVisible());
        QCOMPARE(screen.slider()->value(), 0); // what is: nothing is offered that moves all of it at once
        QTRY_COMPARE(textOf(*screen.box(), "operationHeadline"), QStringLiteral("Green has 0 % of live traffic"));
        QVERIFY(!screen.page.findChild<QCheckBox *>(QStringLiteral("inSteps"))->isEnabled());
        QVERIFY(!screen.button("preset-25"));
        QTest::keyClick(screen.slider(), Qt::Key_Left);
        QCOMPARE(screen.slider()->value(), 100);
        QTRY_COMPARE(screen.planned(), 100);
        QTest::keyClick(screen.slider(), Qt::Key_Right);
        QCOMPARE(screen.slider()->value(), 0);
        QTest::mouseClick(screen.slider(), Qt::LeftButton, {}, QPoint(screen.slider()->width() / 5, 10));
        QCOMPARE(screen.slider()->value(), 100); // never a share between
        QTRY_VERIFY(screen.isReady());
    }

    void anotherCandidateIsNotOfferedAllAtOnce()
    {
        Screen screen([](OperationConsole &world) {
            world.router->can = TrafficRouter::Capability::Switch;
            world.router->setShares(0, 100);
        });
        QTRY_VERIFY(screen.slider()->isEnabled() && screen.slider()->isVisible());
        QTRY_COMPARE(screen.slider()->value(), 100);
        auto *const candidate = screen.page.findChild<ChipButton *>(QStringLiteral("pickCandidate"));
        QVERIFY(candidate);
        emit candidate->chosenChanged(QStringLiteral("blue"));
        QCOMPARE(screen.slider()->value(), 0);
        QTRY_COMPARE(textOf(*screen.box(), "operationHeadline"), QStringLiteral("Blue has 0 % of live traffic"));
        QVERIFY(!screen.isReady());
    }

    void stagesThatCannotBeReadLeaveNothingToHold()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.takeStages(QStringLiteral("50 10m, 100"));
        QTRY_COMPARE(screen.world.router->orders.last().steps.size(), 2);
        QTRY_VERIFY(screen.isReady());
        QTest::keyClicks(screen.stages(), QStringLiteral(", half"));
        QVERIFY(!screen.isReady());
        QVERIFY(textOf(screen.page, "stagesProblem").contains(QStringLiteral("\"half\" is not a stage")));
        screen.takeStages(QStringLiteral("50 10m, 100"));
        QTRY_VERIFY(screen.isReady());
        QCOMPARE(textOf(screen.page, "stagesProblem"), QString());
    }

    void aDwellCanBePausedAndResumed()
    {
        Screen screen;
        screen.startSteps();
        QCOMPARE(screen.world.executed(), 1);
        QTRY_VERIFY(screen.button("operationPause"));
        QTest::mouseClick(screen.button("operationPause"), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Paused, screen.forward()));
        screen.world.clock.advance(30min);
        QCOMPARE(screen.world.executed(), 1); // nothing goes on by itself
        QTRY_VERIFY(screen.button("operationResume"));
        QTest::mouseClick(screen.button("operationResume"), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        QCOMPARE(screen.world.executed(), 3);
    }

    void inStepsTheBarTellsWhatIsLive()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QCOMPARE(screen.slider()->value(), 50); // what is offered
        screen.takeStages(QStringLiteral("50 10m, 75 10m, 100"));
        QTRY_VERIFY(!screen.slider()->isEnabled());
        QCOMPARE(screen.slider()->value(), 25);
    }

    void aDwellCanBeSkipped()
    {
        Screen screen;
        screen.startSteps();
        QTRY_VERIFY(screen.button("operationSkip"));
        QTRY_COMPARE(screen.stepsToCome(), 2);
        QTest::mouseClick(screen.button("operationSkip"), Qt::LeftButton);
        QTRY_COMPARE(screen.world.executed(), 2);
        QTRY_COMPARE(screen.stepsToCome(), 1);
    }

    void aShiftCanBeAbandoned()
    {
        Screen screen([](OperationConsole &world) {
            PlanStep reversal;
            reversal.id = QStringLiteral("undo");
            reversal.title = QStringLiteral("Give blue 75 % back");
            world.runner->reversals = {reversal};
        });
        screen.startSteps();
        QTRY_VERIFY(screen.button("operationAbandon"));
        QCOMPARE(screen.button("operationAbandon")->accessibleName(),
                 QStringLiteral("Take it back: %1").arg(screen.forward()->plan().from));
        QCOMPARE(screen.button("operationAbandon")->property("variant").toString(), QStringLiteral("dangerOutline"));
        QTest::mouseClick(screen.button("operationAbandon"), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        QCOMPARE(screen.forward()->outcome()->kind, OutcomeKind::Abandoned);
        QTRY_VERIFY(screen.text().contains(QStringLiteral("Abandoned")));
    }

    // Whole on the button or not at all: cut short it would name another share.
    void theWayBackIsNamedWhole_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("label");
        QTest::newRow("short") << QStringLiteral("2.14") << QStringLiteral("Take it back: 2.14");
        QTest::newRow("long") << QStringLiteral("blue 5 %, green 5 %, canary of the new model 5 %, mirror 85 %")
                              << QStringLiteral("Take it back");
    }
    void theWayBackIsNamedWhole()
    {
        QFETCH(QString, from);
        QFETCH(QString, label);
        static QString words;
        words = from;
        Screen screen([](OperationConsole &world) { world.router->from = words; });
        screen.startSteps();
        QTRY_VERIFY(screen.button("operationAbandon"));
        const auto *const abandon = screen.button("operationAbandon");
        QTRY_COMPARE(abandon->text(), label);
        QCOMPARE(abandon->accessibleName(), QStringLiteral("Take it back: ") + from);
        QVERIFY2(abandon->toolTip().endsWith(from), qPrintable(abandon->toolTip()));
        QCOMPARE(abandon->accessibleDescription(), abandon->toolTip());
    }

    void nothingElseCanBeOrderedWhileStepsRun()
    {
        Screen screen;
        screen.startSteps();
        QTRY_VERIFY(!screen.slider()->isEnabled());
        QVERIFY(!screen.stages()->isEnabled());
    }

    void allToBluePreemptsADwellingShift()
    {
        Screen screen;
        screen.startSteps();
        screen.world.router->setShares(50, 50);
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty());
        QCOMPARE(screen.allBack()->text(), QStringLiteral("All to Blue"));
        screen.world.touchClassifier(); // the way back is planned anew beside what runs
        const auto busy = [&screen] {
            const QList<Check> checks = screen.back()->plan().checks;
            const auto found =
                std::find_if(checks.begin(), checks.end(), [](const Check &c) { return c.id == CheckId::Busy; });
            return found == checks.end() ? Check() : *found;
        };
        QTRY_COMPARE(busy().wayOut, QStringLiteral("It gives way to this one."));
        QCOMPARE(busy().state, CheckState::Warn);
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty());
        screen.allBack()->setFocus();
        screen.world.press(screen.allBack(), 400);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.back()));
        QCOMPARE(screen.back()->outcome()->kind, OutcomeKind::Done);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        QCOMPARE(screen.forward()->outcome()->kind, OutcomeKind::Preempted);
        QVERIFY(screen.backBox()->isVisible());
        // Once that was read, what gave way says how it ended, by what was observed.
        const Operation *const back = screen.back();
        screen.world.router->setShares(100, 0);
        QTest::mouseClick(visible<QPushButton>(*screen.backBox(), "operationDismiss"), Qt::LeftButton);
        QTRY_VERIFY(screen.box()->isVisible());
        const QString seen = clockText(back->stepOutcomes().last().observedAt);
        QTRY_COMPARE(textOf(*screen.box(), "operationHeadline"),
                     QStringLiteral("Stopped after 1 of 3 steps; Send 0 % to green, observed at %1").arg(seen));
        QCOMPARE(screen.box()->findChild<StateSign *>()->health(), Health::Ok);
    }

    void aLaterWayBackIsNotWhatAShiftGaveWayTo()
    {
        Screen screen;
        screen.startSteps();
        screen.world.router->setShares(50, 50);
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty());
        screen.allBack()->setFocus();
        screen.world.press(screen.allBack(), 400);
        const Operation *const first = screen.back();
        QVERIFY(screen.world.reach(OperationState::Finished, screen.back()));
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        PlanSession session(*screen.world.operations);
        session.follow(screen.forward());
        QCOMPARE(session.successor(), first);

        screen.world.clock.advance(60s);
        Plan plan = first->plan();
        plan.checks.clear();
        const Result<Operation *> made = screen.world.operations->create(plan);
        QVERIFY(made);
        Operation *const later = *made;
        later->start();
        QVERIFY(screen.world.reach(OperationState::AwaitingConfirmation, later));
        QVERIFY(later->confirm(later->plan().fingerprint()));
        QVERIFY(screen.world.reach(OperationState::Finished, later));
        QCOMPARE(later->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(session.successor(), first);
    }

    void aShiftGaveWayToWhoWasSentFirst()
    {
        Screen screen;
        screen.startSteps();
        screen.world.router->setShares(50, 50);
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty());
        Plan plan = screen.back()->plan();
        plan.checks.clear();
        const Result<Operation *> before = screen.world.operations->create(plan); // planned first, sent last
        const Result<Operation *> after = screen.world.operations->create(plan);
        QVERIFY(before && after);
        const auto send = [&screen](Operation *operation) {
            operation->start();
            return screen.world.reach(OperationState::AwaitingConfirmation, operation) &&
                   operation->confirm(operation->plan().fingerprint()) &&
                   screen.world.reach(OperationState::Finished, operation);
        };
        QVERIFY(send(*after));
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        QCOMPARE(screen.forward()->outcome()->kind, OutcomeKind::Preempted);
        PlanSession session(*screen.world.operations);
        session.follow(screen.forward());
        QCOMPARE(session.successor(), *after);
        screen.world.clock.advance(60s);
        QVERIFY(send(*before));
        QCOMPARE(session.successor(), *after);
    }

    void theEndTellsWhatWasSentAndWhen()
    {
        Screen screen;
        screen.startSteps();
        const auto *diff = screen.page.findChild<DiffView *>();
        const auto *checks = screen.page.findChild<ChecksList *>();
        QCOMPARE(panelOf(diff)->title(), QStringLiteral("Next change"));
        QCOMPARE(panelOf(checks)->title(), QStringLiteral("Checks"));
        QTRY_VERIFY(screen.button("operationCancel"));
        QTest::mouseClick(screen.button("operationCancel"), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        QTRY_COMPARE(panelOf(diff)->title(), QStringLiteral("Last change"));
        QCOMPARE(panelOf(diff)->subtitle(), QStringLiteral("what was sent"));
        QCOMPARE(panelOf(checks)->title(),
                 QStringLiteral("Checks at %1").arg(clockText(screen.forward()->plan().plannedAt)));
        QCOMPARE(screen.stepsToCome(), 1); // the two others never left
        PlanSession session(*screen.world.operations);
        PlanPanels panels(session, nullptr);
        session.follow(screen.forward());
        const auto *const told = panels.findChild<DiffView *>();
        QTRY_COMPARE(panelOf(told)->title(), QStringLiteral("What was sent"));
        QCOMPARE(told->toPlainText().count(QStringLiteral("PATCH ")), 1);
        QTest::mouseClick(screen.button("operationDismiss"), Qt::LeftButton);
        QTRY_COMPARE(panelOf(diff)->title(), QStringLiteral("Next change"));
        QCOMPARE(panelOf(checks)->title(), QStringLiteral("Checks"));
    }

    void aDenseBoxHasNoWiderButtonsThanTheirWords()
    {
        Screen screen;
        screen.startSteps();
        QTRY_VERIFY(screen.button("operationCancel"));
        QTest::mouseClick(screen.button("operationCancel"), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        auto *const box = qobject_cast<OperationBox *>(screen.box());
        QVERIFY(box);
        box->setDense(true);
        QTRY_VERIFY(screen.button("operationDismiss"));
        QTRY_VERIFY(screen.button("operationDismiss")->width() < box->width() / 4);
    }

    void theChecksAreCountedAndBroughtIntoView()
    {
        Screen screen([](OperationConsole &world) {
            world.router->checks << check(CheckId::Routing, CheckState::Warn, QStringLiteral("Nothing reports"));
            giveBadGreen(world);
        });
        screen.page.resize(900, 560);
        QTRY_VERIFY(screen.button("operationChecks"));
        QTRY_VERIFY(screen.isReady());
        QVERIFY2(screen.button("operationChecks")->text().endsWith(QStringLiteral(" pass · 1 warn")),
                 qPrintable(screen.button("operationChecks")->text()));
        const Panel *const checks = panelOf(screen.page.findChild<ChecksList *>());
        const QScrollArea *scroll = nullptr;
        for (const QWidget *each = checks->parentWidget(); each && !scroll; each = each->parentWidget())
            scroll = qobject_cast<const QScrollArea *>(each);
        QVERIFY(scroll);
        QTRY_VERIFY(scroll->verticalScrollBar()->maximum() > 0); // else it is in view all the time
        const auto isInView = [&] {
            const QRect at(checks->mapTo(scroll->viewport(), QPoint(0, 0)), checks->size());
            return scroll->viewport()->rect().contains(at);
        };
        QVERIFY(!isInView());
        screen.button("operationChecks")->setFocus();
        QTest::keyClick(screen.button("operationChecks"), Qt::Key_Return);
        QTRY_VERIFY(isInView());
        screen.startSteps(); // what runs has no checks to come
        QTRY_VERIFY(!screen.button("operationChecks"));
    }

    void badErrorsAreSaidInColourWordsAndPill()
    {
        Screen screen(giveBadGreen);
        const auto card = [&screen](const char *track) {
            for (const TrackCard *each : screen.page.findChildren<TrackCard *>()) {
                if (each->track().name == QLatin1String(track))
                    return each;
            }
            return static_cast<const TrackCard *>(nullptr);
        };
        QTRY_VERIFY(card("green") && card("blue"));
        QTRY_COMPARE(card("green")->verdict(), Health::Failing);
        QVERIFY2(card("green")->accessibleName().endsWith(QStringLiteral(", 7.15 % errors: fail")),
                 qPrintable(card("green")->accessibleName()));
        QVERIFY(!card("blue")->accessibleName().contains(QStringLiteral(": ")));
        auto *const chart = screen.page.findChild<ChartPanel *>(QStringLiteral("chart-errors"));
        QVERIFY(chart);
        const auto *const pill = chart->findChild<Badge *>(QStringLiteral("verdict"));
        QVERIFY(pill);
        QTRY_COMPARE(pill->text(), QStringLiteral("fail"));
        QVERIFY(pill->isVisible());
        QVERIFY2(pill->toolTip().contains(QStringLiteral("The limit is 1.12 %")), qPrintable(pill->toolTip()));
        QVERIFY2(chart->view().valuesText().contains(QStringLiteral("limit 1.12 %")),
                 qPrintable(chart->view().valuesText())); // the legend has it
        auto *const requests = screen.page.findChild<ChartPanel *>(QStringLiteral("chart-requests"));
        QVERIFY(requests && !requests->findChild<Badge *>(QStringLiteral("verdict"))->isVisible());
    }

    void whatWasReadGrowsOlder()
    {
        OperationConsole world;
        ChecksList list;
        list.show({check(CheckId::Freshness, CheckState::Pass, QStringLiteral("Read from the server"),
                         world.now.addSecs(-185).toString(Qt::ISODateWithMs))});
        const auto *const age = list.findChild<AgeLabel *>(QStringLiteral("readAge"));
        QVERIFY(age);
        QCOMPARE(age->text(), QStringLiteral("3 m ago"));
    }

    void panelsOfAPlanSayWhatWasSent()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        PlanSession session(*screen.world.operations);
        PlanPanels panels(session, nullptr);
        const Panel *const diff = panelOf(panels.findChild<DiffView *>());
        QCOMPARE(diff->title(), QStringLiteral("What will be sent"));
        screen.hold()->setFocus();
        screen.world.press(screen.hold(), 800);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        session.follow(screen.forward());
        QTRY_COMPARE(diff->title(), QStringLiteral("What was sent"));
    }

    void anAgeThatGrowsGoesBelowItsWords()
    {
        OperationConsole world;
        ChecksList list;
        list.show({check(CheckId::Freshness, CheckState::Pass, QStringLiteral("Read from the server"),
                         world.now.addSecs(-5).toString(Qt::ISODateWithMs))});
        const auto *const age = list.findChild<AgeLabel *>(QStringLiteral("readAge"));
        QVERIFY(age);
        QWidget *const row = age->parentWidget();
        list.resize(600, 80);
        list.QWidget::show();
        const auto *const words = row->findChild<QLabel *>(QString(), Qt::FindDirectChildrenOnly);
        QVERIFY(words && words != age);
        const int both = words->sizeHint().width() + space::s + age->sizeHint().width();
        list.resize(list.width() - row->width() + both, 80); // just enough
        QTRY_COMPARE(row->width(), both);
        QTRY_VERIFY(age->y() < words->geometry().bottom());
        AgeTicker::freezeAt(world.now.addSecs(59 * 60));
        emit AgeTicker::ticker().ticked();
        QVERIFY2(words->sizeHint().width() + space::s + age->sizeHint().width() > both, qPrintable(age->text()));
        QTRY_VERIFY(age->y() >= words->geometry().bottom());
        QVERIFY(row->minimumSizeHint().height() >= words->sizeHint().height() + age->sizeHint().height());
    }

    // What the router is set to and what was counted differ for a while after a move.
    void theShareSaysWhatItIsBy()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        for (const TrackCard *card : screen.page.findChildren<TrackCard *>()) {
            QVERIFY2(card->accessibleName().contains(QStringLiteral(", by weight")),
                     qPrintable(card->accessibleName()));
            QVERIFY(card->toolTip().contains(QStringLiteral("what the router is set to now")));
        }
    }

    // What tells of a call wraps; an indented line would lose its place.
    void headingsWrapAndDifferencesDoNot()
    {
        DiffView diff;
        diff.resize(260, 400);
        diff.QWidget::show();
        const QString words = QStringLiteral("PATCH Gateway API HTTPRoute production/recommender-with-a-long-name");
        diff.showLines(words, {{DiffLine::Kind::Note, words}, {DiffLine::Kind::Added, QStringLiteral("weight: 5")}},
                       words);
        QTRY_COMPARE(diff.horizontalScrollBar()->maximum(), 0);
        diff.showLines(words, {{DiffLine::Kind::Added, words}}, {});
        QTRY_VERIFY(diff.horizontalScrollBar()->maximum() > 0);
    }

    // With nothing running the box with the button would go while it is still being held.
    void allToBlueCanBeHeldWithTheMouse()
    {
        Screen screen;
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty());
        QTest::mousePress(screen.allBack(), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Armed, screen.back())); // journaled, still down
        screen.world.passHold(screen.allBack(), 399);
        QVERIFY(screen.allBack()->isVisible());
        QVERIFY(screen.allBack()->isHolding());
        screen.world.passHold(screen.allBack(), 1);
        QTest::mouseRelease(screen.allBack(), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.back()));
        QTRY_VERIFY(screen.backBox()->isVisible());
        QVERIFY(!screen.box()->isVisible());
        QVERIFY(screen.backBox()->isAncestorOf(QApplication::focusWidget()));
        QTest::mouseClick(visible<QPushButton>(*screen.backBox(), "operationDismiss"), Qt::LeftButton);
        QTRY_VERIFY(screen.box()->isVisible());
    }

    // No application with two tracks is known: that there is none is only said where everything was read.
    void whatCouldNotBeReadIsNotNothingToRoute_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<Panel::State>("shown");
        QTest::addColumn<QString>("says");
        QTest::newRow("read") << Freshness::State::Live << Panel::State::Empty << QStringLiteral("Nothing to route");
        QTest::newRow("being read") << Freshness::State::Loading << Panel::State::Loading << QString();
        QTest::newRow("cannot be read") << Freshness::State::Failed << Panel::State::Error
                                        << QStringLiteral("Nothing could be read");
        QTest::newRow("not ours to read")
            << Freshness::State::Denied << Panel::State::Error << QStringLiteral("You may not read this");
        QTest::newRow("not heard any more")
            << Freshness::State::Stale << Panel::State::Empty << QStringLiteral("Nothing to route was known");
    }
    void whatCouldNotBeReadIsNotNothingToRoute()
    {
        QFETCH(Freshness::State, state);
        QFETCH(Panel::State, shown);
        QFETCH(QString, says);
        Screen screen([](OperationConsole &world) {
            QStringList keys;
            for (const Deployed &one : world.deployed.all())
                keys << one.key();
            world.deployed.apply({}, keys);
        });
        screen.world.setFreshness(QStringLiteral("prod-eu"), state, QStringLiteral("the cable is out"));
        QWidget *widget = screen.slider();
        while (widget && !qobject_cast<Panel *>(widget))
            widget = widget->parentWidget();
        const auto *panel = qobject_cast<Panel *>(widget);
        QVERIFY(panel);
        QTRY_COMPARE(panel->state(), shown);
        QStringList texts;
        for (const QLabel *label : panel->findChildren<QLabel *>()) {
            if (label->isVisible())
                texts << label->text();
        }
        QVERIFY2(says.isEmpty() || texts.contains(says), qPrintable(texts.join(u'|')));
    }

    void aSplitThatCannotBeReadAnyMoreSaysItsAge()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.world.router->splitFails =
            Error{ErrorKind::Unreachable, QStringLiteral("10.1.0.10:6443 does not answer."), {}};
        screen.world.touchClassifier();
        const auto *age = screen.page.findChild<QLabel *>(QStringLiteral("panelStale"));
        QTRY_VERIFY(age->isVisible());
        QCOMPARE(age->text(), QStringLiteral("stale, last heard 4 s ago"));
        QVERIFY(screen.slider()->isVisible());
        screen.world.router->splitFails.reset();
        screen.world.touchClassifier();
        QTRY_VERIFY(!age->isVisible());
    }

    void podsThatComeAndGoDoNotDisturbAHold()
    {
        Screen screen;
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty() && screen.isReady());
        screen.world.router->now.legs[0].podsReady = 11;
        const auto reads = screen.world.router->asked.size();
        const auto orders = screen.world.router->orders.size();
        screen.world.touchClassifier();
        QTRY_VERIFY(screen.world.router->asked.size() > reads);
        const auto isUndisturbed = [&] {
            return !screen.allBack()->fingerprint().isEmpty() && screen.world.router->orders.size() == orders;
        };
        QVERIFY(stays(isUndisturbed, std::chrono::milliseconds(400))); // a change that counts is planned by then
    }

    // Another release behind a track turns round what goes back, though no share moves.
    void anotherReleaseTurnsTheWayRound()
    {
        Screen screen;
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty() && screen.isReady());
        const auto ordered = [&screen](int green) { // the newest order that ends with so much of it
            const QList<TrafficOrder> &orders = screen.world.router->orders;
            const auto found = std::find_if(orders.crbegin(), orders.crend(), [green](const TrafficOrder &one) {
                return one.steps.last().percent.value(QStringLiteral("green")) == green;
            });
            return found == orders.crend() ? TrafficOrder() : *found;
        };
        QCOMPARE(screen.planned(), 50);
        QVERIFY(ordered(50).bringsNewest);
        QVERIFY(ordered(0).direction == Direction::Back && !ordered(0).bringsNewest);
        Deployed item = screen.world.classifier();
        item.tracks[0].version = QStringLiteral("2.16.0");
        item.tracks[0].since = screen.world.now;
        screen.world.put(item);
        QTRY_VERIFY(!ordered(50).bringsNewest && ordered(50).direction == Direction::Back);
        QTRY_VERIFY(ordered(0).direction == Direction::Forward && ordered(0).bringsNewest);
        screen.world.touchClassifier(); // as it was
        QTRY_VERIFY(ordered(50).bringsNewest && ordered(50).direction == Direction::Forward);
        QTRY_VERIFY(ordered(0).direction == Direction::Back && !ordered(0).bringsNewest);
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty() && screen.isReady());
    }

    // A Service that chooses all tracks divides by pods, and they may not be ours to list.
    void sharesThatAreNotOursToSeeAreNotNumbers()
    {
        Screen screen([](OperationConsole &world) {
            world.router->can = TrafficRouter::Capability::Switch;
            for (TrafficLeg &leg : world.router->now.legs) {
                leg.share.reset();
                leg.podsReady = -1;
            }
        });
        QTRY_VERIFY(!screen.allBack()->fingerprint().isEmpty()); // some may be there to take back
        const QList<TrackCard *> cards = screen.page.findChildren<TrackCard *>();
        QCOMPARE(cards.size(), 2);
        for (const TrackCard *card : cards) {
            QVERIFY(!card->share());
            QVERIFY2(card->accessibleName().contains(QLatin1String("? of live traffic")),
                     qPrintable(card->accessibleName()));
        }
        QCOMPARE(screen.planned(), -1); // nobody knows what is: nothing is offered
        QVERIFY(!screen.isReady());
        QTest::mouseClick(screen.button("preset-100"), Qt::LeftButton);
        QTRY_COMPARE(screen.planned(), 100);
        QTRY_VERIFY(screen.isReady());
    }

    void nearlyNoneAndNearlyAllAreNotTheEnds()
    {
        Screen few([](OperationConsole &world) { giveGreen(world, 0.004); });
        QTRY_VERIFY(few.isReady());
        QVERIFY(!few.allBack()->fingerprint().isEmpty()); // 4 of 1,000 requests have a way back too
        few.slider()->setValue(1);
        QTRY_VERIFY(few.isReady() && few.planned() == 1);

        Screen most([](OperationConsole &world) { giveGreen(world, 0.996); });
        QTRY_VERIFY(most.isReady());
        QCOMPARE(most.planned(), 100);
    }

    void aStoreThatNeverRestsDoesNotStarveTheSplit()
    {
        Screen screen([](OperationConsole &world) { world.router->holds = {QStringLiteral("image-classifier")}; });
        for (int i = 0; i < 5; ++i)
            screen.world.touchClassifier();
        QCOMPARE(screen.world.router->asked.size(), 1);
        TrafficSplit split = screen.world.router->now;
        split.router = screen.world.classifier().routers.first();
        screen.world.router->give(QStringLiteral("image-classifier"), split);
        QTRY_VERIFY(screen.isReady());
        QCOMPARE(screen.world.router->asked.size(), 2); // what moved meanwhile is read once
    }

    void switchingQuicklyShowsTheNewestApplicationOnly()
    {
        Screen screen([](OperationConsole &world) { world.router->holds = {QStringLiteral("image-classifier")}; });
        screen.open(QStringLiteral("prod-eu|production|smart-support"));
        TrafficSplit split = screen.world.router->now;
        screen.world.router->give(QStringLiteral("image-classifier"), split);
        QTest::qWait(20);
        QVERIFY(!screen.slider()->isVisible());
        QVERIFY(!screen.isReady());
        QVERIFY(screen.allBack()->fingerprint().isEmpty());
    }

    void aConnectionRemovedWhileThePlanIsOnScreenLeavesNothingToHold()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.world.operations->forgetConnection(QStringLiteral("prod-eu"));
        screen.world.clusters.remove(QStringLiteral("prod-eu"));
        QTRY_VERIFY(screen.text().contains(QStringLiteral("The connection prod-eu was removed.")));
        QVERIFY(!screen.isReady());
        QVERIFY(screen.allBack()->fingerprint().isEmpty());
        screen.world.deployed.apply({}, {classifierKey});
        QTest::qWait(20);
        QVERIFY(!screen.isReady());
    }

    void aRunningShiftIsShownAgainWhenOneComesBack()
    {
        Screen screen;
        screen.startSteps();
        Operation *const running = screen.forward();
        screen.open(QStringLiteral("prod-eu|production|smart-support"));
        QTRY_VERIFY(!screen.button("operationPause"));
        QVERIFY(!running->isFinished());
        screen.open(classifierKey);
        QTRY_VERIFY(screen.button("operationPause"));
    }

    // Argo CD would write the weights back: offered for the change and for the way back alike.
    void offeredPauseHoldsForTheChangeAndTheWayBack()
    {
        Screen screen([](OperationConsole &world) {
            PlanStep pause;
            pause.id = QStringLiteral("0");
            pause.title = QStringLiteral("Pause the automated sync of Application argocd/classifier");
            pause.call = {QStringLiteral("prod-eu"), QStringLiteral("PATCH"), QStringLiteral("/owner"), {}, {}};
            pause.isOptional = true;
            world.router->offered = pause;
        });
        QTRY_VERIFY(screen.isReady());
        auto *box = visible<QCheckBox>(screen.page, "pauseReconciliation");
        QVERIFY(box);
        QVERIFY(box->text().contains(QLatin1String("argocd/classifier")));
        QVERIFY(!box->isChecked());
        QVERIFY(!screen.world.router->orders.last().pauseReconciliation);
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Space);
        QTRY_VERIFY(screen.isReady() && !screen.allBack()->fingerprint().isEmpty());
        QSet<Direction> pausing;
        for (const TrafficOrder &order : screen.world.router->orders) {
            if (order.pauseReconciliation)
                pausing.insert(order.direction);
        }
        QCOMPARE(pausing, (QSet<Direction>{Direction::Forward, Direction::Back}));
        QVERIFY(box->isChecked());
        screen.hold()->setFocus();
        screen.world.press(screen.hold(), 800);
        QVERIFY(screen.world.reach(OperationState::Finished, screen.forward()));
        QCOMPARE(screen.world.executed(), 2);
    }
};

QTEST_MAIN(TestTrafficPage)
#include "test_trafficpage.moc"

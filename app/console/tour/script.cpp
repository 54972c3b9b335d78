#include "app/console/tour/script.h"

#include "app/console/tour/pagesteps.h"
#include "app/console/tour/pipelinesteps.h"
#include "app/console/tour/promotionsteps.h"
#include "app/console/tour/tourtext.h"
#include "models/items/releasesmodel.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/overview/doratiles.h"
#include "ui/pages/rollback/choicelist.h"
#include "ui/pages/traffic/trackcard.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/tableview.h"

#include <QCheckBox>
#include <QDateTime>
#include <QLineEdit>
#include <QListView>

#include <cmath>

namespace signalbox
{

namespace
{

using namespace std::chrono_literals;
using Doubt = TourOperator::Doubt;

// The release of the practice world that is bad on purpose (resources/sandbox-world.json).
const QString application = QStringLiteral("recommender");
const QString environment = QStringLiteral("production");
const QString stable = QStringLiteral("blue");
const QString candidate = QStringLiteral("green");
// Long enough at 50 % for the way back to be taken there.
const QString stages = QStringLiteral("10 6s, 50 10m, 100");
constexpr double badErrors = 3;   // per cent of requests: well above what the stable version ever has
constexpr double soundErrors = 1; // well below what the bad one has

TableView *releases(const TourOperator &who)
{
    return who.find<TableView>(QStringLiteral("releasesTable"));
}

QModelIndex releaseCell(const TourOperator &who)
{
    const TableView *table = releases(who);
    if (table == nullptr)
        return {};
    const QAbstractItemModel &model = *table->model();
    int column = -1;
    for (int each = 0; each < model.columnCount(); ++each) {
        if (model.headerData(each, Qt::Horizontal).toString() == environment)
            column = each;
    }
    for (int row = 0; row < model.rowCount() && column > 0; ++row) {
        if (model.index(row, ReleasesModel::Application).data().toString() == application)
            return model.index(row, column);
    }
    return {};
}

QString releaseWords(const TourOperator &who)
{
    const QModelIndex cell = releaseCell(who);
    if (!cell.isValid())
        return TourText::tr("%1 is not listed").arg(application);
    QStringList words;
    for (int column = ReleasesModel::FirstEnvironment; column < cell.model()->columnCount(); ++column) {
        const QString version = cell.siblingAtColumn(column).data().toString();
        words << QStringLiteral("%1 %2").arg(cell.model()->headerData(column, Qt::Horizontal).toString(), version);
    }
    return words.join(QStringLiteral(", "));
}

QString shareWords(const TourOperator &who)
{
    QStringList words;
    for (const QString &track : {stable, candidate}) {
        const TrackCard *card = who.card(track);
        words << (card == nullptr
                      ? TourText::tr("%1 is not on screen").arg(track)
                      : QStringLiteral("%1 %2 %3 %").arg(track, card->track().version).arg(who.shareOf(track)));
    }
    return words.join(QStringLiteral(", "));
}

QString errorWords(const TourOperator &who)
{
    return who.chartText(QStringLiteral("errors"));
}

Doubt hasShare(const TourOperator &who, int percent)
{
    return who.shareOf(candidate) == percent ? Doubt() : shareWords(who);
}

// ---- steps

TourOperator::Doubt areKeyFiguresCounted(const TourOperator &who)
{
    const auto *tiles = who.find<DoraTiles>(QStringLiteral("doraTiles")); // a low window has none
    return tiles == nullptr || tiles->isCounted() ? Doubt() : TourText::tr("the key figures are still being counted");
}

TourStep seesTheEstate()
{
    TourStep step;
    step.title = TourText::tr("The console shows every application in every environment");
    step.limit = 60s;
    step.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isFront())
            return doubt;
        if (!releaseCell(who).isValid() || who.isAnyPanelLoading())
            return TourText::tr("the list is still being read");
        if (!who.valueOf(QStringLiteral("requests"), stable))
            return TourText::tr("the chart of traffic has no data");
        return areKeyFiguresCounted(who);
    };
    step.tell = [](const TourOperator &who) {
        return TourText::tr("%1 applications").arg(releases(who)->model()->rowCount());
    };
    step.picture = QStringLiteral("overview");
    return step;
}

QList<TourStep> findsTheRelease()
{
    TourStep filter;
    filter.title = TourText::tr("Filters by name: / and the first letters");
    filter.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Slash);
        who.type(application.left(5));
        return std::nullopt;
    };
    filter.look = [](const TourOperator &who) -> Doubt {
        const TableView *table = releases(who);
        if (table == nullptr || table->model()->rowCount() != 1 || !releaseCell(who).isValid())
            return releaseWords(who);
        return std::nullopt;
    };
    filter.tell = releaseWords;

    TourStep open;
    open.title = TourText::tr("A release waits: opens the traffic of %1 in %2").arg(application, environment);
    open.act = [](TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.clickCell(releases(who), releaseCell(who)))
            return doubt;
        who.press(Qt::Key_Return);
        return std::nullopt;
    };
    open.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(QStringLiteral("traffic")))
            return doubt;
        const TrackCard *waiting = who.card(candidate);
        const TrackCard *live = who.card(stable);
        if (waiting == nullptr || live == nullptr || who.shareOf(candidate) != 0)
            return shareWords(who);
        if (waiting->track().version == live->track().version)
            return TourText::tr("%1 has no newer version").arg(candidate);
        if (waiting->track().podsReady == 0)
            return TourText::tr("%1 has no ready pods").arg(candidate);
        return who.valueOf(QStringLiteral("requests"), stable) ? Doubt() : TourText::tr("the charts have no data");
    };
    open.tell = shareWords;
    open.picture = QStringLiteral("traffic-waiting");
    return {filter, open};
}

QList<TourStep> plansTheShift()
{
    TourStep inSteps;
    inSteps.title = TourText::tr("Chooses to go in steps");
    inSteps.act = [](TourOperator &who) { return who.click(QStringLiteral("inSteps")); };
    inSteps.look = [](const TourOperator &who) -> Doubt {
        const auto *box = who.find<QCheckBox>(QStringLiteral("inSteps"));
        const auto *field = who.find<QLineEdit>(QStringLiteral("stages"));
        return box != nullptr && box->isChecked() && field != nullptr && field->isEnabled()
                   ? Doubt()
                   : TourText::tr("the field for the steps is not open");
    };

    TourStep write;
    write.title = TourText::tr("Writes the steps: %1").arg(stages);
    write.act = [](TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.click(QStringLiteral("stages")))
            return doubt;
        who.press(Qt::Key_A, Qt::ControlModifier);
        who.type(stages);
        return std::nullopt;
    };
    write.look = [](const TourOperator &who) -> Doubt {
        if (who.find(QStringLiteral("stagesProblem")) != nullptr)
            return TourText::tr("the steps are not understood");
        const auto *field = who.find<QLineEdit>(QStringLiteral("stages"));
        if (field == nullptr || field->text() != stages)
            return field == nullptr ? TourText::tr("the field is gone") : field->text();
        return who.canHold();
    };
    write.tell = [](const TourOperator &who) { return who.boxText(); };
    write.picture = QStringLiteral("traffic-plan");
    return {inSteps, write};
}

QList<TourStep> shifts()
{
    TourStep hold;
    hold.title = TourText::tr("Holds the button with the mouse: the shift begins");
    hold.act = [](TourOperator &who) -> Doubt {
        return who.box() == nullptr ? TourText::tr("there is no button") : who.holdMouseOn(who.box()->holdButton());
    };
    hold.look = [](const TourOperator &who) { return who.isUnderWay(); };
    hold.letsGo = true;

    TourStep first;
    first.title = TourText::tr("The first step is in force");
    first.look = [](const TourOperator &who) { return hasShare(who, 10); };
    first.tell = shareWords;

    TourStep half;
    half.title = TourText::tr("The second step is in force");
    half.limit = 40s;
    half.look = [](const TourOperator &who) { return hasShare(who, 50); };
    half.tell = shareWords;

    TourStep bad;
    bad.title = TourText::tr("The release shows itself: its error rate rises");
    bad.limit = 75s;
    bad.look = [](const TourOperator &who) -> Doubt {
        const QString errors = QStringLiteral("errors");
        return who.valueOf(errors, candidate).value_or(0) >= badErrors &&
                       who.valueOf(errors, stable).value_or(100) <= soundErrors
                   ? Doubt()
                   : errorWords(who);
    };
    bad.tell = errorWords;

    TourStep closer;
    closer.title = TourText::tr("Marks the last minutes in a chart, to see them larger");
    closer.act = [seenAt = QDateTime()](TourOperator &who) mutable -> Doubt {
        // As long as anyone looks before acting: a step in a chart, not a dot.
        if (!seenAt.isValid())
            seenAt = QDateTime::currentDateTimeUtc();
        if (seenAt.msecsTo(QDateTime::currentDateTimeUtc()) < 25000)
            return TourText::tr("there is one sample only");
        return who.markChart(QStringLiteral("errors"), 0.86);
    };
    closer.limit = 60s;
    closer.look = [](const TourOperator &who) -> Doubt {
        return who.isChartZoomed(QStringLiteral("errors")) ? Doubt() : TourText::tr("the chart shows what it did");
    };
    closer.tell = errorWords;
    closer.picture = QStringLiteral("traffic-errors");

    TourStep whole;
    whole.title = TourText::tr("Home shows the whole range again");
    whole.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Home);
        return std::nullopt;
    };
    whole.look = [](const TourOperator &who) -> Doubt {
        return who.isChartZoomed(QStringLiteral("errors")) ? TourText::tr("the chart is still zoomed") : Doubt();
    };
    return {hold, first, half, bad, closer, whole};
}

// What is observed is done; a moment later the list of versions was read again and says the same.
TourStep seesTheListAgree()
{
    TourStep step;
    step.title = TourText::tr("One version has all traffic again, the list says so, too");
    step.limit = 40s;
    step.look = [](const TourOperator &who) -> Doubt {
        const auto *list = who.find<QListView>(QStringLiteral("rollbackChoices"));
        if (list == nullptr)
            return TourText::tr("the list of versions is not on screen");
        int live = 0;
        for (int row = 0; row < list->model()->rowCount(); ++row)
            live += list->model()->index(row, 0).data(ChoiceModel::ChoiceRole).value<RollbackChoice>().isLive ? 1 : 0;
        return live == 1 ? allIsRead(who) : TourText::tr("%1 versions get traffic").arg(live);
    };
    step.picture = QStringLiteral("rollback-done");
    return step;
}

// While the numbers settle: every screen that the story did not need.
QList<TourStep> seesTheOtherScreens(const QList<PageEntry> &pages)
{
    QList<TourStep> steps;
    for (const PageEntry &page : pages) {
        if (QStringList{QStringLiteral("overview"), QStringLiteral("traffic"), QStringLiteral("rollback"),
                        QStringLiteral("promotions"), QStringLiteral("pipelines"), QStringLiteral("ledger")}
                .contains(page.id))
            continue;
        TourStep step;
        step.title = page.number > 0 ? TourText::tr("%1: %2").arg(page.number).arg(page.title)
                                     : TourText::tr("%1, by the navigation").arg(page.title);
        step.act = byItsKey(page);
        step.look = [id = page.id](const TourOperator &who) -> Doubt {
            if (const Doubt doubt = who.isOnPage(id))
                return doubt;
            return allIsRead(who);
        };
        step.picture = page.id;
        steps << step;
    }
    return steps;
}

// Presses keys, sees something open, takes its picture, and closes it by Esc.
QList<TourStep> opensAndCloses(const QString &title, const TourStep::Act &open, const QString &name,
                               const QString &picture)
{
    TourStep opens;
    opens.title = title;
    opens.act = open;
    opens.look = [name](const TourOperator &who) -> Doubt {
        return who.find(name) != nullptr ? Doubt() : TourText::tr("nothing opens");
    };
    opens.picture = picture;

    TourStep closes;
    closes.title = TourText::tr("Esc goes back");
    closes.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Escape);
        return std::nullopt;
    };
    closes.look = [name](const TourOperator &who) -> Doubt {
        return who.find(name) == nullptr ? Doubt() : TourText::tr("it is still open");
    };
    return {opens, closes};
}

QList<TourStep> usesPaletteAndHelp()
{
    const auto palette = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_K, Qt::ControlModifier);
        who.type(application.left(5));
        return std::nullopt;
    };
    const auto help = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Question, Qt::ShiftModifier);
        return std::nullopt;
    };
    return opensAndCloses(TourText::tr("Ctrl+K finds anything by a few letters"), palette,
                          QStringLiteral("paletteList"), QStringLiteral("palette")) +
           opensAndCloses(TourText::tr("? explains the screen"), help, QStringLiteral("helpOverlay"),
                          QStringLiteral("help"));
}

QList<TourStep> usesTheGuide()
{
    const auto guide = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_K, Qt::ControlModifier);
        who.type(QStringLiteral("show the guide"));
        who.press(Qt::Key_Return);
        who.press(Qt::Key_Return); // on to what the guide says second
        return std::nullopt;
    };
    return opensAndCloses(TourText::tr("The guide of the first use"), guide, QStringLiteral("guideOverlay"),
                          QStringLiteral("guide"));
}

QList<TourStep> seesTheRecovery()
{
    TourStep traffic;
    traffic.title = TourText::tr("Back to Traffic: the numbers recover");
    traffic.limit = 150s; // rates are taken over a minute
    // By the mouse: a combo box that has the keyboard takes digits for itself.
    traffic.act = [](TourOperator &who) { return who.click(QStringLiteral("nav-traffic")); };
    traffic.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(QStringLiteral("traffic")))
            return doubt;
        if (const Doubt doubt = hasShare(who, 0))
            return doubt;
        const auto errors = who.valueOf(QStringLiteral("errors"), stable);
        const auto left = who.valueOf(QStringLiteral("requests"), candidate);
        if (!errors || *errors > soundErrors)
            return errorWords(who);
        return left && *left < 1 ? Doubt() : who.chartText(QStringLiteral("requests"));
    };
    traffic.tell = [](const TourOperator &who) { return shareWords(who) + QStringLiteral("; ") + errorWords(who); };
    traffic.picture = QStringLiteral("traffic-recovered");

    TourStep overview;
    overview.title = TourText::tr("Overview: all on the good version again");
    overview.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_1);
        who.press(Qt::Key_Escape); // out of the filter
        return std::nullopt;
    };
    overview.look = [](const TourOperator &who) -> Doubt {
        const QModelIndex cell = releaseCell(who);
        if (!cell.isValid() || cell.model()->rowCount() < 2)
            return releaseWords(who);
        for (const QVariant &each : cell.data(ReleasesModel::SharesRole).toList()) {
            const QVariantList share = each.toList();
            if (share.value(0).toString() == stable && share.value(1).toDouble() > 0.99)
                return areKeyFiguresCounted(who);
        }
        return TourText::tr("%1 does not have all traffic").arg(stable);
    };
    overview.tell = releaseWords;
    overview.picture = QStringLiteral("overview-after");
    return {traffic, overview};
}

} // namespace

QList<TourStep> firstStartScript(const QStringList &contexts)
{
    TourStep welcome;
    welcome.title = TourText::tr("A first start, with nothing open: the clusters found on this machine are tested");
    welcome.limit = 30s;
    welcome.look = [contexts](const TourOperator &who) -> Doubt {
        if (who.find(QStringLiteral("welcome")) == nullptr)
            return TourText::tr("the first page is not there");
        for (const QString &context : contexts) {
            const auto *choice = who.find<QCheckBox>(QStringLiteral("context-") + context);
            if (choice == nullptr || !choice->isEnabled())
                return TourText::tr("%1 is not tested").arg(context);
        }
        return who.find(QStringLiteral("welcomePractice")) == nullptr ? TourText::tr("no practice world is offered")
                                                                      : Doubt();
    };
    welcome.picture = QStringLiteral("first-start");
    return {welcome};
}

QList<TourStep> stepsBack()
{
    TourStep chord;
    chord.title = TourText::tr("Ctrl+Shift+R: the way back, planned and tried by a dry run");
    chord.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        return std::nullopt;
    };
    chord.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(QStringLiteral("rollback")))
            return doubt;
        if (const Doubt doubt = who.canHold())
            return doubt;
        return allIsRead(who);
    };
    chord.tell = [](const TourOperator &who) { return who.boxText(); };
    chord.picture = QStringLiteral("rollback-plan");

    TourStep toButton;
    toButton.title = TourText::tr("Enter on the suggested version: the button has the keyboard");
    toButton.act = [](TourOperator &who) -> Doubt {
        const auto *list = who.find<QListView>(QStringLiteral("rollbackChoices"));
        if (list == nullptr || !list->hasFocus())
            return TourText::tr("the list of versions does not have the keyboard");
        who.press(Qt::Key_Return);
        return std::nullopt;
    };
    toButton.look = [](const TourOperator &who) -> Doubt {
        return who.box() != nullptr && who.box()->holdButton()->hasFocus() ? Doubt() : who.boxText();
    };

    TourStep hold;
    hold.title = TourText::tr("Holds Enter: the rollback goes before the shift");
    hold.act = [](TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.canHold())
            return doubt;
        who.hold(Qt::Key_Return);
        return std::nullopt;
    };
    hold.look = [](const TourOperator &who) { return who.isUnderWay(); };
    hold.letsGo = true;

    TourStep done;
    done.title = TourText::tr("Rolled back, and observed");
    done.limit = 60s;
    done.look = [](const TourOperator &who) { return who.isDone(); };
    done.tell = [](const TourOperator &who) { return who.boxText(); };
    return {chord, toButton, hold, done};
}

QList<TourStep> tourScript(const QList<PageEntry> &pages)
{
    // The other release is carried out while the other screens are seen.
    return QList<TourStep>{seesTheEstate()} + findsTheRelease() + plansTheShift() + shifts() + stepsBack() +
           QList<TourStep>{seesTheListAgree()} + usesPaletteAndHelp() + stepsApprove(pages) + stepsPipeline(pages) +
           seesTheOtherScreens(pages) + stepsObserved(pages) + seesTheRecovery() + usesTheGuide();
}

} // namespace signalbox

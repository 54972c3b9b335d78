#include "app/console/tour/pipelinesteps.h"

#include "app/console/tour/pagesteps.h"
#include "app/console/tour/tourtext.h"
#include "models/items/gatesmodel.h"
#include "models/items/runsmodel.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/stagegraph.h"

#include <QLineEdit>

#include <algorithm>

namespace signalbox
{

namespace
{

using namespace std::chrono_literals;
using Doubt = TourOperator::Doubt;

// The run of the release that the operator approved a moment ago. The ledger's policy has it carried out by just this
// gate (services/sandbox/story/people.cpp), and its last job brings it to the practice cluster.
const QString gatedApplication = QStringLiteral("embedding-api");
const QString gatedRelease = QStringLiteral("v0.31.1"); // runs of its branch may wait as well
// One of its runs was tried again, and its vendor keeps each attempt (resources/sandbox-pipelines.json).
const QString triedAgain = QStringLiteral("recommender");
const QString pipelinesPage = QStringLiteral("pipelines");
const QString inboxPage = QStringLiteral("promotions");
const QString wordsAtTheGate = QStringLiteral("Staging looks well, go on");

QString waitingChip()
{
    return QStringLiteral("runsState%1").arg(static_cast<int>(RunsModel::Filter::Waiting));
}

QAbstractItemView *listNamed(const TourOperator &who, const char *name)
{
    return who.find<QAbstractItemView>(QString::fromLatin1(name));
}

QModelIndex runRow(const TourOperator &who)
{
    return rowWhere(listNamed(who, "runsList"), [](const QModelIndex &index) {
        const auto row = index.data(RunsModel::RowRole).value<RunRow>();
        return row.kind == RunRow::Kind::Run && row.application == gatedApplication &&
               QStringList{row.run.branch, row.run.tag}.contains(gatedRelease) && row.run.state == RunState::Waiting;
    });
}

QModelIndex gateRow(const TourOperator &who)
{
    return rowWhere(listNamed(who, "gatesInbox"), [](const QModelIndex &index) {
        const auto row = index.data(GatesModel::GateRole).value<GateRow>();
        return row.application == gatedApplication && row.gate.branch == gatedRelease && row.waitsForOperator();
    });
}

Doubt isRunShown(const TourOperator &who)
{
    const auto *title = who.find(QStringLiteral("runPanel"));
    if (title == nullptr)
        return TourText::tr("no run is chosen");
    return title->accessibleName().contains(gatedApplication) ? Doubt() : title->accessibleName();
}

StageGraphView *graphOf(const TourOperator &who)
{
    return who.find<StageGraphView>(QStringLiteral("stageGraph"));
}

// "deploy-production waiting for people": of the boxes that are not behind it.
QString stageWords(const TourOperator &who)
{
    const StageGraphView *graph = graphOf(who);
    if (graph == nullptr)
        return TourText::tr("the stages are not on screen");
    QStringList words;
    for (const StageBox &box : graph->nodes()) {
        if (box.state != RunState::Passed)
            words << QStringLiteral("%1 %2").arg(box.title, runStateLabel(box.state));
    }
    return words.isEmpty() ? TourText::tr("all %1 stages passed").arg(graph->nodes().size())
                           : words.join(QStringLiteral(", "));
}

// Where the keyboard is in the graph; null: not in it.
const StageBox *boxUnderKeys(const TourOperator &who)
{
    const StageGraphView *graph = graphOf(who);
    const int at = graph == nullptr || !graph->hasFocus() ? -1 : graph->currentIndex();
    return at < 0 || at >= graph->nodes().size() ? nullptr : &graph->nodes()[at];
}

const JobLogLines *logOf(const TourOperator &who)
{
    return who.find<JobLogLines>(QStringLiteral("jobLogLines"));
}

TourStep seesAllRuns(const PageEntry &entry)
{
    TourStep step;
    step.title = TourText::tr("Pipelines: the runs of every vendor");
    step.limit = 40s;
    step.act = byItsKey(entry);
    step.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(pipelinesPage))
            return doubt;
        if (!runRow(who).isValid())
            return TourText::tr("no run of %1 waits").arg(gatedApplication);
        return allIsRead(who);
    };
    step.tell = [](const TourOperator &who) {
        return TourText::tr("%1 rows").arg(listNamed(who, "runsList")->model()->rowCount());
    };
    step.picture = pipelinesPage;
    return step;
}

// The newest of those that were run again and passed then.
QModelIndex triedAgainRow(const TourOperator &who)
{
    return rowWhere(listNamed(who, "runsList"), [](const QModelIndex &index) {
        const auto row = index.data(RunsModel::RowRole).value<RunRow>();
        return row.kind == RunRow::Kind::Run && row.application == triedAgain && row.run.attempt > 1 &&
               row.run.state == RunState::Passed;
    });
}

// Of an earlier attempt the run's head says so, beside the button that chooses.
Doubt isEarlierAttemptShown(const TourOperator &who)
{
    if (who.find(QStringLiteral("attemptChooser")) == nullptr || who.find(QStringLiteral("runAttempt")) == nullptr)
        return TourText::tr("no earlier attempt is on screen");
    const StageGraphView *graph = graphOf(who);
    const bool hasFailed =
        graph != nullptr && std::any_of(graph->nodes().begin(), graph->nodes().end(),
                                        [](const StageBox &box) { return box.state == RunState::Failed; });
    return hasFailed ? allIsRead(who) : stageWords(who);
}

QList<TourStep> looksAtAnEarlierAttempt()
{
    TourStep choose;
    choose.title = TourText::tr("Chooses a run that was run again");
    choose.act = [](TourOperator &who) -> Doubt {
        QAbstractItemView *const list = listNamed(who, "runsList");
        if (const Doubt doubt = who.walkTo(list, triedAgainRow(who)))
            return doubt;
        return who.clickCell(list, triedAgainRow(who));
    };
    choose.look = [](const TourOperator &who) -> Doubt {
        return who.find(QStringLiteral("attemptChooser")) != nullptr ? Doubt()
                                                                     : TourText::tr("no attempts can be chosen");
    };
    choose.tell = stageWords;

    TourStep ask;
    ask.title = TourText::tr("Its attempts, by the button that counts them");
    ask.act = [](TourOperator &who) { return who.click(QStringLiteral("attemptChooser")); };
    ask.look = [](const TourOperator &who) -> Doubt {
        return who.find(QStringLiteral("attemptMenu")) != nullptr ? Doubt() : TourText::tr("nothing opens");
    };

    TourStep earlier;
    earlier.title = TourText::tr("The second of the list is the one before: what failed then");
    earlier.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Down);
        who.press(Qt::Key_Down);
        who.press(Qt::Key_Return);
        return std::nullopt;
    };
    earlier.look = isEarlierAttemptShown;
    earlier.tell = stageWords;
    earlier.picture = QStringLiteral("pipeline-attempt");
    return {choose, ask, earlier};
}

QList<TourStep> findsTheRun()
{
    TourStep narrow;
    narrow.title = TourText::tr("Narrows them to those that wait for people");
    narrow.act = [](TourOperator &who) { return who.click(waitingChip()); };
    narrow.look = [](const TourOperator &who) -> Doubt {
        const auto isOther = [](const QModelIndex &index) {
            const auto row = index.data(RunsModel::RowRole).value<RunRow>();
            return row.kind == RunRow::Kind::Run && row.run.state != RunState::Waiting;
        };
        if (rowWhere(listNamed(who, "runsList"), isOther).isValid())
            return TourText::tr("others are listed as well");
        return runRow(who).isValid() ? Doubt() : TourText::tr("no run of %1 waits").arg(gatedApplication);
    };

    TourStep choose;
    choose.title = TourText::tr("Chooses the release of %1 that waits at its production gate").arg(gatedApplication);
    choose.act = [](TourOperator &who) -> Doubt { return who.clickCell(listNamed(who, "runsList"), runRow(who)); };
    choose.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = isRunShown(who))
            return doubt;
        const StageGraphView *graph = graphOf(who);
        const bool waits =
            graph != nullptr && std::any_of(graph->nodes().begin(), graph->nodes().end(),
                                            [](const StageBox &box) { return box.state == RunState::Waiting; });
        return waits ? Doubt() : stageWords(who);
    };
    choose.tell = stageWords;
    return {narrow, choose};
}

QList<TourStep> walksTheStages()
{
    TourStep enter;
    enter.title = TourText::tr("Enter goes to its stages");
    enter.act = [](TourOperator &who) -> Doubt {
        const QAbstractItemView *list = listNamed(who, "runsList");
        if (list == nullptr || !list->hasFocus())
            return TourText::tr("the list of runs does not have the keyboard");
        who.press(Qt::Key_Return);
        return std::nullopt;
    };
    enter.look = [](const TourOperator &who) -> Doubt {
        return graphOf(who) != nullptr && graphOf(who)->hasFocus()
                   ? Doubt()
                   : TourText::tr("the stages do not have the keyboard");
    };

    TourStep walk;
    walk.title = TourText::tr("The arrows walk through them, up to the gate");
    walk.act = [isAtFirst = false](TourOperator &who) mutable -> Doubt {
        if (!isAtFirst) {
            who.press(Qt::Key_Home);
            isAtFirst = true;
        } else if (const StageBox *box = boxUnderKeys(who); box != nullptr && box->state != RunState::Waiting) {
            who.press(Qt::Key_Right);
        }
        const StageBox *now = boxUnderKeys(who);
        if (now == nullptr)
            return TourText::tr("the stages do not have the keyboard");
        return now->state == RunState::Waiting ? Doubt() : now->title;
    };
    walk.look = [](const TourOperator &who) -> Doubt {
        const StageBox *box = boxUnderKeys(who);
        return box != nullptr && box->state == RunState::Waiting ? Doubt() : stageWords(who);
    };
    walk.tell = [](const TourOperator &who) {
        const StageGraphView *graph = graphOf(who);
        return graph->spoken(graph->currentIndex());
    };
    walk.picture = QStringLiteral("pipeline-waiting"); // the log would take the page down to it

    TourStep log;
    log.title = TourText::tr("One back, and Enter: the log of what went before");
    log.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Left);
        who.press(Qt::Key_Return);
        return std::nullopt;
    };
    log.look = [](const TourOperator &who) -> Doubt {
        const JobLogLines *lines = logOf(who);
        if (lines == nullptr)
            return TourText::tr("the log is not on screen");
        if (lines->log().lineCount() == 0)
            return TourText::tr("the log has no lines");
        return allIsRead(who);
    };
    log.tell = [](const TourOperator &who) {
        return TourText::tr("%1 lines").arg(qlonglong(logOf(who)->log().lineCount()));
    };
    return {enter, walk, log};
}

QList<TourStep> opensTheGate(const PageEntry &entry)
{
    TourStep inbox;
    inbox.title = TourText::tr("Promotions: its gate waits in the inbox, too");
    inbox.limit = 40s;
    inbox.act = byItsKey(entry);
    inbox.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(inboxPage))
            return doubt;
        return gateRow(who).isValid() ? Doubt() : TourText::tr("no gate of %1 is listed").arg(gatedApplication);
    };
    inbox.tell = [](const TourOperator &who) {
        return gatePlaceText(gateRow(who).data(GatesModel::GateRole).value<GateRow>());
    };

    TourStep open;
    open.title = TourText::tr("Opens it: who may decide, what will be sent, every check");
    open.limit = 40s;
    open.act = [](TourOperator &who) -> Doubt {
        QAbstractItemView *const list = listNamed(who, "gatesInbox");
        if (const Doubt doubt = who.walkTo(list, gateRow(who))) // a low window shows two of the gates
            return doubt;
        return who.clickCell(list, gateRow(who));
    };
    open.look = [](const TourOperator &who) -> Doubt {
        if (who.question() == nullptr || who.find(QStringLiteral("gateFacts")) == nullptr)
            return TourText::tr("nothing opens");
        return allIsRead(who); // its plan comes with the words that the vendor wants
    };
    open.tell = [](const TourOperator &who) { return who.boxText(); };

    TourStep comment;
    comment.title = TourText::tr("Writes why: it is planned with these words");
    comment.limit = 40s;
    comment.act = [](TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.click(QStringLiteral("gateComment")))
            return doubt;
        who.type(wordsAtTheGate);
        return std::nullopt;
    };
    comment.look = [](const TourOperator &who) -> Doubt {
        const auto *field = who.find<QLineEdit>(QStringLiteral("gateComment"));
        if (field == nullptr || field->text() != wordsAtTheGate)
            return TourText::tr("the words are not there");
        if (const Doubt doubt = who.canHold())
            return doubt;
        return allIsRead(who);
    };
    comment.picture = QStringLiteral("gate");
    return {inbox, open, comment};
}

QList<TourStep> decidesTheGate()
{
    TourStep hold;
    hold.title = TourText::tr("Holds the button: claimed in the ledger, then pressed at the vendor");
    hold.limit = 40s;
    hold.act = [](TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.canHold())
            return doubt;
        return who.holdMouseOn(who.box()->holdButton());
    };
    hold.look = [](const TourOperator &who) { return who.isUnderWay(); };
    hold.letsGo = true;

    TourStep open;
    open.title = TourText::tr("Read again at the vendor: the gate is open, and the release is on its way");
    open.limit = 120s;
    open.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isUnderWay())
            return doubt;
        return gateRow(who).isValid() ? TourText::tr("the gate is still listed") : Doubt();
    };
    open.tell = [](const TourOperator &who) { return who.boxText(); };
    open.picture = QStringLiteral("gate-decided");

    TourStep close;
    close.title = TourText::tr("Esc closes the window of the gate: what was begun goes on");
    close.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Escape);
        return std::nullopt;
    };
    close.look = [](const TourOperator &who) -> Doubt {
        return who.question() != nullptr ? TourText::tr("it is still open") : Doubt();
    };
    return {hold, open, close};
}

TourStep seesItGoOn(const PageEntry &entry)
{
    TourStep step;
    step.title = TourText::tr("Pipelines: the run goes on behind its gate");
    step.limit = 90s;
    step.act = byItsKey(entry);
    step.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(pipelinesPage))
            return doubt;
        // It is shown still, though the list has only what waits.
        if (const Doubt doubt = isRunShown(who))
            return doubt;
        const StageGraphView *graph = graphOf(who);
        if (graph == nullptr || graph->nodes().isEmpty())
            return stageWords(who);
        const RunState last = graph->nodes().last().state; // behind the gate
        const bool waits = std::any_of(graph->nodes().begin(), graph->nodes().end(),
                                       [](const StageBox &box) { return box.state == RunState::Waiting; });
        return !waits && (last == RunState::Running || last == RunState::Passed) ? Doubt() : stageWords(who);
    };
    step.tell = stageWords;
    step.picture = QStringLiteral("pipeline-goes-on");
    return step;
}

} // namespace

QList<TourStep> stepsPipeline(const QList<PageEntry> &pages)
{
    const PageEntry *pipelines = pageNamed(pages, pipelinesPage);
    const PageEntry *inbox = pageNamed(pages, inboxPage);
    if (pipelines == nullptr || inbox == nullptr)
        return {};
    return QList<TourStep>{seesAllRuns(*pipelines)} + looksAtAnEarlierAttempt() + findsTheRun() + walksTheStages() +
           opensTheGate(*inbox) + decidesTheGate() + QList<TourStep>{seesItGoOn(*pipelines)};
}

} // namespace signalbox

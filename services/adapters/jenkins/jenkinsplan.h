#pragma once

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/ports/gatekeeper.h"
#include "services/ports/pipelinesource.h"

// Plans of one call each, from what was read just now; and what their steps carry to be observed by.
namespace signalbox::jenkins
{

// What a step is observed by; journaled whole, so it holds no parameter's value.
struct Commission
{
    enum class Kind { Start, Stop, Unqueue, Decide };
    Kind kind = Kind::Start;
    QString project;
    QString run;      // Stop, Decide: its number; Unqueue: the item
    qint64 after = 0; // Start: the number that a new run has at least
    QString who;      // Start, Decide: our name there; empty: Jenkins does not say
    QString input;    // Decide: its id
    bool approves = true;
    int approvals = 0; // Decide: that the run had before
};
Expectation expectationOf(const Commission &one, const QString &connection);
std::optional<Commission> commissionOf(const Expectation &expectation); // none: it is none of ours

struct StartFacts
{
    RunOrder order;
    JobState job;
    Myself me;
    Permissions may;
    bool isBranch = false;
    std::optional<SeenRun> run; // of a rerun
};
Result<Plan> planOfStart(const StartFacts &facts, const QString &connection);
Result<Plan> planOfCancel(const RunOrder &order, const Run &run, const Permissions &may, const QString &connection);

struct DecideFacts
{
    GateOrder order;
    QString input;
    std::optional<PendingInput> pending; // none: it waits no more
    SeenRun run;
    Myself me;
};
Result<Plan> planOfDecision(const DecideFacts &facts, const QString &connection);

QString hiddenParameterSentence(const QStringList &names);
// "approved by ben", "stopped by ann"; empty: nobody is named.
QString decisionText(const GivenDecision &decision);
// Whether a gate of the run was decided since the plan was made.
bool isDecidedSince(const QList<GivenDecision> &decisions, const Commission &one);
// Who a submitter list lets decide, ourselves among them. None: an administrator may whatever it says, and whether we
// are one Jenkins does not tell.
std::optional<bool> maySubmit(const QStringList &submitters, const Myself &me);

} // namespace signalbox::jenkins

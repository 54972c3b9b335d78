#pragma once

#include "models/pipelines/run.h"

#include <algorithm>

// A place where a run of a vendor waits for people. Values; times are UTC.
namespace signalbox
{

struct GateDecider
{
    QString name;
    bool isGroup = false;
    bool operator==(const GateDecider &) const = default;
};

struct GateDecision
{
    QString who;
    bool approves = false;
    QString comment;
    QDateTime at;
    bool operator==(const GateDecision &) const = default;
};

struct WaitingGate
{
    QString connection; // id in the workspace
    QString vendor;
    QString id; // the adapter's own, unique in the connection, the same as long as it waits
    RunRef run;
    QString runNumber;
    QString job;         // id; empty: the vendor does not say which
    QString title;       // "Deploy to production?"
    QString environment; // empty: the vendor knows none
    QString message;
    QString branch;
    QString commit;
    QList<GateDecider> deciders;   // who may; empty: not told
    std::optional<bool> mayDecide; // we; none: not told
    QString whyNot;                // when we may not, and what of it is open nevertheless (T11)
    int needed = 1;                // decisions
    QList<GateDecision> given;
    QList<RunParameter> parameters;
    bool needsComment = false;
    bool canReject = true;
    QDateTime since;
    QDateTime opensBySelfAt; // a wait timer's end; invalid: people decide
    QUrl page;
    QDateTime readAt;
    // Names that rules know it by; never translated, and the same in every run.
    QString jobName;    // of the job that waits; empty: not told
    QString plainTitle; // `title` in English, where it is our own words; empty: it is the vendor's
    // Approvals that it still takes, as the vendor counts them (by rules, or of a gate that only starts something 0);
    // none: as `needed` and `given` say.
    std::optional<int> missing = {};
    int missingVotes() const
    {
        const auto yes =
            std::count_if(given.cbegin(), given.cend(), [](const GateDecision &one) { return one.approves; });
        return missing.value_or(needed - static_cast<int>(yes));
    }
    QString key() const { return connection + u'|' + id; }
    bool operator==(const WaitingGate &) const = default;
};

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::WaitingGate)

#pragma once

#include "models/domain/application.h"
#include "models/domain/metric.h"
#include "models/policy/promotionboard.h"
#include "services/ports/deployer.h"
#include "services/promotions/vendorplace.h"

#include <QHash>

#include <optional>

// What promotions are judged by besides the ledger: read from clusters, alerts and source repositories. Values.
namespace signalbox
{

// One environment of an application's path.
struct PlaceReading
{
    QString environment;
    std::optional<Deployed> deployed;      // none: no cluster has it
    std::optional<RunningRelease> running; // of the track with most live traffic
    std::optional<RunningRelease> target;  // of the track that a promotion would set; none: see `targetProblem`
    QString targetProblem;
    bool isLive = false;    // the cluster has just answered, or its watches tell no more than when it did; or `vendor`
    QDateTime heardAt = {}; // when it last did, as far as this program knows; invalid: never
    bool isHeld = false;    // an operation of this program holds it
    QString heldBy;         // that operation's promotion; empty: it is of another kind
    QString problem;        // why `running` is not known
    // Where no cluster shows it and a vendor's gate lets promotions in: what that vendor's deployments say.
    std::optional<VendorPlace> vendor = {};
    std::optional<policy::Serving> serving = {}; // of `running`, where there are several tracks

    bool isBusy() const;
    bool operator==(const PlaceReading &) const = default;
};

struct ApplicationReading
{
    QList<PlaceReading> places;                                  // in the order of the path
    const PlaceReading *place(const QString &environment) const; // null: not on the path
    bool operator==(const ApplicationReading &) const = default;
};

// What the source repository says of one promotion now.
struct SourceReading
{
    bool hasRepository = false;
    std::optional<QString> commit;      // of the release; empty: the release has no commit that anybody knows
    std::optional<QString> replaces;    // of what the target's users get
    std::optional<QStringList> authors; // e-mails, those that a commit names as its co-authors included
    std::optional<policy::ChangeSummary> changes;
    QString problem;             // why something of it is not known
    QStringList committers = {}; // e-mails
    bool operator==(const SourceReading &) const = default;
};

struct AlertsReading
{
    bool hasSource = false;
    bool isLive = false; // every source answered
    QDateTime readAt;
    QList<Alert> firing;
    bool operator==(const AlertsReading &) const = default;
};

struct World
{
    QHash<QString, ApplicationReading> applications;
    QHash<QString, SourceReading> sources; // by promotion
    AlertsReading alerts;
    QDateTime readAt;
    bool operator==(const World &) const = default;
};
// Without the times at which what is live was read: what is the same here is judged the same, until time itself changes
// something.
World withoutReadingTimes(World world);

// The firing alerts that are about this application in this place: a label names it or a pod of its, or they are about
// the place and name nobody's. Those that name another application or place are not.
QStringList alertsAbout(const QList<Alert> &firing, const QString &application, const PlaceReading &place);
policy::Facts factsOf(const World &world, const policy::PromotionRequest &request, const QString &promotion,
                      const QString &before);
// As for `signalbox gate`: whom the policy knows and who committed another's work counts as an author; anybody else put
// it there and is nobody to ask (a vendor's web flow, a bot that merges).
void addCommitters(policy::Facts &facts, const policy::Policy &policy, const QStringList &committers);
// The places that the promotion is judged by and that are not live. The environment before its target only as far as
// one of these rules asks for what runs there.
QList<policy::StalePlace> staleOf(const World &world, const policy::Subject &subject, const QString &before,
                                  const QList<policy::RuleResult> &rules);
QList<policy::PathPlace> pathOf(const World &world, const policy::PromotionRequest &request, const QString &before);

} // namespace signalbox

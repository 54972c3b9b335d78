#include "services/adapters/github/githubgates.h"

#include "services/adapters/github/githubplans.h"
#include "services/adapters/github/githubtext.h"

#include <algorithm>

namespace signalbox::github
{

namespace
{

WaitingGate gateOf(const RunSaid &run, const Pending &pending, const QList<Review> &reviews)
{
    WaitingGate gate;
    gate.connection = run.run.ref.pipeline.connection;
    gate.vendor = QStringLiteral("GitHub Actions");
    gate.id = GateId{run.run.ref.id, run.run.attempt, pending.environmentId}.text(run.run.ref.pipeline.project);
    gate.run = run.run.ref;
    gate.runNumber = run.run.number;
    gate.title = GitHubText::tr("Deploy to %1?").arg(pending.environment);
    gate.plainTitle = QStringLiteral("Deploy to %1?").arg(pending.environment);
    gate.environment = pending.environment;
    gate.branch = run.run.branch.isEmpty() ? run.run.tag : run.run.branch;
    gate.commit = run.run.commit;
    gate.deciders = pending.reviewers;
    gate.mayDecide = pending.mayApprove;
    gate.needsComment = true; // the API demands what the web page leaves open
    gate.page = run.run.page;
    gate.since = pending.waitingSince.isValid() ? pending.waitingSince : run.updatedAt;
    const bool isForPeople = !pending.reviewers.isEmpty();
    const QDateTime over = pending.waitMinutes > 0 && pending.waitingSince.isValid()
                               ? pending.waitingSince.addSecs(pending.waitMinutes * 60)
                               : QDateTime();
    if (!isForPeople) {
        gate.opensBySelfAt = over;
        gate.message = over.isValid() ? GitHubText::tr("It waits for %n minute(s).", nullptr, pending.waitMinutes)
                                      : GitHubText::tr("It waits for a rule that no reviewer decides.");
    } else if (over.isValid()) {
        gate.message =
            GitHubText::tr("After the decision it waits until %n minute(s) are over.", nullptr, pending.waitMinutes);
    }
    if (pending.mayApprove == false) {
        gate.whyNot = isForPeople
                          ? GitHubText::tr("GitHub does not let the token's user decide: it is no reviewer of %1, "
                                           "or started the run and may not review itself.")
                                .arg(pending.environment)
                          : GitHubText::tr("Nobody decides it: a timer or a rule does.");
    }
    for (const Review &one : reviews) {
        if (one.environmentIds.contains(pending.environmentId) && one.state != QLatin1String("pending"))
            gate.given.append({one.who, one.state == QLatin1String("approved"), one.comment, {}});
    }
    gate.readAt = QDateTime::currentDateTimeUtc();
    return gate;
}

Error tooMany(const QString &project)
{
    return {
        ErrorKind::Unsupported,
        GitHubText::tr("%1 has more than %2 runs that wait or go on, and GitHub lists no more of them: a gate could "
                       "be missing, so none is shown. Look at the repository's Actions page at GitHub.")
            .arg(project)
            .arg(GitHubClient::mostListed - 1),
        {}};
}

} // namespace

QString GateId::text(const QString &project) const
{
    return QStringLiteral("%1/%2/%3/%4").arg(project, run).arg(attempt).arg(environment);
}

std::optional<GateId> GateId::of(const QString &text)
{
    GateId id{text.section(u'/', 2, 2), text.section(u'/', 3, 3).toInt(), text.section(u'/', 4)};
    bool isNumber = false;
    id.environment.toLongLong(&isNumber);
    return id.run.isEmpty() || id.attempt < 1 || !isNumber ? std::nullopt : std::optional(id);
}

GitHubGates::GitHubGates(GitHubClient &client, QStringList projects, QObject *parent)
    : GateKeeper(parent)
    , m_client(client)
    , m_projects(std::move(projects))
{}

GitHubGates::~GitHubGates() = default;

GitHubGates::Gates GitHubGates::waiting(StopToken stop)
{
    QList<Gates> asked;
    for (const QString &project : m_projects)
        asked.append(waitingOf(project, stop));
    // A gate that is not shown may be overlooked: one error is the answer of all, but for a repository that is gone.
    return after(this, gathered(this, asked), [](const QList<Result<QList<WaitingGate>>> &answers) {
        QList<WaitingGate> all;
        for (const auto &answer : answers) {
            if (!answer && (answer.error().kind != ErrorKind::NotFound || answers.size() == 1))
                return ready(Result<QList<WaitingGate>>(answer.error()));
            if (answer)
                all += *answer;
        }
        return ready(Result<QList<WaitingGate>>(all));
    });
}

GitHubGates::Gates GitHubGates::waitingOf(const QString &project, const StopToken &stop)
{
    // Whether a run of which one job waits and another works is "waiting" or "in_progress" is written nowhere.
    const PipelineRef place = m_client.place(project);
    const QList<QFuture<Result<QList<RunSaid>>>> lists{m_client.allRuns(place, "status=waiting", stop),
                                                       m_client.allRuns(place, "status=in_progress", stop)};
    return after(this, gathered(this, lists), [=, this](const QList<Result<QList<RunSaid>>> &answers) {
        QList<Gates> asked;
        for (const auto &answer : answers) {
            if (!answer)
                return ready(Result<QList<WaitingGate>>(answer.error()));
            // "Up to 1,000 results for each search" (actions/list-workflow-runs-for-repo): GitHub tells no more.
            if (answer->size() >= GitHubClient::mostListed)
                return ready(Result<QList<WaitingGate>>(tooMany(project)));
            for (const RunSaid &run : *answer)
                asked.append(gatesOf(run, stop));
        }
        return after(this, gathered(this, asked), [](const QList<Result<QList<WaitingGate>>> &gates) {
            QHash<QString, WaitingGate> all; // a run may change lists between the two questions
            for (const auto &one : gates) {
                if (!one && one.error().kind != ErrorKind::NotFound) // deleted meanwhile
                    return ready(Result<QList<WaitingGate>>(one.error()));
                for (const WaitingGate &gate : one.value_or(QList<WaitingGate>()))
                    all.insert(gate.id, gate);
            }
            QList<WaitingGate> sorted = all.values();
            std::sort(sorted.begin(), sorted.end(),
                      [](const WaitingGate &a, const WaitingGate &b) { return a.id < b.id; });
            return ready(Result<QList<WaitingGate>>(sorted));
        });
    });
}

GitHubGates::Gates GitHubGates::gatesOf(const RunSaid &run, const StopToken &stop)
{
    return after(this, m_client.pending(run.run.ref, stop), [=, this](const QList<Pending> &pending) {
        if (pending.isEmpty()) // decided between the two questions
            return ready(Result<QList<WaitingGate>>(QList<WaitingGate>()));
        return after(this, m_client.reviews(run.run.ref, stop), [=, this](const QList<Review> &reviews) {
            QList<WaitingGate> gates;
            QList<QFuture<Result<QDateTime>>> begun;
            for (const Pending &one : pending) {
                gates.append(gateOf(run, one, reviews));
                begun.append(
                    m_client.newestDeployment(run.run.ref.pipeline.project, one.environment, run.run.commit, stop));
            }
            return after(this, gathered(this, begun), [gates](const QList<Result<QDateTime>> &times) mutable {
                for (qsizetype i = 0; i < gates.size(); ++i) {
                    if (times.at(i) && times.at(i)->isValid())
                        gates[i].since = *times.at(i);
                }
                return ready(Result<QList<WaitingGate>>(gates));
            });
        });
    });
}

QFuture<Result<Plan>> GitHubGates::plan(GateOrder order, StopToken stop)
{
    return planGate(m_client, order, stop);
}

} // namespace signalbox::github

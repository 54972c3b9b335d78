#include "services/adapters/github/githubgates.h"

#include "services/adapters/github/githubplans.h"
#include "services/adapters/github/githubtext.h"
#include "services/async/inturn.h"
#include "services/pipelines/gatheredgates.h"

#include <QSet>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace signalbox::github
{

namespace
{

constexpr qsizetype mostAtOnce = 8;
constexpr qint64 gatelessLasts = 120;    // s: of a run that works on and does not change
constexpr qint64 changesWithin = 10;     // s, our clock's difference with GitHub's included
constexpr qsizetype mostAskedAgain = 20; // such runs, at a look

QString askedKey(const RunSaid &run)
{
    return run.run.ref.id + u'|' + QString::number(run.run.attempt);
}

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
    const auto ask = [=, this](qsizetype i) { return waitingOf(m_projects.at(i), stop); };
    const auto each =
        gatheredInTurn(this, m_projects.size(), GitHubClient::mostProjectsAtOnce, stop, ask, asksTheOthersToo);
    return after(this, each, [this](const QList<Result<QList<WaitingGate>>> &answers) {
        const auto told = gatheredGates(m_projects, answers, GoneMeans::Hidden);
        m_unread = told ? told->unread : QString();
        return ready(told ? Result<QList<WaitingGate>>(told->gates) : Result<QList<WaitingGate>>(told.error()));
    });
}

GitHubGates::Gates GitHubGates::waitingOf(const QString &project, const StopToken &stop)
{
    // Whether a run of which one job waits and another works is "waiting" or "in_progress" is written nowhere.
    const PipelineRef place = m_client.place(project);
    const QList<QFuture<Result<QList<RunSaid>>>> lists{m_client.allRuns(place, "status=waiting", stop),
                                                       m_client.allRuns(place, "status=in_progress", stop)};
    return after(this, gathered(this, lists), [=, this](const QList<Result<QList<RunSaid>>> &answers) {
        for (const auto &answer : answers) {
            if (!answer)
                return ready(Result<QList<WaitingGate>>(answer.error()));
            // "Up to 1,000 results for each search" (actions/list-workflow-runs-for-repo): GitHub tells no more.
            if (answer->size() >= GitHubClient::mostListed)
                return ready(Result<QList<WaitingGate>>(tooMany(project)));
        }
        return gatesOfAll(project, dueOf(project, *answers.at(0), *answers.at(1)), {}, stop);
    });
}

QList<RunSaid> GitHubGates::dueOf(const QString &project, const QList<RunSaid> &waiting, const QList<RunSaid> &working)
{
    const QHash<QString, Asked> before = m_gateless.value(project);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QHash<QString, Asked> same;
    QSet<QString> known; // a run may change lists between the two questions
    QList<RunSaid> due;
    QList<std::pair<QDateTime, RunSaid>> again;
    for (const RunSaid &run : waiting) {
        known.insert(askedKey(run));
        due.append(run);
    }
    for (const RunSaid &run : working) {
        const QString key = askedKey(run);
        if (known.contains(key))
            continue;
        known.insert(key);
        const auto asked = before.constFind(key);
        if (asked == before.constEnd() || !run.updatedAt.isValid() || asked->changedAt != run.updatedAt) {
            due.append(run);
            continue;
        }
        same.insert(key, *asked);
        if (asked->at.secsTo(now) >= gatelessLasts)
            again.append({asked->at, run});
    }
    std::stable_sort(again.begin(), again.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    for (const auto &[at, run] : again.mid(0, mostAskedAgain))
        due.append(run);
    m_gateless.insert(project, same); // without those that ended
    return due;
}

void GitHubGates::note(const QString &project, const RunSaid &run, bool hasGates)
{
    QHash<QString, Asked> &gateless = m_gateless[project];
    const QDateTime now = QDateTime::currentDateTimeUtc();
    // What people decide is looked at each time; one that changes just now may do so once more in the same second.
    if (hasGates || std::abs(run.updatedAt.secsTo(now)) < changesWithin)
        gateless.remove(askedKey(run));
    else
        gateless.insert(askedKey(run), {run.updatedAt, now});
}

GitHubGates::Gates GitHubGates::gatesOfAll(const QString &project, const QList<RunSaid> &runs,
                                           const QHash<QString, WaitingGate> &found, const StopToken &stop)
{
    const QList<RunSaid> now = runs.mid(0, mostAtOnce);
    QList<Gates> asked;
    for (const RunSaid &run : now)
        asked.append(gatesOf(run, stop));
    return after(this, gathered(this, asked), [=, this](const QList<Result<QList<WaitingGate>>> &gates) {
        QHash<QString, WaitingGate> all = found;
        for (qsizetype i = 0; i < gates.size(); ++i) {
            const Result<QList<WaitingGate>> &one = gates.at(i);
            if (!one && one.error().kind != ErrorKind::NotFound) // deleted meanwhile
                return ready(Result<QList<WaitingGate>>(one.error()));
            if (one)
                note(project, now.at(i), !one->isEmpty());
            for (const WaitingGate &gate : one.value_or(QList<WaitingGate>()))
                all.insert(gate.id, gate);
        }
        if (runs.size() > now.size())
            return gatesOfAll(project, runs.mid(now.size()), all, stop);
        QList<WaitingGate> sorted = all.values();
        std::sort(sorted.begin(), sorted.end(), [](const WaitingGate &a, const WaitingGate &b) { return a.id < b.id; });
        return ready(Result<QList<WaitingGate>>(sorted));
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

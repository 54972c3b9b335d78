#pragma once

#include "services/adapters/github/githubclient.h"
#include "services/ports/gatekeeper.h"

#include <QDateTime>
#include <QHash>

namespace signalbox::github
{

// Environments at which runs wait for people. GitHub has no list of what waits over repositories (github/docs#31681):
// each is asked for its waiting runs, and each of these for its gates. Which of those that work wait, too, GitHub does
// not tell either: they are asked when they are new or changed, else now and then.
class GitHubGates : public GateKeeper
{
    Q_OBJECT
public:
    // `client` outlives it.
    GitHubGates(GitHubClient &client, QStringList projects, QObject *parent = nullptr);
    ~GitHubGates() override;

    QString connection() const override { return m_client.connection(); }
    QFuture<Result<QList<WaitingGate>>> waiting(StopToken stop) override;
    QFuture<Result<Plan>> plan(GateOrder order, StopToken stop) override;
    QString unread() const override { return m_unread; }

private:
    using Gates = QFuture<Result<QList<WaitingGate>>>;
    Gates waitingOf(const QString &project, const StopToken &stop);
    Gates gatesOf(const RunSaid &run, const StopToken &stop);
    // One handful after the other, so that whatever else is asked comes between.
    Gates gatesOfAll(const QString &project, const QList<RunSaid> &runs, const QHash<QString, WaitingGate> &found,
                     const StopToken &stop);
    // Those that work and did not change since they waited for nobody are not asked again at once.
    QList<RunSaid> dueOf(const QString &project, const QList<RunSaid> &waiting, const QList<RunSaid> &working);
    void note(const QString &project, const RunSaid &run, bool hasGates);

    GitHubClient &m_client;
    const QStringList m_projects;
    QString m_unread;
    struct Asked
    {
        QDateTime changedAt; // of the run
        QDateTime at;
    };
    QHash<QString, QHash<QString, Asked>> m_gateless; // by project; by run and attempt
};

// Id of a gate: attempt and environment, since a run asks again when it is run again.
struct GateId
{
    QString run;
    int attempt = 1;
    QString environment;
    QString text(const QString &project) const;
    static std::optional<GateId> of(const QString &text);
};

} // namespace signalbox::github

#pragma once

#include "services/adapters/github/githubclient.h"
#include "services/ports/gatekeeper.h"

namespace signalbox::github
{

// Environments at which runs wait for people. GitHub has no list of what waits over repositories (github/docs#31681):
// each is asked for its waiting runs; an answer that did not change costs nothing.
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

private:
    using Gates = QFuture<Result<QList<WaitingGate>>>;
    Gates waitingOf(const QString &project, const StopToken &stop);
    Gates gatesOf(const RunSaid &run, const StopToken &stop);

    GitHubClient &m_client;
    const QStringList m_projects;
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

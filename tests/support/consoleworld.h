#pragma once

#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "services/operations/operationcenter.h"
#include "services/ports/connections.h"
#include "services/ports/requestmonitor.h"
#include "tests/support/fakeclock.h"
#include "ui/dialogs/prompter.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"
#include "ui/shell/page.h"

#include <QPointer>
#include <QTemporaryDir>

#include <algorithm>
#include <memory>

// A console's surroundings fed by hand, for GUI tests: no server, no network, nothing that moves by itself.
namespace signalbox::test
{

class FakeLog : public LogStream
{
public:
    using LogStream::LogStream;
    LogRequest request;
};

class FakeCluster : public ClusterSource
{
public:
    explicit FakeCluster(const ClusterInfo &info)
        : m_info(info)
    {}

    QString connection() const override { return m_info.connection; }
    ClusterInfo info() const override { return m_info; }
    void setInfo(const ClusterInfo &info)
    {
        m_info = info;
        emit infoChanged();
    }
    void start() override {}
    void stop() override {}
    void refresh() override { ++refreshes; }
    QFuture<Result<QList<RightAnswer>>> rights(QList<RightQuestion> questions, StopToken) override;
    std::unique_ptr<LogStream> openLog(const LogRequest &request) override;
    QFuture<Result<QHash<QString, Usage>>> podUsage(StopToken) override;
    QFuture<Result<QHash<QString, Usage>>> nodeUsage(StopToken) override;

    int refreshes = 0;
    QStringList deniedVerbs;      // these rights are refused
    QPointer<FakeLog> log;        // the newest one opened
    QHash<QString, Usage> nodes;  // by uid
    QHash<QString, Usage> podUse; // by uid

private:
    ClusterInfo m_info;
};

class FakeProbe : public ConnectionProbe
{
public:
    FakeProbe() = default;
    QList<ProbeStep> steps() const override { return m_steps; }
    void finishWith(bool isUsable, const QString &text);
    void begin();

private:
    QList<ProbeStep> m_steps = {
        {QStringLiteral("connect"), QStringLiteral("Reach the server"), ProbeStep::State::Pending, {}},
        {QStringLiteral("rights"), QStringLiteral("Ask for rights"), ProbeStep::State::Pending, {}}};
};

class FakeConnections : public ConnectionsService
{
public:
    bool isRead() const override { return hasRead; }
    QList<ConnectionConfig> connections() const override { return configs; }
    QString workspaceFile() const override { return QStringLiteral("/home/operator/.config/signalbox/workspace.yaml"); }
    std::optional<Error> problem() const override { return trouble; }
    QFuture<Result<QList<ContextInfo>>> contexts(QStringList moreFiles, StopToken) override;
    std::unique_ptr<ConnectionProbe> probe(const ConnectionConfig &config) override;
    QFuture<Result<QString>> save(ConnectionConfig config) override;
    QFuture<Result<void>> remove(QString id) override;
    void rescan() override { ++rescans; }

    bool hasRead = true;
    QList<ConnectionConfig> configs;
    QList<ContextInfo> known;
    QStringList askedFiles;
    std::optional<Error> trouble;
    std::optional<Error> saveFails;
    QPointer<FakeProbe> probing;
    QList<QPointer<FakeProbe>> probes; // all so far
    ConnectionConfig probed;
    int rescans = 0;
};

// Answers at once with what the test put in, and remembers what was asked.
class FakePrompter : public Prompter
{
public:
    void ask(QWidget *parent, const Question &question, std::function<void(bool)> answer) override;
    void askTypedName(QWidget *parent, const TypedName &question, std::function<void(bool)> answer) override;
    void askNumber(QWidget *parent, const NumberQuestion &question,
                   std::function<void(std::optional<int>)> answer) override;
    void askText(QWidget *parent, const TextQuestion &question,
                 std::function<void(std::optional<QString>)> answer) override;
    void askFile(QWidget *parent, const QString &title, const QString &filter,
                 std::function<void(const QString &)> answer) override;
    void askSaveFile(QWidget *parent, const QString &title, const QString &suggested,
                     std::function<void(const QString &)> answer) override;

    QStringList asked; // titles
    QString lastText;
    bool accepts = true;
    std::optional<int> number;
    std::optional<QString> words; // what askText() gets
    QString file;
};

class FakeMetrics : public MetricSource
{
public:
    QString connection() const override { return QStringLiteral("prom"); }
    QString title() const override { return QStringLiteral("prometheus"); }
    Freshness freshness() const override { return state; }
    QFuture<Result<MetricAnswer>> instant(QString, QDateTime, StopToken) override;
    QFuture<Result<MetricAnswer>> range(RangeQuery, StopToken) override;
    QFuture<Result<QList<Alert>>> alerts(StopToken) override;
    QFuture<Result<QList<AlertRule>>> rules(StopToken) override;
    QFuture<Result<QList<MetricPanel>>> suggestPanels(MetricSubject, StopToken) override;

    Freshness state;
};

class FakeRequests : public RequestMonitor
{
public:
    QList<RequestInfo> requests() const override { return list; }
    int runningCount() const override
    {
        return static_cast<int>(std::count_if(list.begin(), list.end(), [](const RequestInfo &one) {
            return one.durationMs < 0 && one.state != QLatin1String("streaming");
        }));
    }
    void tell() { emit changed(); }
    QList<RequestInfo> list;
};

class FakeActions : public ActionHandler
{
public:
    std::optional<QString> whyNot(const ActionRequest &request) const override;
    void perform(const ActionRequest &request, QWidget *) override { performed.append(request); }

    QList<ActionRequest> performed;
    std::optional<OperationKind> refused;
};

// All of it, and a context over it. `now` is fixed; ages are counted from it.
class ConsoleWorld
{
public:
    ConsoleWorld();
    ~ConsoleWorld();

    // One cluster "prod-eu" with dev, staging and production, six applications, 528 pods on six nodes, events.
    FakeCluster &addRichCluster();
    FakeCluster &addCluster(const QString &id, const ClusterInfo &info = {});
    ClusterStore &store(const QString &id) { return *clusters.find(id)->store; }
    void addPods(const QString &cluster, int count); // plain ones, ready, on node-1 to node-6
    void setFreshness(const QString &cluster, Freshness::State state, const QString &error = {});

    QDateTime now;
    QTemporaryDir folder;
    FakeClock clock; // that of the operations
    ClusterSet clusters;
    DeployedStore deployed;
    MetricSet metrics;
    FakeConnections connections;
    FakePrompter prompter;
    FakeRequests requests;
    FakeActions actions;
    std::unique_ptr<ConsoleSettings> settings;
    std::unique_ptr<OperationCenter> operations; // real, over the runner and locker of each ClusterConnection
    std::unique_ptr<ConsoleContext> context;
};

} // namespace signalbox::test

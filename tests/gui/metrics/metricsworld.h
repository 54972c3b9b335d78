#pragma once

#include "models/stores/deployedstore.h"
#include "services/async/deliver.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "services/ports/connections.h"
#include "ui/dialogs/prompter.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"

#include <QTemporaryDir>

namespace signalbox::test
{

class NoConnections : public ConnectionsService
{
public:
    QList<ConnectionConfig> connections() const override { return {}; }
    QString workspaceFile() const override { return {}; }
    std::optional<Error> problem() const override { return std::nullopt; }
    QFuture<Result<QList<ContextInfo>>> contexts(QStringList, StopToken) override
    {
        return ready<QList<ContextInfo>>(QList<ContextInfo>());
    }
    std::unique_ptr<ConnectionProbe> probe(const ConnectionConfig &) override { return nullptr; }
    QFuture<Result<QString>> save(ConnectionConfig) override { return ready<QString>(QString()); }
    QFuture<Result<void>> remove(QString) override { return ready<void>({}); }
    void rescan() override {}
};

// Answers file questions with `savePath`; other questions are declined.
class PathPrompter : public Prompter
{
public:
    QString savePath;

    void ask(QWidget *, const Question &, std::function<void(bool)> answer) override { answer(false); }
    void askTypedName(QWidget *, const TypedName &, std::function<void(bool)> answer) override { answer(false); }
    void askNumber(QWidget *, const NumberQuestion &, std::function<void(std::optional<int>)> answer) override
    {
        answer(std::nullopt);
    }
    void askText(QWidget *, const TextQuestion &, std::function<void(std::optional<QString>)> answer) override
    {
        answer(std::nullopt);
    }
    void askFile(QWidget *, const QString &, const QString &, std::function<void(const QString &)> answer) override
    {
        answer({});
    }
    void askSaveFile(QWidget *, const QString &, const QString &, std::function<void(const QString &)> answer) override
    {
        answer(savePath);
    }
};

// What the Metrics page works on, with one application in two tracks.
struct MetricsWorld
{
    QTemporaryDir folder;
    ClusterSet clusters;
    DeployedStore deployed;
    MetricSet metrics;
    NoConnections connections;
    ConsoleSettings settings{folder.filePath(QStringLiteral("settings.ini"))};
    PathPrompter prompter;
    ConsoleContext context{clusters, deployed, metrics, connections, settings, prompter, nullptr,
                           nullptr,  nullptr,  {},      {},          {},       {}};

    MetricsWorld() { deployed.apply({cart(QDateTime::currentDateTimeUtc().addSecs(-360))}, {}); }

    static Deployed cart(const QDateTime &greenSince)
    {
        Deployed cart;
        cart.application = QStringLiteral("cart");
        cart.environment = QStringLiteral("production");
        cart.connection = QStringLiteral("prod-eu");
        cart.ns = QStringLiteral("shop");
        Track blue;
        blue.name = QStringLiteral("blue");
        blue.version = QStringLiteral("1.4.0");
        blue.workloads = {{cart.connection,
                           QStringLiteral("apps"),
                           QStringLiteral("Deployment"),
                           cart.ns,
                           QStringLiteral("cart-blue"),
                           {}}};
        Track green = blue;
        green.name = QStringLiteral("green");
        green.version = QStringLiteral("1.5.0");
        green.workloads[0].name = QStringLiteral("cart-green");
        green.since = greenSince;
        cart.tracks = {blue, green};
        cart.freshness.state = Freshness::State::Live;
        return cart;
    }
};

} // namespace signalbox::test

// What the palette offers: pages, applications by environment with their actions, pipelines with their newest runs,
// workloads, pods and commands.
#include "models/items/runsmodel.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/pipelines/pipelineset.h"
#include "services/ports/clustersource.h"
#include "services/ports/promotiondesk.h"
#include "ui/language/language.h"
#include "ui/shell/consolesettings.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/icons.h"

namespace signalbox
{

QList<PaletteItem> MainWindow::paletteItems()
{
    QList<PaletteItem> items;
    addPageItems(items);
    addDeployedItems(items);
    addPipelineItems(items);
    addCommandItems(items);
    addClusterItems(items);
    return items;
}

void MainWindow::addPageItems(QList<PaletteItem> &items)
{
    for (const PageEntry &entry : std::as_const(m_entries)) {
        PaletteItem item;
        item.group = tr("Page");
        item.title = entry.title;
        if (entry.number > 0)
            item.subtitle = tr("Key %1").arg(entry.number);
        item.icon = QStringLiteral("arrow-right");
        item.run = [this, id = entry.id] { go({id, {}, {}, {}, {}, {}}); };
        items.append(item);
    }
}

PaletteItem MainWindow::actionItem(const QString &title, const QString &subtitle, const QString &icon,
                                   const ActionRequest &request)
{
    PaletteItem item;
    item.group = tr("Action");
    item.title = title;
    item.subtitle = subtitle;
    item.icon = icon;
    if (m_context.actions == nullptr)
        item.whyNot = tr("Operations are not available in this window.");
    else
        item.whyNot = m_context.actions->whyNot(request).value_or(QString());
    item.run = [this, request] { perform(request); };
    return item;
}

void MainWindow::addDeployedItems(QList<PaletteItem> &items)
{
    const QString rollbackPage = QStringLiteral("rollback");
    const QString trafficPage = QStringLiteral("traffic");
    const Page *const shownPage = currentPage();
    const QString shownKey = shownPage ? shownPage->current().deployedKey : QString();
    const Deployed *const shown = m_context.deployed.find(shownKey);
    for (const Deployed &deployed : m_context.deployed.all()) {
        const QString key = deployed.key();
        const QString where = tr("%1 in %2").arg(deployed.application, deployed.environment);
        const QString version = deployed.tracks.isEmpty() ? QString() : deployed.tracks.first().version;
        PaletteItem item;
        item.group = tr("Application");
        item.title = where;
        QStringList details = {version, deployed.team, deployed.state};
        details.removeAll(QString());
        item.subtitle = details.join(QStringLiteral(" · "));
        item.icon = QStringLiteral("cluster");
        // What is shown, where it is shown, what is protected: what is looked for in a hurry.
        int nearness = key == shownKey ? 20 : 0;
        if (shown && shown->environment == deployed.environment)
            nearness += 12;
        if (m_context.promotions ? m_context.promotions->protects(deployed.application, deployed.environment)
                                 : deployed.isProtected)
            nearness += 10;
        item.bonus = 24 + nearness;
        const bool hasTraffic = !deployed.routers.isEmpty() && deployed.tracks.size() > 1 && hasPage(trafficPage);
        const QString opens = hasTraffic              ? trafficPage
                              : hasPage(rollbackPage) ? rollbackPage
                                                      : QStringLiteral("cluster");
        item.run = [this, opens, key] { go({opens, key, {}, {}, {}, {}}); };
        items.append(item);
        if (hasPage(rollbackPage)) {
            PaletteItem back;
            back.group = tr("Action");
            back.title = tr("Roll back %1").arg(where);
            back.subtitle = version;
            back.icon = QStringLiteral("rollback");
            back.bonus = 20 + nearness;
            back.run = [this, key] { go({QStringLiteral("rollback"), key, {}, {}, {}, {}}); };
            items.append(back);
        } else {
            ActionRequest request;
            request.kind = OperationKind::Rollback;
            request.deployedKey = key;
            items.append(actionItem(tr("Roll back %1").arg(where), version, QStringLiteral("rollback"), request));
            items.last().bonus = 20 + nearness;
        }
        if (hasTraffic) {
            PaletteItem shift;
            shift.group = tr("Action");
            shift.title = tr("Move traffic of %1").arg(where);
            shift.icon = QStringLiteral("arrow-right");
            shift.run = [this, key] { go({QStringLiteral("traffic"), key, {}, {}, {}, {}}); };
            items.append(shift);
        }
    }
    for (const QString &application : m_context.deployed.applications()) {
        const bool isPinned = m_context.settings.pinnedApplications().contains(application);
        PaletteItem pin;
        pin.group = tr("Command");
        pin.title = isPinned ? tr("Unpin %1").arg(application) : tr("Pin %1").arg(application);
        pin.icon = QStringLiteral("pin");
        pin.run = [this, application, isPinned] { m_context.settings.setPinned(application, !isPinned); };
        items.append(pin);
    }
}

void MainWindow::addPipelineItems(QList<PaletteItem> &items)
{
    constexpr qsizetype runsOffered = 20; // of one pipeline; older ones are found in the list
    const QString page = QStringLiteral("pipelines");
    if (!m_context.runs || !hasPage(page))
        return;
    const auto target = [page](const QString &uid, const QString &hint) {
        NavigationTarget where;
        where.page = page;
        where.object.uid = uid;
        where.hint = hint;
        return where;
    };
    const QList<RunStore::Entry> entries = m_context.runs->store().entries();
    for (const RunStore::Entry &entry : entries) {
        const QString key = entry.pipeline.ref.key();
        PaletteItem item;
        item.group = tr("Pipeline");
        item.title = entry.pipeline.title;
        QStringList details{entry.pipeline.vendor, entry.pipeline.ref.project};
        details.removeAll(QString());
        item.subtitle = details.join(QStringLiteral(" · "));
        item.icon = QStringLiteral("play");
        item.run = [this, where = target(key, QStringLiteral("pipeline"))] { go(where); };
        items.append(item);
        PaletteItem start = item;
        start.group = tr("Action");
        start.title = tr("Trigger %1").arg(entry.pipeline.title);
        if (!entry.pipeline.canTrigger.value_or(true))
            start.whyNot = entry.pipeline.whyNotTrigger.isEmpty() ? tr("Its server does not let it be started by hand.")
                                                                  : entry.pipeline.whyNotTrigger;
        start.run = [this, where = target(key, QStringLiteral("trigger"))] { go(where); };
        items.append(start);
        PipelineServer *const server =
            m_context.pipelines ? m_context.pipelines->find(entry.pipeline.ref.connection) : nullptr;
        if (server && server->deployments()) {
            PaletteItem back = item;
            back.group = tr("Action");
            back.title = tr("Go back in an environment of %1").arg(entry.pipeline.title);
            back.run = [this, where = target(key, QStringLiteral("deployments"))] { go(where); };
            items.append(back);
        }
        for (const Run &run : entry.runs.mid(0, runsOffered)) {
            PaletteItem one;
            one.group = tr("Run");
            one.title = runTitle(entry.pipeline.title, run);
            QStringList words{runStateLabel(run.state), runWhere(run), run.title};
            words.removeAll(QString());
            one.subtitle = words.join(QStringLiteral(" · "));
            one.icon = stateIconName(healthOf(run.state));
            one.run = [this, where = target(run.ref.key(), {})] { go(where); };
            items.append(one);
        }
    }
}

void MainWindow::addClusterItems(QList<PaletteItem> &items)
{
    const QString clusterPage = QStringLiteral("cluster");
    if (!hasPage(clusterPage))
        return;
    for (const auto &cluster : m_context.clusters.all()) {
        for (const Workload &workload : cluster->store->workloads()) {
            PaletteItem item;
            item.group = tr("Workload");
            item.title = workload.ref.name;
            item.subtitle =
                workload.ref.kind + QStringLiteral(" · ") + workload.ref.ns + QStringLiteral(" · ") + cluster->title;
            item.icon = QStringLiteral("cluster");
            item.run = [this, ref = workload.ref] {
                go({QStringLiteral("cluster"), {}, ref.connection, ref.ns, ref, {}});
            };
            items.append(item);
            const std::pair<OperationKind, QString> kinds[] = {
                {OperationKind::Restart, QStringLiteral("restart")},
                {OperationKind::Scale, QStringLiteral("scale")},
                {workload.isPaused ? OperationKind::Resume : OperationKind::Pause,
                 workload.isPaused ? QStringLiteral("play") : QStringLiteral("pause")}};
            for (const auto &[kind, icon] : kinds) {
                const QString verb = kind == OperationKind::Restart  ? tr("Restart %1")
                                     : kind == OperationKind::Scale  ? tr("Scale %1")
                                     : kind == OperationKind::Resume ? tr("Resume %1")
                                                                     : tr("Pause %1");
                ActionRequest request;
                request.kind = kind;
                request.workload = workload.ref;
                items.append(actionItem(verb.arg(workload.ref.name), item.subtitle, icon, request));
            }
        }
        for (const Pod &pod : cluster->store->pods()) {
            PaletteItem item;
            item.group = tr("Pod");
            item.title = pod.ref.name;
            item.subtitle = pod.reason + QStringLiteral(" · ") + pod.ref.ns + QStringLiteral(" · ") + pod.node;
            item.icon = QStringLiteral("log");
            item.run = [this, ref = pod.ref] { go({QStringLiteral("cluster"), {}, ref.connection, ref.ns, ref, {}}); };
            items.append(item);
        }
    }
}

void MainWindow::addCommandItems(QList<PaletteItem> &items)
{
    const auto command = [&](const QString &title, const QString &subtitle, const QString &icon,
                             std::function<void()> run) {
        PaletteItem item;
        item.group = tr("Command");
        item.title = title;
        item.subtitle = subtitle;
        item.icon = icon;
        item.run = std::move(run);
        items.append(item);
    };
    if (hasPage(QStringLiteral("connections"))) {
        command(tr("Add a cluster"), tr("From a kubeconfig context"), QStringLiteral("plus"), [this] {
            go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-kubernetes")});
        });
        command(tr("Add a Prometheus"), tr("By its address"), QStringLiteral("plus"), [this] {
            go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-prometheus")});
        });
        command(tr("Add a server with pipelines"), tr("Jenkins, GitHub, GitLab or Travis CI"), QStringLiteral("plus"),
                [this] {
                    go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-server")});
                });
    }
    if (m_context.promotions != nullptr && hasPage(QStringLiteral("promotions"))) {
        command(tr("Ask for a promotion"), tr("A release from one environment to the next"), QStringLiteral("plus"),
                [this] {
                    go({QStringLiteral("promotions"), {}, {}, {}, {}, QStringLiteral("request")});
                });
        command(tr("Order a freeze"), tr("No promotion starts in that time"), QStringLiteral("pause"), [this] {
            go({QStringLiteral("promotions"), {}, {}, {}, {}, QStringLiteral("freeze")});
        });
    }
    if (m_context.sources != nullptr && hasPage(QStringLiteral("promotions")))
        command(tr("Compare two releases"), tr("Commits, files and people between them"), QStringLiteral("search"),
                [this] {
                    go({QStringLiteral("promotions"), {}, {}, {}, {}, QStringLiteral("changes")});
                });
    for (const auto &cluster : m_context.clusters.all()) {
        command(tr("Read %1 again").arg(cluster->title), tr("Lists and watches everything anew"),
                QStringLiteral("refresh"), [this, id = cluster->id] {
                    if (ClusterConnection *found = m_context.clusters.find(id))
                        found->source->refresh();
                });
    }
    command(tr("Help on this screen"), QStringLiteral("? F1"), QStringLiteral("help"), [this] { showHelp(); });
    command(tr("Show the guide"), tr("Five places to know"), QStringLiteral("help"), [this] { showGuide(); });
    if (m_context.requests != nullptr)
        command(tr("Show running requests"), QStringLiteral("Ctrl J"), QStringLiteral("log"),
                [this] { showRequests(true); });
    for (const auto &[tag, name] : Language::known())
        command(tr("Language: %1").arg(name), tag, {}, [this, tag] { m_context.settings.setLanguage(tag); });
    command(tr("Language of the system"), {}, {}, [this] { m_context.settings.setLanguage({}); });
    using Choice = ConsoleSettings::ThemeChoice;
    command(tr("Dark theme"), {}, {}, [this] { m_context.settings.setTheme(Choice::Dark); });
    command(tr("Light theme"), {}, {}, [this] { m_context.settings.setTheme(Choice::Light); });
    command(tr("Theme of the system"), {}, {}, [this] { m_context.settings.setTheme(Choice::System); });
}

} // namespace signalbox

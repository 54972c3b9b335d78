#include "ui/pages/consolepages.h"

#include "ui/pages/cluster/clusterpage.h"
#include "ui/pages/connections/connectionspage.h"
#include "ui/pages/drills/drillspage.h"
#include "ui/pages/ledger/ledgerpage.h"
#include "ui/pages/metrics/metricspage.h"
#include "ui/pages/overview/overviewpage.h"
#include "ui/pages/pipelines/pipelinespage.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/pages/rollback/rollbackpage.h"
#include "ui/pages/screenhelp.h"
#include "ui/pages/settings/settingspage.h"
#include "ui/pages/traffic/trafficpage.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

template <typename T>
PageEntry entry(const QString &id, const QString &title, int number)
{
    return {id, title, number,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new T(context, parent); },
            [id] { return screenHelp(id); }};
}

struct ConsolePagesText
{
    Q_DECLARE_TR_FUNCTIONS(ConsolePages)
};

} // namespace

QList<PageEntry> consolePages()
{
    return {
        entry<OverviewPage>(QStringLiteral("overview"), ConsolePagesText::tr("Overview"), 1),
        entry<PipelinesPage>(QStringLiteral("pipelines"), ConsolePagesText::tr("Pipelines"), 2),
        entry<PromotionsPage>(QStringLiteral("promotions"), ConsolePagesText::tr("Promotions"), 3),
        entry<TrafficPage>(QStringLiteral("traffic"), ConsolePagesText::tr("Traffic"), 4),
        entry<RollbackPage>(QStringLiteral("rollback"), ConsolePagesText::tr("Rollback"), 5),
        entry<ClusterPage>(QStringLiteral("cluster"), ConsolePagesText::tr("Cluster"), 6),
        {QStringLiteral("metrics"), ConsolePagesText::tr("Metrics"), 7,
         [](ConsoleContext &context, QWidget *parent) -> Page * { return new MetricsPage(context, nullptr, parent); },
         [] { return screenHelp(QStringLiteral("metrics")); }},
        entry<LedgerPage>(QStringLiteral("ledger"), ConsolePagesText::tr("Ledger"), 8),
        entry<DrillsPage>(QStringLiteral("drills"), ConsolePagesText::tr("Fire drills"), 0),
        entry<ConnectionsPage>(QStringLiteral("connections"), ConsolePagesText::tr("Connections"), 0),
        entry<SettingsPage>(QStringLiteral("settings"), ConsolePagesText::tr("Settings"), 0),
    };
}

} // namespace signalbox

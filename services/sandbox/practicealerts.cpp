#include "services/sandbox/practicealerts.h"

#include "services/sandbox/promql/alertrules.h"

#include <QtGlobal>

namespace signalbox::sandbox
{

void addPracticeAlerts(AlertRules &rules)
{
    AlertGroup group;
    group.name = "applications";
    group.rules.push_back(
        {"HighErrorRate",
         "sum by (namespace, app, slot) (rate(http_requests_total{code=~\"5..\",namespace=\"production\"}[2m])) / "
         "sum by (namespace, app, slot) (rate(http_requests_total{namespace=\"production\"}[2m])) > 0.03",
         60'000,
         {{"severity", "page"}},
         {{"summary", "{{ $labels.app }} {{ $labels.slot }} answers {{ $value | humanizePercentage }} with errors"}}});
    group.rules.push_back(
        {"ModelQualityLow",
         "model_agreement_ratio{namespace=\"production\"} < 0.83",
         120'000,
         {{"severity", "ticket"}},
         {{"summary", "{{ $labels.app }} {{ $labels.slot }} agrees in {{ $value | humanizePercentage }} only"}}});
    group.rules.push_back(
        {"MemoryGrows",
         "max by (namespace, app, slot) (delta(process_resident_memory_bytes{namespace=\"production\"}[5m])) > 3e8",
         60'000,
         {{"severity", "ticket"}},
         {{"summary", "{{ $labels.app }} {{ $labels.slot }} grew by {{ $value | humanize }}B in five minutes"}}});
    if (const std::string problem = rules.add(std::move(group)); !problem.empty())
        qFatal("practice alerts: %s", problem.c_str());
}

} // namespace signalbox::sandbox

#pragma once

#include "services/sandbox/promql/engine.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

struct AlertRule
{
    std::string name;
    std::string expression;
    std::int64_t forMs = 0;
    LabelSet labels;
    // Values of both may hold {{ $labels.NAME }} and {{ $value }}, the latter also through humanize,
    // humanizePercentage or humanizeDuration. No other template is taken.
    LabelSet annotations;
};

struct AlertGroup
{
    std::string name;
    std::int64_t intervalMs = 15'000;
    std::vector<AlertRule> rules;
};

// Alerting rules over a SampleStore, evaluated when told so: as Prometheus does, an alert is pending from the first
// evaluation that finds it and firing once it has been found for `forMs` without a break. While it lasts the series
// ALERTS and ALERTS_FOR_STATE say so in the store. Thread-safe.
class AlertRules
{
public:
    explicit AlertRules(SampleStore &store);
    ~AlertRules();

    // Empty: taken. Else what is wrong: an expression or a template that cannot be read or that the
    // sandbox does not evaluate, a name that is there already.
    std::string add(AlertGroup group);
    // Evaluates the groups whose interval has passed since they last were.
    void evaluate(std::int64_t nowMs);

    // `data` of /api/v1/alerts and /api/v1/rules.
    std::string alertsJson() const;
    std::string rulesJson() const;

private:
    struct Data;
    std::unique_ptr<Data> d;
};

} // namespace signalbox::sandbox

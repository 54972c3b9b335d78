#pragma once

namespace signalbox::sandbox
{

class AlertRules;

// The alerts that the teams of the practice world have set: error rate, latency, crash loops as metrics show them.
void addPracticeAlerts(AlertRules &rules);

} // namespace signalbox::sandbox

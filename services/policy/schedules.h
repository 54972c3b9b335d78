#pragma once

#include "models/domain/result.h"
#include "models/policy/policy.h"

#include <QHash>

// When the schedules of a policy hold: recurrence rules and iCalendar (RFC 5545) by libical, the plain ones by
// models/policy. Any thread; no exception leaves.
namespace signalbox::policy
{

// What overlaps from ... to, merged. Invalid: a rule, calendar or zone that cannot be read, in words for people.
Result<QList<Interval>> scheduleIntervals(const Schedule &schedule, const QDateTime &from, const QDateTime &to);

// For Facts: every schedule of the policy that can be told, from a week ago to a year ahead.
QHash<QString, QList<Interval>> policySchedules(const Policy &policy, const QDateTime &now);

} // namespace signalbox::policy

#pragma once

#include "models/domain/result.h"
#include "models/policy/standing.h"

// When the schedules of a policy, and freezes that were ordered, hold: recurrence rules and iCalendar (RFC 5545) by
// libical, the plain ones by models/policy. Any thread; no exception leaves.
namespace signalbox::policy
{

// What overlaps from ... to, merged. Invalid: a rule, calendar or zone that cannot be read, in words for people.
Result<QList<Interval>> scheduleIntervals(const Schedule &schedule, const QDateTime &from, const QDateTime &to);

// For Facts: every schedule of the policy and every ordered freeze that repeats and is not over, as far as it can be
// told, from a week ago to a year ahead.
Schedules policySchedules(const Policy &policy, const Entries &entries, const QDateTime &now);

// Of a freeze that repeats, what overlaps from ... to, in order; those that touch are not made one.
Result<QList<Interval>> occurrencesOf(const FreezeOrder &order, const QDateTime &from, const QDateTime &to);
// As it is written down: with `until` at the end of its last occurrence. Invalid: its rule or its zone cannot be read,
// or it never comes, which may take a second or two to find out. One that does not repeat stays as it is.
Result<FreezeOrder> wholeOrder(FreezeOrder order, const QDateTime &now = QDateTime::currentDateTimeUtc());

} // namespace signalbox::policy

#pragma once

#include "models/domain/result.h"
#include "models/policy/schedule.h"

#include <QString>

#include <functional>

// Parts that schedules.cpp and icalendar.cpp share.
namespace signalbox::policy
{

// From the wall to UTC.
using ToUtc = std::function<QDateTime(const WallTime &)>;

// Calls `visit` with each start that the rule gives from `start` on (itself, if the rule fits it), until it returns
// false or the rule ends. Invalid: the rule cannot be read, or repeats more often than daily.
Result<void> eachStart(const QString &rule, const WallTime &start, const ToUtc &toUtc,
                       const std::function<bool(const WallTime &)> &visit);

// Of all events of an iCalendar; `zone` is for its times that name none.
Result<QList<Interval>> calendarIntervals(const QString &calendar, const QByteArray &zone, const QDateTime &from,
                                          const QDateTime &to);

} // namespace signalbox::policy

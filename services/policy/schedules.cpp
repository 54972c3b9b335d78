#include "services/policy/schedules.h"

#include "models/policy/policytext.h"
#include "services/policy/recurrence.h"

#include <libical/ical.h>

#include <QCoreApplication>
#include <QTimeZone>

namespace signalbox::policy
{

namespace
{

constexpr int mostStarts = 100'000; // daily, for 270 years

Error invalid(const QString &text)
{
    return {ErrorKind::Invalid, text, {}};
}

icaltimetype icalOf(const WallTime &time)
{
    icaltimetype ical = icaltime_null_time();
    ical.year = time.date.year();
    ical.month = time.date.month();
    ical.day = time.date.day();
    ical.hour = time.time.hour();
    ical.minute = time.time.minute();
    ical.second = time.time.second();
    return ical;
}

WallTime wallTimeOf(const icaltimetype &ical)
{
    return {QDate(ical.year, ical.month, ical.day), QTime(ical.hour, ical.minute, std::min(ical.second, 59))};
}

// libical compares UNTIL in ways that depend on the start's zone: it is taken out of the rule and compared here.
bool isPast(const icaltimetype &until, const WallTime &start, const ToUtc &toUtc)
{
    if (icaltime_is_null_time(until))
        return false;
    const WallTime last = wallTimeOf(until);
    if (until.is_date)
        return start.date > last.date;
    const QDateTime at = icaltime_is_utc(until) ? QDateTime(last.date, last.time, Qt::UTC) : toUtc(last);
    return toUtc(start) > at;
}

Result<QList<Interval>> recurring(const Schedule &schedule, const QDateTime &from, const QDateTime &to)
{
    const QTimeZone zone(schedule.zone);
    if (!zone.isValid())
        return invalid(PolicyText::tr("The time zone %1 is not known here.").arg(QString::fromLatin1(schedule.zone)));
    const ToUtc toUtc = [&zone](const WallTime &time) { return utcOf(time, zone); };
    QList<Interval> all;
    const auto read = eachStart(schedule.rule, schedule.start, toUtc, [&](const WallTime &start) {
        const QDateTime begin = toUtc(start);
        const QDateTime end = begin.addSecs(schedule.duration.count());
        if (end > from && begin < to && !schedule.except.contains(start))
            all.append({begin, end});
        return begin < to;
    });
    if (!read)
        return read.error();
    return merged(all);
}

} // namespace

Result<void> eachStart(const QString &rule, const WallTime &start, const ToUtc &toUtc,
                       const std::function<bool(const WallTime &)> &visit)
{
    icalerror_set_errors_are_fatal(0);
    icalrecurrencetype parsed = icalrecurrencetype_from_string(rule.toUtf8().constData());
    if (parsed.freq == ICAL_NO_RECURRENCE)
        return invalid(PolicyText::tr("\"%1\" is no recurrence rule (RFC 5545, for example FREQ=WEEKLY;BYDAY=FR).")
                           .arg(rule.left(80)));
    if (parsed.rscale)
        return invalid(
            PolicyText::tr("The recurrence rule \"%1\" counts in another calendar (RSCALE).").arg(rule.left(80)));
    if (parsed.freq < ICAL_DAILY_RECURRENCE)
        return invalid(PolicyText::tr("The recurrence rule \"%1\" repeats more often than daily.").arg(rule.left(80)));
    const icaltimetype until = parsed.until;
    parsed.until = icaltime_null_time();
    icalrecur_iterator *iterator = icalrecur_iterator_new(parsed, icalOf(start));
    if (!iterator)
        return invalid(PolicyText::tr("The recurrence rule \"%1\" contradicts itself.").arg(rule.left(80)));
    bool goesOn = true;
    int seen = 0;
    for (icaltimetype next = icalrecur_iterator_next(iterator); goesOn && !icaltime_is_null_time(next);
         next = icalrecur_iterator_next(iterator)) {
        const WallTime at = wallTimeOf(next);
        goesOn = ++seen <= mostStarts && !isPast(until, at, toUtc) && visit(at);
    }
    icalrecur_iterator_free(iterator);
    if (seen > mostStarts)
        return invalid(PolicyText::tr("The recurrence rule \"%1\" began too long ago.").arg(rule.left(80)));
    return {};
}

Result<QList<Interval>> scheduleIntervals(const Schedule &schedule, const QDateTime &from, const QDateTime &to)
{
    if (schedule.kind == Schedule::Kind::Recurrence)
        return recurring(schedule, from, to);
    if (schedule.kind == Schedule::Kind::Calendar)
        return calendarIntervals(schedule.calendar, schedule.zone, from, to);
    const auto plain = plainIntervals(schedule, from, to);
    if (!plain)
        return invalid(PolicyText::tr("The time zone %1 is not known here.").arg(QString::fromLatin1(schedule.zone)));
    return *plain;
}

QHash<QString, QList<Interval>> policySchedules(const Policy &policy, const QDateTime &now)
{
    QHash<QString, QList<Interval>> all;
    const auto add = [&all, &now](const Schedule &schedule) {
        if (const auto intervals = scheduleIntervals(schedule, now.addDays(-7), now.addDays(366)))
            all.insert(schedule.name, *intervals);
    };
    for (const EnvironmentPolicy &environment : policy.environments) {
        for (const Schedule &window : environment.windows)
            add(window);
    }
    for (const Freeze &freeze : policy.freezes)
        add(freeze.schedule);
    return all;
}

} // namespace signalbox::policy

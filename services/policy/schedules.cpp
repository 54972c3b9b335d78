#include "services/policy/schedules.h"

#include "models/policy/policytext.h"
#include "services/policy/recurrence.h"

#include <libical/ical.h>

#include <QTimeZone>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

constexpr int mostStarts = 100'000; // daily, for 270 years
constexpr int countedYears = 30;    // ahead, of a freeze without an end: as long it can be told whether it holds

Error invalid(const QString &text)
{
    return {ErrorKind::Invalid, text, {}};
}

Error unknownZone(const QByteArray &zone)
{
    return invalid(PolicyText::tr("The time zone %1 is not known here.").arg(QString::fromUtf8(zone)));
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
        return unknownZone(schedule.zone);
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

static Result<icalrecurrencetype> parsedRule(const QString &rule)
{
    icalerror_set_errors_are_fatal(0);
    const icalrecurrencetype parsed = icalrecurrencetype_from_string(rule.toUtf8().constData());
    if (parsed.freq == ICAL_NO_RECURRENCE)
        return invalid(PolicyText::tr("\"%1\" is no recurrence rule (RFC 5545, for example FREQ=WEEKLY;BYDAY=FR).")
                           .arg(rule.left(80)));
    if (parsed.rscale)
        return invalid(
            PolicyText::tr("The recurrence rule \"%1\" counts in another calendar (RSCALE).").arg(rule.left(80)));
    if (parsed.freq < ICAL_DAILY_RECURRENCE)
        return invalid(PolicyText::tr("The recurrence rule \"%1\" repeats more often than daily.").arg(rule.left(80)));
    return parsed;
}

Result<void> eachStart(const QString &rule, const WallTime &start, const ToUtc &toUtc,
                       const std::function<bool(const WallTime &)> &visit)
{
    const auto known = parsedRule(rule);
    if (!known)
        return known.error();
    icalrecurrencetype parsed = *known;
    const icaltimetype until = parsed.until;
    parsed.until = icaltime_null_time();
    icalrecur_iterator *iterator = icalrecur_iterator_new(parsed, icalOf(start));
    if (!iterator)
        return invalid(PolicyText::tr("No date fits the recurrence rule \"%1\".").arg(rule.left(80)));
    bool goesOn = true;
    int seen = 0;
    for (icaltimetype next = icalrecur_iterator_next(iterator); goesOn && !icaltime_is_null_time(next);
         next = icalrecur_iterator_next(iterator)) {
        const WallTime at = wallTimeOf(next);
        goesOn = ++seen <= mostStarts && !isPast(until, at, toUtc) && visit(at);
    }
    icalrecur_iterator_free(iterator);
    if (seen > mostStarts)
        return invalid(
            PolicyText::tr("The recurrence rule \"%1\" comes more than %2 times in the years that have to be "
                           "counted: let it begin later, end, or come less often.")
                .arg(rule.left(80))
                .arg(mostStarts));
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
        return unknownZone(schedule.zone);
    return *plain;
}

Result<QList<Interval>> occurrencesOf(const FreezeOrder &order, const QDateTime &from, const QDateTime &to)
{
    const FreezeRepeat repeat = order.repeat.value_or(FreezeRepeat());
    const QTimeZone zone(repeat.zone);
    if (!zone.isValid())
        return unknownZone(repeat.zone);
    const ToUtc toUtc = [&zone](const WallTime &time) { return utcOf(time, zone); };
    const QDateTime there = order.from.toTimeZone(zone);
    const WallTime first{there.date(), there.time()};
    QList<Interval> all;
    const auto read = eachStart(repeat.rule, first, toUtc, [&](const WallTime &start) {
        // The order's own beginning is an instant: where a clock shows that time twice, it may be the second one.
        const bool isFirst =
            start == WallTime{first.date, QTime(first.time.hour(), first.time.minute(), first.time.second())};
        const QDateTime begin = isFirst ? order.from : toUtc(start);
        const QDateTime end = std::min(begin.addSecs(repeat.length.count()), order.until);
        if (end > from && begin < to && begin < order.until)
            all.append({begin, end});
        return begin < to && begin < order.until;
    });
    if (!read)
        return read.error();
    return all;
}

Result<FreezeOrder> wholeOrder(FreezeOrder order, const QDateTime &now)
{
    if (!order.repeat)
        return order;
    const FreezeRepeat &repeat = *order.repeat;
    if (repeat.length.count() <= 0)
        return invalid(PolicyText::tr("A freeze needs a beginning and an end after it."));
    const auto rule = parsedRule(repeat.rule);
    if (!rule)
        return rule.error();
    const bool hasEnd = rule->count > 0 || !icaltime_is_null_time(rule->until);
    order.until = FreezeOrder::endless();
    // Of one without an end it has to be known that it comes at all, in leap years alone, say, and that it can be
    // counted for as long as anybody may look at it.
    const QDateTime last = hasEnd ? order.until : std::max(now, order.from).addYears(countedYears);
    const auto all = occurrencesOf(order, order.from, last);
    if (!all)
        return all.error();
    if (all->isEmpty())
        return invalid(PolicyText::tr("The recurrence rule \"%1\" never comes from %2 on.")
                           .arg(repeat.rule.left(80), order.from.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm")) +
                                                          QStringLiteral(" UTC")));
    if (hasEnd)
        order.until = std::max_element(all->cbegin(), all->cend(), [](const Interval &a, const Interval &b) {
                          return a.end < b.end;
                      })->end;
    return order;
}

Schedules policySchedules(const Policy &policy, const Entries &entries, const QDateTime &now)
{
    Schedules all;
    const QDateTime from = now.addDays(-7);
    const QDateTime to = now.addDays(366);
    const auto add = [&](const Schedule &schedule) {
        if (const auto intervals = scheduleIntervals(schedule, from, to))
            all.insert(schedule.name, *intervals);
    };
    for (const EnvironmentPolicy &environment : policy.environments) {
        for (const Schedule &window : environment.windows)
            add(window);
    }
    for (const Freeze &freeze : policy.freezes)
        add(freeze.schedule);
    for (const SignedRecord &entry : entries) {
        const auto *order = entry.as<FreezeOrder>();
        if (!order || !order->repeat || order->until <= now)
            continue;
        if (const auto intervals = occurrencesOf(*order, from, to))
            all.insert(entry.id, *intervals);
    }
    return all;
}

} // namespace signalbox::policy

// Events of an iCalendar as intervals: RRULE, RDATE, EXDATE, RECURRENCE-ID, VTIMEZONE.

#include "models/policy/policytext.h"
#include "services/policy/recurrence.h"

#include <libical/ical.h>

#include <QHash>
#include <QSet>
#include <QTimeZone>

#include <memory>

namespace signalbox::policy
{

namespace
{

struct Freed
{
    void operator()(icalcomponent *component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, Freed>;

// Thrown by what reads properties, caught by calendarIntervals().
struct Bad
{
    QString text;
};

WallTime wallOf(const icaltimetype &ical)
{
    return ical.is_date ? WallTime{QDate(ical.year, ical.month, ical.day), QTime(0, 0)}
                        : WallTime{QDate(ical.year, ical.month, ical.day),
                                   QTime(ical.hour, ical.minute, std::min(ical.second, 59))};
}

icaltimetype icalUtc(const QDateTime &utc)
{
    icaltimetype ical = icaltime_null_time();
    ical.year = utc.date().year();
    ical.month = utc.date().month();
    ical.day = utc.date().day();
    ical.hour = utc.time().hour();
    ical.minute = utc.time().minute();
    ical.second = utc.time().second();
    return ical;
}

// A property's time, and how its wall's times become UTC.
struct Moment
{
    WallTime wall;
    bool isDate = false;
    ToUtc toUtc;
    QDateTime utc() const { return toUtc(wall); }
};

// How long one event is: of one that has dates, in days of the wall's calendar.
struct Length
{
    qint64 days = 0;
    qint64 seconds = 0;
    QDateTime endOf(const WallTime &start, const ToUtc &toUtc) const
    {
        return toUtc({start.date.addDays(days), start.time}).addSecs(seconds);
    }
};

class Calendar
{
public:
    Calendar(icalcomponent *calendar, const QTimeZone &zone, const QDateTime &from, const QDateTime &to)
        : m_calendar(calendar)
        , m_zone(zone)
        , m_from(from)
        , m_to(to)
    {}

    QList<Interval> run()
    {
        QList<icalcomponent *> events;
        for (icalcomponent *event = icalcomponent_get_first_component(m_calendar, ICAL_VEVENT_COMPONENT); event;
             event = icalcomponent_get_next_component(m_calendar, ICAL_VEVENT_COMPONENT))
            events.append(event);
        if (events.isEmpty())
            throw Bad{PolicyText::tr("The calendar has no event (VEVENT).")};
        for (icalcomponent *event : events) {
            if (icalproperty *instead = first(event, ICAL_RECURRENCEID_PROPERTY))
                m_replaced[uidOf(event)].insert(momentOf(instead, icalproperty_get_recurrenceid(instead)).utc());
        }
        for (icalcomponent *one : events)
            event(one);
        return merged(m_intervals);
    }

private:
    static icalproperty *first(icalcomponent *event, icalproperty_kind kind)
    {
        return icalcomponent_get_first_property(event, kind);
    }
    static QString uidOf(icalcomponent *event) { return QString::fromUtf8(icalcomponent_get_uid(event)); }
    static QString nameOf(icalcomponent *event)
    {
        const QString summary = QString::fromUtf8(icalcomponent_get_summary(event));
        return summary.isEmpty() ? uidOf(event) : summary;
    }

    ToUtc zoneOf(icalproperty *property, const icaltimetype &time) const
    {
        if (icaltime_is_utc(time))
            return [](const WallTime &wall) { return QDateTime(wall.date, wall.time, Qt::UTC); };
        icalparameter *parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
        if (!parameter)
            return [zone = m_zone](const WallTime &wall) { return utcOf(wall, zone); };
        const char *id = icalparameter_get_tzid(parameter);
        if (icaltimezone *own = icalcomponent_get_timezone(m_calendar, id)) {
            const auto offsetAt = [own](const QDateTime &utc) {
                icaltimetype at = icalUtc(utc);
                int isDaylight = 0;
                return icaltimezone_get_utc_offset_of_utc_time(own, &at, &isDaylight);
            };
            return [offsetAt](const WallTime &wall) { return utcOf(wall, offsetAt); };
        }
        const QTimeZone known{QByteArray(id)};
        if (!known.isValid())
            throw Bad{PolicyText::tr("The calendar names the time zone %1, which it does not define.")
                          .arg(QString::fromUtf8(id))};
        return [known](const WallTime &wall) { return utcOf(wall, known); };
    }

    Moment momentOf(icalproperty *property, const icaltimetype &time) const
    {
        const WallTime wall = wallOf(time);
        if (icaltime_is_null_time(time) || !wall.isValid())
            throw Bad{PolicyText::tr("The calendar has a time that cannot be read: %1.")
                          .arg(QString::fromUtf8(icalproperty_as_ical_string(property)).simplified())};
        return {wall, time.is_date != 0, zoneOf(property, time)};
    }

    Length lengthOf(icalcomponent *event, const Moment &start) const
    {
        if (icalproperty *property = first(event, ICAL_DTEND_PROPERTY)) {
            const Moment end = momentOf(property, icalproperty_get_dtend(property));
            const Length length = start.isDate ? Length{start.wall.date.daysTo(end.wall.date), 0}
                                               : Length{0, start.utc().secsTo(end.utc())};
            if (length.days < 0 || length.seconds < 0)
                throw Bad{PolicyText::tr("The event \"%1\" of the calendar ends before it begins.").arg(nameOf(event))};
            return length;
        }
        if (icalproperty *property = first(event, ICAL_DURATION_PROPERTY)) {
            const icaldurationtype duration = icalproperty_get_duration(property);
            if (duration.is_neg)
                throw Bad{PolicyText::tr("The event \"%1\" of the calendar ends before it begins.").arg(nameOf(event))};
            return {qint64(duration.days) + qint64(duration.weeks) * 7,
                    qint64(duration.hours) * 3600 + qint64(duration.minutes) * 60 + qint64(duration.seconds)};
        }
        return start.isDate ? Length{1, 0} : Length{};
    }

    void event(icalcomponent *event)
    {
        if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED)
            return;
        icalproperty *property = first(event, ICAL_DTSTART_PROPERTY);
        if (!property)
            throw Bad{
                PolicyText::tr("The event \"%1\" of the calendar has no beginning (DTSTART).").arg(nameOf(event))};
        const Moment start = momentOf(property, icalproperty_get_dtstart(property));
        const Length length = lengthOf(event, start);
        const bool isOne = first(event, ICAL_RECURRENCEID_PROPERTY) != nullptr;
        QSet<QDateTime> without = isOne ? QSet<QDateTime>() : m_replaced.value(uidOf(event));
        QSet<QDate> withoutDays;
        for (icalproperty *one = first(event, ICAL_EXDATE_PROPERTY); one;
             one = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY)) {
            const Moment moment = momentOf(one, icalproperty_get_exdate(one));
            if (moment.isDate)
                withoutDays.insert(moment.wall.date);
            else
                without.insert(moment.utc());
        }
        const auto add = [&](const WallTime &wall, const ToUtc &toUtc) {
            const QDateTime begin = toUtc(wall);
            const QDateTime end = length.endOf(wall, toUtc);
            if (end > m_from && begin < m_to && !without.contains(begin) && !withoutDays.contains(wall.date))
                m_intervals.append({begin, end});
            return begin < m_to;
        };
        icalproperty *rule = first(event, ICAL_RRULE_PROPERTY);
        if (rule && !isOne) {
            const QString text = QString::fromUtf8(icalproperty_get_value_as_string(rule));
            const auto read =
                eachStart(text, start.wall, start.toUtc, [&](const WallTime &wall) { return add(wall, start.toUtc); });
            if (!read)
                throw Bad{read.error().message};
        } else {
            add(start.wall, start.toUtc);
        }
        for (icalproperty *one = first(event, ICAL_RDATE_PROPERTY); one && !isOne;
             one = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
            const icaldatetimeperiodtype also = icalproperty_get_rdate(one);
            if (!icalperiodtype_is_null_period(also.period))
                throw Bad{
                    PolicyText::tr("The event \"%1\" of the calendar adds periods (RDATE;VALUE=PERIOD); add dates.")
                        .arg(nameOf(event))};
            const Moment moment = momentOf(one, also.time);
            add(moment.wall, moment.toUtc);
        }
    }

    icalcomponent *m_calendar;
    QTimeZone m_zone;
    QDateTime m_from;
    QDateTime m_to;
    QHash<QString, QSet<QDateTime>> m_replaced; // by RECURRENCE-ID
    QList<Interval> m_intervals;
};

// What libical noted where it could not read a line.
QString firstError(icalcomponent *component)
{
    for (icalproperty *property = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); property;
         property = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY))
        return QString::fromUtf8(icalproperty_get_xlicerror(property)).simplified();
    for (icalcomponent *inner = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); inner;
         inner = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) {
        if (const QString found = firstError(inner); !found.isEmpty())
            return found;
    }
    return {};
}

} // namespace

Result<QList<Interval>> calendarIntervals(const QString &calendar, const QByteArray &zone, const QDateTime &from,
                                          const QDateTime &to)
{
    const auto invalid = [](const QString &text) { return Error{ErrorKind::Invalid, text, {}}; };
    icalerror_set_errors_are_fatal(0);
    QString text = calendar; // lines end with CR LF there, and the last one has an end
    text.replace(QLatin1String("\r\n"), QLatin1String("\n")).replace(QLatin1Char('\n'), QLatin1String("\r\n"));
    const Component parsed(icalparser_parse_string((text + QLatin1String("\r\n")).toUtf8().constData()));
    if (!parsed || icalcomponent_isa(parsed.get()) != ICAL_VCALENDAR_COMPONENT)
        return invalid(
            PolicyText::tr("It is no iCalendar: it has to begin with BEGIN:VCALENDAR and end with END:VCALENDAR."));
    if (const QString error = firstError(parsed.get()); !error.isEmpty())
        return invalid(PolicyText::tr("The calendar cannot be read: %1").arg(error));
    const QTimeZone own(zone);
    if (!own.isValid())
        return invalid(PolicyText::tr("The time zone %1 is not known here.").arg(QString::fromLatin1(zone)));
    try {
        return Calendar(parsed.get(), own, from, to).run();
    } catch (const Bad &bad) {
        return invalid(bad.text);
    }
}

} // namespace signalbox::policy

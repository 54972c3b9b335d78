#include "services/policy/policydecoder.h"
#include "services/policy/schedules.h"

#include <QFile>
#include <QTest>
#include <QTimeZone>

using namespace signalbox;
using namespace signalbox::policy;

namespace
{

QDateTime utc(const char *text)
{
    const QDateTime at = QDateTime::fromString(QString::fromLatin1(text) + QLatin1Char('Z'), Qt::ISODate);
    if (!at.isValid())
        qFatal("%s is no time", text);
    return at.toUTC();
}

WallTime wall(const char *text)
{
    return *parseWallTime(QString::fromLatin1(text));
}

QString shown(const QList<Interval> &intervals)
{
    QStringList all;
    for (const Interval &one : intervals)
        all << one.begin.toString(QStringLiteral("yyyy-MM-ddTHH:mm")) + QLatin1Char('/') +
                   one.end.toString(QStringLiteral("yyyy-MM-ddTHH:mm"));
    return all.join(QLatin1Char(' '));
}

Schedule weekly(const QList<int> &days, int from, int to, const char *zone)
{
    Schedule schedule;
    schedule.kind = Schedule::Kind::Weekly;
    schedule.zone = zone;
    schedule.days = days;
    schedule.fromMinute = from;
    schedule.toMinute = to;
    return schedule;
}

Schedule recurring(const char *start, int hours, const char *rule, const char *zone, const QList<WallTime> &except = {})
{
    Schedule schedule;
    schedule.kind = Schedule::Kind::Recurrence;
    schedule.zone = zone;
    schedule.start = wall(start);
    schedule.duration = std::chrono::hours(hours);
    schedule.rule = QString::fromLatin1(rule);
    schedule.except = except;
    return schedule;
}

Schedule calendar(const char *lines, const char *zone = "UTC")
{
    Schedule schedule;
    schedule.kind = Schedule::Kind::Calendar;
    schedule.zone = zone;
    schedule.calendar = QStringLiteral("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t//EN\n%1END:VCALENDAR\n")
                            .arg(QString::fromUtf8(lines));
    return schedule;
}

FreezeOrder repeated(const char *from, int hours, const char *rule, const char *zone)
{
    FreezeOrder order;
    order.from = utc(from);
    order.until = order.from.addSecs(hours * 3600);
    order.reason = QStringLiteral("x");
    order.repeat = FreezeRepeat{QString::fromLatin1(rule), zone, std::chrono::hours(hours)};
    return order;
}

void calendarRows()
{
    QTest::newRow("all day, in the schedule's zone")
        << calendar("BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261003\nEND:VEVENT\n",
                    "Asia/Shanghai")
        << utc("2026-09-01T00:00:00") << utc("2026-12-01T00:00:00") << "2026-09-30T16:00/2026-10-02T16:00";
    QTest::newRow("all day where the day has 23 hours")
        << calendar("BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260329\nEND:VEVENT\n", "Europe/Berlin")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00") << "2026-03-28T23:00/2026-03-29T22:00";
    QTest::newRow("own time zone, EXDATE")
        << calendar("BEGIN:VTIMEZONE\nTZID:Office\n"
                    "BEGIN:STANDARD\nDTSTART:20001029T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\n"
                    "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n"
                    "BEGIN:DAYLIGHT\nDTSTART:20000326T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n"
                    "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
                    "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Office:20260320T180000\nDURATION:PT2H\n"
                    "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Office:20260327T180000,20260410T180000\nEND:VEVENT\n")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00")
        << "2026-03-20T17:00/2026-03-20T19:00 2026-04-03T16:00/2026-04-03T18:00";
    QTest::newRow("zone by its IANA name")
        << calendar("BEGIN:VEVENT\nUID:1\nDTSTART;TZID=America/New_York:20260308T013000\n"
                    "DTEND;TZID=America/New_York:20260308T033000\nEND:VEVENT\n")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00") << "2026-03-08T06:30/2026-03-08T07:30";
    QTest::newRow("one of them moved")
        << calendar("BEGIN:VEVENT\nUID:1\nDTSTART:20260302T100000Z\nDTEND:20260302T110000Z\n"
                    "RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n"
                    "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260303T100000Z\nDTSTART:20260303T150000Z\n"
                    "DTEND:20260303T160000Z\nEND:VEVENT\n")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00")
        << "2026-03-02T10:00/2026-03-02T11:00 2026-03-03T15:00/2026-03-03T16:00 2026-03-04T10:00/2026-03-04T11:00";
    QTest::newRow("one of them cancelled, one added")
        << calendar("BEGIN:VEVENT\nUID:1\nDTSTART:20260302T100000Z\nDTEND:20260302T110000Z\n"
                    "RRULE:FREQ=DAILY;COUNT=2\nRDATE:20260401T100000Z\nEND:VEVENT\n"
                    "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260303T100000Z\nDTSTART:20260303T100000Z\n"
                    "STATUS:CANCELLED\nEND:VEVENT\n")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00")
        << "2026-03-02T10:00/2026-03-02T11:00 2026-04-01T10:00/2026-04-01T11:00";
    QTest::newRow("two events that overlap")
        << calendar("BEGIN:VEVENT\nUID:1\nDTSTART:20260302T100000Z\nDTEND:20260302T110000Z\nEND:VEVENT\n"
                    "BEGIN:VEVENT\nUID:2\nDTSTART:20260302T103000Z\nDTEND:20260302T120000Z\nEND:VEVENT\n")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00") << "2026-03-02T10:00/2026-03-02T12:00";
    QTest::newRow("a line that goes on in the next")
        << calendar("BEGIN:VEVENT\nUID:1\nSUMMARY:a long\n  name\nDTSTART:20260302T100000Z\nDTEND:202603\n"
                    " 02T110000Z\nEND:VEVENT\n")
        << utc("2026-03-01T00:00:00") << utc("2026-05-01T00:00:00") << "2026-03-02T10:00/2026-03-02T11:00";
}

} // namespace

class TestSchedules : public QObject
{
    Q_OBJECT

private slots:
    void wallTimesBecomeUtc_data()
    {
        QTest::addColumn<QByteArray>("zone");
        QTest::addColumn<QString>("time");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *zone, const char *time, const char *expected) {
            QTest::newRow(name) << QByteArray(zone) << QString::fromLatin1(time) << QString::fromLatin1(expected);
        };
        row("winter", "Europe/Berlin", "2026-01-15T12:00", "2026-01-15T11:00");
        row("summer", "Europe/Berlin", "2026-07-15T12:00", "2026-07-15T10:00");
        row("last minute before the gap", "Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59");
        row("in the gap", "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30"); // 03:30 there
        row("first minute after the gap", "Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00");
        row("twice: the first", "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30");
        row("after what comes twice", "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00");
        row("gap at midnight", "Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:30"); // 01:30 there
        row("half an hour", "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45");
        row("never any", "Asia/Shanghai", "2026-03-29T02:30", "2026-03-28T18:30");
        row("UTC", "UTC", "2026-03-29T02:30", "2026-03-29T02:30");
        row("leap day", "America/New_York", "2028-02-29T12:00", "2028-02-29T17:00");
    }
    void wallTimesBecomeUtc()
    {
        QFETCH(QByteArray, zone);
        QFETCH(QString, time);
        QFETCH(QString, expected);
        QCOMPARE(utcOf(*parseWallTime(time), QTimeZone(zone)).toString(QStringLiteral("yyyy-MM-ddTHH:mm")), expected);
    }

    void schedulesBecomeIntervals_data()
    {
        QTest::addColumn<Schedule>("schedule");
        QTest::addColumn<QDateTime>("from");
        QTest::addColumn<QDateTime>("to");
        QTest::addColumn<QString>("expected");

        QTest::newRow("weekly across a clock put forward")
            << weekly({6, 7}, 22 * 60, 4 * 60, "Europe/Berlin") << utc("2026-03-28T00:00:00")
            << utc("2026-03-30T12:00:00") << "2026-03-28T21:00/2026-03-29T02:00 2026-03-29T20:00/2026-03-30T02:00";
        QTest::newRow("weekly across a clock put back")
            << weekly({6, 7}, 22 * 60, 4 * 60, "Europe/Berlin") << utc("2026-10-24T12:00:00")
            << utc("2026-10-25T12:00:00") << "2026-10-24T20:00/2026-10-25T03:00";
        QTest::newRow("weekly begins in the gap")
            << weekly({7}, 150, 240, "Europe/Berlin") << utc("2026-03-29T00:00:00") << utc("2026-03-30T00:00:00")
            << "2026-03-29T01:30/2026-03-29T02:00";
        QTest::newRow("weekly, days that touch are one")
            << weekly({1, 2, 3}, 0, 1440, "UTC") << utc("2026-03-02T12:00:00") << utc("2026-03-06T00:00:00")
            << "2026-03-02T00:00/2026-03-05T00:00";
        QTest::newRow("weekly where the date is another one")
            << weekly({1}, 0, 60, "Pacific/Kiritimati") << utc("2026-03-01T00:00:00") << utc("2026-03-03T00:00:00")
            << "2026-03-01T10:00/2026-03-01T11:00";
        Schedule span;
        span.kind = Schedule::Kind::Span;
        span.zone = "Asia/Shanghai";
        span.start = wall("2028-02-29");
        span.end = wall("2028-03-01");
        QTest::newRow("span of a leap day")
            << span << utc("2028-01-01T00:00:00") << utc("2029-01-01T00:00:00") << "2028-02-28T16:00/2028-02-29T16:00";
        QTest::newRow("span that is over") << span << utc("2028-02-29T16:00:00") << utc("2029-01-01T00:00:00") << "";

        QTest::newRow("every friday across a clock put forward")
            << recurring("2026-03-20T18:00", 10, "FREQ=WEEKLY;BYDAY=FR", "Europe/Berlin") << utc("2026-03-19T00:00:00")
            << utc("2026-04-04T00:00:00")
            << "2026-03-20T17:00/2026-03-21T03:00 2026-03-27T17:00/2026-03-28T03:00 2026-04-03T16:00/2026-04-04T02:00";
        QTest::newRow("elapsed time over a clock put forward")
            << recurring("2026-03-28T18:00", 24, "FREQ=YEARLY", "Europe/Berlin") << utc("2026-03-01T00:00:00")
            << utc("2026-05-01T00:00:00") << "2026-03-28T17:00/2026-03-29T17:00";
        QTest::newRow("without one") << recurring("2026-03-20T18:00", 1, "FREQ=WEEKLY;COUNT=3", "UTC",
                                                  {wall("2026-03-27T18:00")})
                                     << utc("2026-03-01T00:00:00") << utc("2026-06-01T00:00:00")
                                     << "2026-03-20T18:00/2026-03-20T19:00 2026-04-03T18:00/2026-04-03T19:00";
        QTest::newRow("until, in UTC, the last one included")
            << recurring("2026-03-20T18:00", 1, "FREQ=WEEKLY;UNTIL=20260403T160000Z", "Europe/Berlin")
            << utc("2026-03-25T00:00:00") << utc("2026-06-01T00:00:00")
            << "2026-03-27T17:00/2026-03-27T18:00 2026-04-03T16:00/2026-04-03T17:00";
        QTest::newRow("until, a second too early")
            << recurring("2026-03-20T18:00", 1, "FREQ=WEEKLY;UNTIL=20260403T155959Z", "Europe/Berlin")
            << utc("2026-03-25T00:00:00") << utc("2026-06-01T00:00:00") << "2026-03-27T17:00/2026-03-27T18:00";
        QTest::newRow("until a day") << recurring("2026-03-20T18:00", 1, "FREQ=WEEKLY;UNTIL=20260403", "Europe/Berlin")
                                     << utc("2026-04-01T00:00:00") << utc("2026-06-01T00:00:00")
                                     << "2026-04-03T16:00/2026-04-03T17:00";
        QTest::newRow("leap days only") << recurring("2024-02-29T00:00", 24, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
                                                     "UTC")
                                        << utc("2025-01-01T00:00:00") << utc("2033-01-01T00:00:00")
                                        << "2028-02-29T00:00/2028-03-01T00:00 2032-02-29T00:00/2032-03-01T00:00";
        QTest::newRow("last friday of the month")
            << recurring("2026-01-30T12:00", 2, "FREQ=MONTHLY;BYDAY=-1FR", "Asia/Shanghai")
            << utc("2026-02-01T00:00:00") << utc("2026-04-01T00:00:00")
            << "2026-02-27T04:00/2026-02-27T06:00 2026-03-27T04:00/2026-03-27T06:00";
        QTest::newRow("31st, where there is one")
            << recurring("2026-01-31T00:00", 24, "FREQ=MONTHLY", "UTC") << utc("2026-01-01T00:00:00")
            << utc("2026-06-01T00:00:00")
            << "2026-01-31T00:00/2026-02-01T00:00 2026-03-31T00:00/2026-04-01T00:00 2026-05-31T00:00/2026-06-01T00:00";
        QTest::newRow("longer than their distance")
            << recurring("2026-03-01T00:00", 30, "FREQ=DAILY;COUNT=3", "UTC") << utc("2026-01-01T00:00:00")
            << utc("2026-06-01T00:00:00") << "2026-03-01T00:00/2026-03-04T06:00";
        calendarRows();
    }
    void schedulesBecomeIntervals()
    {
        QFETCH(Schedule, schedule);
        QFETCH(QDateTime, from);
        QFETCH(QDateTime, to);
        QFETCH(QString, expected);
        const auto intervals = scheduleIntervals(schedule, from, to);
        QVERIFY2(intervals, intervals ? "" : qPrintable(intervals.error().message));
        QCOMPARE(shown(*intervals), expected);
    }

    void endsAreExact_data()
    {
        QTest::addColumn<QDateTime>("now");
        QTest::addColumn<bool>("isOn");
        QTest::addColumn<QDateTime>("until");
        const QDateTime begin = utc("2026-03-02T10:00:00");
        const QDateTime end = utc("2026-03-02T11:00:00");
        QTest::newRow("before") << begin.addMSecs(-1) << false << begin;
        QTest::newRow("at the beginning") << begin << true << end;
        QTest::newRow("just before the end") << end.addMSecs(-1) << true << end;
        QTest::newRow("at the end") << end << false << QDateTime();
    }
    void endsAreExact()
    {
        QFETCH(QDateTime, now);
        QFETCH(bool, isOn);
        QFETCH(QDateTime, until);
        const ScheduleState state = stateAt({{utc("2026-03-02T10:00:00"), utc("2026-03-02T11:00:00")}}, now);
        QCOMPARE(state.isOn, isOn);
        QCOMPARE(state.until, until);
    }

    void schedulesAreToldInWords()
    {
        QCOMPARE(scheduleText(weekly({1, 2, 3, 4}, 540, 1020, "Asia/Shanghai")),
                 QStringLiteral("Mon-Thu 09:00-17:00 Asia/Shanghai"));
        QCOMPARE(scheduleText(weekly({1, 3, 6, 7}, 0, 1440, "UTC")),
                 QStringLiteral("Mon, Wed, Sat, Sun 00:00-24:00 UTC"));
    }

    void aFreezeComesAgain_data()
    {
        QTest::addColumn<FreezeOrder>("order");
        QTest::addColumn<QString>("until"); // of all; empty: never
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const FreezeOrder &order, const char *until, const char *expected) {
            QTest::newRow(name) << order << QString::fromLatin1(until) << QString::fromLatin1(expected);
        };
        row("weekly, from another day", repeated("2026-03-04T17:00:00", 4, "FREQ=WEEKLY;BYDAY=FR;COUNT=2", "UTC"),
            "2026-03-13T21:00", "2026-03-06T17:00/2026-03-06T21:00 2026-03-13T17:00/2026-03-13T21:00");
        row("clocks go forward", repeated("2026-03-27T17:00:00", 2, "FREQ=DAILY;COUNT=3", "Europe/Berlin"),
            "2026-03-29T18:00",
            "2026-03-27T17:00/2026-03-27T19:00 2026-03-28T17:00/2026-03-28T19:00 2026-03-29T16:00/2026-03-29T18:00");
        row("clocks go back", repeated("2026-10-24T16:00:00", 2, "FREQ=DAILY;COUNT=2", "Europe/Berlin"),
            "2026-10-25T19:00", "2026-10-24T16:00/2026-10-24T18:00 2026-10-25T17:00/2026-10-25T19:00");
        row("in the hour that is skipped", repeated("2026-03-28T01:30:00", 1, "FREQ=DAILY;COUNT=3", "Europe/Berlin"),
            "2026-03-30T01:30",
            "2026-03-28T01:30/2026-03-28T02:30 2026-03-29T01:30/2026-03-29T02:30 2026-03-30T00:30/2026-03-30T01:30");
        row("first in the second of an hour that comes twice",
            repeated("2026-10-25T01:30:00", 1, "FREQ=DAILY;COUNT=2", "Europe/Berlin"), "2026-10-26T02:30",
            "2026-10-25T01:30/2026-10-25T02:30 2026-10-26T01:30/2026-10-26T02:30");
        row("another day there than here",
            repeated("2026-03-05T16:30:00", 1, "FREQ=WEEKLY;BYDAY=FR;COUNT=1", "Asia/Shanghai"), "2026-03-05T17:30",
            "2026-03-05T16:30/2026-03-05T17:30");
        row("until a day", repeated("2026-03-04T10:00:00", 24, "FREQ=DAILY;UNTIL=20260305", "UTC"), "2026-03-06T10:00",
            "2026-03-04T10:00/2026-03-05T10:00 2026-03-05T10:00/2026-03-06T10:00");
        row("for good", repeated("2026-12-24T00:00:00", 48, "FREQ=YEARLY", "UTC"), "",
            "2026-12-24T00:00/2026-12-26T00:00");
        row("longer than its pauses", repeated("2026-03-04T00:00:00", 36, "FREQ=DAILY;COUNT=2", "UTC"),
            "2026-03-06T12:00", "2026-03-04T00:00/2026-03-05T12:00 2026-03-05T00:00/2026-03-06T12:00");
    }
    void aFreezeComesAgain()
    {
        QFETCH(FreezeOrder, order);
        QFETCH(QString, until);
        QFETCH(QString, expected);
        const auto whole = wholeOrder(order);
        QVERIFY2(whole, whole ? "" : qPrintable(whole.error().message));
        QCOMPARE(whole->from, order.from);
        QCOMPARE(whole->isEndless(), until.isEmpty());
        if (!until.isEmpty())
            QCOMPARE(whole->until.toString(QStringLiteral("yyyy-MM-ddTHH:mm")), until);
        const auto again = wholeOrder(*whole);
        QVERIFY(again);
        QCOMPARE(*again, *whole);
        const auto all = occurrencesOf(*whole, utc("2026-01-01T00:00:00"), utc("2027-06-01T00:00:00"));
        QVERIFY(all);
        QCOMPARE(shown(*all), expected);
        // Who does not know the repetition takes the whole for it: no time is let go that way.
        for (const Interval &one : *all)
            QVERIFY(one.begin >= whole->from && one.end <= whole->until);
    }

    void whatCannotRepeatIsToldInOneSentence_data()
    {
        QTest::addColumn<FreezeOrder>("order");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, const char *rule, const char *zone, const char *words, int hours = 1) {
            QTest::newRow(name) << repeated("2026-03-04T10:00:00", hours, rule, zone) << QString::fromLatin1(words);
        };
        row("no rule", "every friday", "UTC", "\"every friday\" is no recurrence rule (RFC 5545, for example");
        row("too often", "FREQ=HOURLY", "UTC", "repeats more often than daily");
        row("no place", "FREQ=DAILY", "Mars/Base", "The time zone Mars/Base is not known here.");
        row("never", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "UTC",
            "No date fits the recurrence rule \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\".");
        row("never, by its day", "FREQ=MONTHLY;BYDAY=6MO", "UTC",
            "No date fits the recurrence rule \"FREQ=MONTHLY;BYDAY=6MO\".");
        row("never, by its position", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=40", "UTC", "No date fits the recurrence rule");
        row("over before it begins", "FREQ=DAILY;UNTIL=20260101T000000Z", "UTC",
            "never comes from 2026-03-04 10:00 UTC on.");
        row("no length", "FREQ=DAILY", "UTC", "needs a beginning and an end after it", 0);
        row("without end in sight", "FREQ=DAILY;COUNT=200000", "UTC", "more than 100000 times");
    }
    void whatCannotRepeatIsToldInOneSentence()
    {
        QFETCH(FreezeOrder, order);
        QFETCH(QString, words);
        const auto whole = wholeOrder(order);
        QVERIFY(!whole);
        QCOMPARE(whole.error().kind, ErrorKind::Invalid);
        QVERIFY2(whole.error().message.contains(words), qPrintable(whole.error().message));
        QVERIFY(whole.error().message.endsWith(QLatin1Char('.')));
    }

    // What is ordered now is not "unknown" one day because it came too often by then.
    void whatMayBeOrderedCanBeToldYearsLater_data()
    {
        QTest::addColumn<int>("timesADay");
        QTest::addColumn<bool>("mayBe");
        QTest::newRow("six times a day") << 6 << true;
        QTest::newRow("24 times a day") << 24 << false;
    }
    void whatMayBeOrderedCanBeToldYearsLater()
    {
        QFETCH(int, timesADay);
        QFETCH(bool, mayBe);
        QStringList hours;
        for (int hour = 0; hour < timesADay; ++hour)
            hours << QString::number(hour);
        const QByteArray rule = "FREQ=DAILY;BYHOUR=" + hours.join(QLatin1Char(',')).toLatin1();
        const FreezeOrder often = repeated("2018-01-01T00:00:00", 1, rule.constData(), "UTC");
        const auto whole = wholeOrder(often, utc("2026-11-22T15:00:00"));
        QCOMPARE(whole.has_value(), mayBe);
        if (!mayBe) {
            QVERIFY2(whole.error().message.contains(QStringLiteral("come less often")),
                     qPrintable(whole.error().message));
            return;
        }
        for (const char *at : {"2026-11-22T01:30:00", "2055-01-01T05:30:00"}) {
            const Entries entries{{QStringLiteral("often"), 1, often.from, QStringLiteral("ann"), Record(*whole)}};
            const Schedules all = policySchedules({}, entries, utc(at));
            QVERIFY(all.contains(QStringLiteral("often")));
            QVERIFY(stateAt(all.value(QStringLiteral("often")), utc(at)).isOn);
        }
    }

    void freezesThatRepeatComeByEntry()
    {
        const auto entryOf = [](const char *id, const FreezeOrder &order) {
            return SignedRecord{QString::fromLatin1(id), 1, order.from, QStringLiteral("ann"), Record(order)};
        };
        FreezeOrder once = repeated("2026-03-04T10:00:00", 1, "FREQ=DAILY", "UTC");
        once.repeat.reset();
        const QDateTime now = utc("2026-03-05T10:30:00");
        const Entries entries{
            entryOf("daily", *wholeOrder(repeated("2026-03-04T10:00:00", 1, "FREQ=DAILY", "UTC"))),
            entryOf("once", once),
            entryOf("over", *wholeOrder(repeated("2026-03-04T10:00:00", 1, "FREQ=DAILY;COUNT=1", "UTC"))),
            entryOf("unread", repeated("2026-03-04T10:00:00", 99, "FREQ=NEVER", "UTC"))};
        const Schedules all = policySchedules({}, entries, now);
        QCOMPARE(all.keys(), QStringList{QStringLiteral("daily")});
        QVERIFY(stateAt(all.value(QStringLiteral("daily")), now).isOn);
        QCOMPARE(all.value(QStringLiteral("daily")).size(), qsizetype(368)); // a year ahead
    }

    void aPolicysSchedulesComeByName()
    {
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/policy/full.yaml"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto policy = parsePolicy(file.readAll(), file.fileName());
        QVERIFY(policy);
        const QDateTime now = utc("2026-10-02T12:00:00");
        const auto all = policySchedules(*policy, {}, now);
        QCOMPARE(QStringList(all.keys()).size(), 5);
        QVERIFY(stateAt(all.value(QStringLiteral("holidays")), now).isOn);
        QVERIFY(!stateAt(all.value(QStringLiteral("year end")), now).isOn);
        QCOMPARE(stateAt(all.value(QStringLiteral("year end")), now).until, utc("2026-12-19T16:00:00"));
    }
};

QTEST_GUILESS_MAIN(TestSchedules)
#include "test_schedules.moc"

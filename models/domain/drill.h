#pragma once

#include <QDateTime>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

// Fire drills: what can be practised, how one is going, and what is said of it afterwards.
namespace signalbox
{

// One scenario, as far as the operator may know it before it is over.
struct DrillInfo
{
    QString name; // "full-shift": for the command line
    QString title;
    QString briefing; // what an on-call engineer would be told; no spoilers
    QString task;
    QString application;
    QString ns;
    QString connection; // cluster
    int limitSeconds = 300;

    QString deployedKey() const; // Deployed::key()
    bool operator==(const DrillInfo &) const = default;
};

// One line of a debrief's time line.
struct DrillMoment
{
    enum class Kind { Begin, Fault, FirstBad, FirstSign, Seen, Action, Outcome, StandDown, Recovery, End };
    enum class Mark { None, Right, Wrong, NoHelp };
    Kind kind = Kind::Begin;
    qint64 atMs = 0; // since the drill began
    QString text;
    Mark mark = Mark::None;
    bool operator==(const DrillMoment &) const = default;
};

enum class DrillVerdict {
    Passed,   // seen, restored, nothing wrong done
    Mistaken, // restored, after something that should not have been done
    Failed,   // not restored, not seen, or called a false alarm when it was none
    Abandoned,
};

// What is kept of one attempt.
struct Debrief
{
    QString id; // ULID: the ledger's
    QString drill;
    QString title;
    QString application;
    QString environment;
    QDateTime startedAt; // UTC
    qint64 tookMs = 0;   // from its beginning to its end
    DrillVerdict verdict = DrillVerdict::Failed;
    QString words;                   // the verdict in one or two sentences
    QList<DrillMoment> moments;      // in order
    std::optional<qint64> detectMs;  // from the first bad sample; none: not seen
    std::optional<qint64> restoreMs; // from the first bad sample; none: not restored
    QStringList mistakes;
    QString fasterPath;
    bool operator==(const Debrief &) const = default;
};

// How the drill that is under way is going.
struct DrillProgress
{
    enum class Phase { Idle, Preparing, Countdown, Running, Over };
    Phase phase = Phase::Idle;
    QString drill;
    QString text;         // what is being prepared, for people
    int countdown = 0;    // seconds
    qint64 elapsedMs = 0; // since the beginning
    qint64 limitMs = 0;
    bool isSeen = false;
    std::optional<qint64> sinceBadMs; // told only once it was seen: the clock must not give the fault away
    bool isUnderWay() const
    {
        return phase == Phase::Preparing || phase == Phase::Countdown || phase == Phase::Running;
    }
    bool operator==(const DrillProgress &) const = default;
};

// Names for files and the command line; the lists are complete.
QString drillVerdictName(DrillVerdict verdict);
QString drillMomentName(DrillMoment::Kind kind);
QString drillMarkName(DrillMoment::Mark mark);
const QList<DrillVerdict> &allDrillVerdicts();
const QList<DrillMoment::Kind> &allDrillMoments();
const QList<DrillMoment::Mark> &allDrillMarks();

QString drillVerdictText(DrillVerdict verdict); // for people: "passed"
// "0:48", "12:05": minutes and seconds.
QString drillClockText(qint64 ms);

// The best attempt at a scenario: a pass before a mistake, then the shortest time to restore. None: never restored.
std::optional<Debrief> bestAttempt(const QList<Debrief> &history, const QString &drill);
std::optional<Debrief> lastAttempt(const QList<Debrief> &history, const QString &drill); // the newest

} // namespace signalbox

#include "models/domain/trafficway.h"

#include <QRegularExpression>
#include <QVersionNumber>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr double wholePercents = 0.5; // shares are ordered in whole per cents

// "v2.15.0-rc.2": 2.15.0. Null: no version of numbers (a commit, a name).
QVersionNumber numbersOf(const QString &version)
{
    static const QRegularExpression numbers(QStringLiteral("^v?(\\d+(?:\\.\\d+)+)(?:[-+].*)?$"));
    const QRegularExpressionMatch match = numbers.match(version);
    return match.hasMatch() ? QVersionNumber::fromString(match.captured(1)).normalized() : QVersionNumber();
}

// Below 0: the one is lower; 0: the same, or nothing tells.
int comparedVersions(const Track &one, const Track &other)
{
    const QVersionNumber a = numbersOf(one.version);
    const QVersionNumber b = numbersOf(other.version);
    return a.isNull() || b.isNull() ? 0 : QVersionNumber::compare(a, b);
}

bool wasRolledOutBefore(const Track &one, const Track &other)
{
    return one.since.isValid() && other.since.isValid() && one.since < other.since;
}

struct TrackMove
{
    QString name;
    std::optional<Track> track; // none: nothing is known of it
    double share = 0;           // now, where isMeasured
    bool isMeasured = true;
    bool gains = false;
    bool loses = false;
    bool isKnown = true; // both
};

TrackMove moveOf(const std::optional<double> &share, const QString &name, const QList<TrafficOrder::Step> &steps)
{
    TrackMove move;
    move.name = name;
    move.share = share.value_or(0);
    move.isMeasured = share.has_value();
    // From wherever it is, to nothing is less, and to all of it is more.
    const int end = steps.last().percent.value(name);
    move.isKnown = share || end == 0 || end == 100;
    double before = share.value_or(end == 0 ? 1 : 0) * 100;
    for (const TrafficOrder::Step &step : steps) {
        const double next = step.percent.value(name);
        move.gains = move.gains || next > before + wholePercents;
        move.loses = move.loses || next < before - wholePercents;
        before = next;
    }
    return move;
}

bool isKnownOlder(const TrackMove &one, const TrackMove &other)
{
    return one.track && other.track && isOlderRelease(*one.track, *other.track);
}

bool isBack(const QList<TrackMove> &moves)
{
    return std::all_of(moves.begin(), moves.end(), [&moves](const TrackMove &one) {
        if (!one.isKnown || (one.gains && one.loses))
            return false;
        return !one.gains || std::all_of(moves.begin(), moves.end(), [&one](const TrackMove &other) {
            return !other.loses || isKnownOlder(one, other);
        });
    });
}

bool hasLessThan(const TrackMove &one, const TrackMove &other)
{
    return one.isMeasured && other.isMeasured && one.share < other.share;
}

// Whether `one` ends with no more than its part, where those that lose nothing divide all of it as they do now.
bool hasItsPart(const TrackMove &one, const QList<TrackMove> &moves, int endPercent)
{
    if (std::none_of(moves.begin(), moves.end(), [](const TrackMove &each) { return each.isMeasured; }))
        return true; // nothing to measure it by
    if (std::any_of(moves.begin(), moves.end(), [](const TrackMove &each) { return !each.loses && !each.isMeasured; }))
        return false;
    double remaining = 0;
    for (const TrackMove &other : moves)
        remaining += other.loses ? 0 : other.share;
    return remaining > 0 && endPercent <= one.share / remaining * 100 + 2 * wholePercents;
}

// All of it to the stable track, while nothing tells that this is of a newer release than those that lose theirs. Where
// it is named, others beside it may get their part of what one of them loses whole, and no more.
bool isAllToStable(const QList<TrackMove> &moves, const QList<TrafficOrder::Step> &steps, const QString &stable)
{
    const QMap<QString, int> &end = steps.last().percent;
    const QString name = stable.isEmpty() ? end.key(100) : stable;
    const auto to =
        std::find_if(moves.begin(), moves.end(), [&name](const TrackMove &one) { return one.name == name; });
    if (to == moves.end() || !to->gains || (stable.isEmpty() && end.value(name) != 100))
        return false;
    return std::all_of(moves.begin(), moves.end(), [&](const TrackMove &one) {
        if (one.gains)
            return !one.loses &&
                   (one.name == name || (!stable.isEmpty() && hasItsPart(one, moves, end.value(one.name))));
        const bool isTakenBack = end.value(one.name) == 0 && !isKnownOlder(one, *to);
        return (!one.loses || isTakenBack) && (!stable.isEmpty() || !hasLessThan(*to, one));
    });
}

bool isSurelyNewest(const TrackMove &one, const QList<TrackMove> &moves)
{
    return one.track && std::all_of(moves.begin(), moves.end(), [&one](const TrackMove &other) {
               return &other == &one || (other.track && wasRolledOutBefore(*other.track, *one.track) &&
                                         comparedVersions(*other.track, *one.track) < 0);
           });
}

} // namespace

bool isOlderRelease(const Track &one, const Track &other)
{
    const int versions = comparedVersions(one, other);
    return versions != 0 ? versions < 0 : wasRolledOutBefore(one, other);
}

TrafficWay trafficWayOf(const QList<TrafficOrder::Step> &steps, const TrafficSplit &now, const QList<Track> &tracks,
                        const QString &stable)
{
    if (steps.isEmpty())
        return {};
    QMap<QString, std::optional<double>> shares; // several backends may be of one track
    for (const TrafficLeg &leg : now.legs) {
        const auto sum = shares.find(leg.track);
        if (sum == shares.end())
            shares.insert(leg.track, leg.share);
        else
            *sum = *sum && leg.share ? std::optional(**sum + *leg.share) : std::nullopt;
    }
    QList<TrackMove> moves;
    for (auto it = shares.constBegin(); it != shares.constEnd(); ++it) {
        TrackMove move = moveOf(it.value(), it.key(), steps);
        const auto track =
            std::find_if(tracks.begin(), tracks.end(), [&it](const Track &one) { return one.name == it.key(); });
        if (track != tracks.end())
            move.track = *track;
        moves.append(move);
    }
    TrafficWay way;
    const bool isMove = std::any_of(moves.begin(), moves.end(), [](const TrackMove &one) { return one.gains; });
    // All of it to where it is already changes nothing, and takes nothing forward.
    const QString target = steps.last().percent.key(100);
    if (isMove ? isBack(moves) || isAllToStable(moves, steps, stable) : shares.contains(target) && shares.value(target))
        way.direction = Direction::Back;
    way.bringsNewest =
        way.direction == Direction::Forward && std::any_of(moves.begin(), moves.end(), [&moves](const TrackMove &one) {
            return one.gains && one.isMeasured && isSurelyNewest(one, moves);
        });
    return way;
}

} // namespace signalbox

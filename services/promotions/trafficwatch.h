#pragma once

#include "models/domain/application.h"
#include "models/policy/claims.h"

#include <QByteArray>
#include <QDateTime>
#include <QHash>
#include <QString>

#include <chrono>
#include <optional>

namespace signalbox
{

// A kind that may not be read takes nothing from what the others tell. What is old, never came or is still being read
// is worse than that, and tells nothing.
bool isSeenNow(const Freshness &freshness);

// Since when tracks have had traffic, as far as this program has seen it: other tools move it, too, and tell nobody.
// What was not looked at, or not live, for a while is seen for the first time again.
class TrafficWatch
{
public:
    // As it is now. At least every `mostGap`, else what was seen before does not count.
    void note(const Deployed &deployed, const QDateTime &now);
    void forget(const QString &key) { m_places.remove(key); } // of Deployed
    // What a program that starts soon may go on from, as JSON; empty: nothing is divided anywhere.
    QByteArray kept(const QDateTime &now) const;
    // Takes up what another program of this operator kept, as if this one had looked then: also after the first looks
    // of its own. What is not of kept() tells nothing: false.
    bool resume(const QByteArray &kept);
    // The track with most live traffic. None: it is alone and had all the traffic whenever it was looked at.
    std::optional<policy::Serving> serving(const Deployed &deployed) const;

    static constexpr std::chrono::minutes mostGap{5};

private:
    struct Seen
    {
        QDateTime since; // with traffic; invalid: it has none
        bool isBegun = false;
    };
    struct Place
    {
        QDateTime at;
        QDateTime first;             // of the looks without a gap
        QHash<QString, Seen> tracks; // by name; those whose share is known
    };
    static bool isGap(const QDateTime &before, const QDateTime &now);
    static void takeUp(Place &place, const Place &before);

    QHash<QString, Place> m_places; // by Deployed::key()
};

} // namespace signalbox

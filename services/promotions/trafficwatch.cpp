#include "services/promotions/trafficwatch.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace signalbox
{

namespace
{

constexpr const char *trafficSchema = "signalbox.traffic/1";

std::string watchTimeText(const QDateTime &at)
{
    return at.isValid() ? at.toUTC().toString(Qt::ISODateWithMs).toStdString() : std::string();
}

QDateTime watchTimeOf(const nlohmann::json &at)
{
    return QDateTime::fromString(QString::fromStdString(at.get<std::string>()), Qt::ISODateWithMs).toUTC();
}

bool tellsShares(const Deployed &deployed)
{
    return isSeenNow(deployed.freshness) && !deployed.isShareAssumed;
}

} // namespace

bool isSeenNow(const Freshness &freshness)
{
    return freshness.isLive() || freshness.state == Freshness::State::Denied;
}

void TrafficWatch::note(const Deployed &deployed, const QDateTime &now)
{
    if (!tellsShares(deployed))
        return; // as if nobody had looked: a short while of that is no gap
    Place &place = m_places[deployed.key()];
    const bool isNew = isGap(place.at, now);
    const QHash<QString, Seen> before = isNew ? QHash<QString, Seen>() : place.tracks;
    if (isNew)
        place.first = now;
    place.at = now;
    place.tracks.clear();
    for (const Track &track : deployed.tracks) {
        if (!track.share)
            continue;
        const auto known = before.constFind(track.name);
        Seen seen;
        if (*track.share > 0 && known != before.constEnd() && known->since.isValid())
            seen = *known;
        else if (*track.share > 0)
            seen = {now, known != before.constEnd()};
        place.tracks.insert(track.name, seen);
    }
}

bool TrafficWatch::isGap(const QDateTime &before, const QDateTime &now)
{
    return !before.isValid() || now < before || before.secsTo(now) > std::chrono::seconds(mostGap).count();
}

// What had traffic at the first look had it before, or got it between the two.
void TrafficWatch::takeUp(Place &place, const Place &before)
{
    if (isGap(before.at, place.first))
        return;
    for (auto track = place.tracks.begin(); track != place.tracks.end(); ++track) {
        const auto known = before.tracks.constFind(track.key());
        if (known == before.tracks.constEnd() || track->isBegun || track->since != place.first)
            continue;
        if (known->since.isValid())
            *track = *known;
        else
            track->isBegun = true;
    }
    place.first = before.first;
}

QByteArray TrafficWatch::kept(const QDateTime &now) const
{
    nlohmann::json places = nlohmann::json::object();
    for (auto place = m_places.cbegin(); place != m_places.cend(); ++place) {
        if (place->tracks.size() < 2 || isGap(place->at, now))
            continue;
        nlohmann::json tracks = nlohmann::json::object();
        for (auto track = place->tracks.cbegin(); track != place->tracks.cend(); ++track)
            tracks[track.key().toStdString()] = {{"since", watchTimeText(track->since)}, {"isBegun", track->isBegun}};
        places[place.key().toStdString()] = {
            {"at", watchTimeText(place->at)}, {"first", watchTimeText(place->first)}, {"tracks", tracks}};
    }
    if (places.empty())
        return {};
    return QByteArray::fromStdString(nlohmann::json{{"schema", trafficSchema}, {"places", places}}.dump(1));
}

bool TrafficWatch::resume(const QByteArray &kept)
{
    QHash<QString, Place> places;
    try {
        const auto json = nlohmann::json::parse(kept.cbegin(), kept.cend());
        if (json.at("schema") != trafficSchema)
            return false;
        for (const auto &[key, read] : json.at("places").items()) {
            Place place{watchTimeOf(read.at("at")), watchTimeOf(read.at("first")), {}};
            for (const auto &[name, track] : read.at("tracks").items())
                place.tracks.insert(QString::fromStdString(name),
                                    {watchTimeOf(track.at("since")), track.at("isBegun").get<bool>()});
            places.insert(QString::fromStdString(key), place);
        }
    } catch (const nlohmann::json::exception &) {
        return false;
    }
    for (auto before = places.cbegin(); before != places.cend(); ++before) {
        const auto here = m_places.find(before.key());
        if (here == m_places.end())
            m_places.insert(before.key(), *before);
        else
            takeUp(*here, *before);
    }
    return true;
}

std::optional<policy::Serving> TrafficWatch::serving(const Deployed &deployed) const
{
    if (deployed.tracks.isEmpty())
        return std::nullopt;
    const Track &live = deployed.tracks.first();
    const Seen seen = m_places.value(deployed.key()).tracks.value(live.name);
    if (deployed.tracks.size() == 1 && !seen.isBegun && live.share.value_or(1) > 0)
        return std::nullopt;
    // One that nothing leads to is not proven by what was once.
    const bool isSeen = isSeenNow(deployed.freshness) && live.share.value_or(1) > 0;
    return policy::Serving{live.name, tellsShares(deployed) ? live.share : std::nullopt, seen.since, seen.isBegun,
                           isSeen};
}

} // namespace signalbox

#include "services/adapters/kubernetes/trafficweights.h"

#include <algorithm>
#include <numeric>

namespace signalbox::kubernetes
{

namespace
{

// `total` in whole parts, by the shares.
QList<int> apportioned(const QList<double> &shares, int total)
{
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    QList<int> parts(shares.size(), 0);
    if (sum <= 0)
        return parts;
    QList<qsizetype> order;
    QList<double> rest;
    int given = 0;
    for (qsizetype i = 0; i < shares.size(); ++i) {
        const double exact = shares[i] / sum * total;
        parts[i] = static_cast<int>(exact + 1e-9);
        rest.append(exact - parts[i]);
        given += parts[i];
        order.append(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&rest](qsizetype a, qsizetype b) { return rest[a] > rest[b] + 1e-9; });
    for (qsizetype i = 0; given < total; i = (i + 1) % order.size()) {
        ++parts[order[i]];
        ++given;
    }
    return parts;
}

struct Group
{
    QList<qsizetype> legs;
    QList<qint64> ratio; // of its legs, without a common factor
    qint64 sum = 0;
};

QMap<QString, Group> grouped(const QList<WeightedLeg> &legs)
{
    QMap<QString, Group> groups;
    for (qsizetype i = 0; i < legs.size(); ++i) {
        groups[legs[i].track].legs.append(i);
        groups[legs[i].track].ratio.append(legs[i].weight);
    }
    for (Group &group : groups) {
        qint64 divisor = 0;
        for (const qint64 weight : group.ratio)
            divisor = std::gcd(divisor, weight);
        for (qint64 &weight : group.ratio)
            weight = divisor == 0 ? 1 : weight / divisor;
        group.sum = std::accumulate(group.ratio.begin(), group.ratio.end(), qint64(0));
    }
    return groups;
}

} // namespace

QList<int> wholePercents(const QList<double> &shares)
{
    return apportioned(shares, 100);
}

QList<int> weightsFor(const QList<WeightedLeg> &legs, const QMap<QString, int> &percent, int limit, bool sumsTo100)
{
    const QMap<QString, Group> groups = grouped(legs);
    qint64 scale = 1; // so that each track's per cent divides by the sum of its legs
    QList<double> shares(legs.size(), 0);
    for (auto it = groups.begin(); it != groups.end(); ++it) {
        const int wanted = percent.value(it.key());
        if (wanted > 0 && scale <= limit)
            scale = std::lcm(scale, it->sum / std::gcd(it->sum, qint64(wanted)));
        for (qsizetype i = 0; i < it->legs.size(); ++i)
            shares[it->legs[i]] = double(wanted) * double(it->ratio[i]) / double(it->sum);
    }
    QList<int> weights(legs.size(), 0);
    qint64 largest = 0;
    for (auto it = groups.begin(); it != groups.end() && scale <= limit; ++it) {
        for (qsizetype i = 0; i < it->legs.size(); ++i) {
            const qint64 weight = percent.value(it.key()) * it->ratio[i] * scale / it->sum;
            largest = std::max(largest, weight);
            weights[it->legs[i]] = static_cast<int>(std::min<qint64>(weight, limit));
        }
    }
    if (sumsTo100 && scale != 1)
        return apportioned(shares, 100);
    return scale > limit || largest > limit ? apportioned(shares, limit) : weights;
}

} // namespace signalbox::kubernetes

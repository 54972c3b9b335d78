#pragma once

#include <QList>
#include <QMap>
#include <QString>

// Per cents to weights and back. Pure.
namespace signalbox::kubernetes
{

// Whole per cents that sum to 100 and are closest to the shares (largest remainder; the first wins a tie). All zero:
// all zero.
QList<int> wholePercents(const QList<double> &shares);

struct WeightedLeg
{
    QString track;
    int weight = 0; // now
};

// Weights that give each track exactly its per cent (tracks not named get 0); legs of one track keep the ratio they
// have. Where that needs numbers above `limit`, or with `sumsTo100` (Istio), the nearest whole weights are taken, which
// still sum up.
QList<int> weightsFor(const QList<WeightedLeg> &legs, const QMap<QString, int> &percent, int limit, bool sumsTo100);

} // namespace signalbox::kubernetes

#pragma once

#include "models/domain/freshness.h"
#include "models/domain/result.h"

#include <QByteArray>
#include <QList>

#include <vector>

// Reading a cluster namespace by namespace: pure parts.
namespace signalbox::kubernetes
{

struct ReadableResources
{
    bool isComplete = true;
    QList<std::pair<QString, QString>> all; // group, resource; "*" for any: list and watch are allowed, on all names
};
// The answer of a SelfSubjectRulesReview.
Result<ReadableResources> parseRulesReview(const QByteArray &json);

// One kind over several namespaces: the worst of those that may be read; `denied` when there are none and all is known.
Freshness combined(const std::vector<Freshness> &scopes, const Freshness &denied, bool isAllKnown);

} // namespace signalbox::kubernetes

#pragma once

#include <QString>

namespace signalbox
{

// The model that an AI service serves: part of its release, since another model behind the same image answers
// differently. Both as the workload's makers write them; nothing is read into them.
struct ServedModel
{
    QString name;
    QString version;

    bool isEmpty() const { return name.isEmpty() && version.isEmpty(); }
    bool operator==(const ServedModel &) const = default;
};

// "fraud-net 7"; empty: none.
QString servedModelText(const ServedModel &model);
// Whether `now` is what was asked for as `then`. Where the record has no name (older ones do not) its version counts.
bool isSameModel(const ServedModel &then, const ServedModel &now);

} // namespace signalbox

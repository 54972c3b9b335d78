#pragma once

#include <Qt>

namespace signalbox
{

// What delegates and views ask of every item model; a model adds its own from FirstOwnRole on.
enum ItemRole {
    IdRole = Qt::UserRole + 1, // QString, stable
    HealthRole,                // int of Health
    SecondLineRole,            // QString, the soft line below
    HashRole,                  // QString, monospaced behind the text
    TimeRole,                  // QDateTime, UTC
    SortRole,                  // what this column sorts by
    CopyRole,                  // what Ctrl+C puts on the clipboard, when it is not the text
    FilterRole,                // everything `/` looks at
    DimmedRole,                // bool, of less importance
    FirstOwnRole = Qt::UserRole + 100,
};

} // namespace signalbox

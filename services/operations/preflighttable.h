#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"

#include <QByteArray>
#include <QHash>

#include <optional>

namespace signalbox
{

// What a failed check does to an operation: the table resources/preflight.json, operation x direction x check. Adapters
// report Block for a check that failed and Warn for one they doubt; the table says the most either may do.
class PreflightTable
{
public:
    enum class Effect { Block, Warn, Ignore };

    // The one that ships with the program.
    static const PreflightTable &standard();
    // Strict: every pair, no other names. The error names the place.
    static Result<PreflightTable> parse(const QByteArray &json);

    Effect effect(OperationKind kind, Direction direction, CheckId check) const;
    // In the same order; a failed check that is ignored passes and keeps its text.
    QList<Check> apply(OperationKind kind, Direction direction, const QList<Check> &findings) const;

private:
    QHash<int, Effect> m_effects;
};

} // namespace signalbox

#include "services/operations/preflighttable.h"

#include "services/ledger/operationjson.h"

#include <QFile>

#include <set>

// In the global namespace, as Qt demands.
static void loadResources()
{
    Q_INIT_RESOURCE(operations);
}

namespace signalbox
{
namespace
{

using namespace operationjson;
using Effect = PreflightTable::Effect;

int keyOf(OperationKind kind, Direction direction, CheckId check)
{
    return (static_cast<int>(kind) * 2 + static_cast<int>(direction)) * 64 + static_cast<int>(check);
}

const QList<Effect> &allEffects()
{
    static const QList<Effect> all{Effect::Block, Effect::Warn, Effect::Ignore};
    return all;
}

QString effectName(Effect effect)
{
    switch (effect) {
    case Effect::Block:
        return QStringLiteral("block");
    case Effect::Warn:
        return QStringLiteral("warn");
    case Effect::Ignore:
        return QStringLiteral("ignore");
    }
    return {};
}

template <typename Enum>
void allowOnly(const Fields &fields, const Json &object, const QList<Enum> &all, QString (*nameOf)(Enum))
{
    std::set<std::string> known;
    for (Enum value : all)
        known.insert(utf8(nameOf(value)));
    for (const auto &item : object.items()) {
        if (!known.contains(item.key()))
            fields.fail(item.key().c_str(), "left out: no such name is known here");
    }
}

} // namespace

const PreflightTable &PreflightTable::standard()
{
    static const PreflightTable table = [] {
        loadResources();
        QFile file(QStringLiteral(":/signalbox/preflight.json"));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("preflight.json is missing from the program");
        const auto parsed = parse(file.readAll());
        if (!parsed)
            qFatal("%s", qUtf8Printable(parsed.error().message));
        return *parsed;
    }();
    return table;
}

Result<PreflightTable> PreflightTable::parse(const QByteArray &bytes)
{
    const QString name = QStringLiteral("preflight.json");
    const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (json.is_discarded())
        return Error{ErrorKind::Invalid, QStringLiteral("%1 is not JSON.").arg(name), {}};
    return decode<PreflightTable>(name, [&json] {
        PreflightTable table;
        const Fields top(json);
        if (top.number("version") != 1)
            top.fail("version", "1");
        const Fields kinds = top.object("operations");
        allowOnly(kinds, json["operations"], allOperationKinds(), operationKindName);
        for (OperationKind kind : allOperationKinds()) {
            const std::string kindName = utf8(operationKindName(kind));
            const Fields directions = kinds.object(kindName.c_str());
            allowOnly(directions, json["operations"][kindName], allDirections(), directionName);
            for (Direction direction : allDirections()) {
                const std::string side = utf8(directionName(direction));
                const Fields checks = directions.object(side.c_str());
                allowOnly(checks, json["operations"][kindName][side], allChecks(), checkName);
                for (CheckId check : allChecks())
                    table.m_effects.insert(keyOf(kind, direction, check),
                                           checks.named(utf8(checkName(check)).c_str(), allEffects(), effectName));
            }
        }
        return table;
    });
}

PreflightTable::Effect PreflightTable::effect(OperationKind kind, Direction direction, CheckId check) const
{
    return m_effects.value(keyOf(kind, direction, check), Effect::Block);
}

QList<Check> PreflightTable::apply(OperationKind kind, Direction direction, const QList<Check> &findings) const
{
    QList<Check> applied = findings;
    for (Check &check : applied) {
        if (check.state == CheckState::Pass)
            continue;
        const Effect most = effect(kind, direction, check.id);
        if (most == Effect::Ignore)
            check.state = CheckState::Pass;
        else if (most == Effect::Warn)
            check.state = CheckState::Warn;
    }
    return applied;
}

} // namespace signalbox

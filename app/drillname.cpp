#include "app/drillname.h"

#include "app/cli/nearest.h"
#include "services/drills/scenario.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct CommandsText
{
    Q_DECLARE_TR_FUNCTIONS(Commands)
};

} // namespace

QStringList drillNames()
{
    QStringList names;
    for (const drills::Scenario &one : drills::builtInScenarios())
        names.append(one.info.name);
    return names;
}

Result<void> checkDrillName(const QString &name)
{
    const QStringList names = drillNames();
    if (names.contains(name))
        return {};
    const QString all = names.join(QStringLiteral(", "));
    const QStringList close = nearest(name, names);
    return Error{ErrorKind::Invalid,
                 close.isEmpty() ? CommandsText::tr("There is no drill \"%1\". There are %2.").arg(name, all)
                                 : CommandsText::tr("There is no drill \"%1\". Did you mean %2? There are %3.")
                                       .arg(name, orList(close), all),
                 {}};
}

} // namespace signalbox

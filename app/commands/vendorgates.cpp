#include "app/commands/vendorgates.h"

#include "app/commands/command.h"
#include "app/commands/commandstext.h"
#include "services/async/chain.h"

#include <algorithm>

namespace signalbox::commands
{

namespace
{

FoundGate mapped(const WaitingGate &gate, const std::optional<Workspace> &workspace)
{
    const QString project = gate.run.pipeline.project;
    const QString known = workspace ? workspace->applicationOf(gate.connection, project) : QString();
    return {gate, known.isEmpty() ? project : known, !known.isEmpty()};
}

} // namespace

QString gateName(const WaitingGate &gate)
{
    return gate.connection + u'/' + gate.id;
}

bool isGateName(const QString &text)
{
    return text.contains(u'/');
}

QFuture<Result<FoundGates>> findGates(QObject *context, PipelineSet &servers, const std::optional<Workspace> &workspace,
                                      const Patience &patience, const StopToken &stop)
{
    QList<QFuture<Result<QList<WaitingGate>>>> asked;
    QStringList connections;
    for (const auto &server : servers.all()) {
        if (!server->gates())
            continue;
        asked.append(within(context, server->gates()->waiting(stop), patience));
        connections.append(server->gates()->connection());
    }
    return after(context, gathered(context, asked), [=, &servers](const QList<Result<QList<WaitingGate>>> &answers) {
        FoundGates found;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            if (!answers.at(i)) {
                found.problems.append({connections.at(i), answers.at(i).error()});
                continue;
            }
            for (const WaitingGate &gate : *answers.at(i))
                found.gates.append(mapped(gate, workspace));
            PipelineServer *const server = servers.find(connections.at(i));
            const QString unread = server && server->gates() ? server->gates()->unread() : QString();
            if (!unread.isEmpty())
                found.problems.append({connections.at(i), Error{ErrorKind::Forbidden, unread, {}}});
        }
        std::stable_sort(found.gates.begin(), found.gates.end(),
                         [](const FoundGate &a, const FoundGate &b) { return a.gate.since < b.gate.since; });
        return ready(Result<FoundGates>(found));
    });
}

Result<FoundGate> gateNamed(const FoundGates &found, const QString &name)
{
    QStringList names;
    for (const FoundGate &one : found.gates) {
        names.append(gateName(one.gate));
        if (names.last() == name)
            return one;
    }
    for (const auto &[connection, error] : found.problems) {
        if (name.startsWith(connection + u'/'))
            return error;
    }
    return Error{ErrorKind::NotFound,
                 names.isEmpty()
                     ? CommandsText::tr("No gate \"%1\" waits: it was decided, its run has ended, or it never was. "
                                        "None waits now.")
                           .arg(name)
                     : CommandsText::tr("No gate \"%1\" waits: it was decided, its run has ended, or it never was. "
                                        "Waiting are: %2.")
                           .arg(name, names.mid(0, 12).join(QStringLiteral(", "))),
                 {}};
}

QFuture<Result<FoundGate>> findGate(QObject *context, PipelineSet &servers, const std::optional<Workspace> &workspace,
                                    const FoundGates &found, const QString &name, const StopToken &stop)
{
    const auto one = gateNamed(found, name);
    PipelineServer *const server = servers.find(name.section(u'/', 0, 0));
    // What is hidden of a server takes nothing away that is not.
    const bool mayBeThere =
        !one && (one.error().kind == ErrorKind::NotFound || one.error().kind == ErrorKind::Forbidden);
    if (!mayBeThere || !server || !server->gates())
        return ready(one);
    return afterAny(context, server->gates()->optional(name.section(u'/', 1), stop),
                    [one, workspace](const Result<WaitingGate> &gate) {
                        if (gate)
                            return ready(Result<FoundGate>(mapped(*gate, workspace)));
                        return ready(gate.error().kind == ErrorKind::NotFound ? one : Result<FoundGate>(gate.error()));
                    });
}

Result<void> checkParameters(const WaitingGate &gate, const QMap<QString, QString> &given)
{
    QStringList names;
    for (const RunParameter &parameter : gate.parameters) {
        names.append(parameter.name);
        const auto value = given.constFind(parameter.name);
        if (value == given.cend()) {
            if (parameter.isRequired && parameter.value.isEmpty())
                return invalid(CommandsText::tr("The gate asks for %1: give --set %1=VALUE.").arg(parameter.name));
            continue;
        }
        if (parameter.kind == RunParameter::Kind::Choice && !parameter.choices.contains(*value))
            return invalid(CommandsText::tr("--set %1: choose one of %2.")
                               .arg(parameter.name, parameter.choices.join(QStringLiteral(", "))));
    }
    for (auto it = given.cbegin(); it != given.cend(); ++it) {
        if (!names.contains(it.key()))
            return invalid(names.isEmpty() ? CommandsText::tr("--set %1: the gate takes no parameters.").arg(it.key())
                                           : CommandsText::tr("--set %1: the gate has no such parameter. It has %2.")
                                                 .arg(it.key(), names.join(QStringLiteral(", "))));
    }
    return {};
}

} // namespace signalbox::commands

#pragma once

#include "models/domain/application.h"
#include "models/domain/result.h"

#include <QList>

// Finding what APP, ENV, --track, --workload and --router mean. Pure; every failure names what there is.
namespace signalbox::commands
{

// One environment by a name as people write it: ENV, or CONTEXT/NAMESPACE.
bool namesEnvironment(const Deployed &deployed, const QString &text);
// Both may be empty: all. NotFound when a name that is given is nowhere.
Result<QList<Deployed>> findAll(const QList<Deployed> &all, const QString &application, const QString &environment);
Result<Deployed> findOne(const QList<Deployed> &all, const QString &application, const QString &environment);
// The workload to act on. Without `track` and `workload`: the only one, else the only one of the track that gets most.
Result<ObjectRef> findWorkload(const Deployed &deployed, const QString &track, const QString &workload);
Result<RouterRef> findRouter(const Deployed &deployed, const QString &router);

} // namespace signalbox::commands

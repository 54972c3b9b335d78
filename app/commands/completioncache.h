#pragma once

#include "app/wiring/sources.h"
#include "models/domain/application.h"

// What shell completion knows of applications without asking a cluster: the names of the last complete answer, one file
// a source in dataFolder()/completion. Names only.
namespace signalbox::commands
{

struct KnownPlace
{
    QString application;
    QString environment;
    QStringList tracks;
};

void rememberNames(const SourceOptions &options, const QList<Deployed> &deployed);
// Asks the cluster, for at most two seconds, when there is no answer yet or it is older than ten minutes; the old one
// serves when that fails.
QList<KnownPlace> rememberedNames(const SourceOptions &options);
QStringList contextNames(const SourceOptions &options); // of the kubeconfig, or ids of the workspace

} // namespace signalbox::commands

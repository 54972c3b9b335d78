#pragma once

#include "services/adapters/kubernetes/jsonread.h"
#include "services/adapters/kubernetes/owners.h"
#include "services/adapters/kubernetes/parse.h"

// What the parsers of single kinds share. Private to this folder.
namespace signalbox::kubernetes
{

struct Meta
{
    QString name;
    QString ns;
    QString uid;
    std::string_view resourceVersion; // valid until the parser reads the next document
    qint64 generation = 0;
    QDateTime created;
    bool isDeleting = false;
    Labels labels;
    QMap<QString, QString> annotations; // only those that readMeta() was asked for
    QList<OwnerReference> owners;
    QStringList fieldManagers;
};

enum class MetaScope {
    Plain,   // no annotations, no field managers
    Telling, // what gives owners and revisions away
};
// managedFields, often a third of an object, is passed over (Plain) or read for its managers' names only.
Meta readMeta(od::value value, Interner &strings, MetaScope scope);

struct ParseContext
{
    const ParsedKind &kind;
    Interner &strings;
    // Set by each parser: the version of the object it read.
    QString resourceVersion;

    ObjectRef refOf(const Meta &meta) const
    {
        return {kind.connection, kind.group, kind.kindName, meta.ns, meta.name, meta.uid};
    }
    QList<Manager> managersOf(const Meta &meta) const;
};

QList<Condition> readConditions(od::value value, Interner &strings);
QList<ContainerImage> readImages(od::value containers, Interner &strings); // of a pod spec's container array

Pod readPod(od::value value, ParseContext &context);
Node readNode(od::value value, ParseContext &context);
NamespaceFact readNamespace(od::value value, ParseContext &context);
Workload readWorkload(od::value value, ParseContext &context);
Revision readReplicaSet(od::value value, ParseContext &context);
Revision readControllerRevision(od::value value, ParseContext &context);
ServiceInfo readService(od::value value, ParseContext &context);
EndpointSet readEndpoints(od::value value, ParseContext &context);
Autoscaler readAutoscaler(od::value value, ParseContext &context);
ClusterEvent readEvent(od::value value, ParseContext &context);
Route readHttpRoute(od::value value, ParseContext &context);
Route readVirtualService(od::value value, ParseContext &context);
SubsetRule readDestinationRule(od::value value, ParseContext &context);

} // namespace signalbox::kubernetes

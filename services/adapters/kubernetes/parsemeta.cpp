#include "services/adapters/kubernetes/parsemeta.h"

#include "services/adapters/kubernetes/values.h"

namespace signalbox::kubernetes
{

namespace
{

OwnerReference readOwner(od::value value, Interner &strings)
{
    OwnerReference owner;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "apiVersion")
            owner.apiVersion = strings.text(field);
        else if (key == "kind")
            owner.kind = strings.text(field);
        else if (key == "name")
            owner.name = strings.text(field);
        else if (key == "uid")
            owner.uid = strings.text(field);
        else if (key == "controller")
            owner.isController = boolean(field);
    });
    return owner;
}

bool isWantedAnnotation(std::string_view name)
{
    static constexpr std::string_view revisions[] = {"deployment.kubernetes.io/revision", "kubernetes.io/change-cause",
                                                     "rollout.argoproj.io/revision"};
    for (const std::string_view one : revisions) {
        if (name == one)
            return true;
    }
    return name.size() < 64 && isTellingAnnotation(toQString(name));
}

QStringList readFieldManagers(od::value value, Interner &strings)
{
    QStringList names;
    eachElement(value, [&](od::value entry) {
        eachField(entry, [&](std::string_view key, od::value field) {
            if (key != "manager")
                return;
            const QString name = strings.text(field);
            if (!names.contains(name))
                names.append(name);
        });
    });
    return names;
}

Condition readCondition(od::value value, Interner &strings)
{
    Condition condition;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "type")
            condition.type = strings.text(field);
        else if (key == "status")
            condition.status = strings.text(field);
        else if (key == "reason")
            condition.reason = strings.text(field);
        else if (key == "message")
            condition.message = toQString(text(field));
        else if (key == "lastTransitionTime")
            condition.since = parseTime(text(field));
    });
    return condition;
}

} // namespace

Meta readMeta(od::value value, Interner &strings, MetaScope scope)
{
    Meta meta;
    const bool isTelling = scope == MetaScope::Telling;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "name") {
            meta.name = toQString(text(field));
        } else if (key == "namespace") {
            meta.ns = strings.text(field);
        } else if (key == "uid") {
            meta.uid = toQString(text(field));
        } else if (key == "resourceVersion") {
            meta.resourceVersion = text(field);
        } else if (key == "generation") {
            meta.generation = integer(field);
        } else if (key == "creationTimestamp") {
            meta.created = parseTime(text(field));
        } else if (key == "deletionTimestamp") {
            meta.isDeleting = !text(field).empty();
        } else if (key == "labels") {
            meta.labels = strings.labels(field);
        } else if (key == "ownerReferences") {
            eachElement(field, [&](od::value owner) { meta.owners.append(readOwner(owner, strings)); });
        } else if (isTelling && key == "annotations") {
            eachField(field, [&](std::string_view name, od::value annotation) {
                if (isWantedAnnotation(name))
                    meta.annotations.insert(strings.text(name), toQString(text(annotation)));
            });
        } else if (isTelling && key == "managedFields") {
            meta.fieldManagers = readFieldManagers(field, strings);
        }
    });
    return meta;
}

QList<Manager> ParseContext::managersOf(const Meta &meta) const
{
    return kubernetes::managersOf(
        {kind.connection, meta.ns, meta.labels, meta.annotations, meta.owners, meta.fieldManagers});
}

QList<Condition> readConditions(od::value value, Interner &strings)
{
    QList<Condition> conditions;
    eachElement(value, [&](od::value one) { conditions.append(readCondition(one, strings)); });
    return conditions;
}

QList<ContainerImage> readImages(od::value containers, Interner &strings)
{
    QList<ContainerImage> images;
    eachElement(containers, [&](od::value container) {
        ContainerImage one;
        eachField(container, [&](std::string_view key, od::value field) {
            if (key == "name")
                one.container = strings.text(field);
            else if (key == "image")
                one.image = strings.text(field);
        });
        images.append(one);
    });
    return strings.images(images);
}

} // namespace signalbox::kubernetes

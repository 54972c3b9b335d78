// Looks at an Argo CD or Flux object whose reconciliation was paused, or taken up again.
#include "services/adapters/kubernetes/kubernetessteptext.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/steprunnerlook.h"

namespace signalbox::kubernetes
{

namespace
{

struct Changes
{
    QStringList places; // where it is not as the step left it: "spec.suspend"
    bool isPolicyChanged = false;
    bool isPolicyAsBefore = false; // as it was before the step
};

Changes changesSince(const Json &patchFacts, const Json &live)
{
    Changes changes;
    const Json before = valueAt(patchFacts, "/before");
    const Json after = valueAt(patchFacts, "/after");
    for (const auto &item : after.items()) {
        const QString pointer = QString::fromStdString(item.key());
        const Json *value = atPointer(live, pointer);
        const Json now = value && !value->is_null() ? Json(fingerprintOf(*value).toStdString()) : Json();
        if (now == item.value())
            continue;
        QString place = pointer.mid(1).replace(u'/', u'.');
        changes.places.append(place.replace(QLatin1String("~1"), QLatin1String("/")));
        if (pointer.startsWith(QLatin1String("/spec"))) {
            changes.isPolicyChanged = true;
            changes.isPolicyAsBefore = before.is_object() && before.value(item.key(), Json()) == now;
        }
    }
    return changes;
}

Observation effective(const QString &text)
{
    return {Observation::State::Effective, text, {}, 1, {}};
}

Observation failed(const QString &text)
{
    return {Observation::State::Failed, text, {}, -1, {}};
}

Observation judgePause(const QString &title, const ObjectRef &object, const Json &live, const Changes &changes)
{
    if (isReconciling(object.kind, live)) {
        // Flux has a switch, not a policy.
        const bool isSame = changes.isPolicyAsBefore || object.kind != QLatin1String("Application");
        return failed(
            (isSame ? KubernetesStepText::tr("%1 was turned on again by someone else")
                    : KubernetesStepText::tr("%1 was turned on by someone else, with another policy than before"))
                .arg(title));
    }
    if (changes.places.isEmpty())
        return effective(KubernetesStepText::tr("%1 no longer writes changes back").arg(title));
    return effective(
        KubernetesStepText::tr("%1 does not write changes back, though someone else changed %2 since it was paused")
            .arg(title, changes.places.join(QStringLiteral(", "))));
}

Observation judgeResumption(const QString &title, const ObjectRef &object, const Json &live, const Changes &changes)
{
    if (!changes.isPolicyChanged)
        return effective(KubernetesStepText::tr("%1 reconciles again").arg(title));
    if (object.kind != QLatin1String("Application")) {
        return valueAt(live, "/spec/suspend") == Json(true)
                   ? failed(KubernetesStepText::tr("%1 was suspended again by someone else").arg(title))
                   : effective(KubernetesStepText::tr("%1 reconciles again").arg(title));
    }
    if (isReconciling(object.kind, live))
        return effective(
            KubernetesStepText::tr("%1 reconciles again, by a policy that someone else changed since").arg(title));
    const Json automated = valueAt(live, "/spec/syncPolicy/automated");
    const bool isOn = automated.is_object() && valueAt(automated, "/enabled") != Json(false);
    return failed(
        (isOn ? KubernetesStepText::tr("%1 syncs again, but someone else took the self-healing out of its policy")
              : KubernetesStepText::tr("%1 was turned off again by someone else"))
            .arg(title));
}

} // namespace

Observation judgeReconciliation(const ObjectRef &object, bool pauses, const Json &patchFacts, const Json &live)
{
    const QString title = QStringLiteral("%1 %2/%3").arg(object.kind, object.ns, object.name);
    if (textAt(live, "/metadata/uid") != textAt(patchFacts, "/uid"))
        return failed(KubernetesStepText::tr("%1 was deleted and made again by someone else").arg(title));
    const Changes changes = changesSince(patchFacts, live);
    return pauses ? judgePause(title, object, live, changes) : judgeResumption(title, object, live, changes);
}

} // namespace signalbox::kubernetes

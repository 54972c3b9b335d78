#include "models/domain/workloadhealth.h"
#include "services/adapters/kubernetes/parsemeta.h"
#include "services/adapters/kubernetes/values.h"

namespace signalbox::kubernetes
{

namespace
{

struct ContainerStatus
{
    QString name;
    bool isReady = false;
    bool isStarted = false;
    int restarts = 0;
    bool isRunning = false;
    bool isWaiting = false;
    bool isTerminated = false;
    QString waitReason;
    QString waitMessage;
    QString endReason;
    int exitCode = 0;
    int signal = 0;
};

// The parts of a pod that its STATUS column is made of.
struct PodFacts
{
    Meta meta;
    QStringList restartableInits; // sidecars: init containers that keep running
    int inits = 0;
    int containers = 0;
    QString phase;
    QString statusReason;
    QString statusMessage;
    QList<Condition> conditions;
    QList<ContainerStatus> initStatuses;
    QList<ContainerStatus> statuses;
};

void readState(od::value value, ContainerStatus &status, Interner &strings)
{
    eachField(value, [&](std::string_view key, od::value state) {
        if (key == "running") {
            status.isRunning = true;
        } else if (key == "waiting") {
            status.isWaiting = true;
            eachField(state, [&](std::string_view name, od::value field) {
                if (name == "reason")
                    status.waitReason = strings.text(field);
                else if (name == "message")
                    status.waitMessage = strings.text(field);
            });
        } else if (key == "terminated") {
            status.isTerminated = true;
            eachField(state, [&](std::string_view name, od::value field) {
                if (name == "reason")
                    status.endReason = strings.text(field);
                else if (name == "exitCode")
                    status.exitCode = static_cast<int>(integer(field));
                else if (name == "signal")
                    status.signal = static_cast<int>(integer(field));
            });
        }
    });
}

QList<ContainerStatus> readStatuses(od::value value, Interner &strings)
{
    QList<ContainerStatus> statuses;
    eachElement(value, [&](od::value element) {
        ContainerStatus status;
        eachField(element, [&](std::string_view key, od::value field) {
            if (key == "name")
                status.name = strings.text(field);
            else if (key == "ready")
                status.isReady = boolean(field);
            else if (key == "started")
                status.isStarted = boolean(field);
            else if (key == "restartCount")
                status.restarts = static_cast<int>(integer(field));
            else if (key == "state")
                readState(field, status, strings);
        });
        statuses.append(status);
    });
    return statuses;
}

void readInits(od::value value, PodFacts &facts, Interner &strings)
{
    eachElement(value, [&](od::value container) {
        ++facts.inits;
        QString name;
        bool isRestartable = false;
        eachField(container, [&](std::string_view key, od::value field) {
            if (key == "name")
                name = strings.text(field);
            else if (key == "restartPolicy")
                isRestartable = text(field) == "Always";
        });
        if (isRestartable)
            facts.restartableInits.append(name);
    });
}

void readSpec(od::value value, PodFacts &facts, Pod &pod, Interner &strings)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "nodeName") {
            pod.node = strings.text(field);
        } else if (key == "containers") {
            pod.images = readImages(field, strings);
            facts.containers = static_cast<int>(pod.images.size());
        } else if (key == "initContainers") {
            readInits(field, facts, strings);
        }
    });
}

void readStatus(od::value value, PodFacts &facts, Interner &strings)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "phase")
            facts.phase = strings.text(field);
        else if (key == "reason")
            facts.statusReason = strings.text(field);
        else if (key == "message")
            facts.statusMessage = strings.text(field);
        else if (key == "conditions")
            facts.conditions = readConditions(field, strings);
        else if (key == "initContainerStatuses")
            facts.initStatuses = readStatuses(field, strings);
        else if (key == "containerStatuses")
            facts.statuses = readStatuses(field, strings);
    });
}

const Condition *conditionOf(const PodFacts &facts, QLatin1String type)
{
    for (const Condition &one : facts.conditions) {
        if (one.type == type)
            return &one;
    }
    return nullptr;
}

QString endOf(const ContainerStatus &status)
{
    if (!status.endReason.isEmpty())
        return status.endReason;
    return status.signal != 0 ? QStringLiteral("Signal:%1").arg(status.signal)
                              : QStringLiteral("ExitCode:%1").arg(status.exitCode);
}

// true: a container that must come first has not ended well, and `pod.reason` says which.
bool applyInits(const PodFacts &facts, Pod &pod)
{
    for (qsizetype i = 0; i < facts.initStatuses.size(); ++i) {
        const ContainerStatus &status = facts.initStatuses[i];
        pod.restarts += status.restarts;
        if (status.isTerminated && status.exitCode == 0)
            continue;
        if (status.isStarted && facts.restartableInits.contains(status.name)) {
            pod.readyContainers += status.isReady ? 1 : 0;
            continue;
        }
        if (status.isTerminated) {
            pod.reason = QStringLiteral("Init:") + endOf(status);
        } else if (status.isWaiting && !status.waitReason.isEmpty() &&
                   status.waitReason != QLatin1String("PodInitializing")) {
            pod.reason = QStringLiteral("Init:") + status.waitReason;
            pod.message = status.waitMessage;
        } else {
            pod.reason = QStringLiteral("Init:%1/%2").arg(i).arg(facts.inits);
        }
        return true;
    }
    return false;
}

void applyContainers(const PodFacts &facts, Pod &pod)
{
    bool hasRunning = false;
    pod.restarts = 0;
    for (auto status = facts.statuses.crbegin(); status != facts.statuses.crend(); ++status) {
        pod.restarts += status->restarts;
        if (status->isWaiting && !status->waitReason.isEmpty()) {
            pod.reason = status->waitReason;
            pod.message = status->waitMessage;
        } else if (status->isTerminated) {
            pod.reason = endOf(*status);
        } else if (status->isReady && status->isRunning) {
            hasRunning = true;
            ++pod.readyContainers;
        }
    }
    if (pod.reason == QLatin1String("Completed") && hasRunning)
        pod.reason = pod.isReady ? QStringLiteral("Running") : QStringLiteral("NotReady");
}

// kubectl's STATUS, READY and RESTARTS columns: kubernetes/kubernetes pkg/printers/internalversion/printers.go,
// printPod.
void applyColumns(const PodFacts &facts, Pod &pod)
{
    pod.phase = facts.phase;
    pod.reason = facts.statusReason.isEmpty() ? facts.phase : facts.statusReason;
    pod.message = facts.statusMessage;
    pod.containers = facts.containers + static_cast<int>(facts.restartableInits.size());
    const Condition *ready = conditionOf(facts, QLatin1String("Ready"));
    pod.isReady = ready && ready->status == QLatin1String("True");
    const Condition *scheduled = conditionOf(facts, QLatin1String("PodScheduled"));
    if (scheduled && scheduled->reason == QLatin1String("SchedulingGated"))
        pod.reason = scheduled->reason;
    if (scheduled && scheduled->status == QLatin1String("False") && pod.message.isEmpty())
        pod.message = scheduled->message;
    if (!applyInits(facts, pod))
        applyContainers(facts, pod);
    pod.isTerminating = facts.meta.isDeleting;
    const bool isOver = facts.phase == QLatin1String("Succeeded") || facts.phase == QLatin1String("Failed");
    if (facts.meta.isDeleting && facts.statusReason == QLatin1String("NodeLost"))
        pod.reason = QStringLiteral("Unknown");
    else if (facts.meta.isDeleting && !isOver)
        pod.reason = QStringLiteral("Terminating");
    // A pod that was ready once has seen its Ready condition change after it was made.
    const bool wasEverReady = ready && pod.created.isValid() && ready->since > pod.created.addSecs(90);
    pod.health = podHealth(pod, wasEverReady);
}

} // namespace

Pod readPod(od::value value, ParseContext &context)
{
    PodFacts facts;
    Pod pod;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata")
            facts.meta = readMeta(field, context.strings, MetaScope::Plain);
        else if (key == "spec")
            readSpec(field, facts, pod, context.strings);
        else if (key == "status")
            readStatus(field, facts, context.strings);
    });
    context.resourceVersion = toQString(facts.meta.resourceVersion);
    pod.ref = context.refOf(facts.meta);
    pod.labels = facts.meta.labels;
    pod.created = facts.meta.created;
    for (const OwnerReference &owner : qAsConst(facts.meta.owners)) {
        if (!owner.isController)
            continue;
        pod.ownerUid = owner.uid;
        pod.ownerKind = owner.kind;
        pod.ownerName = owner.name;
    }
    applyColumns(facts, pod);
    return pod;
}

} // namespace signalbox::kubernetes

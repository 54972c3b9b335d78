#include "app/cli/grammar_p.h"

namespace signalbox::cli
{

namespace
{

QString operationJson()
{
    return tr(
        "schema: \"signalbox.operation/1\"\n"
        "exitStatus: as below\n"
        "plan: id, kind, direction (forward, back), application, environment, connection, namespace, protected, "
        "from, to, "
        "fromHash, toHash, effect, reason, plannedAt, dryRunAt (null: no dry run was accepted), blocked\n"
        "plan.checks[]: check, state (pass, warn, block), text, detail, wayOut\n"
        "plan.steps[]: id, title, through, precondition, method, path, contentType, body, diff[] (kind: context, "
        "removed, "
        "added, note; text), dwellSeconds, deadlineMs, optional, chosen\n"
        "outcome: kind (done, notEffective, refused, conflict, cancelled, abandoned, preempted, unknown, failed, "
        "dryRun), "
        "message, error (the kind of error, null for none), confirmed (of done and abandoned; false: written, but "
        "nothing in the cluster reports whether it is in force; null for the others), startedAt, finishedAt\n"
        "outcome.steps[]: step, kind, message, sentAt, acceptedAt, observedAt\n"
        "When there is no plan: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
}

} // namespace

CommandSpec trafficCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("traffic");
    command.positionals = appAndEnv();
    command.summary = tr("Show how traffic is divided between tracks, or change it.");
    command.description = tr("Without --set, reads the split from the cluster now. With --set, plans the change, "
                             "checks it, has the cluster dry-run "
                             "it, asks, writes it only if the split is still the one that was read, and waits until it "
                             "is in force. With two "
                             "tracks the other one gets the rest; with more, name all of them. --steps moves there in "
                             "several moves and waits "
                             "--dwell between them; Ctrl+C stops after the running move. While it runs at a terminal, "
                             "p pauses, r goes on, s skips the wait and a, once y has confirmed it, abandons: what was "
                             "written is taken back, status 1. With --steer the same is said by words on standard "
                             "input, at once; \"skip 2\" skips the wait of step 2 and no other.");
    OptionSpec set =
        valued(QStringLiteral("set"), QStringLiteral("TRACK=N"),
               tr("the share of TRACK in per cent, 0 to 100; may be given once for each track"), ValueKind::Track);
    set.isRepeatable = true;
    command.options = {
        set,
        valued(QStringLiteral("steps"), QStringLiteral("N,N,..."),
               tr("shares of the first --set track on the way, for example 5,25,50,100; its own share is the last")),
        valued(QStringLiteral("dwell"), QStringLiteral("TIME"),
               tr("pause after each step but the last, for example 90s, 2m, 1h (default 1m)")),
        flag(QStringLiteral("steer"), tr("take pause, resume, skip, skip N and abandon from standard input, one a "
                                         "line, instead of keys; without it "
                                         "standard input is left alone unless it is a terminal")),
        valued(QStringLiteral("router"), QStringLiteral("NAME"),
               tr("the router to change, where several point at the application: NAME or KIND/NAME")),
        pauseReconciliation()};
    command.options += changeOptions();
    command.examples = {
        tr("signalbox traffic cart production  # who gets what"),
        tr("signalbox traffic cart production --set green=25 --confirm cart  # in one move"),
        tr("signalbox traffic cart production --set green=100 --steps 5,25,50,100 --dwell 2m --confirm cart  # in "
           "steps"),
        tr("signalbox traffic cart production --set green=100 --steps 5,50 --steer --confirm cart  # a program steers"),
        tr("signalbox traffic cart production --set blue=100 --dry-run  # what all back to blue would write")};
    command.json =
        tr("Without --set:\n"
           "schema: \"signalbox.traffic/1\"\n"
           "application, environment, connection, namespace\n"
           "routers[]: kind, object, rule, applied (yes, no, unknown), appliedReason, resourceVersion, readAt\n"
           "routers[].legs[]: track, backend, weight (as written), share (0..1; null: unknown), podsReady (null: "
           "unknown)\n"
           "routers[].managers[]: kind, name, evidence, reverts\n"
           "With --set:\n") +
        operationJson();
    return command;
}

CommandSpec rollbackCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("rollback");
    command.positionals = appAndEnv();
    command.summary = tr("Go back to a kept revision, and wait until it is true.");
    command.description = tr("Without --to, to the newest revision before the present one that was healthy. The plan "
                             "shows what changes in the pod "
                             "template; it is written only if the template is still the one that was read. Done means "
                             "that the pods of the target "
                             "are ready; a target that does not start ends as \"not effective\" with the reason and "
                             "status 1. --to takes a revision "
                             "number or at least 5 letters of a template hash; the hash is what is recorded, since "
                             "numbers move. Where the policy has releases committed to a repository, going back is a "
                             "signed commit there, pushed only onto the commit that was seen, and --to takes at least "
                             "5 letters of the commit that named the release (--list shows them); a hash goes back in "
                             "the cluster alone. A rollback goes "
                             "ahead of any other operation on the same application.");
    command.options = {
        valued(QStringLiteral("to"), QStringLiteral("REVISION"),
               tr("revision number or template hash; of a repository: the commit that named the release")),
        flag(QStringLiteral("list"), tr("show the kept revisions and how ready they are; change nothing")),
        pauseReconciliation()};
    command.options += workloadOptions();
    command.options += changeOptions();
    command.examples = {tr("signalbox rollback cart production --list  # where one could go back to"),
                        tr("signalbox rollback cart production --dry-run  # what would be written"),
                        tr("signalbox rollback cart production --confirm cart  # in a script"),
                        tr("signalbox rollback cart production --to c07d9aa --confirm cart  # to a certain revision")};
    command.json =
        operationJson() +
        tr("\nWith --list: schema \"signalbox.revisions/1\", application, environment, workload; targets[]: number, "
           "templateHash, version, live, suggested, created, changeCause, images[], readiness[] (as plan.checks[])");
    return command;
}

CommandSpec rehearseCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("rehearse");
    command.positionals = appAndEnv(true);
    command.summary = tr("Check the way back before it is needed; change nothing.");
    command.description = tr(
        "Plans going back for every application and environment named, as an operator would: reads what is kept, "
        "asks for the rights, looks for images that cannot be pulled and has the cluster dry-run the calls. Says how "
        "long that took and what stands in the way. Status 0: every way back is open; 1: one is not; 3: one could "
        "not be looked at.");
    command.examples = {tr("signalbox rehearse  # everything the current context shows"),
                        tr("signalbox rehearse cart production  # one application"),
                        tr("signalbox rehearse --json  # nightly, in a CI job")};
    command.json = tr("schema: \"signalbox.rehearsal/1\"\n"
                      "exitStatus: as below\n"
                      "rehearsals[]: application, environment, connection, namespace, readiness (ok, warning, failing, "
                      "unknown), reason, wayOut, to, dryRun (the cluster accepted a dry run), tookMs, checkedAt\n"
                      "rehearsals[].checks[]: check, state (pass, warn, block), text, detail, wayOut");
    return command;
}

CommandSpec workloadCommand(const QString &name, const QString &summary, const QString &description)
{
    CommandSpec command;
    command.name = name;
    command.positionals = appAndEnv();
    command.summary = summary;
    command.description = description;
    command.options = workloadOptions() + changeOptions();
    command.examples = {QStringLiteral("signalbox %1 cart staging").arg(name),
                        QStringLiteral("signalbox %1 cart production --confirm cart").arg(name)};
    command.json = operationJson();
    return command;
}

CommandSpec scaleCommand()
{
    CommandSpec command = workloadCommand(QStringLiteral("scale"), tr("Set the number of pods."),
                                          tr("Written only if the number is still the one that was read; done when "
                                             "that many pods are ready. An autoscaler that owns "
                                             "the number is named, since it will set its own again."));
    command.options.prepend(valued(QStringLiteral("replicas"), QStringLiteral("N"), tr("how many pods")));
    command.examples = {
        tr("signalbox scale cart staging --replicas 5"),
        tr("signalbox scale cart production --replicas 0 --track green --confirm cart  # put green to sleep")};
    return command;
}

CommandSpec resumeCommand()
{
    CommandSpec command = workloadCommand(
        QStringLiteral("resume"), tr("Let a paused roll-out go on, or a paused reconciliation."),
        tr("Done when the roll-out that was waiting is complete. With --reconciliation it is not the workload that "
           "goes "
           "on but the Argo CD or Flux object that --pause-reconciliation paused: it then writes back what its source "
           "says."));
    command.options.prepend(
        flag(QStringLiteral("reconciliation"),
             tr("let Argo CD or Flux reconcile again, with the policy it had before it was paused")));
    command.examples.append(
        tr("signalbox resume cart production --reconciliation --confirm cart  # after an incident"));
    return command;
}

} // namespace signalbox::cli

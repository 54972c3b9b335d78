#include "app/cli/grammar_p.h"

namespace signalbox::cli
{

CommandSpec statusCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("status");
    command.positionals = appAndEnv(true);
    command.summary = tr("Show applications by environment: health, version, traffic, owners.");
    command.description =
        tr("Waits until everything has been listed completely once, so that what is printed was true "
           "at the time it names; "
           "stale or partial data is said so and ends with status 3. With APP, only that "
           "application, and, where a Prometheus is known, with the requests and errors of each track; with ENV, "
           "only there.");
    command.options = {flag(QStringLiteral("watch"), tr("print again whenever something changes, until Ctrl+C"))};
    command.examples = {tr("signalbox status  # everything the current context shows"),
                        tr("signalbox status cart production --json  # one application, for a script"),
                        tr("signalbox status --kubeconfig ci.yaml --context prod-eu  # another cluster"),
                        tr("signalbox status cart --prometheus http://127.0.0.1:9090  # with its requests and errors")};
    command.json = tr("schema: \"signalbox.status/1\"\n"
                      "readAt, complete (false: something could not be read)\n"
                      "connections[]: id, name, server, version, user, verifiesTls, state (loading, live, stale, "
                      "failed, denied), trueAt (null: not stale), error, onlyNamespaces[] (empty: all of it)\n"
                      "applications[]: application, environment, connection, namespace, team, protected, health (ok, "
                      "warning, failing, "
                      "inProgress, waiting, notStarted, unknown), state (why it is not ok), since, freshness\n"
                      "applications[].tracks[]: name (empty: the only one), version, templateHash, digest, podsReady, "
                      "podsWanted, share "
                      "(0..1 of live traffic; null: nothing says so), since, health, workloads[], requestsPerSecond, "
                      "errorPercent (null: not asked for, or no data)\n"
                      "applications[].routers[]: kind, object, rule\n"
                      "applications[].managers[]: kind, name, evidence, reverts");
    return command;
}

CommandSpec logsCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("logs");
    command.positionals = appAndEnv();
    command.summary = tr("Print what the containers of an application's pods log.");
    command.description =
        tr("Every container of every pod, one after the other, each line behind [POD/CONTAINER] where there are "
           "several; --track, --pod and --container choose. With --follow all at a time, until they end or Ctrl+C; a "
           "pod that comes later is not among them. A log that cannot be read or breaks off is said, the others are "
           "printed, and the status is that of the worst. At a terminal a control character is shown as a sign.");
    command.options = {
        valued(QStringLiteral("track"), QStringLiteral("NAME"), tr("only the pods of this track"), ValueKind::Track),
        valued(QStringLiteral("pod"), QStringLiteral("NAME"), tr("only this pod")),
        valued(QStringLiteral("container"), QStringLiteral("NAME"), tr("only containers of this name")),
        flag(QStringLiteral("follow"), tr("go on with what is logged from now on; at most 50 logs at a time")),
        flag(QStringLiteral("previous"), tr("of the container before its last restart")),
        valued(QStringLiteral("tail"), QStringLiteral("N"),
               tr("the last N lines of each container (default: all of a single one, 10 of each of several)")),
        flag(QStringLiteral("timestamps"), tr("when each line was written, in UTC, in front of it")),
    };
    command.examples = {
        tr("signalbox logs cart production  # the last lines of each pod"),
        tr("signalbox logs cart production --track green --follow  # what the new version says"),
        tr("signalbox logs cart production --pod cart-green-7d9f-x2x4p --previous  # why it crashed"),
    };
    command.json = tr("one object a line, as lines come\n"
                      "schema: \"signalbox.logLine/1\"\n"
                      "pod, container, time (null: the server gave none), text");
    return command;
}

CommandSpec changesCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("changes");
    command.positionals = {{QStringLiteral("APP"), ValueKind::Application, false}};
    command.summary = tr("Show what changed between two releases: commits, people, files, issues.");
    command.description =
        tr("Reads the application's git repository, fetched first into a bare clone in the cache; a repository on this "
           "machine is read where it lies, and no work tree is touched. REL is a tag, a version as tags are made of "
           "(1.4.0 finds v1.4.0 and cart-1.4.0), a branch, a commit, a digest (sha256:..., whole or its first digits) "
           "that "
           "the ledger knows or the registry has, or an image as clusters name it, whose label "
           "org.opencontainers.image.revision names the commit. Commits that only --from has are listed as what would "
           "go away. Status 3 with the list as it was fetched last: the repository could not be reached.");
    OptionSpec workspace = workspaceOption(tr("a workspace file (YAML or JSON) that names the repository"));
    command.options = {
        valued(QStringLiteral("from"), QStringLiteral("REL"), tr("the release to start from"), ValueKind::Release),
        valued(QStringLiteral("to"), QStringLiteral("REL"), tr("the release to go to"), ValueKind::Release),
        flag(QStringLiteral("files"), tr("list the files that differ as well")),
        valued(QStringLiteral("diff"), QStringLiteral("PATH"), tr("print the difference of this file instead")),
        valued(QStringLiteral("repository"), QStringLiteral("URL|PATH"),
               tr("the repository, where the workspace names none: https://, ssh://, user@host:path or a path")),
        flag(QStringLiteral("offline"), tr("fetch nothing: what was fetched last counts")),
        workspace,
        demoOption(),
        valued(QStringLiteral("timeout"), QStringLiteral("TIME"),
               tr("how long to wait at most, for example 30s or 5m (default 15m, since a clone may be large)")),
        flag(QStringLiteral("json"), tr("print the result as one JSON document")),
    };
    command.examples = {
        tr("signalbox changes cart --from 1.4.0 --to 1.5.0  # what a promotion would bring"),
        tr("signalbox changes cart --from production --to main --repository .  # two branches of this folder"),
        tr("signalbox changes cart --from 1.4.0 --to 1.5.0 --diff src/price.cpp  # one file")};
    command.json = tr(
        "schema: \"signalbox.changes/1\"\n"
        "exitStatus: as below\n"
        "application, repository, updatedAt (of the last fetch; null: read where it lies), readAt, mergeBase (null: "
        "none), cut (there are more commits), oldestAt (of commits[])\n"
        "from, to: text, commit, by (tag, branch, commit, revision), name, committedAt\n"
        "commits[], missing[] (only in from): commit, parents[], author, email, authoredAt, committedAt, subject, "
        "body, "
        "mergedBranch, reverts[], revertedBy, issues[] (text, url), lines (files, added, removed; null: not counted)\n"
        "authors[]: name, email, commits; mergedBranches[]\n"
        "files[] (with --files): path, oldPath, status (added, removed, modified, renamed, copied, typeChanged), "
        "added, "
        "removed, binary\n"
        "diff (with --diff): as files[], and text, cut, tooLarge, oldSize, newSize\n"
        "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    command.takesSource = false;
    return command;
}

CommandSpec gateCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("gate");
    command.positionals = {{QStringLiteral("APP"), ValueKind::Application, false},
                           {QStringLiteral("ENV"), ValueKind::Environment, false}};
    command.summary = tr("For CI and git hooks: is the policy met for exactly this digest or commit?");
    command.description = tr(
        "Verifies the ledger from its first entry on and decides by the policy in force at its head: who asked, who "
        "approved exactly this, windows, freezes, holds, what was tested before. Nothing else is read: it opens, and "
        "says that the policy is met, without the rule that no alert fires, which is looked at when the promotion "
        "starts; with --strict such a rule closes it. Whom the commits are by is believed of the request unless "
        "--repository is given. Status 0: open; 1: closed, or the ledger cannot be trusted; 4: "
        "still closed when the time of --wait was up. Somebody who may break the glass opens it as well: the answer "
        "says so, and who still has to countersign.");
    command.options = {
        valued(QStringLiteral("digest"), QStringLiteral("D"), tr("of the artifact: sha256: and 64 hexadecimal digits")),
        valued(QStringLiteral("commit"), QStringLiteral("C"),
               tr("the full commit id; alone where no artifact is known, as in a pre-receive hook")),
        valued(QStringLiteral("repository"), QStringLiteral("DIR"),
               tr("with --since and --commit: where the commits are. Authors are read there then, and a request has to "
                  "list every commit; in a hook what is pushed is found in quarantine")),
        valued(QStringLiteral("since"), QStringLiteral("COMMIT"),
               tr("the full id of what the branch has now; zeros for a new branch")),
        flag(QStringLiteral("strict"),
             tr("a rule of the policy that the ledger alone cannot tell closes it: status 1")),
        valued(QStringLiteral("wait"), QStringLiteral("TIME"),
               tr("look again until it opens, at most this long, for example 30m; a rejection ends it")),
        workspaceOption(tr("a workspace file that names the ledger, its credential and its first admin")),
        demoOption(),
        valued(QStringLiteral("ledger"), QStringLiteral("DIR|URL"),
               tr("another ledger than this machine's own: a folder, https://, ssh:// or user@host:path")),
        valued(QStringLiteral("user"), QStringLiteral("NAME"), tr("for --ledger https://...: who asks")),
        valued(QStringLiteral("password"), QStringLiteral("REF"),
               tr("where the password or token is, never itself: env:NAME, file:PATH or keychain:SERVICE/ACCOUNT")),
        valued(QStringLiteral("first-admin"), QStringLiteral("KEY"),
               tr("the fingerprint (SHA256:...) or public key of who may have begun the ledger")),
        valued(QStringLiteral("at-least"), QStringLiteral("COMMIT"),
               tr("a commit of the ledger that was seen before, so that a rewound one is noticed")),
        flag(QStringLiteral("json"), tr("print the result as one JSON document"))};
    command.examples = {
        tr("signalbox gate cart production --digest sha256:77b0... --ledger git@git.example:ledger.git  # in a CI job"),
        tr("signalbox gate cart production --digest sha256:77b0... --wait 30m  # until the last approval is given"),
        tr("signalbox gate cart production --commit \"$new\" --repository . --since \"$old\" --ledger "
           "/srv/git/ledger.git  # in a "
           "pre-receive hook")};
    command.json = tr("schema: \"signalbox.gate/1\"\n"
                      "exitStatus, open, met, text, application, environment, digest, commit, promotion (null: nobody "
                      "asked), requester, claimant, breakGlass (entry; null: none), changesAt (when time alone may "
                      "change it)\n"
                      "rules[]: rule, state (pass, waiting, unknown, block), counts (false: set aside), text, wayOut\n"
                      "leftOut[]: rules that the ledger cannot tell; \"met\" says nothing of them\n"
                      "approvals[]: entry, who, at, expiresAt; quorum[]: count, roles[], given[], missing, eligible[]\n"
                      "setAside[]: entry, who, reason; debt[]: entry, who, owed, dueAt, overdue\n"
                      "ledger: address, tip, policyCommit, notProven (entries that do not count)\n"
                      "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    command.takesSource = false;
    return command;
}

} // namespace signalbox::cli

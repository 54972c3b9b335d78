#include "app/cli/grammar.h"

#include "models/stores/ledgertable.h"

#include <QCoreApplication>

namespace signalbox::cli
{

namespace
{

QString tr(const char *text)
{
    return QCoreApplication::translate("CliGrammar", text);
}

OptionSpec flag(const QString &name, const QString &help)
{
    OptionSpec option;
    option.name = name;
    option.help = help;
    return option;
}

OptionSpec valued(const QString &name, const QString &valueName, const QString &help, ValueKind kind = ValueKind::Text)
{
    OptionSpec option = flag(name, help);
    option.valueName = valueName;
    option.kind = kind;
    return option;
}

OptionSpec workspaceOption(const QString &help)
{
    OptionSpec option = valued(QStringLiteral("workspace"), QStringLiteral("FILE"), help, ValueKind::File);
    option.letter = QLatin1Char('w');
    return option;
}

OptionSpec choice(const QString &name, const QString &valueName, const QString &help, const QStringList &choices)
{
    OptionSpec option = valued(name, valueName, help, ValueKind::Choice);
    option.choices = choices;
    return option;
}

QList<OptionSpec> generalOptions()
{
    OptionSpec level =
        valued(QStringLiteral("log-level"), QStringLiteral("LEVEL"),
               tr("debug, info, warning or error: what goes into the log; with it the log is shown on standard "
                  "error as well"),
               ValueKind::Choice);
    level.choices = {QStringLiteral("debug"), QStringLiteral("info"), QStringLiteral("warning"),
                     QStringLiteral("error")};
    OptionSpec help = flag(QStringLiteral("help"), tr("this help"));
    help.letter = QLatin1Char('h');
    return {level, help, flag(QStringLiteral("version"), tr("the version"))};
}

QList<OptionSpec> sourceOptions()
{
    OptionSpec workspace = workspaceOption(tr("a workspace file (YAML or JSON) that names the connections"));
    return {
        workspace,
        valued(QStringLiteral("kubeconfig"), QStringLiteral("FILE"),
               tr("a kubeconfig file; without it and without -w: KUBECONFIG, else ~/.kube/config"), ValueKind::File),
        valued(QStringLiteral("context"), QStringLiteral("NAME"),
               tr("a context of the kubeconfig instead of its current one; with -w: only this connection"),
               ValueKind::Context),
        valued(QStringLiteral("prometheus"), QStringLiteral("URL"),
               tr("a Prometheus beside the kubeconfig, for the window and \"signalbox status APP\"; with -w the "
                  "workspace names it")),
        flag(QStringLiteral("demo"),
             tr("a practice world inside the program, new at every start: no cluster is needed or touched")),
        valued(QStringLiteral("timeout"), QStringLiteral("TIME"),
               tr("how long to wait for the first complete answer, for example 10s or 2m (default 30s)")),
        flag(QStringLiteral("json"), tr("print the result as one JSON document")),
    };
}

QList<PositionalSpec> appAndEnv(bool isOptional = false)
{
    return {{QStringLiteral("APP"), ValueKind::Application, isOptional},
            {QStringLiteral("ENV"), ValueKind::Environment, isOptional}};
}

QList<OptionSpec> changeOptions()
{
    return {
        flag(QStringLiteral("dry-run"), tr("plan, check and ask the cluster's own dry run; write nothing")),
        valued(QStringLiteral("confirm"), QStringLiteral("APP"),
               tr("the application's name once more: needed on a protected environment when nobody can be asked"),
               ValueKind::Application),
        valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why, for the record")),
    };
}

OptionSpec pauseReconciliation()
{
    return flag(
        QStringLiteral("pause-reconciliation"),
        tr("first pause the Argo CD or Flux object that would undo it (stays paused until \"signalbox resume APP "
           "ENV --reconciliation\")"));
}

QList<OptionSpec> workloadOptions()
{
    return {
        valued(QStringLiteral("track"), QStringLiteral("NAME"),
               tr("the track to act on, where the application has several"), ValueKind::Track),
        valued(QStringLiteral("workload"), QStringLiteral("NAME"),
               tr("the workload to act on, where the track has several: NAME or KIND/NAME")),
    };
}

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
                      "failed, denied), error\n"
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
        "approved exactly this, windows, freezes, holds, what was tested before. Nothing else is read; whether alerts "
        "fire is looked at when the promotion starts. Status 0: open; 1: closed, or the ledger cannot be trusted; 4: "
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
        valued(QStringLiteral("wait"), QStringLiteral("TIME"),
               tr("look again until it opens, at most this long, for example 30m; a rejection ends it")),
        workspaceOption(tr("a workspace file that names the ledger, its credential and its first admin")),
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
                      "leftOut[]: rules that the ledger cannot tell\n"
                      "approvals[]: entry, who, at, expiresAt; quorum[]: count, roles[], given[], missing, eligible[]\n"
                      "setAside[]: entry, who, reason; debt[]: entry, who, owed, dueAt, overdue\n"
                      "ledger: address, tip, policyCommit, notProven (entries that do not count)\n"
                      "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    command.takesSource = false;
    return command;
}

QString promotionJson()
{
    return tr("schema: \"signalbox.promotion/1\"\n"
              "exitStatus: as below; entry: what this run wrote to the ledger (null: nothing)\n"
              "promotion (null: not asked for): promotion, state (waiting, blocked, ready, underWay, done, rejected, "
              "ended, replaced), application, environment, digest, commit, version, from, replacesDigest, reason, "
              "requester, requestedAt, text, met, claim, claimant, outcome (kind, message, observedAt; null: none), "
              "breakGlass (the entry that lets it start; null: none)\n"
              "promotion.rules[]: rule, state (pass, waiting, unknown, block), counts, text, wayOut\n"
              "promotion.votes[]: entry, kind (approval, rejection), who, at, expiresAt, comment, counts, whyNot\n"
              "promotion.path[]: environment, state (unknown, runs, other, busy), version, digest, since, problem, "
              "target\n"
              "promotion.risk: probability (null: too little history), text, brier, reasons[] (factor, weight, text)\n"
              "promotion.mayApprove, mayReject, mayStart, mayBreakGlass: given, reason\n"
              "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
}

CommandSpec promoteCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("promote");
    command.positionals = {{QStringLiteral("APP"), ValueKind::Application, false}};
    command.summary = tr("Ask that a release may go on to the next environment; with --wait, carry it out.");
    command.description = tr(
        "Shows what would go out, every rule of the policy and how it stands, and asks for it with an entry signed by "
        "your key. Without --release or --digest, what runs in the environment before. With --wait it stays: once "
        "the policy is met it claims the promotion in the ledger, so that nobody else carries it out as well, sets "
        "the image by digest only if the workload still has the one that was seen, waits until the pods run it, and "
        "records the outcome. Run again with the same words it takes up what is open. Status 0: asked for, or with "
        "--wait done and observed; 1: rejected, refused, not effective; 4: the time of --within was up; 5: what "
        "would go out changed meanwhile.");
    command.options = {
        valued(QStringLiteral("to"), QStringLiteral("ENV"), tr("the environment to promote to"),
               ValueKind::Environment),
        valued(QStringLiteral("release"), QStringLiteral("REL"),
               tr("a version that runs in the environment before; refused when another one does"), ValueKind::Release),
        valued(QStringLiteral("digest"), QStringLiteral("D"), tr("of the artifact: sha256: and 64 hexadecimal digits")),
        flag(QStringLiteral("wait"),
             tr("stay until it was carried out, and carry it out as soon as the policy is met")),
        valued(QStringLiteral("within"), QStringLiteral("TIME"),
               tr("with --wait: at most this long until it starts, for example 30m")),
        valued(QStringLiteral("follow-within"), QStringLiteral("TIME"),
               tr("with --wait, where a commit to a repository carries it out: how long the cluster may take to follow "
                  "(default 15m)")),
        flag(QStringLiteral("break-glass"),
             tr("act alone, now, where the policy lets you: it goes on although it is not met, others have to "
                "countersign it in time, and the debt is shown to all; needs --reason"))};
    command.options += changeOptions();
    command.examples = {
        tr("signalbox promote cart --to production  # what staging runs; asks for it"),
        tr("signalbox promote cart --to production --dry-run  # every rule and the plan; writes nothing"),
        tr("signalbox promote cart --to production --release 1.5.0 --wait --within 8h --confirm cart  # "
           "in a CI job"),
        tr("signalbox promote cart --to production --break-glass --reason SHOP-9 --wait "
           "--confirm "
           "cart  # alone, at night")};
    command.json = promotionJson() + tr("\nAlso draft (what was asked for), plan and outcome (as of an operation).");
    return command;
}

CommandSpec approvalsCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("approvals");
    command.positionals = {{QStringLiteral("APP"), ValueKind::Application, true}};
    command.summary = tr("Show the promotions that wait, for whom, and what stands in their way.");
    command.description = tr("Verifies the ledger and reads what runs where now. What you may do about each is in the "
                             "last column; holds, freezes and countersignatures that are owed follow.");
    command.options = {flag(QStringLiteral("all"), tr("also those of the last 30 days that were decided"))};
    command.examples = {tr("signalbox approvals  # the inbox"), tr("signalbox approvals cart --all --json")};
    command.json = tr("schema: \"signalbox.approvals/1\"\n"
                      "exitStatus, readAt; ledger: address, tip, policyCommit, notProven, unsent, live\n"
                      "you: principal (null: nobody the policy knows), key, problem\n"
                      "open[], decided[]: as promotion of \"signalbox help promote\"\n"
                      "stops[]: entry, kind (hold, freeze), application, environment, who, reason, since, until\n"
                      "debts[]: entry, application, environment, who, reason, countersigned[], mayCountersign (given, "
                      "reason), owed, dueAt, overdue, text\n"
                      "policyChanges[]: as of \"signalbox ledger status\"\n"
                      "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    return command;
}

CommandSpec decideCommand(bool approves)
{
    CommandSpec command;
    command.name = approves ? QStringLiteral("approve") : QStringLiteral("reject");
    command.positionals = {{QStringLiteral("ID"), ValueKind::Text, false}};
    command.summary = approves ? tr("Approve a promotion: one entry signed by your key, bound to exactly its digest.")
                               : tr("Reject a promotion: it does not go on while your objection stands.");
    command.description =
        tr("Shows the promotion as it stands now and reads the ledger again before it writes: when the digest, the "
           "commit or the policy is another one than shown, nothing is written and the status is 5. ID is that of "
           "\"signalbox approvals\", or its beginning.");
    command.options = {valued(QStringLiteral("comment"), QStringLiteral("TEXT"),
                              approves ? tr("kept in the ledger with your signature") : tr("why; kept in the ledger"))};
    if (approves)
        command.options.append(valued(QStringLiteral("confirm"), QStringLiteral("APP"),
                                      tr("the application's name: needed when nobody can be asked"),
                                      ValueKind::Application));
    command.examples = {approves ? tr("signalbox approve 01JD2M8R --comment SHOP-7 --confirm cart")
                                 : tr("signalbox reject 01JD2M8R --comment SHOP-8")};
    command.json = promotionJson();
    return command;
}

QString writtenJson()
{
    return tr("schema: \"signalbox.promotion/1\"\nexitStatus: as below; entry: what was written; promotion: "
              "null\nWhen it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
}

CommandSpec stopCommand(bool holds)
{
    CommandSpec command;
    command.name = holds ? QStringLiteral("hold") : QStringLiteral("lift");
    command.positionals =
        holds ? appAndEnv() : QList<PositionalSpec>{{QStringLiteral("ENTRY"), ValueKind::Text, false}};
    command.summary = holds ? tr("Let no promotion of an application go to an environment until it is lifted.")
                            : tr("End a hold, a freeze that was ordered, or the hold that a rollback means.");
    command.description = tr(
        "Writes one entry to the ledger, signed by your key. Holds and freezes that are in force, and their entries, "
        "are shown by \"signalbox approvals\". Nothing here stands in the way of going back.");
    command.options = {valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why; kept in the ledger"))};
    command.examples = {holds ? tr("signalbox hold cart production --reason SHOP-9")
                              : tr("signalbox lift 01JD2M8RAAAAAAAAAAAAAAAAAA --reason SHOP-9")};
    command.json = writtenJson();
    return command;
}

CommandSpec breakGlassCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("break-glass");
    command.positionals = {{QStringLiteral("ID"), ValueKind::Text, false}};
    command.summary = tr("Act alone on a promotion: it may start although the policy is not met.");
    command.description =
        tr("For those whom the policy lets do so. Written with your signature and the reason, for exactly the digest "
           "shown; it starts by \"signalbox promote\" with --wait, or in the window. Others have to countersign it in "
           "time, and until then the debt is shown to all. ID is that of \"signalbox approvals\", or its beginning.");
    command.options = {valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why; kept in the ledger")),
                       valued(QStringLiteral("confirm"), QStringLiteral("APP"),
                              tr("the application's name: needed when nobody can be asked"), ValueKind::Application)};
    command.examples = {tr("signalbox break-glass 01JD2M8R --reason SHOP-9 --confirm cart")};
    command.json = promotionJson();
    return command;
}

CommandSpec countersignCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("countersign");
    command.positionals = {{QStringLiteral("ENTRY"), ValueKind::Text, false}};
    command.summary = tr("Answer for what somebody did alone, or for their change of the policy.");
    command.description =
        tr("Writes one entry to the ledger, signed by your key. ENTRY is that of a break-glass, or the commit of a "
           "change of the policy; what is owed and what waits is shown by \"signalbox approvals\". Of a change the "
           "difference to the policy in force is shown first; whoever made it cannot countersign it, another admin "
           "can.");
    command.options = {
        valued(QStringLiteral("comment"), QStringLiteral("TEXT"), tr("what you saw; kept in the ledger")),
        valued(QStringLiteral("confirm"), QStringLiteral("WORD"),
               tr("of a change of the policy: the word \"policy\", needed when nobody can be asked"))};
    command.examples = {
        tr("signalbox countersign 01JD2M8RAAAAAAAAAAAAAAAAAA --comment SHOP-9"),
        tr("signalbox countersign 9e1c2f7 --comment \"as agreed\" --confirm policy  # a change of the policy")};
    command.json = writtenJson() +
                   tr("\nOf a change of the policy: schema \"signalbox.policyCountersigned/1\", exitStatus, change (as "
                      "policyChanges[] of \"signalbox help ledger\"), entry, inForce, shareProblem");
    return command;
}

CommandSpec closeClaimCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("close-claim");
    command.positionals = {{QStringLiteral("ID"), ValueKind::Text, false}};
    command.summary = tr("End a claim whose claimant cannot say any more how it went.");
    command.description = tr(
        "A claimed promotion stands in the way of the next one until its outcome is recorded. Where the program that "
        "carried it out is gone for good, its claimant or an admin ends it: the outcome is then \"unknown\". Look at "
        "the environment first. Nothing in the cluster changes. ID is that of \"signalbox approvals\", or its "
        "beginning.");
    command.options = {valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why; kept in the ledger")),
                       valued(QStringLiteral("confirm"), QStringLiteral("APP"),
                              tr("the application's name: needed when nobody can be asked"), ValueKind::Application)};
    command.examples = {tr("signalbox close-claim 01JD2M8R --reason SHOP-9 --confirm cart")};
    command.json = promotionJson();
    return command;
}

CommandSpec freezeCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("freeze");
    command.positionals = appAndEnv();
    command.summary = tr("Let no promotion start for a time: of an application, to an environment, or of all.");
    command.description = tr(
        "Shows first what it refuses: where, which applications, and the promotions that are open and would have to "
        "wait; if that is something else by the time it is signed, nothing is written and the status is 5. APP and ENV "
        "may be \"all\", or patterns in quotes (\"cart-*\"). It ends by itself, or by \"signalbox lift\". A freeze "
        "that "
        "recurs is the policy's: \"freezes\" with a rule in policy.yaml. Nothing here stands in the way of going "
        "back.");
    command.options = {
        valued(QStringLiteral("from"), QStringLiteral("TIME"),
               tr("when it begins, in UTC: 2026-12-23 or 2026-12-23T18:00Z (default now)")),
        valued(QStringLiteral("until"), QStringLiteral("TIME"), tr("when it ends, in UTC: the first instant after it")),
        valued(QStringLiteral("for"), QStringLiteral("TIME"), tr("how long instead, for example 90m or 48h"))};
    for (OptionSpec option : changeOptions()) {
        if (option.name == QLatin1String("dry-run"))
            option.help = tr("show what it would refuse; write nothing");
        else if (option.name == QLatin1String("confirm"))
            option.help = tr("APP once more: needed when nobody can be asked");
        else
            option.help = tr("why; kept in the ledger");
        command.options.append(option);
    }
    command.examples = {
        tr("signalbox freeze cart production --for 2h --reason SHOP-9 --dry-run  # what it would stop"),
        tr("signalbox freeze all production --from 2026-12-23T18:00Z --until 2027-01-02 --reason SHOP-11 "
           "--confirm all")};
    command.json = tr("schema: \"signalbox.freeze/1\"\n"
                      "exitStatus: as below; entry: what was written (null: nothing)\n"
                      "application, environment: patterns (*: all); from, until, reason\n"
                      "policyCommit, environments[], applications[] (that are known and fit), promotions[] (ids: could "
                      "not start meanwhile)\n"
                      "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    return command;
}

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
                             "--dwell between them; Ctrl+C stops after the running move.");
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
        valued(QStringLiteral("router"), QStringLiteral("NAME"),
               tr("the router to change, where several point at the application: NAME or KIND/NAME")),
        pauseReconciliation()};
    command.options += changeOptions();
    command.examples = {
        tr("signalbox traffic cart production  # who gets what"),
        tr("signalbox traffic cart production --set green=25 --confirm cart  # in one move"),
        tr("signalbox traffic cart production --set green=100 --steps 5,25,50,100 --dwell 2m --confirm cart  # in "
           "steps"),
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

CommandSpec sandboxCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("sandbox");
    command.summary = tr("Keep a practice world open, for kubectl and everything else, until Ctrl+C.");
    command.description =
        tr("Two clusters and a Prometheus on this machine only, behind a token made for this start: applications of "
           "several teams in dev, staging and production, with traffic, metrics and a month of releases. Prints the "
           "lines that lead a shell to it. Nothing of it is left when it ends.");
    command.options = {valued(QStringLiteral("kubeconfig-out"), QStringLiteral("FILE"),
                              tr("write the kubeconfig here as well, a new file; it is removed at the end"),
                              ValueKind::File),
                       flag(QStringLiteral("json"), tr("print where everything is as one JSON document"))};
    command.examples = {
        tr("signalbox sandbox  # then, elsewhere, what it printed and: kubectl get pods -n production"),
        tr("signalbox sandbox --kubeconfig-out practice.yaml  # kubectl --kubeconfig practice.yaml get nodes")};
    command.json = tr("schema: \"signalbox.sandbox/1\"\n"
                      "kubeconfig, workspace: files\n"
                      "clusters[]: name, url; prometheus: url");
    command.takesSource = false;
    return command;
}

CommandSpec tourCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("tour");
    command.summary = tr("Let a scripted operator work in the window, and take a picture of every screen.");
    command.description =
        tr("On a practice world of its own, with keys and mouse alone: sees a release waiting, shifts traffic to it in "
           "steps, sees it fail, rolls back, sees the recovery. Prints each step with its time. Pictures are dark and "
           "light, at 1440 x 900 and 1100 x 700. Takes about two minutes; status 1 when a step failed, with what was "
           "seen instead. Without a display the window is drawn off screen.");
    command.options = {
        valued(QStringLiteral("out"), QStringLiteral("DIR"), tr("where the pictures go"), ValueKind::Folder),
        flag(QStringLiteral("readme"), tr("only the pictures that README.md shows"))};
    command.examples = {tr("signalbox tour --out pictures  # every screen, four times"),
                        tr("signalbox tour --readme --out resources/pictures  # the README's")};
    command.takesSource = false;
    return command;
}

CommandSpec drillCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("drill");
    command.positionals = {{QStringLiteral("NAME"), ValueKind::Drill, true}};
    command.summary = tr("Fire drills in a practice world: list them, or play one.");
    command.description = tr(
        "Without NAME, lists the drills with the last and the best result. With NAME, opens the window on a new "
        "practice world, at the drill's briefing. With --terminal it is played in this terminal, and whatever reaches "
        "the practice world counts: signalbox and kubectl in another terminal alike. The clock runs from the first "
        "bad sample. Debriefs are kept in the ledger. Status 0: passed; 1: not, or with a mistake.");
    command.options = {flag(QStringLiteral("terminal"), tr("play it here, without a window")),
                       flag(QStringLiteral("history"), tr("show the attempts so far, newest first")),
                       flag(QStringLiteral("json"), tr("print the list, or the debrief, as one JSON document"))};
    command.examples = {tr("signalbox drill  # which there are, and how it went"),
                        tr("signalbox drill full-shift  # in the window"),
                        tr("signalbox drill full-shift --terminal  # here; act from a second terminal"),
                        tr("signalbox drill --history  # whether you are getting faster")};
    command.json =
        tr("schema: \"signalbox.drills/1\"\n"
           "drills[]: name, title, briefing, task, application, namespace, connection, limitSeconds, last, best "
           "(ids of attempts; null: none)\n"
           "attempts[]: id, drill, startedAt, tookMs, verdict (passed, mistaken, failed, abandoned), words, "
           "detectMs, restoreMs (from the first bad sample; null: not seen, not restored), mistakes[], "
           "fasterPath, moments[] (kind, atMs, text, mark: none, right, wrong, noHelp)\n"
           "With --terminal: schema \"signalbox.debrief/1\", exitStatus, and the fields of one attempt.");
    command.takesSource = false;
    return command;
}

CommandSpec ledgerCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("ledger");
    command.positionals = {
        {QStringLiteral("WHAT"),
         ValueKind::Choice,
         false,
         {QStringLiteral("verify"), QStringLiteral("log"), QStringLiteral("export"), QStringLiteral("path"),
          QStringLiteral("status"), QStringLiteral("share"), QStringLiteral("init"), QStringLiteral("key"),
          QStringLiteral("import"), QStringLiteral("policy"), QStringLiteral("signers"), QStringLiteral("note"),
          QStringLiteral("figures")}},
        {QStringLiteral("TEXT"), ValueKind::Text, true}};
    command.summary = tr("Verify the signed record, list it, export it, share it, or say where it is.");
    command.description = tr(
        "verify judges every entry from the first one on: its signature, who may sign at that time and as what, that "
        "nothing was changed, removed, reordered or slipped in, and that the policy was changed by two admins. log "
        "lists the newest entries with what proves them. export writes the entries that fit, each with what proves it, "
        "to a file: CSV for spreadsheets (texts that one would calculate have an apostrophe in front), JSON with every "
        "field, or a PDF report for auditors, drawn by signalbox-console. path prints the folder, a bare git "
        "repository that plain git reads. status says how far it is shared and who would sign; share fetches the "
        "entries of others from the workspace's \"ledger\" and sends what waits, behind theirs. init begins to sign: "
        "it writes allowed_signers and a first policy.yaml with you as the first admin. key prints the line of "
        "allowed_signers for the key that signs here; with --create it makes a new Ed25519 key first, which is kept in "
        "the desktop's keychain and nowhere else. import brings what this machine's own ledger has, from before the "
        "workspace named a shared one, into that: whole where it is empty, else entry by entry, signed by you; "
        "decisions, what other people did on this machine and what belongs to other workspaces (by the name in the "
        "entry, else by its connection) stay where they are. policy prints policy.yaml, signers "
        "allowed_signers; with --file each is changed: checked, shown as a difference, and signed as a commit of its "
        "own, which is in force once a second admin countersigns it (\"signalbox countersign COMMIT\"). note writes "
        "TEXT as a signed remark. figures prints the four DORA figures over the proven entries, each with its "
        "definition. Status of verify and export 0: "
        "every entry since the ledger began to be signed is proven; 1: one is not, or the ledger is not signed; the "
        "export is written all the same.");
    command.options = {
        workspaceOption(tr("a workspace file that names the ledger")),
        valued(QStringLiteral("ledger"), QStringLiteral("DIR"), tr("another ledger than this machine's own"),
               ValueKind::Folder),
        valued(QStringLiteral("first-admin"), QStringLiteral("KEY"),
               tr("the fingerprint (SHA256:...) or public key of who may have begun it; without it the one who did is "
                  "believed")),
        valued(QStringLiteral("at-least"), QStringLiteral("COMMIT"),
               tr("a commit that was seen before and has to be there, so that a rewound ledger is noticed")),
        valued(QStringLiteral("limit"), QStringLiteral("N"), tr("how many entries log shows (default 50, 0 for all)")),
        valued(QStringLiteral("team"), QStringLiteral("NAME"),
               tr("of init: whose ledger it is; without it the workspace's name")),
        valued(QStringLiteral("name"), QStringLiteral("NAME"),
               tr("of init: you, as roles and sentences of the policy name you; without it your account")),
        valued(QStringLiteral("email"), QStringLiteral("ADDRESS"),
               tr("of init and key: under which you commit; without it the one git has")),
        flag(QStringLiteral("create"), tr("key: make a new one, and keep it in the keychain")),
        valued(
            QStringLiteral("in"), QStringLiteral("REF"),
            tr("key: where in the keychain, keychain:ACCOUNT or keychain:SERVICE/ACCOUNT; without it the workspace's "
               "\"signing\", else keychain:ledger-key")),
        valued(QStringLiteral("file"), QStringLiteral("FILE"),
               tr("of policy and signers: what policy.yaml, or allowed_signers, becomes"), ValueKind::File),
        valued(QStringLiteral("signers"), QStringLiteral("FILE"),
               tr("of policy: what allowed_signers becomes, in the same commit"), ValueKind::File),
        valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("of policy and signers: why; kept in the ledger")),
        flag(QStringLiteral("dry-run"), tr("policy and signers: check it and show the difference; write nothing")),
        valued(QStringLiteral("confirm"), QStringLiteral("WORD"),
               tr("policy and signers: the word \"policy\", needed when nobody can be asked")),
        valued(QStringLiteral("days"), QStringLiteral("N"), tr("of figures: over so many days (default 90)")),
        valued(QStringLiteral("out"), QStringLiteral("FILE"),
               tr("where export writes to; replaced only when all of it is there"), ValueKind::File),
        choice(QStringLiteral("format"), QStringLiteral("FORMAT"),
               tr("what export writes: csv, json or pdf; without it the file's ending says so"),
               {QStringLiteral("csv"), QStringLiteral("json"), QStringLiteral("pdf")}),
        valued(QStringLiteral("app"), QStringLiteral("APP"),
               tr("export, figures: only of this application; note: what it is about"), ValueKind::Application),
        valued(QStringLiteral("env"), QStringLiteral("ENV"),
               tr("export, figures: only of this environment; note: what it is about"), ValueKind::Environment),
        valued(QStringLiteral("by"), QStringLiteral("PERSON"), tr("export: only what this principal signed")),
        choice(QStringLiteral("type"), QStringLiteral("TYPE"),
               tr("export: only entries of this type, as log names them: approval, operation ..."), ledgerTypes()),
        choice(QStringLiteral("state"), QStringLiteral("STATE"),
               tr("export: only good, pending, notSigned or bad ones"),
               {QStringLiteral("good"), QStringLiteral("pending"), QStringLiteral("notSigned"), QStringLiteral("bad")}),
        valued(QStringLiteral("since"), QStringLiteral("TIME"),
               tr("export: from this time on, in UTC: 2026-11-01 or 2026-11-01T10:00Z")),
        valued(QStringLiteral("until"), QStringLiteral("TIME"), tr("export: before this time, in UTC")),
        valued(QStringLiteral("text"), QStringLiteral("WORDS"), tr("export: only where all these words occur")),
        flag(QStringLiteral("json"), tr("print the result as one JSON document"))};
    command.examples = {
        tr("signalbox ledger verify --first-admin SHA256:mVPw...  # is all of it proven?"),
        tr("signalbox ledger verify --at-least 9e1c2f7 --json  # and does it still have what was seen?"),
        tr("signalbox ledger log --limit 10  # what was done lately"),
        tr("signalbox ledger export --out q4.pdf --since 2026-10-01 --until 2027-01-01  # for the auditors"),
        tr("signalbox ledger export --out cart.csv --app cart --type approval  # who approved it"),
        tr("signalbox ledger share -w team.yaml  # fetch, and send what waits"),
        tr("signalbox ledger init -w team.yaml --name ann  # begin to sign, as the first admin"),
        tr("signalbox ledger policy -w team.yaml > policy.yaml  # to edit it"),
        tr("signalbox ledger policy --file policy.yaml --reason SHOP-12 -w team.yaml  # sign the change"),
        tr("signalbox ledger note \"Restored from back-up\" --app cart --env production -w team.yaml"),
        tr("signalbox ledger figures --app cart --days 28 --json  # DORA"),
        tr("signalbox ledger key --create -w team.yaml  # a key of your own, for an admin to let in"),
        tr("git -C \"$(signalbox ledger path)\" log --show-signature  # without this program")};
    command.json = tr(
        "verify: schema \"signalbox.ledgerVerdict/1\"; log: \"signalbox.ledgerLog/1\", newest first\n"
        "exitStatus, path, tip, whole, signed, pinned, start (commit, null), workspace, policyCommit, counts (good, "
        "pending, "
        "notSigned, bad), problems[], notes[]\n"
        "entries[]: commit, path, id, type, committedAt, signer, key, state (good, pending, notSigned, bad), fault "
        "(null: none), reason\n"
        "export: schema \"signalbox.ledgerExported/1\", exitStatus, file, entries, tip (null: none), whole, verdict\n"
        "path: schema \"signalbox.ledgerPath/1\", path, exists\n"
        "status: schema \"signalbox.ledgerStatus/1\", path, remote (null: none), sharedAt (null: never), remoteTip, "
        "waiting (entries that are not sent), firstAdmin, signer, signerProblem, policyCommit, policyChanges[] "
        "(commit, who, at, reason, mayCountersign[], you: given, reason; takesAlong[]; difference: words[], unified), "
        "policyProblem\n"
        "share: schema \"signalbox.ledgerShare/1\", exitStatus, path, remote, tip, received, sent, replayed, "
        "lostClaims[], dropped[], attempts\n"
        "init: schema \"signalbox.ledgerBegun/1\", exitStatus, path, commit, firstAdmin (fingerprint), workspace, "
        "name, "
        "email, remote, shareProblem\n"
        "key: schema \"signalbox.ledgerKey/1\", exitStatus, created, kept (null: not in the keychain), fingerprint, "
        "email, allowedSigners (the line)\n"
        "import: schema \"signalbox.ledgerImported/1\", exitStatus, from, to, found, moved, left (decisions), "
        "others (entries of other people on this machine), elsewhere (of other workspaces), whole (the chain as it "
        "is)\n"
        "policy, signers with --file: schema \"signalbox.ledgerPolicy/1\", exitStatus, policyCommit (in force), "
        "difference, takesAlong[], mayCountersign[], you, commit (null: nothing was written), inForce, shareProblem\n"
        "note: schema \"signalbox.ledgerNote/1\", exitStatus, entry, shareProblem\n"
        "figures: schema \"signalbox.ledgerFigures/1\", exitStatus, from, to, application, environment, proven, "
        "whole, tip, source, figures[]: metric, title, value (null: too little data), sample, text, definition");
    command.takesSource = false;
    return command;
}

CommandSpec completionCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("completion");
    command.positionals = {{QStringLiteral("SHELL"), ValueKind::Choice, false}};
    command.summary = tr("Print the completion script for bash, zsh or fish.");
    command.description =
        tr("Completes commands, options, contexts, applications and environments. The names come from the last "
           "answer of the cluster, or from a short question when there is none yet.");
    command.examples = {tr("source <(signalbox completion bash)  # this shell; or into "
                           "~/.local/share/bash-completion/completions/signalbox"),
                        tr("signalbox completion zsh > ~/.zfunc/_signalbox  # a folder of $fpath"),
                        tr("signalbox completion fish > ~/.config/fish/completions/signalbox.fish")};
    command.takesSource = false;
    return command;
}

CommandSpec helpCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("help");
    command.positionals = {{QStringLiteral("COMMAND"), ValueKind::Command, true}};
    command.summary = tr("All about one command.");
    command.description = tr("Without COMMAND, the overview.");
    command.takesSource = false;
    return command;
}

CommandSpec completeCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("__complete");
    command.isHidden = true;
    command.takesSource = false;
    return command;
}

Grammar makeGrammar()
{
    Grammar all;
    all.general = generalOptions();
    all.source = sourceOptions();
    all.commands = {
        statusCommand(),
        changesCommand(),
        gateCommand(),
        promoteCommand(),
        approvalsCommand(),
        decideCommand(true),
        decideCommand(false),
        breakGlassCommand(),
        countersignCommand(),
        closeClaimCommand(),
        stopCommand(true),
        freezeCommand(),
        stopCommand(false),
        trafficCommand(),
        rollbackCommand(),
        rehearseCommand(),
        scaleCommand(),
        workloadCommand(QStringLiteral("restart"), tr("Replace all pods, one after the other, by the same version."),
                        tr("As kubectl rollout restart; done when every pod is a new one and ready.")),
        workloadCommand(
            QStringLiteral("pause"), tr("Stop a roll-out where it is."),
            tr("Changes of the pod template are kept but not rolled out until resumed. A paused Deployment cannot be "
               "rolled back.")),
        resumeCommand(),
        sandboxCommand(),
        drillCommand(),
        ledgerCommand(),
        tourCommand(),
        completionCommand(),
        helpCommand(),
        completeCommand(),
    };
    return all;
}

} // namespace

const Grammar &grammar()
{
    static const Grammar all = makeGrammar();
    return all;
}

} // namespace signalbox::cli

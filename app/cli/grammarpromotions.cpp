#include "app/cli/grammar_p.h"

namespace signalbox::cli
{

namespace
{

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
              "promotion.risk: probability (null: too little history), text, brier, baseBrier, reasons[] (factor, "
              "weight, text)\n"
              "promotion.mayApprove, mayReject, mayStart, mayBreakGlass: given, reason\n"
              "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
}

} // namespace

CommandSpec promoteCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("promote");
    command.positionals = {{QStringLiteral("APP"), ValueKind::Application, false}};
    command.summary = tr("Ask that a release may go on to the next environment; with --wait, carry it out.");
    command.description = tr(
        "Shows what would go out, every rule of the policy and how it stands, and asks for it with an entry signed by "
        "your key. Without --release or --digest, what runs in the environment before. With --wait it shows the plan, "
        "too, and stays: once the policy is met, and if the plan is still what was shown, it claims the promotion in "
        "the ledger, so that nobody else carries it out as well, sets "
        "the image by digest only if the workload still has the one that was seen, waits until the pods run it, and "
        "records the outcome. Run again with the same words it takes up what is open. Status 0: asked for, or with "
        "--wait done and observed; 1: rejected, refused, not effective; 4: the time of --within was up; 5: what "
        "would go out, what would be done or a warning changed meanwhile.");
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
    command.summary = tr("Show the promotions and gates that wait, for whom, and what stands in their way.");
    command.description =
        tr("Verifies the ledger and reads what runs where now. What you may do about each is in the last column; "
           "holds, freezes and countersignatures that are owed follow. Gates at which runs of Jenkins, GitHub and "
           "GitLab wait come first, where the workspace names such servers; it needs no cluster then. Status 3: a "
           "server, or the shared ledger, could not be asked.");
    command.options = {flag(QStringLiteral("all"), tr("also those of the last 30 days that were decided"))};
    command.examples = {tr("signalbox approvals  # the inbox"), tr("signalbox approvals cart --all --json")};
    command.json =
        tr("schema: \"signalbox.approvals/1\"\n"
           "exitStatus, readAt; ledger: address, tip, policyCommit, notProven, unsent, live\n"
           "you: principal (null: nobody the policy knows), key, problem\n"
           "open[], decided[]: as promotion of \"signalbox help promote\"\n"
           "stops[]: entry, kind (hold, freeze), state (holds, later, unknown), application, environment, "
           "who, reason, since, until (of this time, or of the next), repeat: rule, zone, seconds (null: "
           "once)\n"
           "debts[]: entry, application, environment, who, reason, countersigned[], mayCountersign (given, "
           "reason), owed, dueAt, overdue, text\n"
           "policyChanges[]: as of \"signalbox ledger status\"\n"
           "gates[]: gate (its id), connection, vendor, project, pipeline, application, run, title, message, "
           "environment, branch, commit, deciders[] (name, group), mayDecide (null: not told), whyNot, "
           "needed, given[] (who, approves, comment, at), parameters[] (name, kind: text, choice, flag, "
           "hidden; about, value, choices[], required), needsComment, canReject, since, opensBySelfAt, page, "
           "readAt\n"
           "gateProblems[]: connection, kind, message\n"
           "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    return command;
}

CommandSpec decideCommand(bool approves)
{
    CommandSpec command;
    command.name = approves ? QStringLiteral("approve") : QStringLiteral("reject");
    command.positionals = {{QStringLiteral("ID"), ValueKind::Text, false}};
    command.summary = approves ? tr("Approve a promotion, or let a run go on that waits at a vendor's gate.")
                               : tr("Reject a promotion, or stop a run that waits at a vendor's gate.");
    command.description =
        tr("Of a promotion: one entry signed by your key, bound to exactly its digest. Shows it as it stands now and "
           "reads the ledger again before it writes: when the digest, the commit or the policy is another one than "
           "shown, nothing is written and the status is 5. ID is that of \"signalbox approvals\", or its beginning.\n"
           "Of a gate: ID is CONNECTION/GATE as \"signalbox approvals\" shows it, whole. The decision is an operation: "
           "planned, shown, confirmed, pressed at the vendor, and done when the vendor says that the run went on or "
           "stopped. Where the ledger's policy knows the environment, approving needs it met for exactly the commit "
           "that waits. Status 5: somebody else was faster.");
    OptionSpec set = valued(QStringLiteral("set"), QStringLiteral("NAME=VALUE"),
                            tr("of a gate: what it asks to be filled in; may be given several times"));
    set.isRepeatable = true;
    command.options = {valued(QStringLiteral("comment"), QStringLiteral("TEXT"),
                              approves ? tr("kept in the ledger with your signature") : tr("why; kept in the ledger")),
                       valued(QStringLiteral("confirm"), QStringLiteral("APP"),
                              approves ? tr("the application's name: needed when nobody can be asked")
                                       : tr("of a gate: the application's name, needed when nobody can be asked"),
                              ValueKind::Application),
                       set, flag(QStringLiteral("dry-run"), tr("of a gate: plan and check; press nothing"))};
    command.examples =
        approves
            ? QStringList{tr("signalbox approve 01JD2M8R --comment SHOP-7 --confirm cart"),
                          tr("signalbox approve github/acme/cart/812/1/33 --comment SHOP-7 --confirm cart  # a gate")}
            : QStringList{tr("signalbox reject 01JD2M8R --comment SHOP-8"),
                          tr("signalbox reject github/acme/cart/812/1/33 --comment SHOP-8 --confirm cart  # a gate")};
    command.json =
        promotionJson() + tr("\nOf a gate: schema \"signalbox.operation/1\", as \"signalbox help rollback\" has it.");
    return command;
}

namespace
{

QString writtenJson()
{
    return tr("schema: \"signalbox.promotion/1\"\nexitStatus: as below; entry: what was written; promotion: "
              "null\nWhen it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
}

} // namespace

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
    command.positionals = {{QStringLiteral("ID|APP"), ValueKind::Application, false},
                           {QStringLiteral("ENV"), ValueKind::Environment, true}};
    command.summary = tr("Act alone: on a promotion whose policy is not met, or by hand within a freeze or a hold.");
    command.description = tr(
        "For those whom the policy lets do so. Written with your signature and the reason, for exactly the digest "
        "shown; it starts by \"signalbox promote\" with --wait, or in the window. Others have to countersign it in "
        "time, and until then the debt is shown to all. ID is that of \"signalbox approvals\", or its beginning. With "
        "APP ENV it is for changes by hand there (traffic, revisions, runs): what a freeze, a hold, a window or an "
        "alert stopped is only warned of, for what runs there now. Nothing that goes back ever needs it.");
    command.options = {valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why; kept in the ledger")),
                       valued(QStringLiteral("confirm"), QStringLiteral("APP"),
                              tr("the application's name: needed when nobody can be asked"), ValueKind::Application)};
    command.examples = {
        tr("signalbox break-glass 01JD2M8R --reason SHOP-9 --confirm cart"),
        tr("signalbox break-glass cart production --reason SHOP-9 --confirm cart  # by hand, within a freeze")};
    command.json = promotionJson() + tr("\nOf APP ENV: promotion is null, entry is what was written.");
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
        "may be \"all\", or patterns in quotes (\"cart-*\"). It ends by itself, or by \"signalbox lift\". With "
        "--repeat it comes again each time that the rule says, as long as the first one (--for, or --until), until "
        "the rule ends or somebody lifts it; what recurs for good may stand in policy.yaml instead, under "
        "\"freezes\". Nothing here stands in the way of going back.");
    command.options = {
        valued(QStringLiteral("from"), QStringLiteral("TIME"),
               tr("when it begins, in UTC: 2026-12-23 or 2026-12-23T18:00Z (default now)")),
        valued(QStringLiteral("until"), QStringLiteral("TIME"), tr("when it ends, in UTC: the first instant after it")),
        valued(QStringLiteral("for"), QStringLiteral("TIME"), tr("how long instead, for example 90m or 48h")),
        valued(QStringLiteral("repeat"), QStringLiteral("RRULE"),
               tr("it comes again by this rule (RFC 5545), for example FREQ=WEEKLY;BYDAY=FR")),
        valued(QStringLiteral("zone"), QStringLiteral("ZONE"),
               tr("by whose clocks it does, for example Europe/Berlin (default UTC)"))};
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
           "--confirm all"),
        tr("signalbox freeze all production --from 2026-12-04T15:00Z --for 63h --repeat \"FREQ=WEEKLY;BYDAY=FR\" "
           "--zone Europe/Berlin --reason \"no weekend work\"")};
    command.json = tr("schema: \"signalbox.freeze/1\"\n"
                      "exitStatus: as below; entry: what was written (null: nothing)\n"
                      "application, environment: patterns (*: all); from, until (of the last time; null: until it is "
                      "lifted), reason\n"
                      "repeat: rule, zone, seconds (null: once); next[]: from, until (the next three times)\n"
                      "policyCommit, environments[], applications[] (that are known and fit), promotions[] (ids: could "
                      "not start meanwhile)\n"
                      "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    return command;
}

} // namespace signalbox::cli

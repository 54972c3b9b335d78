#include "app/cli/grammar_p.h"
#include "models/stores/ledgertable.h"

namespace signalbox::cli
{

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
        demoOption(),
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

} // namespace signalbox::cli

#include "tests/unit/services/ledger/verify/forgeries.h"

#include "models/domain/ulid.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/signing/sshsig.h"

#include <nlohmann/json.hpp>

namespace signalbox::test
{

using namespace ledger;

namespace
{

policy::Note someNote(const char *text = "a note")
{
    return {{}, u("cart"), u("production"), u(text)};
}

// The entry's JSON, changed.
ForgedFile changed(const Forge &forge, const ForgedCommit &commit, const std::function<void(nlohmann::json &)> &change)
{
    Q_UNUSED(forge)
    nlohmann::json json = nlohmann::json::parse(commit.files.first().content->toStdString());
    change(json);
    return {commit.files.first().path, *canonicalJson(json)};
}

// The entry's id.
QString written(Forge &forge, const policy::Record &record, const char *by, int minutes)
{
    const LedgerEntry entry = forge.entry(record, u(by), Forge::noon(minutes));
    ForgedCommit commit;
    commit.by = u(by);
    commit.at = entry.at;
    commit.files = {forge.file(entry)};
    forge.commit(commit);
    return entry.id;
}

// Somebody asks for a promotion; its id.
QString asked(Forge &forge, const char *by)
{
    return written(forge, requestOf(claimOf({})), by, 4);
}

// R and S, with S + L in place of S (L: the order of the base point, little endian): another signature of the same
// words, which takes no key to make. RFC 8032 (5.1.7) wants it refused.
QByteArray notReduced(QByteArray raw)
{
    const QByteArray order = QByteArray::fromHex("edd3f55c1a631258d69cf7a2def9de14") + QByteArray(15, '\0') + '\x10';
    int carry = 0;
    for (qsizetype i = 0; i < order.size(); ++i) {
        const int sum = static_cast<uchar>(raw.at(32 + i)) + static_cast<uchar>(order.at(i)) + carry;
        raw[32 + i] = static_cast<char>(sum & 0xff);
        carry = sum >> 8;
    }
    return raw;
}

policy::PromotionOutcome outcomeOf(const QString &promotion, const QString &claim)
{
    return {promotion, claim, claimOf(promotion).subject, OutcomeKind::Done, {}, {}, {}, Forge::noon(6)};
}

} // namespace

QList<QByteArray> honest(Forge &forge)
{
    return {forge.start(), forge.note(u("ann"), Forge::noon(1)), forge.note(u("cai"), Forge::noon(2)),
            forge.note(u("bob"), Forge::noon(3))};
}

ForgedCommit noteCommit(const Forge &forge, const char *by, int minutes)
{
    ForgedCommit commit;
    commit.by = u(by);
    commit.at = Forge::noon(minutes);
    commit.files = {forge.file(forge.entry(someNote(), u(by), commit.at))};
    return commit;
}

QString pathOf(const Forge &forge, const QByteArray &commit)
{
    return QString::fromUtf8(
        forge.git({u("show"), u("--format="), u("--name-only"), QString::fromLatin1(commit)}).out.trimmed());
}

namespace
{

// Who is told what by whom: forged files and history that git alone believes.
QList<Forgery> forgedHistory()
{
    return {
        {"an entry edited", Fault::EntryEdited, "good",
         [](Forge &forge, const auto &before) {
             ForgedCommit commit = noteCommit(forge);
             commit.files = {{pathOf(forge, before.at(1)), "{\"changed\":true}"}};
             return forge.commit(commit);
         }},
        {"an entry removed", Fault::EntryRemoved, "good",
         [](Forge &forge, const auto &before) {
             ForgedCommit commit = noteCommit(forge);
             commit.files = {{pathOf(forge, before.at(1)), std::nullopt}};
             return forge.commit(commit);
         }},
        {"an entry renamed", Fault::EntryRenamed, "good",
         [](Forge &forge, const auto &before) {
             ForgedCommit commit = noteCommit(forge);
             const QString path = pathOf(forge, before.at(1));
             const QByteArray content = forge.git({u("show"), u("main:") + path}).out;
             commit.files = {{path, std::nullopt}, {u("entries/2026/03/05/elsewhere.json"), content}};
             return forge.commit(commit);
         }},
        {"a merge slipped in", Fault::Merge, "good",
         [](Forge &forge, const auto &before) {
             ForgedCommit side = noteCommit(forge, "cai", 5);
             side.parent = before.at(1);
             const QByteArray other = forge.commit(side);
             forge.moveTo(before.last());
             ForgedCommit commit = noteCommit(forge);
             commit.files += side.files;
             commit.secondParent = other;
             return forge.commit(commit);
         }},
        {"two entries reordered", Fault::SignatureInvalid, "bad",
         [](Forge &forge, const auto &before) {
             // The last entry is put before the one in front of it, with the signature it has.
             QByteArray text = forge.text(before.last());
             text.replace("parent " + before.at(2), "parent " + before.at(1));
             const QByteArray id =
                 forge.git({u("hash-object"), u("-t"), u("commit"), u("-w"), u("--stdin")}, text).out.trimmed();
             forge.moveTo(id);
             return id;
         }},
        {"several entries in one commit", Fault::SeveralEntries, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files += noteCommit(forge, "cai", 11).files;
             return forge.commit(commit);
         }},
        {"another file added", Fault::OtherFileTouched, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files += {u("README.md"), "hello"};
             return forge.commit(commit);
         }},
        {"an entry that is a link", Fault::NotAFile, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.first().mode = "120000";
             return forge.commit(commit);
         }},
        {"an entry that is a program", Fault::NotAFile, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.first().mode = "100755";
             return forge.commit(commit);
         }},
        {"nothing added", Fault::NothingAdded, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.clear();
             return forge.commit(commit);
         }},
        {"a date before the entry in front", Fault::DateGoesBack, "good",
         [](Forge &forge, const auto &) { return forge.commit(noteCommit(forge, "cai", 2)); }},
        {"a date that is yet to come", Fault::DateInFuture, "good",
         [](Forge &forge, const auto &) { return forge.commit(noteCommit(forge, "cai", 60 * 24 * 365)); }},
        {"an id that is yet to come", Fault::DateInFuture, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge, "cai", 60 * 24);
             commit.at = Forge::noon(10);
             return forge.commit(commit);
         }},
    };
}

// Signatures that are none.
QList<Forgery> forgedSignatures()
{
    const auto signedBy = [](const char *person) {
        return [person](Forge &forge, const QList<QByteArray> &) { return forge.commit(noteCommit(forge, person)); };
    };
    return {
        {"not signed", Fault::NotSigned, "unsigned",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.key = u("-");
             return forge.commit(commit);
         }},
        {"a stranger's key", Fault::UnknownSigner, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.key = u("eve");
             return forge.commit(commit);
         }},
        {"a signer who is not allowed yet", Fault::NotYetValid, "bad", signedBy("fay")},
        {"a signer who is no longer allowed", Fault::NoLongerValid, "bad", signedBy("gus")},
        {"a signer for files only", Fault::NamespaceForbidden, "bad", signedBy("hal")},
        {"a revoked key", Fault::Revoked, "good", signedBy("ivy")},
        {"the wrong namespace", Fault::WrongNamespace, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.ns = "file";
             return forge.commit(commit);
         }},
        {"a signature replayed", Fault::SignatureReplayed, "bad",
         [](Forge &forge, const auto &before) {
             ForgedCommit commit = noteCommit(forge);
             const QByteArray text = forge.text(before.at(2));
             commit.tamper = [text](QByteArray &, QByteArray &signature) {
                 const qsizetype begin = text.indexOf("gpgsig ") + 7;
                 const QByteArray end = "-----END SSH SIGNATURE-----";
                 signature = text.mid(begin, text.indexOf(end) + end.size() - begin).replace("\n ", "\n");
             };
             return forge.commit(commit);
         }},
        {"the message changed after signing", Fault::SignatureInvalid, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [](QByteArray &text, QByteArray &) { text += "and more\n"; };
             return forge.commit(commit);
         }},
        {"the files changed after signing", Fault::SignatureInvalid, "bad",
         [](Forge &forge, const auto &) {
             const QByteArray other = forge.commit(noteCommit(forge, "bob"));
             const QByteArray tree = forge.text(other).mid(5, 40);
             forge.moveTo(forge.text(other).mid(53, 40)); // its parent
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [tree](QByteArray &text, QByteArray &) { text.replace(5, 40, tree); };
             return forge.commit(commit);
         }},
        {"the date changed after signing", Fault::SignatureInvalid, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [](QByteArray &text, QByteArray &) { text.replace("+0000\n\n", "+0100\n\n"); };
             return forge.commit(commit);
         }},
        {"an admin's key over another's signature", Fault::SignatureInvalid, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             const ssh::PublicKey ann = forge.key(u("ann"));
             commit.tamper = [ann](QByteArray &, QByteArray &signature) {
                 const auto parsed = ssh::parseSignature(signature);
                 const QByteArray inner = QByteArray("\0\0\0\x0bssh-ed25519\0\0\0\x40", 19) + parsed->raw;
                 signature = ssh::armour(ssh::signatureBlob(ann, "git", "sha512", inner));
             };
             return forge.commit(commit);
         }},
        {"a signature that is noise", Fault::SignatureBroken, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [](QByteArray &, QByteArray &signature) {
                 signature = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n";
             };
             return forge.commit(commit);
         }},
        {"an OpenPGP signature", Fault::SignatureUnsupported, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [](QByteArray &, QByteArray &signature) {
                 signature = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n";
             };
             return forge.commit(commit);
         }},
        {"words behind the signature", Fault::SignatureBroken, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [](QByteArray &, QByteArray &signature) { signature += "approved by everyone\n"; };
             return forge.commit(commit);
         },
         true},
        {"a second signature made of the first", Fault::SignatureInvalid, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             const ssh::PublicKey key = forge.key(commit.by);
             commit.tamper = [key](QByteArray &, QByteArray &signature) {
                 const auto parsed = ssh::parseSignature(signature);
                 const QByteArray inner = QByteArray("\0\0\0\x0bssh-ed25519\0\0\0\x40", 19) + notReduced(parsed->raw);
                 signature = ssh::armour(ssh::signatureBlob(key, "git", "sha512", inner));
             };
             return forge.commit(commit);
         },
         true},
        {"a second signature in front of the first", Fault::OddCommit, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.tamper = [](QByteArray &text, QByteArray &) {
                 text.insert(text.indexOf("\n\n") + 1, "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n"
                                                       " -----END SSH SIGNATURE-----\n");
             };
             return forge.commit(commit);
         }},
        {"a header nobody looks at", Fault::OddCommit, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.header = "approved-by everyone\n";
             return forge.commit(commit);
         }},
    };
}

// Entries that say what is not so.
QList<Forgery> forgedEntries()
{
    const auto with = [](const std::function<void(nlohmann::json &)> &change) {
        return [change](Forge &forge, const QList<QByteArray> &) {
            ForgedCommit commit = noteCommit(forge);
            commit.files = {changed(forge, commit, change)};
            return forge.commit(commit);
        };
    };
    return {
        {"an entry for another workspace", Fault::WrongWorkspace, "good",
         with([](nlohmann::json &json) { json["workspace"] = "bank"; })},
        {"an entry in another's name", Fault::WrongPerson, "good",
         with([](nlohmann::json &json) { json["who"]["email"] = "ann@shop.example"; })},
        {"an unknown version", Fault::SchemaUnknown, "good", with([](nlohmann::json &json) { json["version"] = 9; })},
        {"an unknown type", Fault::EntryInvalid, "good", with([](nlohmann::json &json) { json["type"] = "blessing"; })},
        {"a field missing", Fault::EntryInvalid, "good", with([](nlohmann::json &json) { json.erase("tool"); })},
        {"another id than the file's", Fault::WrongPath, "good",
         with([](nlohmann::json &json) { json["id"] = newUlid(Forge::noon(9)).toStdString(); })},
        {"filed under another day", Fault::WrongPath, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.first().path.replace(u("2026/03/04"), u("2026/03/03"));
             return forge.commit(commit);
         }},
        {"JSON with two faces", Fault::NotCanonical, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.first().content->replace("{\"at\"", "{\"at\":\"2020-01-01T00:00:00.000Z\",\"at\"");
             return forge.commit(commit);
         }},
        {"JSON with a line end", Fault::NotCanonical, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.first().content->append('\n');
             return forge.commit(commit);
         }},
        {"JSON without an end", Fault::EntryInvalid, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit commit = noteCommit(forge);
             commit.files.first().content = QByteArray(200000, '[');
             return forge.commit(commit);
         }},
        {"a signer without a role", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) { return forge.commit(noteCommit(forge, "dan")); }},
        {"claimed a second time", Fault::ClaimedTwice, "good",
         [](Forge &forge, const auto &) {
             const QString promotion = asked(forge, "ann");
             forge.add(claimOf(promotion), u("ann"), Forge::noon(5));
             return forge.add(claimOf(promotion), u("cai"), Forge::noon(6));
         }},
        {"claimed by somebody who may not carry it out", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) { return forge.add(claimOf(asked(forge, "ann")), u("bob"), Forge::noon(5)); }},
        {"claimed though nobody asked", Fault::ClaimUnknown, "good",
         [](Forge &forge, const auto &) {
             return forge.add(claimOf(newUlid(Forge::noon(4))), u("cai"), Forge::noon(5));
         }},
        {"claimed for a digest that nobody asked for", Fault::ClaimUnknown, "good",
         [](Forge &forge, const auto &) {
             policy::Claim claim = claimOf(asked(forge, "cai"));
             claim.subject.digest = u("sha256:") + QString(64, QLatin1Char('e'));
             return forge.add(claim, u("cai"), Forge::noon(5));
         }},
        {"claimed for a digest that was approved elsewhere", Fault::ClaimUnknown, "good",
         [](Forge &forge, const auto &) {
             policy::Claim claim = claimOf(asked(forge, "cai"));
             claim.subject.digest = u("sha256:") + QString(64, QLatin1Char('e'));
             policy::Approval approval{claim.promotion, claim.subject, {}, {}};
             approval.subject.environment = u("staging");
             forge.add(approval, u("ann"), Forge::noon(5));
             return forge.add(claim, u("cai"), Forge::noon(6));
         }},
        {"claimed for another environment", Fault::ClaimUnknown, "good",
         [](Forge &forge, const auto &) {
             policy::Claim claim = claimOf(asked(forge, "cai"));
             claim.subject.environment = u("staging");
             return forge.add(claim, u("cai"), Forge::noon(5));
         }},
    };
}

// Entries of people who hold a role, but none that may do that.
QList<Forgery> forgedDeeds()
{
    const policy::FreezeOrder freeze{u("cart"), u("*"), Forge::noon(4), Forge::noon(400), u("books")};
    return {
        {"approved by somebody who may not", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             const policy::Claim claim = claimOf(asked(forge, "ann"));
             return forge.add(policy::Approval{claim.promotion, claim.subject, {}, {}}, u("bob"), Forge::noon(5));
         }},
        {"acted alone without leave", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             return forge.add(policy::BreakGlass{{}, claimOf({}).subject, {}, u("down")}, u("cai"), Forge::noon(5));
         }},
        {"a break-glass countersigned by somebody who may not", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             return forge.add(policy::Countersign{newUlid(Forge::noon(3)), u("fine")}, u("cai"), Forge::noon(5));
         }},
        {"a freeze ordered by a non-admin", Fault::RoleMissing, "good",
         [freeze](Forge &forge, const auto &) { return forge.add(freeze, u("cai"), Forge::noon(5)); }},
        {"a freeze lifted by a non-admin", Fault::RoleMissing, "good",
         [freeze](Forge &forge, const auto &) {
             const QString order = written(forge, freeze, "ann", 4);
             return forge.add(policy::Lift{order, {}}, u("cai"), Forge::noon(5));
         }},
        {"a hold lifted by a non-admin", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             const policy::Hold hold{u("cart"), u("production"), u("looking"), {}};
             return forge.add(policy::Lift{written(forge, hold, "cai", 4), {}}, u("cai"), Forge::noon(5));
         }},
        {"another's claim ended by a non-admin", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             const QString promotion = asked(forge, "ann");
             const QString claim = written(forge, claimOf(promotion), "ann", 5);
             return forge.add(outcomeOf(promotion, claim), u("cai"), Forge::noon(6));
         }},
        {"the end of what nobody claimed", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             const QString promotion = asked(forge, "cai");
             return forge.add(outcomeOf(promotion, newUlid(Forge::noon(5))), u("cai"), Forge::noon(6));
         }},
    };
}

// Who may do what.
QList<Forgery> forgedPolicies()
{
    const auto policyBy = [](const char *person, const std::function<QList<ForgedFile>(Forge &)> &files) {
        return [person, files](Forge &forge, const QList<QByteArray> &) {
            ForgedCommit commit;
            commit.by = u(person);
            commit.at = Forge::noon(10);
            commit.files = files(forge);
            return forge.commit(commit);
        };
    };
    return {
        {"a role given by a non-admin", Fault::PolicyByNonAdmin, "good",
         policyBy("cai",
                  [](Forge &forge) {
                      return QList<ForgedFile>{{u("policy.yaml"), forge.policy("ann, bob, cai")}};
                  })},
        {"a signer let in by a non-admin", Fault::PolicyByNonAdmin, "good",
         policyBy("cai",
                  [](Forge &forge) {
                      const QByteArray eve = "eve@shop.example " + forge.key(u("eve")).line() + '\n';
                      return QList<ForgedFile>{{u("allowed_signers"), forge.allowedSigners(eve)}};
                  })},
        {"an entry of a signer whom nobody countersigned", Fault::UnknownSigner, "bad",
         [](Forge &forge, const auto &) {
             ForgedCommit change;
             change.at = Forge::noon(10);
             change.files = {
                 {u("allowed_signers"), forge.allowedSigners("eve@shop.example " + forge.key(u("eve")).line() + '\n')}};
             forge.commit(change); // ann is an admin, but bob did not countersign
             return forge.commit(noteCommit(forge, "eve", 11));
         }},
        {"policy and an entry in one", Fault::PolicyMixed, "good",
         policyBy("ann",
                  [](Forge &forge) {
                      return QList<ForgedFile>{{u("policy.yaml"), forge.policy("ann")},
                                               noteCommit(forge, "ann").files.first()};
                  })},
        {"the policy removed", Fault::PolicyRemoved, "good",
         policyBy("ann",
                  [](Forge &) {
                      return QList<ForgedFile>{{u("policy.yaml"), std::nullopt}};
                  })},
        {"a policy that is none", Fault::PolicyInvalid, "good",
         policyBy("ann",
                  [](Forge &) {
                      return QList<ForgedFile>{{u("policy.yaml"), "roles: ["}};
                  })},
        {"a line of signers that cannot be read", Fault::PolicyInvalid, "good",
         policyBy("ann",
                  [](Forge &forge) {
                      return QList<ForgedFile>{{u("allowed_signers"), forge.allowedSigners("eve nonsense\n")}};
                  })},
        {"a certificate authority let in", Fault::PolicyInvalid, "good",
         policyBy("ann",
                  [](Forge &forge) {
                      const QByteArray line = "*@shop.example cert-authority " + forge.key(u("eve")).line() + '\n';
                      return QList<ForgedFile>{{u("allowed_signers"), forge.allowedSigners(line)}};
                  })},
        {"nobody left to change the policy", Fault::PolicyInvalid, "good",
         policyBy("ann",
                  [](Forge &forge) {
                      return QList<ForgedFile>{{u("policy.yaml"), forge.policy("eve")}};
                  })},
        {"one's own change countersigned", Fault::CountersignOwn, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit change;
             change.at = Forge::noon(10);
             change.files = {{u("policy.yaml"), forge.policy("ann, bob", "# changed\n")}};
             const QByteArray id = forge.commit(change);
             return forge.add(policy::PolicyCountersign{QString::fromLatin1(id), {}}, u("ann"), Forge::noon(11));
         }},
        {"a change countersigned by a non-admin", Fault::RoleMissing, "good",
         [](Forge &forge, const auto &) {
             ForgedCommit change;
             change.at = Forge::noon(10);
             change.files = {{u("policy.yaml"), forge.policy("ann, bob", "# changed\n")}};
             const QByteArray id = forge.commit(change);
             return forge.add(policy::PolicyCountersign{QString::fromLatin1(id), {}}, u("cai"), Forge::noon(11));
         }},
        {"a countersignature of nothing", Fault::CountersignUnknown, "good",
         [](Forge &forge, const auto &before) {
             return forge.add(policy::PolicyCountersign{QString::fromLatin1(before.at(1)), {}}, u("bob"),
                              Forge::noon(11));
         }},
    };
}

} // namespace

QList<Forgery> allForgeries()
{
    return forgedHistory() + forgedSignatures() + forgedEntries() + forgedDeeds() + forgedPolicies();
}

} // namespace signalbox::test

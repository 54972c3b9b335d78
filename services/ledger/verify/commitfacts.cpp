#include "services/ledger/verify/commitfacts.h"

#include "services/ledger/canonicaljson.h"
#include "services/ledger/ledgerentry.h"
#include "services/ledger/verify/ledgerverifytext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::ledger
{
namespace
{

using Json = nlohmann::json;

constexpr int mostDepth = CanonicalDocument::mostDepth;

QByteArray textAt(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QByteArray::fromStdString(found->get_ref<const std::string &>())
                                                     : QByteArray();
}

QByteArray textAt(const Json &json, const std::string &section, const char *key)
{
    const auto found = json.find(section);
    return found != json.end() && found->is_object() ? textAt(*found, key) : QByteArray();
}

struct Found
{
    Fault fault = Fault::None;
    QString problem;
};

QByteArray textAt(const CanonicalDocument::Value &object, QByteArrayView key)
{
    const auto *found = object.find(key);
    return found && found->kind == CanonicalDocument::Kind::Text ? found->text.toByteArray() : QByteArray();
}

QByteArray textAt(const CanonicalDocument::Value &object, QByteArrayView section, const char *key)
{
    const auto *found = object.find(section);
    return found ? textAt(*found, key) : QByteArray();
}

bool isAboutPromotion(const QByteArray &type)
{
    return type == "claim" || type == "approval" || type == "breakGlass";
}

// What a promotion, or what is said of it, is about.
void readSubject(const LedgerEntry &entry, CommitFacts &facts)
{
    if (!entry.record || (facts.type != "promotion" && !isAboutPromotion(facts.type)))
        return;
    const policy::Subject subject = policy::subjectOf(*entry.record);
    facts.application = subject.application.toUtf8();
    facts.environment = subject.environment.toUtf8();
    facts.digest = subject.digest.toUtf8();
}

Found checkPath(const LedgerEntry &entry, const QByteArray &path)
{
    const QString right = ledgerPath(entry);
    if (right == QLatin1String(path))
        return {};
    return {Fault::WrongPath,
            LedgerVerifyText::tr("it lies at %1, but its id belongs at %2").arg(QString::fromUtf8(path), right)};
}

template <typename Object> // of either kind of JSON
void readNames(const Object &json, CommitFacts &facts)
{
    facts.entryId = textAt(json, "id");
    facts.type = textAt(json, "type");
    facts.workspace = textAt(json, "workspace");
    facts.email = textAt(json, "who", "email");
    if (isAboutPromotion(facts.type) || facts.type == "promotionOutcome")
        facts.reference = textAt(json, facts.type.constData(), "promotion");
    else if (facts.type == "policyCountersign")
        facts.reference = textAt(json, facts.type.constData(), "commit");
    else if (facts.type == "lift")
        facts.reference = textAt(json, facts.type.constData(), "of");
}

// Of an entry that is proven to be canonical in one pass, as nearly all are. None: it takes the long way, which says
// what is wrong with it, if anything.
std::optional<Found> checkQuickly(CanonicalDocument &document, const QByteArray &bytes, const QByteArray &path,
                                  CommitFacts &facts)
{
    if (!document.parse(bytes))
        return std::nullopt;
    const auto entry = ledgerEntryFrom(document);
    if (!entry)
        return std::nullopt;
    readNames(document.top(), facts);
    readSubject(*entry, facts);
    return checkPath(*entry, path);
}

Found checkEntry(const QByteArray &bytes, const QByteArray &path, CommitFacts &facts)
{
    if (nestsTooDeep(bytes))
        return {Fault::EntryInvalid, LedgerVerifyText::tr("its values lie one in the other without end")};
    const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (!json.is_object())
        return {Fault::EntryInvalid, LedgerVerifyText::tr("it is no JSON object")};
    const auto canonical = canonicalJson(json);
    if (!canonical || *canonical != bytes)
        return {Fault::NotCanonical,
                LedgerVerifyText::tr("it is not written in the one canonical form (RFC 8785), so that the "
                                     "same entry could have two faces")};
    readNames(json, facts);
    if (json.value("version", Json()) != Json(1))
        return {Fault::SchemaUnknown,
                LedgerVerifyText::tr("it is of a version that this program does not know; update Signalbox")};
    const auto entry = ledgerEntryFromJson(json);
    if (!entry)
        return {Fault::EntryInvalid, entry.error().message};
    readSubject(*entry, facts);
    return checkPath(*entry, path);
}

} // namespace

bool nestsTooDeep(QByteArrayView json)
{
    int depth = 0;
    bool inText = false;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json.at(i);
        if (inText) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inText = false;
        } else if (c == '"') {
            inText = true;
        } else if (c == '{' || c == '[') {
            if (++depth > mostDepth)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

bool isPolicyFile(const QByteArray &path)
{
    return path == "allowed_signers" || path == "policy.yaml";
}

FactsReader::FactsReader(git::ObjectReader reader)
    : m_reader(std::move(reader))
{}

QByteArray FactsReader::shared(QByteArray text)
{
    if (text.size() > 200 || m_shared.size() > 5000)
        return text;
    const auto known = m_shared.constFind(text);
    return known != m_shared.constEnd() ? *known : *m_shared.insert(text, text);
}

CommitFacts FactsReader::read(const git::ObjectId &id, const std::optional<git::CommitObject> &commit,
                              const git::ObjectId &parentTree)
{
    CommitFacts facts = readUnsigned(id, commit, parentTree);
    if (commit)
        readSignature(*commit, facts);
    return facts;
}

CommitFacts FactsReader::readUnsigned(const git::ObjectId &id, const std::optional<git::CommitObject> &commit,
                                      const git::ObjectId &parentTree)
{
    CommitFacts facts;
    facts.id = id;
    if (!commit) {
        facts.isDamaged = true;
        facts.problem = LedgerVerifyText::tr("it is no commit that git would write");
        return facts;
    }
    facts.tree = commit->tree;
    facts.committedAt = commit->committedAt;
    facts.committerEmail = shared(commit->committerEmail.toByteArray());
    facts.parents = static_cast<int>(commit->parents.size());
    facts.isOdd = !commit->oddity.isEmpty();
    facts.problem = QString::fromUtf8(commit->oddity);
    readChanges(parentTree, facts);
    return facts;
}

void FactsReader::readAgain(const git::ObjectId &parentTree, CommitFacts &facts)
{
    facts.changes.clear();
    for (QByteArray *text : {&facts.entryId, &facts.type, &facts.workspace, &facts.email, &facts.reference,
                             &facts.application, &facts.environment, &facts.digest})
        text->clear();
    facts.entryFault = Fault::None;
    facts.entryProblem.clear();
    // It is no commit, the one before it is missing, or it was found to be damaged as it was: there is nothing to read,
    // and what was taken for granted of its tree is not told either.
    if (!facts.isDamaged)
        readChanges(parentTree, facts);
}

void FactsReader::readChanges(const git::ObjectId &parentTree, CommitFacts &facts)
{
    auto changes = m_reader.changes(parentTree, facts.tree, CommitFacts::mostChanges);
    if (!changes) {
        facts.isDamaged = true;
        facts.problem = changes.error().message;
        return;
    }
    facts.changes = *std::move(changes);
    if (facts.changes.size() == 1 && facts.changes.first().kind == git::TreeChange::Kind::Added &&
        facts.changes.first().path.startsWith("entries/"))
        readEntry(facts);
}

void FactsReader::readSignature(const git::CommitObject &commit, CommitFacts &facts)
{
    if (commit.signature.isEmpty())
        return;
    auto signature = ssh::parseSignature(commit.signature);
    if (!signature) {
        facts.signature = signature.error().kind == ErrorKind::Unsupported ? CommitFacts::Signature::Unsupported
                                                                           : CommitFacts::Signature::Broken;
        facts.signatureProblem = signature.error().message;
        return;
    }
    if (m_keys.size() > 5000) // a stranger's history may have a key per commit
        m_keys.clear();
    const auto known = m_keys.constFind(signature->key.blob());
    facts.key = known != m_keys.constEnd() ? *known : *m_keys.insert(signature->key.blob(), signature->key);
    const QByteArray hash = ssh::messageHash("sha256", signature->raw);
    std::copy_n(hash.begin(), facts.signatureHash.size(), facts.signatureHash.begin());
    if (signature->ns != ssh::gitNamespace) {
        facts.signature = CommitFacts::Signature::OtherNamespace;
        facts.signatureProblem = QString::fromUtf8(signature->ns.left(60));
        return;
    }
    facts.signature = m_verifier.isValid(*signature, commit.payload) ? CommitFacts::Signature::Valid
                                                                     : CommitFacts::Signature::Invalid;
}

void FactsReader::readEntry(CommitFacts &facts)
{
    const git::TreeChange &change = facts.changes.first();
    if (change.mode != 0100644) {
        facts.entryFault = Fault::NotAFile;
        facts.entryProblem = LedgerVerifyText::tr("it is no ordinary file but a link, a program or another repository");
        return;
    }
    const auto bytes = m_reader.blob(change.id, CommitFacts::mostEntryBytes);
    if (!bytes) {
        facts.entryFault = bytes.error().kind == ErrorKind::Invalid ? Fault::EntryInvalid : Fault::Damaged;
        facts.entryProblem = bytes.error().message;
        return;
    }
    const auto quick = checkQuickly(m_document, *bytes, change.path, facts);
    const Found found = quick ? *quick : checkEntry(*bytes, change.path, facts);
    facts.type = shared(facts.type);
    facts.workspace = shared(facts.workspace);
    facts.email = shared(facts.email);
    facts.application = shared(facts.application);
    facts.environment = shared(facts.environment);
    facts.digest = shared(facts.digest);
    facts.entryFault = found.fault;
    facts.entryProblem = found.problem;
    if (facts.entryProblem.endsWith(QLatin1Char('.')))
        facts.entryProblem.chop(1); // it goes into a sentence
}

} // namespace signalbox::ledger

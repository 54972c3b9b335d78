#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>

#include <array>
#include <optional>
#include <vector>

// The ledger's entries as screens and exports list them. Values.
namespace signalbox
{

// What verifying says of an entry.
enum class LedgerProof {
    Good,
    Pending,   // a change of the policy that waits for a second admin
    NotSigned, // from before the ledger was signed
    Bad,
    Checking, // listed, not judged yet
};
QString ledgerProofName(LedgerProof proof); // "good" "pending" "notSigned" "bad" "checking": for files
QString ledgerProofText(LedgerProof proof); // "proven" ...: for people

// One entry, or another commit of the ledger.
struct LedgerRow
{
    QString commit;  // 40 digits
    QString blob;    // its content, 40 digits; empty: removed, or not known
    QString path;    // of the file it added
    QString id;      // ULID; empty: it is no entry
    QString type;    // "approval", "operation", "drill" ..., "policy"; empty: not known
    QString action;  // of an operation: "rollback", "trafficShift" ...
    QString outcome; // of an operation, a promotion or a drill: "done", "notEffective", "passed" ...
    qint64 at = 0;   // ms since the epoch, UTC: the commit's date, which is proven not to go back
    QString application;
    QString environment;
    QString version;
    QString digest;
    QString signer;  // the key's principal; empty: not known
    QString key;     // its fingerprint
    QString author;  // as the entry says: "Ann Lee <ann@shop.example>"
    QString words;   // comment, reason, text, message
    QString about;   // the promotion, entry or commit it is about
    QString another; // a second one: the operation that carried it out
    LedgerProof proof = LedgerProof::Checking;
    QString fault;  // ledger::faultName(); empty: none
    QString reason; // a sentence; empty: nothing to say

    QDateTime time() const { return QDateTime::fromMSecsSinceEpoch(at, Qt::UTC); }
    // Who stands for it: the signer, or else who it says wrote it.
    QString person() const { return signer.isEmpty() ? author : signer; }
    bool operator==(const LedgerRow &) const = default;
};

// "Approval", "Promotion", "Operation" ...: names a type; the type itself where it is not known.
QString ledgerTypeTitle(const QString &type);
// All types in the order they are offered.
const QStringList &ledgerTypes();
// What happened, in a few words: "Approved", "Rollback: done".
QString ledgerTitle(const LedgerRow &row);

struct LedgerFilter
{
    QString application; // empty: all, as below
    QString environment;
    QString person; // LedgerRow::person()
    QString type;
    std::optional<LedgerProof> proof;
    QDateTime from; // inside; invalid: no limit, as below
    QDateTime to;   // outside
    QString text;   // every word has to occur somewhere, without regard to case

    bool isEmpty() const { return *this == LedgerFilter{}; }
    bool operator==(const LedgerFilter &) const = default;
};
// What LedgerTable::find() finds, for one row by itself.
bool accepts(const LedgerFilter &filter, const LedgerRow &row);

// Rows, oldest first, in some 300 bytes each: what many have in common is kept once. One thread.
class LedgerTable
{
public:
    void append(const LedgerRow &row);
    void squeeze(); // gives back what was set aside for more
    qsizetype size() const { return static_cast<qsizetype>(m_rows.size()); }
    LedgerRow row(qsizetype index) const;
    qint64 at(qsizetype index) const { return m_rows[static_cast<size_t>(index)].at; }
    LedgerProof proof(qsizetype index) const { return m_rows[static_cast<size_t>(index)].proof; }
    const QString &application(qsizetype index) const { return text(m_rows[static_cast<size_t>(index)], Application); }
    const QString &environment(qsizetype index) const { return text(m_rows[static_cast<size_t>(index)], Environment); }
    qsizetype indexOfCommit(const QString &commit) const; // -1: none
    qsizetype indexOfEntry(const QString &id) const;      // -1: none

    // Newest first; of those from `first` on.
    std::vector<quint32> find(const LedgerFilter &filter, qsizetype first = 0) const;
    bool accepts(const LedgerFilter &filter, qsizetype index) const;
    // Those that belong together: the request, its approvals, claim and outcome; a hold and its lift. Oldest first,
    // without the one itself.
    std::vector<quint32> related(qsizetype index) const;

    // What there is to choose from, in alphabetical order; types in theirs.
    QStringList applications() const;
    QStringList persons() const;
    QStringList types() const;

    qsizetype memoryUse() const; // bytes, about

private:
    enum Text {
        Type,
        Action,
        Outcome,
        Application,
        Environment,
        Version,
        Digest,
        Signer,
        Key,
        Author,
        About,
        Another,
        Fault,
        Reason,
        Person,
        TextCount
    };
    using Id = std::array<unsigned char, 20>;
    struct Packed
    {
        Id commit;
        Id blob;
        qint64 at = 0;
        quint32 from = 0; // in m_words: the entry's id, its path where it is not the usual one, its words
        quint32 size = 0;
        quint32 foldedFrom = 0; // the same in m_folded
        quint32 foldedSize = 0;
        std::array<quint32, TextCount> texts{};
        LedgerProof proof = LedgerProof::Checking;
    };
    // A filter, looked up once.
    struct Search;
    Search prepare(const LedgerFilter &filter) const;
    bool fits(const Search &search, const Packed &row) const;
    quint32 shared(const QString &text);
    const QString &text(const Packed &row, Text which) const { return m_texts[row.texts[which]]; }
    QStringList present(Text which) const;

    std::vector<Packed> m_rows;
    QByteArray m_words;  // UTF-8
    QByteArray m_folded; // in lower case, for searching
    QStringList m_texts{QString()};
    QHash<QString, quint32> m_known{{QString(), 0}};
};

} // namespace signalbox

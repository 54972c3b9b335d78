#include "models/stores/ledgertable.h"

#include "models/domain/ulid.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <cstring>

namespace signalbox
{

namespace
{

struct LedgerTableText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerTable)
};

constexpr char separator = '\x1f';

using Id = std::array<unsigned char, 20>;

Id packedId(const QString &hex)
{
    Id id{};
    const QByteArray bytes = QByteArray::fromHex(hex.toLatin1());
    if (bytes.size() == static_cast<qsizetype>(id.size()))
        std::copy(bytes.begin(), bytes.end(), id.begin());
    return id;
}

QByteArray hexOf(const Id &id)
{
    return QByteArray(reinterpret_cast<const char *>(id.data()), static_cast<qsizetype>(id.size())).toHex();
}

QString usualPath(const QString &id)
{
    return isUlid(id)
               ? QStringLiteral("entries/%1/%2.json").arg(ulidTime(id).toString(QStringLiteral("yyyy/MM/dd")), id)
               : QString();
}

QStringList wordsOf(const QString &text)
{
    return text.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

// Part of a commit's id.
bool isHex(const QString &word)
{
    return word.size() >= 4 && std::all_of(word.begin(), word.end(), [](QChar c) {
               return (c >= QLatin1Char('0') && c <= QLatin1Char('9')) ||
                      (c >= QLatin1Char('a') && c <= QLatin1Char('f'));
           });
}

QString outcomeText(const QString &outcome)
{
    static const std::pair<const char *, const char *> texts[] = {
        {"done", QT_TRANSLATE_NOOP("LedgerTable", "done")},
        {"notEffective", QT_TRANSLATE_NOOP("LedgerTable", "not effective")},
        {"refused", QT_TRANSLATE_NOOP("LedgerTable", "refused")},
        {"conflict", QT_TRANSLATE_NOOP("LedgerTable", "the world had moved")},
        {"cancelled", QT_TRANSLATE_NOOP("LedgerTable", "cancelled")},
        {"abandoned", QT_TRANSLATE_NOOP("LedgerTable", "taken back")},
        {"preempted", QT_TRANSLATE_NOOP("LedgerTable", "pre-empted")},
        {"unknown", QT_TRANSLATE_NOOP("LedgerTable", "outcome unknown")},
        {"failed", QT_TRANSLATE_NOOP("LedgerTable", "failed")},
        {"dryRun", QT_TRANSLATE_NOOP("LedgerTable", "dry run")},
        {"passed", QT_TRANSLATE_NOOP("LedgerTable", "passed")},
        {"mistaken", QT_TRANSLATE_NOOP("LedgerTable", "with a mistake")},
    };
    for (const auto &[name, shown] : texts) {
        if (outcome == QLatin1String(name))
            return LedgerTableText::tr(shown);
    }
    return outcome;
}

QString actionText(const QString &action)
{
    static const std::pair<const char *, const char *> texts[] = {
        {"rollback", QT_TRANSLATE_NOOP("LedgerTable", "Rollback")},
        {"trafficShift", QT_TRANSLATE_NOOP("LedgerTable", "Traffic shift")},
        {"trafficSwitch", QT_TRANSLATE_NOOP("LedgerTable", "Traffic switch")},
        {"scale", QT_TRANSLATE_NOOP("LedgerTable", "Scale")},
        {"restart", QT_TRANSLATE_NOOP("LedgerTable", "Restart")},
        {"pause", QT_TRANSLATE_NOOP("LedgerTable", "Pause")},
        {"resume", QT_TRANSLATE_NOOP("LedgerTable", "Resume")},
        {"promote", QT_TRANSLATE_NOOP("LedgerTable", "Promotion carried out")},
        {"suspendReconciliation", QT_TRANSLATE_NOOP("LedgerTable", "Reconciliation paused")},
    };
    for (const auto &[name, shown] : texts) {
        if (action == QLatin1String(name))
            return LedgerTableText::tr(shown);
    }
    return action;
}

struct TypeWords
{
    const char *type;
    const char *title; // the kind
    const char *what;  // what happened
};

constexpr TypeWords typeWords[] = {
    {"promotion", QT_TRANSLATE_NOOP("LedgerTable", "Promotion"),
     QT_TRANSLATE_NOOP("LedgerTable", "Promotion asked for")},
    {"approval", QT_TRANSLATE_NOOP("LedgerTable", "Approval"), QT_TRANSLATE_NOOP("LedgerTable", "Approved")},
    {"rejection", QT_TRANSLATE_NOOP("LedgerTable", "Rejection"), QT_TRANSLATE_NOOP("LedgerTable", "Rejected")},
    {"claim", QT_TRANSLATE_NOOP("LedgerTable", "Claim"), QT_TRANSLATE_NOOP("LedgerTable", "Claimed")},
    {"promotionOutcome", QT_TRANSLATE_NOOP("LedgerTable", "Outcome"), QT_TRANSLATE_NOOP("LedgerTable", "Promotion")},
    {"operation", QT_TRANSLATE_NOOP("LedgerTable", "Operation"), QT_TRANSLATE_NOOP("LedgerTable", "Operation")},
    {"freeze", QT_TRANSLATE_NOOP("LedgerTable", "Freeze"), QT_TRANSLATE_NOOP("LedgerTable", "Freeze ordered")},
    {"hold", QT_TRANSLATE_NOOP("LedgerTable", "Hold"), QT_TRANSLATE_NOOP("LedgerTable", "Held")},
    {"lift", QT_TRANSLATE_NOOP("LedgerTable", "Lift"), QT_TRANSLATE_NOOP("LedgerTable", "Lifted")},
    {"breakGlass", QT_TRANSLATE_NOOP("LedgerTable", "Break glass"),
     QT_TRANSLATE_NOOP("LedgerTable", "Broke the glass")},
    {"countersign", QT_TRANSLATE_NOOP("LedgerTable", "Countersignature"),
     QT_TRANSLATE_NOOP("LedgerTable", "Countersigned")},
    {"policyCountersign", QT_TRANSLATE_NOOP("LedgerTable", "Policy countersignature"),
     QT_TRANSLATE_NOOP("LedgerTable", "Policy countersigned")},
    {"policy", QT_TRANSLATE_NOOP("LedgerTable", "Policy"), QT_TRANSLATE_NOOP("LedgerTable", "Policy changed")},
    {"drill", QT_TRANSLATE_NOOP("LedgerTable", "Fire drill"), QT_TRANSLATE_NOOP("LedgerTable", "Fire drill")},
    {"note", QT_TRANSLATE_NOOP("LedgerTable", "Note"), QT_TRANSLATE_NOOP("LedgerTable", "Note")},
};

const TypeWords *wordsFor(const QString &type)
{
    const auto found = std::find_if(std::begin(typeWords), std::end(typeWords),
                                    [&type](const TypeWords &one) { return type == QLatin1String(one.type); });
    return found == std::end(typeWords) ? nullptr : found;
}

} // namespace

QString ledgerProofName(LedgerProof proof)
{
    static const char *const names[] = {"good", "pending", "notSigned", "bad", "checking"};
    return QString::fromLatin1(names[static_cast<int>(proof)]);
}

QString ledgerProofText(LedgerProof proof)
{
    switch (proof) {
    case LedgerProof::Good:
        return LedgerTableText::tr("proven");
    case LedgerProof::Pending:
        return LedgerTableText::tr("waits for a second admin");
    case LedgerProof::NotSigned:
        return LedgerTableText::tr("not signed");
    case LedgerProof::Bad:
        return LedgerTableText::tr("not to be trusted");
    case LedgerProof::Checking:
        break;
    }
    return LedgerTableText::tr("being checked");
}

QString ledgerTypeTitle(const QString &type)
{
    const TypeWords *known = wordsFor(type);
    return known ? LedgerTableText::tr(known->title) : type;
}

const QStringList &ledgerTypes()
{
    static const QStringList all = [] {
        QStringList types;
        for (const TypeWords &one : typeWords)
            types.append(QString::fromLatin1(one.type));
        return types;
    }();
    return all;
}

QString ledgerTitle(const LedgerRow &row)
{
    const TypeWords *known = wordsFor(row.type);
    if (known == nullptr)
        return row.type.isEmpty() ? LedgerTableText::tr("No entry") : row.type;
    if (row.type == QLatin1String("policy") && row.path == QLatin1String("allowed_signers"))
        return LedgerTableText::tr("Policy or signers changed");
    const QString what = row.action.isEmpty() ? LedgerTableText::tr(known->what) : actionText(row.action);
    return row.outcome.isEmpty() ? what : QStringLiteral("%1: %2").arg(what, outcomeText(row.outcome));
}

bool accepts(const LedgerFilter &filter, const LedgerRow &row)
{
    // One definition: a table of this row alone.
    LedgerTable table;
    table.append(row);
    return table.accepts(filter, 0);
}

struct LedgerTable::Search
{
    bool isImpossible = false; // asks for what no row has
    quint32 application = 0;
    quint32 environment = 0;
    quint32 person = 0;
    quint32 type = 0;
    std::optional<LedgerProof> proof;
    std::optional<qint64> from;
    std::optional<qint64> to;
    struct Word
    {
        QByteArray utf8;
        QSet<quint32> texts; // those that hold it
        bool isHex = false;
    };
    QList<Word> words;
};

void LedgerTable::append(const LedgerRow &row)
{
    Packed packed;
    packed.commit = packedId(row.commit);
    packed.blob = packedId(row.blob);
    packed.at = row.at;
    packed.proof = row.proof;
    const QString *texts[] = {&row.type,    &row.action,  &row.outcome, &row.application, &row.environment,
                              &row.version, &row.digest,  &row.signer,  &row.key,         &row.author,
                              &row.about,   &row.another, &row.fault,   &row.reason};
    static_assert(std::size(texts) == Person);
    for (size_t i = 0; i < std::size(texts); ++i)
        packed.texts[i] = shared(*texts[i]);
    packed.texts[Person] = row.signer.isEmpty() ? packed.texts[Author] : packed.texts[Signer];
    const QString path = row.path == usualPath(row.id) ? QString() : row.path;
    const QString words = row.id + QLatin1Char(separator) + path + QLatin1Char(separator) + row.words;
    packed.from = static_cast<quint32>(m_words.size());
    m_words += words.toUtf8();
    packed.size = static_cast<quint32>(m_words.size()) - packed.from;
    packed.foldedFrom = static_cast<quint32>(m_folded.size());
    m_folded += words.toLower().toUtf8();
    packed.foldedSize = static_cast<quint32>(m_folded.size()) - packed.foldedFrom;
    m_rows.push_back(packed);
}

void LedgerTable::squeeze()
{
    m_rows.shrink_to_fit();
    m_words.squeeze();
    m_folded.squeeze();
}

LedgerRow LedgerTable::row(qsizetype index) const
{
    const Packed &packed = m_rows[static_cast<size_t>(index)];
    LedgerRow row;
    row.commit = QString::fromLatin1(hexOf(packed.commit));
    if (packed.blob != Id{})
        row.blob = QString::fromLatin1(hexOf(packed.blob));
    row.at = packed.at;
    row.proof = packed.proof;
    QString *texts[] = {&row.type,    &row.action,  &row.outcome, &row.application, &row.environment,
                        &row.version, &row.digest,  &row.signer,  &row.key,         &row.author,
                        &row.about,   &row.another, &row.fault,   &row.reason};
    for (size_t i = 0; i < std::size(texts); ++i)
        *texts[i] = m_texts[packed.texts[i]];
    const QString words = QString::fromUtf8(QByteArrayView(m_words).sliced(packed.from, packed.size));
    row.id = words.section(QLatin1Char(separator), 0, 0);
    row.path = words.section(QLatin1Char(separator), 1, 1);
    row.words = words.section(QLatin1Char(separator), 2);
    if (row.path.isEmpty())
        row.path = usualPath(row.id);
    return row;
}

quint32 LedgerTable::shared(const QString &text)
{
    const auto known = m_known.constFind(text);
    if (known != m_known.constEnd())
        return *known;
    const auto index = static_cast<quint32>(m_texts.size());
    m_texts.append(text);
    m_known.insert(text, index);
    return index;
}

qsizetype LedgerTable::indexOfCommit(const QString &commit) const
{
    const Id id = packedId(commit);
    for (size_t i = m_rows.size(); i-- > 0;) {
        if (m_rows[i].commit == id)
            return static_cast<qsizetype>(i);
    }
    return -1;
}

qsizetype LedgerTable::indexOfEntry(const QString &id) const
{
    if (!isUlid(id))
        return -1;
    const QByteArray wanted = id.toUtf8() + separator;
    for (size_t i = m_rows.size(); i-- > 0;) {
        if (QByteArrayView(m_words).sliced(m_rows[i].from, m_rows[i].size).startsWith(wanted))
            return static_cast<qsizetype>(i);
    }
    return -1;
}

LedgerTable::Search LedgerTable::prepare(const LedgerFilter &filter) const
{
    Search search;
    const auto look = [this, &search](const QString &text, quint32 &found) {
        if (text.isEmpty())
            return;
        found = m_known.value(text, 0);
        search.isImpossible = search.isImpossible || found == 0;
    };
    look(filter.application, search.application);
    look(filter.environment, search.environment);
    look(filter.person, search.person);
    look(filter.type, search.type);
    search.proof = filter.proof;
    if (filter.from.isValid())
        search.from = filter.from.toMSecsSinceEpoch();
    if (filter.to.isValid())
        search.to = filter.to.toMSecsSinceEpoch();
    for (const QString &word : wordsOf(filter.text)) {
        Search::Word one{word.toUtf8(), {}, isHex(word)};
        for (qsizetype i = 1; i < m_texts.size(); ++i) {
            if (m_texts.at(i).contains(word, Qt::CaseInsensitive))
                one.texts.insert(static_cast<quint32>(i));
        }
        search.words.append(std::move(one));
    }
    return search;
}

bool LedgerTable::fits(const Search &search, const Packed &row) const
{
    const auto is = [&row](quint32 wanted, Text which) { return wanted == 0 || row.texts[which] == wanted; };
    if (!is(search.application, Application) || !is(search.environment, Environment) || !is(search.person, Person) ||
        !is(search.type, Type))
        return false;
    if ((search.proof && row.proof != *search.proof) || (search.from && row.at < *search.from) ||
        (search.to && row.at >= *search.to))
        return false;
    return std::all_of(search.words.cbegin(), search.words.cend(), [&](const Search::Word &word) {
        const bool inTexts = std::any_of(row.texts.begin(), row.texts.end(),
                                         [&word](quint32 text) { return text != 0 && word.texts.contains(text); });
        return inTexts || QByteArrayView(m_folded).sliced(row.foldedFrom, row.foldedSize).contains(word.utf8) ||
               (word.isHex && hexOf(row.commit).contains(word.utf8));
    });
}

std::vector<quint32> LedgerTable::find(const LedgerFilter &filter, qsizetype first) const
{
    std::vector<quint32> found;
    const Search search = prepare(filter);
    if (search.isImpossible)
        return found;
    const bool takesAll = filter.isEmpty();
    if (takesAll)
        found.reserve(m_rows.size() - static_cast<size_t>(first));
    for (size_t i = m_rows.size(); i-- > static_cast<size_t>(first);) {
        if (takesAll || fits(search, m_rows[i]))
            found.push_back(static_cast<quint32>(i));
    }
    return found;
}

bool LedgerTable::accepts(const LedgerFilter &filter, qsizetype index) const
{
    const Search search = prepare(filter);
    return !search.isImpossible && fits(search, m_rows[static_cast<size_t>(index)]);
}

std::vector<quint32> LedgerTable::related(qsizetype index) const
{
    const LedgerRow one = row(index);
    QSet<quint32> names; // what the entry is called, and what it names
    for (const QString &name : {one.id, one.commit, one.about, one.another}) {
        if (const quint32 known = m_known.value(name, 0))
            names.insert(known);
    }
    const qsizetype about = one.about.isEmpty() ? -1 : indexOfEntry(one.about);
    const qsizetype another = one.another.isEmpty() ? -1 : indexOfEntry(one.another);
    std::vector<quint32> found;
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const auto at = static_cast<qsizetype>(i);
        const Packed &each = m_rows[i];
        const bool isNamed =
            at == about || at == another || (one.about.size() == 40 && each.commit == packedId(one.about));
        if (at != index && (isNamed || names.contains(each.texts[About]) || names.contains(each.texts[Another])))
            found.push_back(static_cast<quint32>(i));
    }
    return found;
}

QStringList LedgerTable::present(Text which) const
{
    std::vector<bool> isSeen(static_cast<size_t>(m_texts.size()));
    for (const Packed &row : m_rows)
        isSeen[row.texts[which]] = true;
    QStringList all;
    for (size_t text = 1; text < isSeen.size(); ++text) {
        if (isSeen[text])
            all.append(m_texts.at(static_cast<qsizetype>(text)));
    }
    all.sort(Qt::CaseInsensitive);
    return all;
}

QStringList LedgerTable::applications() const
{
    return present(Application);
}

QStringList LedgerTable::persons() const
{
    return present(Person);
}

QStringList LedgerTable::types() const
{
    const QStringList found = present(Type);
    QStringList all;
    for (const QString &type : ledgerTypes()) {
        if (found.contains(type))
            all.append(type);
    }
    return all;
}

qsizetype LedgerTable::memoryUse() const
{
    qsizetype bytes =
        static_cast<qsizetype>(m_rows.capacity() * sizeof(Packed)) + m_words.capacity() + m_folded.capacity();
    for (const QString &text : m_texts)
        bytes += text.size() * 2 + 80; // with its place in the list and the hash
    return bytes;
}

} // namespace signalbox

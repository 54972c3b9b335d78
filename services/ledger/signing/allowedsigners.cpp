#include "services/ledger/signing/allowedsigners.h"

#include "services/ledger/signing/patternlist.h"

#include <QCoreApplication>
#include <QTimeZone>

#include <ctime>
#include <optional>

namespace signalbox::ssh
{
namespace
{

struct AllowedSignersText
{
    Q_DECLARE_TR_FUNCTIONS(AllowedSigners)
};

constexpr qsizetype mostFileBytes = 4 * 1024 * 1024;

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

// Reads one line from the left. Sentences are what should have been there.
class LineParser
{
public:
    LineParser(QByteArrayView line, int number)
        : m_rest(line)
    {
        m_signer.line = number;
    }

    // None: an empty line or a comment. An Error's message is the reason alone.
    std::optional<Result<AllowedSigner>> parse()
    {
        skipBlanks();
        if (m_rest.isEmpty() || m_rest.front() == '#')
            return std::nullopt;
        const auto principals = word();
        if (!principals || principals->isEmpty())
            return bad(AllowedSignersText::tr("the principals are not closed by a quote"));
        m_signer.principals = *principals;
        skipBlanks();
        if (!m_rest.isEmpty() && !startsWithKey()) {
            if (const QString reason = options(); !reason.isEmpty())
                return bad(reason);
            skipBlanks();
        }
        if (m_rest.isEmpty())
            return bad(AllowedSignersText::tr("there is no key; it should read PRINCIPALS [OPTIONS] TYPE KEY"));
        auto key = PublicKey::fromLine(m_rest);
        if (!key)
            return Result<AllowedSigner>(key.error());
        m_signer.key = *std::move(key);
        if (m_signer.validAfter.isValid() && m_signer.validBefore.isValid() &&
            m_signer.validBefore <= m_signer.validAfter)
            return bad(AllowedSignersText::tr("valid-before is not later than valid-after"));
        if (m_isAuthority)
            return bad(AllowedSignersText::tr(
                "cert-authority is not accepted in a ledger: certificates are not verified here. List "
                "the person's own key instead"));
        return Result<AllowedSigner>(m_signer);
    }
    bool hasLocalTime() const { return m_hasLocalTime; }

private:
    static Result<AllowedSigner> bad(const QString &reason) { return Error{ErrorKind::Invalid, reason, {}}; }

    void skipBlanks()
    {
        while (!m_rest.isEmpty() && isBlank(m_rest.front()))
            m_rest = m_rest.sliced(1);
    }

    // A word, or a text in quotes. None: the quote is not closed.
    std::optional<QByteArray> word()
    {
        if (m_rest.front() == '"') {
            const qsizetype end = m_rest.indexOf('"', 1);
            if (end < 0)
                return std::nullopt;
            const QByteArray text = m_rest.sliced(1, end - 1).toByteArray();
            m_rest = m_rest.sliced(end + 1);
            return text;
        }
        qsizetype end = 0;
        while (end < m_rest.size() && !isBlank(m_rest.at(end)))
            ++end;
        const QByteArray text = m_rest.first(end).toByteArray();
        m_rest = m_rest.sliced(end);
        return text;
    }

    // Options never begin like this, and what does is a key or the attempt at one.
    bool startsWithKey() const
    {
        for (const char *prefix : {"ssh-", "ecdsa-", "sk-"}) {
            if (m_rest.startsWith(prefix))
                return true;
        }
        return false;
    }

    bool take(QByteArrayView name) // ignoring case
    {
        if (m_rest.size() < name.size() || m_rest.first(name.size()).compare(name, Qt::CaseInsensitive) != 0)
            return false;
        m_rest = m_rest.sliced(name.size());
        return true;
    }

    // The text in quotes, in which \" is a quote. None: it is not one.
    std::optional<QByteArray> quoted()
    {
        if (m_rest.isEmpty() || m_rest.front() != '"')
            return std::nullopt;
        QByteArray text;
        for (qsizetype i = 1; i < m_rest.size(); ++i) {
            if (m_rest.at(i) == '\\' && i + 1 < m_rest.size() && m_rest.at(i + 1) == '"') {
                text += '"';
                ++i;
            } else if (m_rest.at(i) == '"') {
                m_rest = m_rest.sliced(i + 1);
                return text;
            } else {
                text += m_rest.at(i);
            }
        }
        return std::nullopt;
    }

    QString timeOption(QDateTime &time, const QString &name)
    {
        if (time.isValid())
            return AllowedSignersText::tr("%1 is given twice").arg(name);
        const auto text = quoted();
        if (!text)
            return AllowedSignersText::tr("%1 needs a time in quotes").arg(name);
        time = parseSignerTime(*text);
        if (!time.isValid())
            return AllowedSignersText::tr(
                       "%1 is no time: \"%2\" should be YYYYMMDD or YYYYMMDDHHMM[SS], best with a Z for UTC")
                .arg(name, QString::fromUtf8(text->left(40)));
        m_hasLocalTime =
            m_hasLocalTime || !(text->endsWith('Z') || text->endsWith('z') || text->toUpper().endsWith("UTC"));
        return {};
    }

    QString option()
    {
        if (take("cert-authority")) {
            m_isAuthority = true;
            return {};
        }
        if (take("namespaces=")) {
            if (!m_signer.namespaces.isNull())
                return AllowedSignersText::tr("namespaces is given twice");
            const auto text = quoted();
            if (!text)
                return AllowedSignersText::tr("namespaces needs a list in quotes, for example namespaces=\"git\"");
            m_signer.namespaces = text->isNull() ? QByteArray("") : *text;
            return {};
        }
        if (take("valid-after="))
            return timeOption(m_signer.validAfter, QStringLiteral("valid-after"));
        if (take("valid-before="))
            return timeOption(m_signer.validBefore, QStringLiteral("valid-before"));
        qsizetype end = 0;
        while (end < m_rest.size() && !isBlank(m_rest.at(end)) && m_rest.at(end) != ',')
            ++end;
        return AllowedSignersText::tr(
                   "\"%1\" is neither an option nor a key's type; the options are namespaces=, valid-after= and "
                   "valid-before=")
            .arg(QString::fromUtf8(m_rest.first(std::min<qsizetype>(end, 60))));
    }

    QString options()
    {
        for (;;) {
            if (const QString reason = option(); !reason.isEmpty())
                return reason;
            if (m_rest.isEmpty() || isBlank(m_rest.front()))
                return {};
            if (m_rest.front() != ',')
                return AllowedSignersText::tr("a comma or a space should follow after an option");
            m_rest = m_rest.sliced(1);
            if (m_rest.isEmpty() || isBlank(m_rest.front()))
                return AllowedSignersText::tr("an option should follow after the comma");
        }
    }

    QByteArrayView m_rest;
    AllowedSigner m_signer;
    bool m_isAuthority = false;
    bool m_hasLocalTime = false;
};

int number(QByteArrayView digits)
{
    int value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

} // namespace

QDateTime parseSignerTime(QByteArrayView text)
{
    bool isUtc = false;
    if (text.endsWith('Z') || text.endsWith('z')) {
        isUtc = true;
        text = text.chopped(1);
    } else if (text.size() > 3 && text.last(3).compare("UTC", Qt::CaseInsensitive) == 0) {
        isUtc = true;
        text = text.chopped(3);
    }
    if (text.size() != 8 && text.size() != 12 && text.size() != 14)
        return {};
    const QDate date(number(text.first(4)), number(text.sliced(4, 2)), number(text.sliced(6, 2)));
    const QTime time(text.size() > 8 ? number(text.sliced(8, 2)) : 0, text.size() > 8 ? number(text.sliced(10, 2)) : 0,
                     text.size() > 12 ? number(text.sliced(12, 2)) : 0);
    if (!date.isValid() || !time.isValid())
        return {};
    if (isUtc)
        return QDateTime(date, time, Qt::UTC);
    // As ssh-keygen does it, in summer as well: mktime() of a time that is said to be standard time.
    std::tm parts{};
    parts.tm_year = date.year() - 1900;
    parts.tm_mon = date.month() - 1;
    parts.tm_mday = date.day();
    parts.tm_hour = time.hour();
    parts.tm_min = time.minute();
    parts.tm_sec = time.second();
    const std::time_t seconds = std::mktime(&parts);
    return seconds < 0 ? QDateTime() : QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC);
}

bool AllowedSigner::isFor(QByteArrayView principal) const
{
    return matchesPatternList(principal, principals);
}

bool AllowedSigner::isForNamespace(QByteArrayView ns) const
{
    return namespaces.isNull() || matchesPatternList(ns, namespaces);
}

QStringList AllowedSigner::names() const
{
    QStringList found;
    for (const QByteArray &name : principals.split(',')) {
        if (!name.isEmpty() && !name.startsWith('!') && !name.contains('*') && !name.contains('?') && isFor(name))
            found.append(QString::fromUtf8(name));
    }
    return found;
}

AllowedSigners AllowedSigners::parse(QByteArrayView text, const QString &file)
{
    AllowedSigners signers;
    if (text.size() > mostFileBytes) {
        signers.m_notes.append({0, true, AllowedSignersText::tr("%1 is too large to be a list of signers.").arg(file)});
        return signers;
    }
    int number = 0;
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype end = text.indexOf('\n', at);
        QByteArrayView line = text.sliced(at, (end < 0 ? text.size() : end) - at);
        at = end < 0 ? text.size() : end + 1;
        ++number;
        while (!line.isEmpty() && (line.back() == '\r' || isBlank(line.back())))
            line = line.chopped(1);
        LineParser parser(line, number);
        const auto parsed = parser.parse();
        if (!parsed)
            continue;
        if (!*parsed) {
            QString reason = parsed->error().message;
            if (reason.endsWith(QLatin1Char('.')))
                reason.chop(1);
            signers.m_notes.append(
                {number, true, AllowedSignersText::tr("%1, line %2: %3.").arg(file).arg(number).arg(reason)});
            continue;
        }
        if (parser.hasLocalTime())
            signers.m_notes.append(
                {number, false,
                 AllowedSignersText::tr("%1, line %2: a time without Z is read in the zone of each reader's "
                                        "machine; write it in UTC, with a Z.")
                     .arg(file)
                     .arg(number)});
        signers.m_lines.append(**parsed);
    }
    return signers;
}

SignerFinding AllowedSigners::find(const PublicKey &key, QByteArrayView ns, const QDateTime &at,
                                   QByteArrayView claimed) const
{
    SignerFinding finding;
    for (const AllowedSigner &line : m_lines) {
        if (!(line.key == key))
            continue;
        finding.line = line.line;
        finding.limit = {};
        if (!line.isForNamespace(ns)) {
            finding.kind = SignerFinding::Kind::WrongNamespace;
        } else if (line.validAfter.isValid() && at < line.validAfter) {
            finding.kind = SignerFinding::Kind::NotYetValid;
            finding.limit = line.validAfter;
        } else if (line.validBefore.isValid() && at > line.validBefore) {
            finding.kind = SignerFinding::Kind::NoLongerValid;
            finding.limit = line.validBefore;
        } else {
            const QStringList names = line.names();
            const QString wanted = QString::fromUtf8(claimed);
            const bool fits = !claimed.isEmpty() && line.isFor(claimed);
            if (names.isEmpty() && !fits) // patterns alone, and the committer's e-mail is none of them
                continue;
            finding.kind = SignerFinding::Kind::Allowed;
            finding.principal = fits && (names.isEmpty() || names.contains(wanted)) ? wanted : names.first();
            return finding;
        }
    }
    return finding;
}

QStringList AllowedSigners::principalsOf(const PublicKey &key) const
{
    QStringList found;
    for (const AllowedSigner &line : m_lines) {
        if (line.key == key)
            found += line.names();
    }
    found.removeDuplicates();
    return found;
}

} // namespace signalbox::ssh

#include "app/ledgerwish.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct LedgerWishText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerWish)
};

Error invalid(const QString &message)
{
    return {ErrorKind::Invalid, message, {}};
}

QString orList(QStringList names)
{
    const QString last = names.takeLast();
    return LedgerWishText::tr("%1 or %2").arg(names.join(QStringLiteral(", ")), last);
}

} // namespace

const QStringList &ledgerQuestionOptions()
{
    static const QStringList all{QStringLiteral("ledger"), QStringLiteral("first-admin"), QStringLiteral("at-least"),
                                 QStringLiteral("app"),    QStringLiteral("env"),         QStringLiteral("by"),
                                 QStringLiteral("type"),   QStringLiteral("state"),       QStringLiteral("since"),
                                 QStringLiteral("until"),  QStringLiteral("text")};
    return all;
}

Result<QDateTime> utcTime(const QString &option, const QString &text)
{
    if (text.isEmpty())
        return QDateTime();
    const QDate day = QDate::fromString(text, QStringLiteral("yyyy-MM-dd"));
    if (day.isValid())
        return QDateTime(day, QTime(0, 0), Qt::UTC);
    QDateTime time = QDateTime::fromString(text, Qt::ISODate);
    if (!time.isValid())
        return invalid(
            LedgerWishText::tr("--%1: \"%2\" is no time; give for example 2026-11-01 or 2026-11-01T10:00Z (UTC).")
                .arg(option, text));
    if (time.timeSpec() == Qt::LocalTime)
        time.setTimeSpec(Qt::UTC);
    return time.toUTC();
}

Result<LedgerQuestion> ledgerQuestion(const std::function<QString(const QString &option)> &value)
{
    const auto of = [&value](const char *name) { return value(QString::fromLatin1(name)); };
    LedgerQuestion question;
    question.path = of("ledger");
    question.verify.pin.firstAdmin = of("first-admin");
    question.verify.atLeast = of("at-least");
    question.filter.application = of("app");
    question.filter.environment = of("env");
    question.filter.person = of("by");
    question.filter.type = of("type");
    question.filter.text = of("text").simplified();
    if (!question.filter.type.isEmpty() && !ledgerTypes().contains(question.filter.type))
        return invalid(LedgerWishText::tr("--type: \"%1\" is no kind of entry; there are %2.")
                           .arg(question.filter.type, orList(ledgerTypes())));
    const QString state = of("state");
    for (const LedgerProof proof :
         {LedgerProof::Good, LedgerProof::Pending, LedgerProof::NotSigned, LedgerProof::Bad}) {
        if (ledgerProofName(proof) == state)
            question.filter.proof = proof;
    }
    if (!state.isEmpty() && !question.filter.proof)
        return invalid(LedgerWishText::tr("--state: \"%1\" is none of good, pending, notSigned, bad.").arg(state));
    const auto since = utcTime(QStringLiteral("since"), of("since"));
    if (!since)
        return since.error();
    const auto until = utcTime(QStringLiteral("until"), of("until"));
    if (!until)
        return until.error();
    question.filter.from = *since;
    question.filter.to = *until;
    if (since->isValid() && until->isValid() && *since >= *until)
        return invalid(LedgerWishText::tr("--since has to be before --until."));
    return question;
}

} // namespace signalbox

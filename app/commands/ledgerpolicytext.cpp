#include "app/commands/ledgerpolicytext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/render.h"

namespace signalbox::commands
{

namespace
{

Json differenceJson(const RulesDifference &difference)
{
    return {{"words", listJson(difference.words)}, {"unified", QString::fromUtf8(difference.unified).toStdString()}};
}

QString shortNames(const QStringList &commits)
{
    QStringList names;
    for (const QString &commit : commits)
        names.append(commit.left(10));
    return names.join(QStringLiteral(", "));
}

QString who(const QStringList &names)
{
    return names.isEmpty() ? CommandsText::tr("another admin; there is none") : names.join(CommandsText::tr(" or "));
}

// Terminal escapes in a file must not reach the terminal.
QString printable(const QByteArray &text)
{
    QString safe = QString::fromUtf8(text);
    for (QChar &c : safe) {
        if (!c.isPrint() && c != QLatin1Char('\n') && c != QLatin1Char('\t'))
            c = QLatin1Char('?');
    }
    return safe;
}

} // namespace

QString differenceText(const RulesDifference &difference)
{
    QString text;
    for (const QString &words : difference.words)
        text += QStringLiteral("  %1\n").arg(words);
    return text + printable(difference.unified);
}

QString policyDraftText(const PolicyDraft &draft)
{
    QString text = CommandsText::tr("Against the policy in force (%1):").arg(draft.policyCommit.left(10)) +
                   QLatin1Char('\n') + differenceText(draft.difference);
    if (!draft.takesAlong.isEmpty())
        text += CommandsText::tr("It takes along what waits already: %1.").arg(shortNames(draft.takesAlong)) +
                QLatin1Char('\n');
    text += draft.mayCountersign.isEmpty()
                ? CommandsText::tr("It is in force at once: there is no second admin to countersign it.")
                : CommandsText::tr("It is in force once it is countersigned, by %1.").arg(who(draft.mayCountersign));
    return text + QLatin1Char('\n');
}

QString policyChangeText(const PolicyChangeCard &card)
{
    QString text = CommandsText::tr("The change %1 of the policy by %2, %3: %4")
                       .arg(card.commit.left(10), card.who, utcText(card.at),
                            card.reason.isEmpty() ? CommandsText::tr("no reason was given") : card.reason) +
                   QLatin1Char('\n');
    if (!card.takesAlong.isEmpty())
        text += CommandsText::tr("It takes along what waits before it: %1.").arg(shortNames(card.takesAlong)) +
                QLatin1Char('\n');
    return text + differenceText(card.difference);
}

QString waitingText(const QList<PolicyChangeCard> &all)
{
    QString text;
    for (const PolicyChangeCard &card : all)
        text += CommandsText::tr(
                    "policy: the change %1 by %2 (%3) is not in force: it waits for %4 (\"signalbox countersign "
                    "%1\" shows it)")
                    .arg(card.commit.left(10), card.who,
                         card.reason.isEmpty() ? CommandsText::tr("no reason was given") : card.reason,
                         who(card.mayCountersign)) +
                QLatin1Char('\n');
    return text;
}

Json policyChangesJson(const QList<PolicyChangeCard> &all)
{
    Json changes = Json::array();
    for (const PolicyChangeCard &card : all)
        changes.push_back({{"commit", card.commit.toStdString()},
                           {"who", card.who.toStdString()},
                           {"at", utcText(card.at).toStdString()},
                           {"reason", orNull(card.reason)},
                           {"mayCountersign", listJson(card.mayCountersign)},
                           {"you", {{"given", card.mine.isGiven}, {"reason", orNull(card.mine.reason)}}},
                           {"takesAlong", listJson(card.takesAlong)},
                           {"difference", differenceJson(card.difference)}});
    return changes;
}

QString policyDraftJson(const PolicyDraft &draft, const std::optional<PolicyWritten> &written, ExitStatus status)
{
    return document(
        {{"schema", "signalbox.ledgerPolicy/1"},
         {"exitStatus", static_cast<int>(status)},
         {"policyCommit", draft.policyCommit.toStdString()},
         {"difference", differenceJson(draft.difference)},
         {"takesAlong", listJson(draft.takesAlong)},
         {"mayCountersign", listJson(draft.mayCountersign)},
         {"you", {{"given", draft.may.isGiven}, {"reason", orNull(draft.may.reason)}}},
         {"commit", written ? orNull(written->commit) : Json(nullptr)},
         {"inForce", written && written->isInForce},
         {"shareProblem",
          written && written->shareProblem ? Json(written->shareProblem->message.toStdString()) : Json(nullptr)}});
}

QString policyWrittenText(const PolicyWritten &written)
{
    const QString commit = written.commit.left(10);
    if (written.entry.isEmpty())
        return (written.isInForce
                    ? CommandsText::tr("The policy is changed and in force; commit %1.").arg(commit)
                    : CommandsText::tr(
                          "The change is signed, commit %1, and not in force: %2 countersigns it by \"signalbox "
                          "countersign %1\".")
                          .arg(commit, who(written.mayCountersign))) +
               QLatin1Char('\n');
    if (written.commit.isEmpty())
        return CommandsText::tr("Noted; entry %1.").arg(written.entry) + QLatin1Char('\n');
    return (written.isInForce ? CommandsText::tr("Countersigned; entry %1. The change %2 is in force.")
                              : CommandsText::tr("Countersigned; entry %1, but the change %2 is not in force."))
               .arg(written.entry, commit) +
           QLatin1Char('\n');
}

QString countersignedJson(const PolicyChangeCard &card, const PolicyWritten &written, ExitStatus status)
{
    return document(
        {{"schema", "signalbox.policyCountersigned/1"},
         {"exitStatus", static_cast<int>(status)},
         {"change", policyChangesJson({card}).front()},
         {"entry", written.entry.toStdString()},
         {"inForce", written.isInForce},
         {"shareProblem", written.shareProblem ? Json(written.shareProblem->message.toStdString()) : Json(nullptr)}});
}

QString notedJson(const PolicyWritten &written, ExitStatus status)
{
    return document(
        {{"schema", "signalbox.ledgerNote/1"},
         {"exitStatus", static_cast<int>(status)},
         {"entry", written.entry.toStdString()},
         {"shareProblem", written.shareProblem ? Json(written.shareProblem->message.toStdString()) : Json(nullptr)}});
}

QString figuresText(const LedgerFigures &figures)
{
    QList<QStringList> rows;
    for (const DoraFigure &figure : figures.view.figures)
        rows.append({doraTitle(figure.metric), figure.text});
    QString text = tableText(rows);
    for (const DoraFigure &figure : figures.view.figures)
        text += QStringLiteral("%1: %2\n").arg(doraTitle(figure.metric), doraDefinition(figure.metric));
    text += doraSource() + QLatin1Char('\n');
    return text +
           CommandsText::tr("From %1 until %2, of %3 proven entries. %4")
               .arg(utcText(figures.view.question.from), utcText(figures.view.question.to))
               .arg(figures.view.proven)
               .arg(verdictSentence(figures.summary)) +
           QLatin1Char('\n');
}

QString figuresJson(const LedgerFigures &figures, ExitStatus status)
{
    Json all = Json::array();
    for (const DoraFigure &figure : figures.view.figures)
        all.push_back({{"metric", doraName(figure.metric).toStdString()},
                       {"title", doraTitle(figure.metric).toStdString()},
                       {"value", figure.value ? Json(*figure.value) : Json(nullptr)},
                       {"sample", figure.sample},
                       {"text", figure.text.toStdString()},
                       {"definition", doraDefinition(figure.metric).toStdString()}});
    const DoraQuestion &question = figures.view.question;
    return document({{"schema", "signalbox.ledgerFigures/1"},
                     {"exitStatus", static_cast<int>(status)},
                     {"from", utcText(question.from).toStdString()},
                     {"to", utcText(question.to).toStdString()},
                     {"application", orNull(question.application)},
                     {"environment", orNull(question.environment)},
                     {"proven", figures.view.proven},
                     {"whole", figures.summary.isWhole()},
                     {"tip", orNull(figures.summary.tip)},
                     {"source", doraSource().toStdString()},
                     {"figures", all}});
}

} // namespace signalbox::commands

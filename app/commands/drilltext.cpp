#include "app/commands/drilltext.h"

#include "app/commands/commandstext.h"
#include "app/commands/render.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace signalbox::commands
{

namespace
{

QString clockOr(const std::optional<qint64> &ms)
{
    return ms ? drillClockText(*ms) : QStringLiteral("-");
}

QString resultText(const std::optional<Debrief> &attempt)
{
    if (!attempt)
        return QStringLiteral("-");
    const QString verdict = drillVerdictText(attempt->verdict);
    return attempt->restoreMs ? QStringLiteral("%1 %2").arg(drillClockText(*attempt->restoreMs), verdict) : verdict;
}

QString markText(DrillMoment::Mark mark)
{
    switch (mark) {
    case DrillMoment::Mark::Right:
        return QStringLiteral("✔");
    case DrillMoment::Mark::Wrong:
        return QStringLiteral("✖");
    case DrillMoment::Mark::NoHelp:
        return QStringLiteral("○");
    case DrillMoment::Mark::None:
        break;
    }
    return QStringLiteral(" ");
}

QString utc(const QDateTime &time)
{
    return time.toUTC().toString(Qt::ISODateWithMs);
}

QJsonValue number(const std::optional<qint64> &ms)
{
    return ms ? QJsonValue(*ms) : QJsonValue();
}

QJsonObject attemptJson(const Debrief &debrief)
{
    QJsonArray moments;
    for (const DrillMoment &moment : debrief.moments)
        moments.append(QJsonObject{{QStringLiteral("kind"), drillMomentName(moment.kind)},
                                   {QStringLiteral("atMs"), moment.atMs},
                                   {QStringLiteral("text"), moment.text},
                                   {QStringLiteral("mark"), drillMarkName(moment.mark)}});
    return {{QStringLiteral("id"), debrief.id},
            {QStringLiteral("drill"), debrief.drill},
            {QStringLiteral("startedAt"), utc(debrief.startedAt)},
            {QStringLiteral("tookMs"), debrief.tookMs},
            {QStringLiteral("verdict"), drillVerdictName(debrief.verdict)},
            {QStringLiteral("words"), debrief.words},
            {QStringLiteral("detectMs"), number(debrief.detectMs)},
            {QStringLiteral("restoreMs"), number(debrief.restoreMs)},
            {QStringLiteral("mistakes"), QJsonArray::fromStringList(debrief.mistakes)},
            {QStringLiteral("fasterPath"), debrief.fasterPath},
            {QStringLiteral("moments"), moments}};
}

QString documentText(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Indented));
}

} // namespace

QString drillsText(const QList<DrillInfo> &drills, const QList<Debrief> &history)
{
    QList<QStringList> rows = {{CommandsText::tr("DRILL"), CommandsText::tr("WHAT"), CommandsText::tr("APPLICATION"),
                                CommandsText::tr("ATTEMPTS"), CommandsText::tr("LAST"), CommandsText::tr("BEST")}};
    for (const DrillInfo &one : drills) {
        const auto attempts = std::count_if(history.begin(), history.end(),
                                            [&one](const Debrief &past) { return past.drill == one.name; });
        rows.append({one.name, one.title, QStringLiteral("%1 %2").arg(one.application, one.ns),
                     QString::number(attempts), resultText(lastAttempt(history, one.name)),
                     resultText(bestAttempt(history, one.name))});
    }
    return tableText(rows) +
           CommandsText::tr(
               "\nTimes are from the first bad sample until it was restored. Begin one in the window with \"signalbox "
               "drill NAME\", or here with --terminal.\n");
}

QString attemptsText(const QList<Debrief> &history)
{
    if (history.isEmpty())
        return CommandsText::tr("No drill has been played yet.\n");
    QList<QStringList> rows = {{CommandsText::tr("WHEN (UTC)"),
                                CommandsText::tr("DRILL"),
                                CommandsText::tr("RESULT"),
                                CommandsText::tr("SEEN"),
                                CommandsText::tr("RESTORED"),
                                {}}};
    for (auto one = history.rbegin(); one != history.rend(); ++one)
        rows.append({one->startedAt.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")), one->drill,
                     drillVerdictText(one->verdict), clockOr(one->detectMs), clockOr(one->restoreMs), one->words});
    return tableText(rows);
}

QString debriefText(const Debrief &debrief)
{
    QString text =
        QStringLiteral("%1: %2. %3\n\n").arg(debrief.title, drillVerdictText(debrief.verdict), debrief.words);
    text += CommandsText::tr("Seen after %1, restored after %2 (from the first bad sample)\n\n")
                .arg(clockOr(debrief.detectMs), clockOr(debrief.restoreMs));
    for (const DrillMoment &moment : debrief.moments)
        text +=
            QStringLiteral("%1 %2 %3\n").arg(drillClockText(moment.atMs), 6).arg(markText(moment.mark), moment.text);
    return text + CommandsText::tr("\nA faster path: %1\n").arg(debrief.fasterPath);
}

QString drillsJson(const QList<DrillInfo> &drills, const QList<Debrief> &history)
{
    QJsonArray all;
    for (const DrillInfo &one : drills) {
        const auto attempt = [](const std::optional<Debrief> &debrief) {
            return debrief ? QJsonValue(debrief->id) : QJsonValue();
        };
        all.append(QJsonObject{{QStringLiteral("name"), one.name},
                               {QStringLiteral("title"), one.title},
                               {QStringLiteral("briefing"), one.briefing},
                               {QStringLiteral("task"), one.task},
                               {QStringLiteral("application"), one.application},
                               {QStringLiteral("namespace"), one.ns},
                               {QStringLiteral("connection"), one.connection},
                               {QStringLiteral("limitSeconds"), one.limitSeconds},
                               {QStringLiteral("last"), attempt(lastAttempt(history, one.name))},
                               {QStringLiteral("best"), attempt(bestAttempt(history, one.name))}});
    }
    QJsonArray attempts;
    for (const Debrief &one : history)
        attempts.append(attemptJson(one));
    return documentText({{QStringLiteral("schema"), QStringLiteral("signalbox.drills/1")},
                         {QStringLiteral("drills"), all},
                         {QStringLiteral("attempts"), attempts}});
}

QString debriefJson(const Debrief &debrief, ExitStatus status)
{
    QJsonObject document = attemptJson(debrief);
    document.insert(QStringLiteral("schema"), QStringLiteral("signalbox.debrief/1"));
    document.insert(QStringLiteral("exitStatus"), static_cast<int>(status));
    return documentText(document);
}

} // namespace signalbox::commands

#include "app/commands/freezecommand.h"

#include "app/commands/commandstext.h"
#include "app/ledgerwish.h"
#include "models/domain/duration.h"
#include "services/async/deliver.h"
#include "services/policy/schedules.h"
#include "services/promotions/ledgerdesk.h"

namespace signalbox::commands
{

namespace
{

// "all" and "*" mean every one.
QString patternOf(const QString &word)
{
    return word == QLatin1String("all") ? QStringLiteral("*") : word;
}

// As iCalendars have it, too: "RRULE:FREQ=..."
QString ruleOf(const QString &word)
{
    const QString rule = word.trimmed().toUpper();
    return rule.startsWith(QLatin1String("RRULE:")) ? rule.mid(6) : rule;
}

} // namespace

Result<policy::FreezeOrder> FreezeCommand::orderOf(const cli::Arguments &arguments, const QDateTime &now)
{
    const auto value = [&arguments](const char *name) { return arguments.value(QString::fromLatin1(name)); };
    policy::FreezeOrder order;
    order.application = patternOf(arguments.positionals.value(0));
    order.environment = patternOf(arguments.positionals.value(1));
    order.reason = value("reason").trimmed();
    const auto from = utcTime(QStringLiteral("from"), value("from"));
    if (!from)
        return from.error();
    order.from = from->isValid() ? *from : now;
    const auto until = utcTime(QStringLiteral("until"), value("until"));
    if (!until)
        return until.error();
    const QString length = value("for");
    if (until->isValid() == !length.isEmpty())
        return invalid(CommandsText::tr("\"signalbox freeze\" needs either --until TIME or --for TIME: when it ends."));
    order.until = *until;
    if (!length.isEmpty()) {
        const auto parsed = parseDuration(length);
        if (!parsed)
            return invalid(CommandsText::tr("--for: %1").arg(parsed.error().message));
        order.until = order.from.addMSecs(parsed->count());
    }
    if (order.reason.isEmpty())
        return invalid(CommandsText::tr("\"signalbox freeze\" needs --reason TEXT: say why."));
    if (order.until <= order.from)
        return invalid(CommandsText::tr("The freeze has to end after it begins (%1).")
                           .arg(order.from.toUTC().toString(Qt::ISODate)));
    const QString rule = value("repeat");
    const QString zone = value("zone");
    if (rule.isEmpty() && !zone.isEmpty())
        return invalid(CommandsText::tr("--zone goes with --repeat RRULE: its rule counts by the clocks there."));
    if (!rule.isEmpty())
        order.repeat = policy::FreezeRepeat{ruleOf(rule), zone.isEmpty() ? QByteArrayLiteral("UTC") : zone.toUtf8(),
                                            std::chrono::seconds(order.from.secsTo(order.until))};
    const auto whole = policy::wholeOrder(order, now);
    if (!whole)
        return whole.error();
    if (const QString fault = policy::freezeFault(*whole, now); !fault.isEmpty())
        return invalid(fault);
    return whole;
}

void FreezeCommand::listed()
{
    const auto wish = orderOf(context().arguments, QDateTime::currentDateTimeUtc());
    if (!wish) // it was over while the clusters were asked
        return fail(wish.error());
    terminal().progress(CommandsText::tr("verifying the ledger"));
    deliver(
        desk().draftFreeze(*wish, stopToken()), stopToken(), this, [this](const Result<policy::FreezeReach> &reach) {
            terminal().clearProgress();
            if (!reach)
                return fail(reach.error());
            if (!context().isJson())
                terminal().print(freezeText(*reach));
            if (!reach->may.isGiven)
                return fail(Error{ErrorKind::Refused, reach->may.reason, {}});
            if (has("dry-run"))
                return tell(*reach, {});
            const QString place = reach->order.environment == QLatin1String("*") ? CommandsText::tr("Every environment")
                                                                                 : reach->order.environment;
            confirm(application(), place, [this, seen = *reach] { order(seen); });
        });
}

void FreezeCommand::order(const policy::FreezeReach &reach)
{
    terminal().progress(CommandsText::tr("signing"));
    deliver(desk().freeze(reach), stopToken(), this, [this, reach](const Result<QString> &entry) {
        terminal().clearProgress();
        if (!entry)
            return fail(entry.error());
        tell(reach, *entry);
    });
}

void FreezeCommand::tell(const policy::FreezeReach &reach, const QString &entry)
{
    if (context().isJson())
        terminal().print(freezeJson(reach, entry, ExitStatus::Done));
    else if (!entry.isEmpty())
        terminal().print(CommandsText::tr("Frozen; entry %1 lifts by \"signalbox lift %1\".").arg(entry) +
                         QLatin1Char('\n'));
    leave(ExitStatus::Done);
}

} // namespace signalbox::commands

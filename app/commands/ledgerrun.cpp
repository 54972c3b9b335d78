#include "app/commands/ledgerrun.h"

#include "app/commands/commandstext.h"
#include "app/paths.h"

namespace signalbox::commands
{

namespace
{

TeamLedger::Settings settingsOf(const LedgerPlace &place, HttpClient &http, SecretStore &secrets)
{
    TeamLedger::Settings settings = ledgerSettingsOf(place.spec, dataFolder(), http, secrets);
    settings.path = place.path;
    return settings;
}

} // namespace

LedgerRun::LedgerRun(const LedgerPlace &place, cli::Terminal &terminal)
    : ledger(settingsOf(place, http, secrets))
{
    connect(&interrupts, &cli::InterruptWatcher::interrupted, this, [this] { stop.request_stop(); });
    connect(&ledger, &TeamLedger::touchNeeded, this, [&terminal](qsizetype touches) {
        terminal.say(touches == 1
                         ? CommandsText::tr("Touch the security key.")
                         : CommandsText::tr("Touch the security key, %1 times: once for each entry that goes behind "
                                            "those of others.")
                               .arg(touches));
    });
}

QString LedgerRun::cancelledText()
{
    return CommandsText::tr("Cancelled.");
}

} // namespace signalbox::commands

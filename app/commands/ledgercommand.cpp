#include "app/commands/ledgercommand.h"

#include "app/cli/nearest.h"
#include "app/commands/json.h"
#include "app/commands/ledgertext.h"
#include "app/paths.h"
#include "services/async/deliver.h"
#include "services/ledger/verify/chainverifier.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QTimer>

#include <atomic>

namespace signalbox::commands
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Commands)
};

constexpr qsizetype usualCount = 50;

ExitStatus tell(const Error &error, const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const ExitStatus status = error.kind == ErrorKind::Invalid || error.kind == ErrorKind::NotFound
                                  ? ExitStatus::Usage
                                  : exitStatusOf(error.kind);
    terminal.say(QStringLiteral("signalbox: ") + error.message);
    if (arguments.has(QStringLiteral("json")))
        terminal.print(errorJson(error, status));
    return status;
}

QString ledgerFolder(const cli::Arguments &arguments)
{
    const QString given = arguments.value(QStringLiteral("ledger"));
    return given.isEmpty() ? dataFolder() + QStringLiteral("/ledger.git") : QFileInfo(given).absoluteFilePath();
}

// Which options go with which word.
Result<void> checkWords(const cli::Arguments &arguments)
{
    const QString what = arguments.positionals.value(0);
    const QStringList words{QStringLiteral("verify"), QStringLiteral("log"), QStringLiteral("path")};
    if (!words.contains(what)) {
        const QStringList close = nearest(what, words);
        return Error{ErrorKind::Invalid,
                     close.isEmpty()
                         ? Text::tr("\"signalbox ledger\" takes verify, log or path, not \"%1\".").arg(what)
                         : Text::tr("\"signalbox ledger\" has no \"%1\". Did you mean %2?").arg(what, close.first()),
                     {}};
    }
    if (what != QLatin1String("log") && arguments.has(QStringLiteral("limit")))
        return Error{ErrorKind::Invalid, Text::tr("--limit goes with \"signalbox ledger log\" only."), {}};
    for (const char *option : {"at-least", "first-admin"}) {
        if (what == QLatin1String("path") && arguments.has(QString::fromLatin1(option)))
            return Error{ErrorKind::Invalid,
                         Text::tr("\"signalbox ledger path\" looks at nothing, hence takes no --%1.")
                             .arg(QString::fromLatin1(option)),
                         {}};
    }
    bool isNumber = true;
    const QString limit = arguments.value(QStringLiteral("limit"));
    if (!limit.isEmpty() && (limit.toInt(&isNumber) < 0 || !isNumber))
        return Error{ErrorKind::Invalid, Text::tr("--limit: \"%1\" is no number; 0 means all.").arg(limit), {}};
    return {};
}

} // namespace

Result<ledger::VerifyOptions> ledgerOptionsOf(const cli::Arguments &arguments)
{
    ledger::VerifyOptions options;
    options.atLeast = arguments.value(QStringLiteral("at-least"));
    const QString admin = arguments.value(QStringLiteral("first-admin"));
    const auto key = ssh::PublicKey::fromLine(admin.toUtf8());
    if (!admin.isEmpty() && !key && !admin.startsWith(QLatin1String("SHA256:")))
        return Error{ErrorKind::Invalid,
                     Text::tr("--first-admin: give the key's fingerprint (SHA256:..., as \"ssh-keygen -l -f KEY.pub\" "
                              "prints it) or the line of its .pub file."),
                     {}};
    options.pin.firstAdmin = admin;
    return options;
}

namespace
{

// On a worker; Ctrl+C stops it.
Result<ledger::ChainVerdict> verify(const QString &path, ledger::VerifyOptions options, cli::Terminal &terminal)
{
    QObject context;
    StopSource stop;
    std::atomic<qsizetype> done = 0;
    options.progress = [&done](qsizetype count) { done = count; };
    QTimer ticks;
    QObject::connect(&ticks, &QTimer::timeout, &context, [&] {
        if (done > 0)
            terminal.progress(Text::tr("%1 entries looked at").arg(done.load()));
    });
    if (terminal.isInteractive()) // a line each half second is for somebody who looks, not for a log
        ticks.start(500);
    const cli::InterruptWatcher interrupts;
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &context, [&stop] { stop.request_stop(); });
    Result<ledger::ChainVerdict> verdict = Error{};
    deliver(ledger::verifyChainLater(path, options, stop.get_token()), stop.get_token(), &context,
            [&verdict](const Result<ledger::ChainVerdict> &result) {
                verdict = result;
                QCoreApplication::quit();
            });
    QCoreApplication::exec();
    terminal.clearProgress();
    return verdict;
}

} // namespace

ExitStatus runLedger(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    if (const auto checked = checkWords(arguments); !checked)
        return tell(checked.error(), arguments, terminal);
    const QString what = arguments.positionals.value(0);
    const bool isJson = arguments.has(QStringLiteral("json"));
    const QString path = ledgerFolder(arguments);
    if (what == QLatin1String("path")) {
        terminal.print(isJson ? ledgerPathJson(path, QFileInfo::exists(path))
                              : QDir::toNativeSeparators(path) + QLatin1Char('\n'));
        return ExitStatus::Done;
    }
    const auto options = ledgerOptionsOf(arguments);
    if (!options)
        return tell(options.error(), arguments, terminal);
    if (!QFileInfo::exists(path))
        return tell(Error{ErrorKind::NotFound,
                          Text::tr("There is no ledger at %1 yet: it begins with the first operation. Name another one "
                                   "with --ledger.")
                              .arg(QDir::toNativeSeparators(path)),
                          {}},
                    arguments, terminal);
    const auto chain = verify(path, *options, terminal);
    if (!chain)
        return tell(chain.error(), arguments, terminal);
    if (what == QLatin1String("log")) {
        const QString limit = arguments.value(QStringLiteral("limit"));
        const qsizetype count = limit.isEmpty() ? usualCount : limit.toInt();
        terminal.print(isJson ? ledgerLogJson(*chain, count, ExitStatus::Done) : ledgerLogText(*chain, count));
        return ExitStatus::Done;
    }
    const ExitStatus status = chain->isWhole() ? ExitStatus::Done : ExitStatus::Refused;
    terminal.print(isJson ? ledgerVerdictJson(*chain, status) : ledgerVerdictText(*chain));
    return status;
}

} // namespace signalbox::commands

#include "app/commands/sandboxcommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/tell.h"
#include "services/sandbox/sandbox.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace signalbox::commands
{

namespace
{

// Never over a file that is there: it may be the one that leads to real clusters.
Result<void> copyKubeconfig(const QString &from, const QString &to)
{
    QFile source(from);
    if (!source.open(QIODevice::ReadOnly))
        return Error{
            ErrorKind::Internal, CommandsText::tr("%1 cannot be read: %2.").arg(from, source.errorString()), {}};
    if (QFileInfo::exists(to))
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("%1 is there already and may lead to real clusters: it is not overwritten. Name a new "
                             "file with --kubeconfig-out.")
                .arg(QDir::toNativeSeparators(to)),
            {}};
    QFile target(to);
    const QByteArray text = source.readAll();
    const bool isOpen = target.open(QIODevice::WriteOnly | QIODevice::NewOnly);
    if (!isOpen || !target.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) ||
        target.write(text) != text.size() || !target.flush()) {
        const QString why = target.errorString();
        if (isOpen)
            target.remove(); // half a file leads nowhere, and it holds the token
        return Error{ErrorKind::Invalid,
                     CommandsText::tr("%1 cannot be written: %2. Check the folder and the rights there.")
                         .arg(QDir::toNativeSeparators(to), why),
                     {}};
    }
    return {};
}

QJsonArray placesOf(const std::vector<sandbox::Sandbox::Server> &servers)
{
    QJsonArray places;
    for (const sandbox::Sandbox::Server &server : servers)
        places.append(
            QJsonObject{{QStringLiteral("name"), server.name}, {QStringLiteral("url"), server.url.toString()}});
    return places;
}

QString placesJson(const sandbox::Sandbox &world, const QString &kubeconfig)
{
    const QJsonObject all{{QStringLiteral("schema"), QStringLiteral("signalbox.sandbox/1")},
                          {QStringLiteral("kubeconfig"), kubeconfig},
                          {QStringLiteral("workspace"), world.workspaceFile()},
                          {QStringLiteral("clusters"), placesOf(world.clusters())},
                          {QStringLiteral("prometheus"), world.prometheus().url.toString()},
                          {QStringLiteral("registry"), world.registry().url.toString()},
                          {QStringLiteral("pipelines"), placesOf(world.pipelines())}};
    return QString::fromUtf8(QJsonDocument(all).toJson(QJsonDocument::Indented));
}

} // namespace

QString sandboxExports(const QString &kubeconfig, const QString &workspace)
{
#ifdef Q_OS_WIN
    const QString assignment = QStringLiteral("$env:%1 = %2\n");
#else
    const QString assignment = QStringLiteral("export %1=%2\n");
#endif
    return assignment.arg(QStringLiteral("KUBECONFIG"), shellQuoted(kubeconfig)) +
           assignment.arg(QStringLiteral("SIGNALBOX_WORKSPACE"), shellQuoted(workspace));
}

QString shellQuoted(const QString &text)
{
    QString inner = text;
#ifdef Q_OS_WIN
    inner.replace(u'\'', QStringLiteral("''"));
#else
    inner.replace(u'\'', QStringLiteral("'\\''"));
#endif
    return u'\'' + inner + u'\'';
}

ExitStatus runSandbox(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const cli::InterruptWatcher interrupts;
    const auto world = sandbox::Sandbox::start();
    if (!world)
        return tell(world.error(), arguments, terminal);
    sandbox::Colleagues::Timing timing;
    timing.nextRelease = std::chrono::hours(24); // they answer; nothing moves by itself under somebody's kubectl
    (*world)->wakeColleagues(timing);
    QString kubeconfig = (*world)->kubeconfigFile();
    QString copy;
    if (arguments.has(QStringLiteral("kubeconfig-out"))) {
        const QString wanted = QFileInfo(arguments.value(QStringLiteral("kubeconfig-out"))).absoluteFilePath();
        if (const auto copied = copyKubeconfig(kubeconfig, wanted); !copied)
            return tell(copied.error(), arguments, terminal);
        copy = wanted;
        kubeconfig = wanted;
    }
    terminal.print(arguments.has(QStringLiteral("json")) ? placesJson(**world, kubeconfig)
                                                         : sandboxExports(kubeconfig, (*world)->workspaceFile()));
    terminal.say(
        CommandsText::tr("The practice world is open until Ctrl+C. In another terminal, after the lines above:\n"
                         "  kubectl get deployments --namespace production\n"
                         "  signalbox status"));
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, qApp, &QCoreApplication::quit);
    QCoreApplication::exec();
    if (!copy.isEmpty())
        QFile::remove(copy); // it leads nowhere any more
    return ExitStatus::Done;
}

} // namespace signalbox::commands

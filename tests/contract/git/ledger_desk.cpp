// What one start of the program does to the ledger, for the tests that kill it: FOLDER has data/journal,
// data/ledger.git, remote.git and key. Outcomes that the journal has and the ledger has not are recorded and sent.
// Status 0: all are.
#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/ledger/signing/signer.h"
#include "services/operations/operationcenter.h"

#include <QCoreApplication>

#include <cstdio>

using namespace signalbox;

namespace
{

TeamLedger::Settings settingsIn(const QString &folder)
{
    git::RemoteAccess access;
    access.url = *git::parseRemoteUrl(folder + QStringLiteral("/remote.git"));
    TeamLedger::Settings settings;
    settings.path = folder + QStringLiteral("/data/ledger.git");
    settings.remote = access.url.shown;
    settings.access = [access](StopToken) { return ready(Result<git::RemoteAccess>(access)); };
    settings.signer = [folder](StopToken) { return ssh::fileSigner(folder + QStringLiteral("/key")); };
    return settings;
}

int ended(const Error &error)
{
    std::fprintf(stderr, "%s\n", qPrintable(error.message));
    return 1;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QString folder = application.arguments().value(1);
    TeamLedger team(settingsIn(folder));
    OperationCenter::Settings settings;
    settings.dataFolder = folder + QStringLiteral("/data");
    settings.ledger = team.record();
    OperationCenter center([](const QString &) { return std::optional<OperationPorts>(); }, settings);
    int status = 0;
    QObject::connect(&center, &OperationCenter::problemOccurred, &center,
                     [&status](const Error &problem) { status = ended(problem); });
    QObject::connect(
        &center, &OperationCenter::idle, &team,
        [&] {
            deliver(team.share({}), {}, &team, [&status](const Result<ShareReport> &shared) {
                QCoreApplication::exit(shared ? status : ended(shared.error()));
            });
        },
        static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::SingleShotConnection));
    center.reconcile();
    return QCoreApplication::exec();
}

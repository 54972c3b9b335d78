#include "services/promotions/vendorplace.h"

#include "services/async/chain.h"
#include "services/ports/deploymentsource.h"
#include "services/promotions/promotionstext.h"

#include <QPointer>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype fewNames = 8;
constexpr std::chrono::milliseconds mostPatience = std::chrono::minutes(15);

// As it is written; otherwise written only where that can mean no other one.
QString nameAmong(const QStringList &there, const QStringList &names)
{
    for (const QString &wanted : names) {
        if (wanted.isEmpty())
            continue;
        if (there.contains(wanted))
            return wanted;
        QStringList alike = there;
        alike.removeIf([&wanted](const QString &one) { return one.compare(wanted, Qt::CaseInsensitive) != 0; });
        if (alike.size() == 1)
            return alike.first();
    }
    return {};
}

QString releaseText(const EnvironmentDeployment &one)
{
    const QString commit = one.commit.left(8);
    return one.ref.isEmpty() || one.commit.startsWith(one.ref) ? commit
                                                               : QStringLiteral("%1 (%2)").arg(one.ref, commit);
}

} // namespace

QString VendorPlace::source() const
{
    return PromotionsText::tr("the deployments of %1 to %2 at %3").arg(project, environment, connection);
}

QString VendorPlace::text() const
{
    if (!live)
        return PromotionsText::tr("By %1 nothing that is listed succeeded; no cluster shows it.").arg(source());
    return PromotionsText::tr("By %1 it is %2, deployment %3; no cluster shows it.")
        .arg(source(), releaseText(*live), live->id);
}

VendorPlace vendorPlaceOf(const QString &connection, const QString &project, const EnvironmentDeployments &told)
{
    VendorPlace place;
    place.connection = connection;
    place.project = project;
    place.environment = told.environment;
    place.readAt = told.readAt;
    if (const EnvironmentDeployment *live = told.live())
        place.live = *live;
    bool isNewer = true; // than the live one: what never began before it does not begin any more
    bool isBusy = false;
    bool isTold = true;
    for (const EnvironmentDeployment &one : told.all) {
        isNewer = isNewer && !one.isLive;
        isBusy = isBusy || one.state == RunState::Running || (isNewer && one.state == RunState::Queued);
        isTold = isTold && !(isNewer && one.state == RunState::Unknown);
    }
    if (isBusy || isTold)
        place.isBusy = isBusy;
    return place;
}

QFuture<Result<VendorPlace>> readVendorPlace(QObject *context, DeploymentSource &source, const QString &connection,
                                             const QString &project, const QStringList &names, const StopToken &stop)
{
    using Answer = Result<VendorPlace>;
    return after(context, source.environments(project, stop), [=, of = QPointer(&source)](const QStringList &there) {
        const QString name = nameAmong(there, names);
        QStringList asked = names;
        asked.removeDuplicates();
        if (name.isEmpty())
            return ready(Answer(Error{ErrorKind::NotFound,
                                      PromotionsText::tr("%1 at %2 has no environment \"%3\"; it has: %4.")
                                          .arg(project, connection, asked.join(QStringLiteral("\", \"")),
                                               there.isEmpty() ? PromotionsText::tr("none")
                                                               : there.mid(0, fewNames).join(QStringLiteral(", "))),
                                      {}}));
        if (!of)
            return ready(Answer(
                Error{ErrorKind::Cancelled, PromotionsText::tr("The connection %1 was closed.").arg(connection), {}}));
        return after(context, of->deployments(project, name, stop), [=](const EnvironmentDeployments &told) {
            EnvironmentDeployments named = told;
            named.environment = name;
            return ready(Answer(vendorPlaceOf(connection, project, named)));
        });
    });
}

std::chrono::milliseconds patienceAfter(const Error &error)
{
    return std::min<std::chrono::milliseconds>(error.retryAfter, mostPatience);
}

} // namespace signalbox

// What can be done with a workload or a pod, as a menu.
#include "models/items/roles.h"
#include "ui/pages/cluster/clusterpage.h"
#include "ui/pages/cluster/podpanel.h"
#include "ui/theme/icons.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

namespace signalbox
{

void ClusterPage::addAction(QMenu *menu, const QString &icon, const QString &text, const ActionRequest &request)
{
    const std::optional<QString> whyNot = m_presenter->whyNot(request);
    QAction *action = menu->addAction(themedIcon(icon), text, this, [this, request] { emit actionRequested(request); });
    action->setEnabled(!whyNot);
    if (whyNot) {
        action->setToolTip(*whyNot);
        action->setText(text + QStringLiteral("  –  ") + *whyNot);
    }
}

void ClusterPage::workloadMenu(const QModelIndex &index, const QPoint &at)
{
    const Workload *workload = m_presenter->workload(index.data(IdRole).toString());
    if (workload == nullptr)
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("workloadMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    ActionRequest request;
    request.workload = workload->ref;
    request.deployedKey = m_presenter->deployedKeyOf(workload->ref);
    request.kind = OperationKind::Rollback;
    addAction(menu, QStringLiteral("rollback"), tr("Roll back..."), request);
    request.kind = OperationKind::Restart;
    addAction(menu, QStringLiteral("restart"), tr("Restart..."), request);
    request.kind = OperationKind::Scale;
    addAction(menu, QStringLiteral("scale"), tr("Scale..."), request);
    request.kind = workload->isPaused ? OperationKind::Resume : OperationKind::Pause;
    addAction(menu, workload->isPaused ? QStringLiteral("play") : QStringLiteral("pause"),
              workload->isPaused ? tr("Resume...") : tr("Pause..."), request);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("log")), tr("Log of its worst pod"), this,
                    [this, ref = *workload] { showPod(m_presenter->worstPodOf(ref)); });
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy its name"), this,
                    [name = workload->ref.ns + QLatin1Char('/') + workload->ref.name] {
                        QGuiApplication::clipboard()->setText(name);
                    });
    menu->popup(at);
}

void ClusterPage::podMenu(const QString &uid, const QPoint &at)
{
    const Pod *pod = m_presenter->pod(uid);
    if (pod == nullptr)
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("podMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("log")), tr("Open its log"), this, [this, uid] { showPod(uid); });
    const QString owner = workloadNameOf(*pod);
    for (const WorkloadRow &row : m_presenter->workloads().rows()) {
        if (row.ref.name == owner && row.ref.ns == pod->ref.ns)
            menu->addAction(tr("Show %1").arg(owner), this, [this, ref = row.ref] { selectWorkload(ref); });
    }
    menu->addAction(
        themedIcon(QStringLiteral("copy")), tr("Copy its name"), this,
        [name = pod->ref.ns + QLatin1Char('/') + pod->ref.name] { QGuiApplication::clipboard()->setText(name); });
    menu->popup(at);
}

} // namespace signalbox

#pragma once

#include "models/domain/result.h"

#include <QDateTime>
#include <QList>
#include <QString>
#include <QStringList>
#include <QUrl>

// What GitHub says of environments and deployments. Pure. Source: github/rest-api-description, the operations under
// /repos/{owner}/{repo}/environments and /deployments.
namespace signalbox::github
{

Result<QStringList> parseEnvironments(const QByteArray &body);

struct DeploymentSaid
{
    QString id;
    QString environment;
    QString ref;
    QString commit;
    QString who;
    QDateTime at;
};
Result<QList<DeploymentSaid>> parseDeployments(const QByteArray &body);

struct DeploymentStatusSaid
{
    QString id;
    QString state; // error failure inactive in_progress queued pending success waiting
    QString text;
    QDateTime at;
    QUrl page; // of the log
};
// Newest first.
Result<QList<DeploymentStatusSaid>> parseDeploymentStatuses(const QByteArray &body);

// Of ".../actions/runs/RUN/job/JOB", as a job of a workflow writes it into its deployment's statuses.
struct JobPage
{
    QString run; // empty: it leads elsewhere
    QString job;
};
JobPage jobOfPage(const QUrl &page);

} // namespace signalbox::github

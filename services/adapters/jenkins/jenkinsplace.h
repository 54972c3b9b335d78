#pragma once

#include <QByteArray>
#include <QString>
#include <QUrl>

#include <optional>

// Where things are below a Jenkins' address. A project is named by its full name, "team/cart/feature%2Fx": folders,
// then the job; a branch of a multibranch project is a job whose name is the branch, percent-encoded - and in an
// address that name is encoded once more (%252F).
namespace signalbox::jenkins
{

QByteArray encoded(const QString &segment);
QByteArray jobPath(const QString &project); // "/job/team/job/cart"; empty for the whole Jenkins
QByteArray runPath(const QString &project, const QString &number);
// "/blue/rest/organizations/ORG/pipelines/team/pipelines/cart/branches/main"
QByteArray bluePath(const QString &organization, const QString &project, bool isBranch);

struct Place
{
    QString project;
    QString number; // of a build; empty: a job
};
// From an address that Jenkins tells ("https://ci/ctx/job/team/job/cart/12/", or its path alone). None: it is of none.
std::optional<Place> placeOf(const QString &address);
// From "/blue/rest/organizations/jenkins/pipelines/team/pipelines/cart/runs/3/".
std::optional<Place> bluePlaceOf(const QString &address);

QString lastName(const QString &project);     // "feature%2Fx"
QString parentOf(const QString &project);     // "team/cart"; empty: the whole Jenkins
QString branchNameOf(const QString &project); // "feature/x"

// What Jenkins waits with before it has a number.
QString queueRunId(qint64 item);
std::optional<qint64> queueItemOf(const QString &runId); // none: it is a build's number
bool isBuildNumber(const QString &runId);

} // namespace signalbox::jenkins

#pragma once

#include "services/adapters/jenkins/jenkinsgraph.h"
#include "services/adapters/jenkins/jenkinsjobs.h"
#include "services/adapters/jenkins/jenkinsreports.h"
#include "services/adapters/jenkins/jenkinsruns.h"
#include "services/adapters/jenkins/jenkinsschedule.h"
#include "services/pipelines/restclient.h"

#include <QHash>
#include <QObject>

namespace signalbox::jenkins
{

using Form = QList<std::pair<QString, QString>>;

// One Jenkins: its questions, its writes with the crumb where it demands one, and what seldom changes (who we are,
// which plugins it has, what we may) remembered for some minutes. GUI thread.
class JenkinsClient : public QObject
{
public:
    JenkinsClient(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets);

    const RestClient &rest() const { return m_rest; }
    QString connection() const { return m_rest.connection(); }
    QUrl page() const { return m_rest.base(); }
    PipelineRef pipeline(const QString &project) const { return {connection(), project, {}}; }

    // `path`/api/json, of it only `tree`.
    static RestClient::Ask tree(const QByteArray &path, const QByteArray &tree, const QString &what);
    static RestClient::Ask plain(const QByteArray &target, const QString &what);

    [[nodiscard]] QFuture<Result<SeenRun>> run(const QString &project, const QString &number, const StopToken &stop);
    [[nodiscard]] QFuture<Result<QueueItem>> queueItem(const QString &project, qint64 item, const StopToken &stop);
    // Without the stage view's plugin as below.
    [[nodiscard]] QFuture<Result<QList<PendingInput>>> pendingInputs(const QString &project, const QString &number,
                                                                     const StopToken &stop);
    // By the run itself, else by Blue Ocean. Unsupported: neither tells, and the run may wait.
    [[nodiscard]] QFuture<Result<QList<PendingInput>>>
    inputsWithoutStageView(const QString &project, const QString &number, const StopToken &stop);
    // Seen lately: the plugin is not there.
    bool lacksStageView() const { return m_noStageView.isFresh(); }
    void noteNoStageView();
    [[nodiscard]] QFuture<Result<JobState>> job(const QString &project, const StopToken &stop);

    // Never repeated, but for one case in which nothing was carried out: it was refused for want of a crumb.
    [[nodiscard]] QFuture<Result<HttpResponse>> post(const QByteArray &path, const Form &form, const QString &what,
                                                     const StopToken &stop);
    [[nodiscard]] QFuture<Result<HttpResponse>> post(const QByteArray &path, const QByteArray &body,
                                                     const QString &what, const StopToken &stop);

    // None of these fails the caller: what a server does not tell is empty.
    [[nodiscard]] QFuture<Result<Myself>> myself(const StopToken &stop);
    // Blue Ocean's organisation; empty: the server has no Blue Ocean.
    [[nodiscard]] QFuture<Result<QString>> organization(const StopToken &stop);
    [[nodiscard]] QFuture<Result<bool>> isBranch(const QString &project, const StopToken &stop);
    void setIsBranch(const QString &project, bool isBranch) { m_branches.insert(project, isBranch); }
    bool isKnownBranch(const QString &project) const { return m_branches.value(project); }
    // Of the job's own repository, as its list of runs told.
    void setRemotes(const QString &project, const QStringList &remotes) { m_remotes.insert(project, remotes); }
    // Where Blue Ocean has the job; empty: the server has none.
    [[nodiscard]] QFuture<Result<QByteArray>> blue(const QString &project, const StopToken &stop);
    [[nodiscard]] QFuture<Result<Permissions>> permissions(const QString &project, const StopToken &stop);
    // When the job begins by itself; asked once in ten minutes, also where it may not be read.
    [[nodiscard]] QFuture<Result<Schedule>> schedule(const QString &project, const StopToken &stop);
    // Where the page of a run links to reports of coverage: told by one run of a job, they hold for its others, for
    // some minutes.
    [[nodiscard]] QFuture<Result<QStringList>> coverageReports(const RunRef &run, const StopToken &stop);
    // Where the last report of a job was found; empty: none was.
    QString coverageReport(const QString &project) const { return m_coverageReport.value(project); }
    void setCoverageReport(const QString &project, const QString &report) { m_coverageReport.insert(project, report); }
    // As it was read last, however long ago; none: it was not.
    std::optional<Schedule> lastSchedule(const QString &project) const;
    // Of these jobs those whose schedule is to be read now: never read ones first, then the oldest.
    QStringList dueSchedules(const QStringList &projects, qsizetype most) const;

private:
    struct Crumb
    {
        HttpHeaders headers; // its own, and the session that it belongs to
    };
    template <typename T>
    struct Remembered
    {
        T value;
        QDateTime until;
        bool isFresh() const { return until.isValid() && QDateTime::currentDateTimeUtc() < until; }
    };
    QFuture<Result<HttpResponse>> sendWrite(const QByteArray &path, const QByteArray &body, const QString &what,
                                            const StopToken &stop);
    QFuture<Result<Crumb>> askCrumb(const StopToken &stop);
    QFuture<Result<QList<PendingInput>>> blueInputs(const QString &project, const QString &number,
                                                    const StopToken &stop);
    QFuture<Result<QList<PendingInput>>> noInputs(const QString &project, const QString &number, const StopToken &stop);

    RestClient m_rest;
    HttpHeaders m_crumb;
    Remembered<Myself> m_myself;
    Remembered<QString> m_organization;
    Remembered<bool> m_noStageView;
    QHash<QString, bool> m_branches;
    QHash<QString, QStringList> m_remotes;
    QHash<QString, Remembered<Permissions>> m_permissions;
    QHash<QString, Remembered<Schedule>> m_schedules;
    QHash<QString, Remembered<QStringList>> m_coverageReports;
    QHash<QString, QString> m_coverageReport;
};

QByteArray encodedForm(const Form &form);
// An input that somebody settled meanwhile, as Jenkins words it; of an Error of post().
bool isSettled(const Error &error);

} // namespace signalbox::jenkins

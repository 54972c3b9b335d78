#pragma once

#include "services/async/serialqueue.h"
#include "services/git/remote.h"
#include "services/ports/secretstore.h"
#include "services/ports/sourcerepository.h"

#include <memory>
#include <optional>

namespace signalbox
{

class LineCountStore;

// Where a repository is and how it is read, as the workspace says it.
struct GitSourceConfig
{
    QString id;
    git::RemoteUrl url;
    QString user; // https; empty: that of the address
    std::optional<SecretReference> password;
    QByteArray caPem;
    bool insecureSkipTlsVerify = false;
    QList<IssuePattern> issues; // empty: #123 and KEY-12
    QString cacheFolder;        // clones and counted lines
    QStringList sshCommand;     // empty: the user's own
    int maxCommits = 20000;     // of one list
};

// Any git repository. One at a path on this machine is read where it lies; others through a bare clone in the cache.
class GitSource : public SourceRepository
{
    Q_OBJECT
public:
    // `http` and `secrets` outlive it.
    GitSource(GitSourceConfig config, HttpClient &http, SecretStore &secrets, QObject *parent = nullptr);
    ~GitSource() override;

    QString id() const override { return m_config.id; }
    QString address() const override { return m_config.url.shown; }
    QDateTime updatedAt() const override { return m_updatedAt; }
    std::optional<Error> problem() const override { return m_problem; }
    bool isUpdating() const override { return m_isUpdating; }

    QFuture<Result<void>> update(StopToken stop) override;
    QFuture<Result<ResolvedRelease>> resolve(QString release, QString application, StopToken stop) override;
    QFuture<Result<ChangeSet>> changes(ResolvedRelease from, ResolvedRelease to, StopToken stop) override;
    QFuture<Result<void>> countLines(QStringList commits, StopToken stop) override;
    QFuture<Result<QList<FileChange>>> files(QString fromCommit, QString toCommit, StopToken stop) override;
    QFuture<Result<FileDiff>> diff(QString fromCommit, QString toCommit, QString path, DiffLimits limits,
                                   StopToken stop) override;
    QFuture<Result<RepositoryRefs>> refs(StopToken stop) override;
    QFuture<Result<Distance>> distance(QString fromCommit, QString toCommit, StopToken stop) override;

    // The repository that is read: the clone, or the path itself.
    QString repositoryPath() const { return m_path; }

private:
    class Reader; // on a queue's thread
    template <typename Work>
    auto read(const StopToken &stop, Work work);
    Result<void> bring(const Result<ResolvedSecret> &secret, const StopToken &stop); // on m_network's thread
    void ended(const Result<void> &result);

    const GitSourceConfig m_config;
    HttpClient &m_http;
    SecretStore &m_secrets;
    QString m_path;
    QDateTime m_updatedAt;
    std::optional<Error> m_problem;
    bool m_isUpdating = false;
    QFuture<Result<void>> m_update;
    StopSource m_stop; // of everything, when this goes
    std::shared_ptr<Reader> m_reader;
    std::shared_ptr<Reader> m_counter;
    std::shared_ptr<LineCountStore> m_lines;
    // Last, so that they go first and wait for what runs.
    SerialQueue m_network;
    SerialQueue m_reads;
    SerialQueue m_counts;
};

} // namespace signalbox

#pragma once

#include "services/async/deliver.h"
#include "services/ports/sourcerepository.h"

#include <QHash>

#include <memory>
#include <vector>

namespace signalbox::test
{

// A source repository that knows what a test puts in, and answers when it is told to.
class FakeSource : public SourceRepository
{
public:
    explicit FakeSource(QString name)
        : m_id(std::move(name))
    {}

    QString id() const override { return m_id; }
    QString address() const override { return QStringLiteral("https://git.example/%1.git").arg(m_id); }
    QDateTime updatedAt() const override { return fetchedAt; }
    std::optional<Error> problem() const override { return trouble; }
    bool isUpdating() const override { return m_update != nullptr; }

    QFuture<Result<void>> update(StopToken stop) override
    {
        ++updates;
        m_stop = stop;
        m_update = std::make_shared<QPromise<Result<void>>>();
        m_update->start();
        auto future = m_update->future();
        if (answersAtOnce)
            endUpdate(trouble ? Result<void>(*trouble) : Result<void>());
        return future;
    }
    void endUpdate(const Result<void> &result)
    {
        trouble = result ? std::nullopt : std::optional(result.error());
        if (result)
            fetchedAt = QDateTime::currentDateTimeUtc();
        const auto update = std::exchange(m_update, nullptr);
        update->addResult(result);
        update->finish();
        emit updated();
    }
    bool isStopAsked() const { return m_stop.stop_requested(); }
    void tellProgress(qint64 objects, qint64 total)
    {
        emit progressed({SourceProgress::Phase::Receiving, objects, total, objects * 100, true});
    }
    void tellLines(const QList<CountedCommit> &told) { emit linesCounted(told); }

    QFuture<Result<ResolvedRelease>> resolve(QString release, QString, StopToken) override
    {
        resolved.append(release);
        if (!fetchedAt.isValid())
            return ready(Result<ResolvedRelease>(
                Error{ErrorKind::NotFound, QStringLiteral("%1 has not been fetched yet.").arg(address()), {}}));
        if (!releases.contains(release))
            return ready(Result<ResolvedRelease>(
                Error{ErrorKind::NotFound, QStringLiteral("There is no release %1.").arg(release), {}}));
        ResolvedRelease found;
        found.text = release;
        found.commit = releases.value(release);
        found.by = branches.contains(release) ? ResolvedRelease::By::Branch : ResolvedRelease::By::Commit;
        return ready(Result<ResolvedRelease>(found));
    }
    QFuture<Result<ChangeSet>> changes(ResolvedRelease from, ResolvedRelease to, StopToken) override
    {
        if (changesFail)
            return ready(Result<ChangeSet>(*changesFail));
        ChangeSet answer = set;
        answer.from = std::move(from);
        answer.to = std::move(to);
        return ready(Result<ChangeSet>(answer));
    }
    QFuture<Result<void>> countLines(QStringList commits, StopToken) override
    {
        counted += commits;
        QList<CountedCommit> told;
        for (const QString &commit : commits) {
            if (lines.contains(commit))
                told.append({commit, lines.value(commit)});
        }
        if (holdsCounts) {
            m_counts.emplace_back(told, std::make_shared<QPromise<Result<void>>>());
            m_counts.back().second->start();
            return m_counts.back().second->future();
        }
        QMetaObject::invokeMethod(
            this, [this, told] { emit linesCounted(told); }, Qt::QueuedConnection);
        return ready(Result<void>());
    }
    void endCounts()
    {
        for (auto &[told, promise] : std::exchange(m_counts, {})) {
            emit linesCounted(told);
            promise->addResult(Result<void>());
            promise->finish();
        }
    }
    QFuture<Result<QList<FileChange>>> files(QString from, QString to, StopToken) override
    {
        asked.append(from + QStringLiteral("..") + to);
        return ready(Result<QList<FileChange>>(fileList));
    }
    QFuture<Result<FileDiff>> diff(QString, QString, QString path, DiffLimits limits, StopToken) override
    {
        limitsAsked.append(limits.lines);
        if (!diffs.contains(path))
            return ready(
                Result<FileDiff>(Error{ErrorKind::NotFound, QStringLiteral("%1 is the same in both.").arg(path), {}}));
        FileDiff answer = diffs.value(path);
        if (limits.lines > DiffLimits().lines)
            answer.isCut = false;
        if (answer.isTooLarge && std::max(answer.oldSize, answer.newSize) <= limits.fileBytes)
            answer.isTooLarge = false;
        return ready(Result<FileDiff>(answer));
    }
    QFuture<Result<RepositoryRefs>> refs(StopToken) override { return ready(Result<RepositoryRefs>(names)); }
    QFuture<Result<Distance>> distance(QString from, QString to, StopToken) override
    {
        return ready(Result<Distance>(distances.value(from + QStringLiteral("..") + to)));
    }

    bool answersAtOnce = true;
    bool holdsCounts = false; // until endCounts()
    QDateTime fetchedAt;
    std::optional<Error> trouble;
    std::optional<Error> changesFail;
    QHash<QString, QString> releases; // commit by text
    QStringList branches;             // of `releases`
    ChangeSet set;
    QHash<QString, LineCounts> lines;
    QList<FileChange> fileList;
    QHash<QString, FileDiff> diffs;
    QHash<QString, Distance> distances;
    RepositoryRefs names;
    int updates = 0;
    QStringList resolved;
    QStringList counted;
    QStringList asked;
    QList<int> limitsAsked;

private:
    QString m_id;
    StopToken m_stop;
    std::shared_ptr<QPromise<Result<void>>> m_update;
    std::vector<std::pair<QList<CountedCommit>, std::shared_ptr<QPromise<Result<void>>>>> m_counts;
};

} // namespace signalbox::test

#pragma once

#include "models/domain/unifieddiff.h"
#include "models/items/changedfilesmodel.h"
#include "models/items/commitsmodel.h"
#include "services/async/latestonly.h"
#include "services/async/serialqueue.h"
#include "services/feeds/sourceset.h"

#include <QPointer>
#include <QSet>

namespace signalbox
{

// Two releases of one application, by tag, version or commit.
struct ChangesSubject
{
    QString application;
    QString from; // empty: nothing to compare with is known
    QString to;
    bool operator==(const ChangesSubject &) const = default;
};

// Reads what lies between two releases and what changed in one file. Everything is read on the repository's own
// threads; what was read stays on screen while it is fetched again. No widgets; GUI thread.
class ChangesPresenter : public QObject
{
    Q_OBJECT
public:
    enum class State {
        Nothing,      // no subject, or nothing to compare with: text()
        NoRepository, // the workspace names none
        Fetching,     // for the first time
        Loading,
        Ready,
        Failed, // error()
    };
    Q_ENUM(State)

    // `sources` may be null: then there is no repository.
    explicit ChangesPresenter(SourceSet *sources, QObject *parent = nullptr);
    ~ChangesPresenter() override;

    void setSubject(const ChangesSubject &subject);
    const ChangesSubject &subject() const { return m_subject; }
    // Lines are counted only while somebody looks.
    void setActive(bool isActive);

    State state() const { return m_state; }
    QString text() const; // why there is nothing to show
    const Error &error() const { return m_error; }
    const ChangeSet &changes() const { return m_changes; }
    CommitsModel &commits() { return m_commits; }
    ChangedFilesModel &files() { return m_files; }
    // Of all files; false: they are being read. A failure is told by filesError().
    bool hasFiles() const { return m_hasFiles; }
    const std::optional<Error> &filesError() const { return m_filesError; }
    QString summary() const; // "4 commits · 18 files · 2 authors", as far as it is known

    QString repository() const; // id; empty: none
    SourceState source() const;
    void fetch();
    void stopFetching();
    void retry();

    // One commit alone, against its first parent; empty: all of them.
    void setCommit(const QString &id);
    const QString &commit() const { return m_commit; }
    // The file whose difference is read; empty: none.
    void setFile(const QString &path);
    const QString &file() const { return m_file; }
    void readAllOfFile(); // beyond the usual limit

signals:
    void changed();       // state, texts, what is counted
    void sourceChanged(); // progress, freshness
    void filesChanged();
    void diffLoading(const signalbox::FileChange &file);
    void diffRead(const signalbox::FileDiff &diff, const QList<signalbox::UnifiedLine> &lines);
    void diffFailed(const signalbox::FileChange &file, const QString &message);

private:
    struct Parsed
    {
        FileDiff diff;
        QList<UnifiedLine> lines;
    };
    void load();
    void resolve(const StopToken &stop);
    void list(const ResolvedRelease &from, const ResolvedRelease &to, const StopToken &stop);
    void take(const ChangeSet &set);
    void fail(const Error &error);
    void enter(State state);
    void count();
    void stopCounting();
    void readFiles();
    void readDiff(const DiffLimits &limits);
    void sourceMoved();
    void drop();
    std::pair<QString, QString> ends() const; // the commits that are compared; empty: not known

    QPointer<SourceSet> m_sources;
    QPointer<SourceRepository> m_source;
    ChangesSubject m_subject;
    State m_state = State::Nothing;
    Error m_error;
    ChangeSet m_changes;
    CommitsModel m_commits;
    ChangedFilesModel m_files;
    std::optional<Error> m_filesError;
    QString m_commit;
    QString m_file;
    QDateTime m_readOf; // updatedAt() of the repository that was read
    bool m_hasFiles = false;
    bool m_isActive = false;
    StopSource m_load;
    StopSource m_count;
    QSet<QString> m_counting; // commits whose lines were asked for
    LatestOnly m_fileList;
    LatestOnly m_diff;
    LatestOnly m_parse;
    SerialQueue m_parser; // last: goes first
};

} // namespace signalbox

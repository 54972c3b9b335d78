#include "services/promotions/sourcereader.h"

#include "models/domain/digest.h"
#include "services/async/chain.h"
#include "services/promotions/promotionstext.h"

#include <QPointer>
#include <QRegularExpression>

#include <algorithm>
#include <memory>

namespace signalbox
{

namespace
{

constexpr qsizetype mostListed = 500;
constexpr qsizetype mostFiles = 500;
constexpr qsizetype usualEmail = 80;
constexpr qsizetype mostCoAuthorText = 30'000; // characters, of all together: an entry of the ledger has an end

bool isTest(const QString &path)
{
    static const QRegularExpression form(QStringLiteral("(^|/)(tests?|specs?|__tests__)/|[._-](test|spec)\\.|_test\\.|"
                                                        "(^|/)test_"),
                                         QRegularExpression::CaseInsensitiveOption);
    return form.match(path).hasMatch();
}

// The questions one after the other; ends with what is known.
class SourceQuestions : public std::enable_shared_from_this<SourceQuestions>
{
public:
    SourceQuestions(QObject *context, SourceRepository *repository, PromotionInQuestion question,
                    const ApplicationReading &application, StopToken stop)
        : m_context(context)
        , m_repository(repository)
        , m_question(std::move(question))
        , m_stop(std::move(stop))
    {
        const policy::Subject &subject = m_question.request.subject;
        m_label = m_question.label;
        const PlaceReading *from = m_question.before.isEmpty() ? nullptr : application.place(m_question.before);
        if (from && from->running && from->running->digest == subject.digest && m_label.isEmpty())
            m_label = from->running->revision;
        const PlaceReading *target = application.place(subject.environment);
        if (target && target->target && target->target->digest == subject.digest && m_label.isEmpty())
            m_label = target->target->revision;
        if (target && target->running) // on an idle track may be what nobody ever got
            m_running = target->running;
        else if (target && target->vendor && target->vendor->live)
            m_deployed = target->vendor->live->commit;
    }

    QFuture<Result<SourceReading>> ask(bool fetches)
    {
        if (!m_repository)
            return ready(Result<SourceReading>(withoutRepository()));
        m_reading.hasRepository = true;
        const auto self = shared_from_this();
        const auto updated = fetches ? m_repository->update(m_stop) : ready(Result<void>());
        return afterAny(m_context, updated, [self](const Result<void> &result) {
            if (!result)
                self->m_reading.problem = result.error().message;
            if (!result || !self->m_repository)
                return ready(Result<SourceReading>(self->m_reading));
            return self->release();
        });
    }

private:
    using Answer = QFuture<Result<SourceReading>>;

    SourceReading withoutRepository() const
    {
        SourceReading reading;
        const policy::PromotionRequest &request = m_question.request;
        reading.commit = m_label.isEmpty() ? request.subject.commit : m_label;
        reading.changes = request.changes;
        // What the request lists is of the commit that it names: where the image says another, nobody is known.
        if (reading.commit == request.subject.commit && policy::listsEveryCommit(request)) {
            reading.authors = policy::authorsIn(*request.changes);
            reading.committers = policy::committersIn(*request.changes);
        }
        return reading;
    }

    // What is tried, one after the other, until one is a commit of the repository.
    // Ends with what is wrong with the first of them otherwise, or with the branch among them.
    QFuture<Result<ResolvedRelease>> first(const QStringList &names, const std::optional<Error> &before = {})
    {
        if (names.isEmpty() || !m_repository)
            return ready(Result<ResolvedRelease>(Error{ErrorKind::NotFound, {}, {}}));
        const auto self = shared_from_this();
        const auto asked = m_repository->resolve(names.first(), m_question.request.subject.application, m_stop);
        return afterAny(m_context, asked, [self, names, before](const Result<ResolvedRelease> &result) {
            const bool isBranch = result && result->by == ResolvedRelease::By::Branch;
            const bool goesOn =
                isBranch ||
                (!result && (result.error().kind == ErrorKind::NotFound || result.error().kind == ErrorKind::Invalid));
            if (!goesOn)
                return ready(result);
            const Error why = isBranch ? noRelease(*result) : before.value_or(result.error());
            return names.size() > 1 ? self->first(names.mid(1), why) : ready(Result<ResolvedRelease>(why));
        });
    }

    static Error noRelease(const ResolvedRelease &branch)
    {
        return {ErrorKind::Invalid,
                PromotionsText::tr(
                    "%1 is a branch, which goes on: it does not say which commit this release was built from.")
                    .arg(branch.name.isEmpty() ? branch.text : branch.name),
                {}};
    }

    static QStringList named(std::initializer_list<QString> names)
    {
        QStringList kept;
        for (const QString &name : names) {
            if (!name.isEmpty() && !kept.contains(name))
                kept.append(name);
        }
        return kept;
    }

    Answer release()
    {
        const auto self = shared_from_this();
        const policy::PromotionRequest &request = m_question.request;
        const QStringList names =
            isCommitId(m_label) ? QStringList{m_label}
                                : named({m_label, request.version, request.subject.commit,
                                         m_question.commitOf.value(request.subject.digest), request.subject.digest});
        return afterAny(m_context, first(names), [self, names](const Result<ResolvedRelease> &found) {
            if (!found) {
                self->m_reading.problem =
                    names.isEmpty() ? PromotionsText::tr("Nothing says which commit this release was built from.")
                                    : found.error().message;
                return ready(Result<SourceReading>(self->m_reading));
            }
            self->m_to = *found;
            self->m_reading.commit = found->commit;
            return self->replaced();
        });
    }

    Answer replaced()
    {
        const auto self = shared_from_this();
        const policy::PromotionRequest &request = m_question.request;
        QStringList names;
        if (m_running)
            names = named(
                {m_running->revision, m_question.commitOf.value(m_running->digest), m_running->tag, m_running->digest});
        else
            names = named({m_deployed, request.replacesCommit});
        return afterAny(m_context, first(names), [self](const Result<ResolvedRelease> &found) {
            if (!found) {
                self->m_reading.problem = PromotionsText::tr(
                    "Which commit runs there now is not known, hence not what changes and whom it is by.");
                return ready(Result<SourceReading>(self->m_reading));
            }
            self->m_from = *found;
            self->m_reading.replaces = found->commit;
            return self->changes();
        });
    }

    Answer changes()
    {
        const auto self = shared_from_this();
        if (!m_repository)
            return ready(Result<SourceReading>(m_reading));
        return afterAny(m_context, m_repository->changes(m_from, m_to, m_stop), [self](const Result<ChangeSet> &set) {
            if (!set) {
                self->m_reading.problem = set.error().message;
                return ready(Result<SourceReading>(self->m_reading));
            }
            self->note(*set);
            return self->files();
        });
    }

    void note(const ChangeSet &set)
    {
        policy::ChangeSummary summary;
        summary.commitCount = static_cast<int>(set.commits.size());
        // One that names a crowd is left out with all before it: then the request says that it does not list everybody.
        qsizetype room = mostCoAuthorText;
        for (const ChangeCommit &commit : set.commits) {
            const QStringList others = coAuthorEmails(commit.body);
            for (const QString &email : others)
                room -= email.size();
            const QString &committer = commit.committerEmail;
            const bool isAuthors = committer.compare(commit.authorEmail, Qt::CaseInsensitive) == 0;
            room -= std::max<qsizetype>(0, committer.size() - usualEmail);
            if (summary.commits.size() < mostListed && room >= 0)
                summary.commits.append(
                    {commit.id, commit.authorEmail, commit.committedAt, others, isAuthors ? QString() : committer});
        }
        m_reading.changes = summary;
        if (set.isCut) {
            m_reading.problem =
                PromotionsText::tr("There are more commits than are read at once: not all authors are known.");
            return;
        }
        QStringList authors;
        for (const ChangeCommit &commit : set.commits) {
            authors.append(commit.authorEmail);
            authors += coAuthorEmails(commit.body);
            if (!commit.committerEmail.isEmpty())
                m_reading.committers.append(commit.committerEmail);
        }
        authors.removeDuplicates();
        m_reading.committers.removeDuplicates();
        m_reading.authors = authors;
    }

    Answer files()
    {
        const auto self = shared_from_this();
        if (!m_repository)
            return ready(Result<SourceReading>(m_reading));
        return afterAny(m_context, m_repository->files(m_from.commit, m_to.commit, m_stop),
                        [self](const Result<QList<FileChange>> &files) {
                            for (const FileChange &file : files ? *files : QList<FileChange>()) {
                                policy::ChangeSummary &summary = *self->m_reading.changes;
                                ++summary.fileCount;
                                summary.linesAdded += file.added;
                                summary.linesRemoved += file.removed;
                                summary.testFileCount += isTest(file.path) ? 1 : 0;
                                if (summary.files.size() < mostFiles)
                                    summary.files.append(file.path);
                            }
                            return ready(Result<SourceReading>(self->m_reading));
                        });
    }

    QObject *m_context;
    QPointer<SourceRepository> m_repository;
    PromotionInQuestion m_question;
    StopToken m_stop;
    QString m_label;                         // the image's own word on its commit
    std::optional<RunningRelease> m_running; // at the target, with most of its live traffic
    QString m_deployed;                      // commit; by the vendor, where no cluster shows the target
    ResolvedRelease m_to;
    ResolvedRelease m_from;
    SourceReading m_reading;
};

} // namespace

QFuture<Result<SourceReading>> readPromotionSource(QObject *context, SourceRepository *repository,
                                                   const PromotionInQuestion &question,
                                                   const ApplicationReading &application, bool fetches,
                                                   const StopToken &stop)
{
    return std::make_shared<SourceQuestions>(context, repository, question, application, stop)->ask(fetches);
}

} // namespace signalbox

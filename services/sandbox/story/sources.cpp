#include "services/sandbox/story/sources.h"

#include "services/git/repositorymaker.h"
#include "services/sandbox/story/people.h"
#include "services/sandbox/story/sourcefiles.h"
#include "services/sandbox/world/chance.h"

#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace signalbox::sandbox
{

namespace
{

constexpr double longestWorkDays = 6; // on one release

struct PlannedRelease
{
    QString tag;
    QString cause;
    double quality = 0;
    double daysAgo = 0;
};

QString slug(const QString &title)
{
    static const QRegularExpression other(QStringLiteral("[^a-z0-9]+"));
    QString text = title.toLower();
    text.replace(other, QStringLiteral("-"));
    return text.left(40).section(u'-', 0, 4, QString::SectionSkipEmpty);
}

bool isPatch(const QString &tag)
{
    return !tag.contains(u'-') && tag.section(u'.', 2) != QLatin1String("0");
}

// Oldest first, each some time before its first roll-out.
QList<PlannedRelease> releasesOf(const ServiceSpec &service, const SourcePlan &plan,
                                 const QList<PracticeRollout> &rollouts)
{
    QList<PlannedRelease> all;
    for (const EarlierRelease &one : plan.earlier)
        all.append({one.tag, one.cause, service.versions.front().behaviour.quality, 0});
    for (const Version &one : service.versions)
        all.append({QString::fromStdString(one.tag), QString::fromStdString(one.cause), one.behaviour.quality, 0});
    for (const PracticeRollout &one : rollouts) {
        for (PlannedRelease &release : all) {
            if (QString::fromStdString(service.name) == one.application && release.tag == one.tag)
                release.daysAgo = std::max(release.daysAgo, one.daysAgo + 0.04);
        }
    }
    double latest = 1e9; // a release is younger than the one before
    for (PlannedRelease &release : all) {
        release.daysAgo = std::min(release.daysAgo, latest - 0.05);
        latest = release.daysAgo;
    }
    return all;
}

// Tells the past of one repository, oldest commit first.
class Teller
{
public:
    Teller(const Storybook &book, const SourcePlan &plan, const ServiceSpec &service, std::uint64_t seed,
           const QDateTime &now, git::RepositoryMaker &maker)
        : m_book(book)
        , m_plan(plan)
        , m_application(QString::fromStdString(service.name))
        , m_now(now)
        , m_maker(maker)
        , m_files(plan, m_application, seed)
        , m_number(100 + static_cast<int>(hashOf(service.name, seed) % 300))
    {
        for (const Person *one : book.team(QString::fromStdString(service.team)))
            (one->has(QStringLiteral("reviewers")) ? m_leads : m_developers).append(one);
    }

    Result<QList<SourceRelease>> tell(const QList<PlannedRelease> &releases)
    {
        double before = releases.front().daysAgo + longestWorkDays;
        commit(developer(), before, QStringLiteral("Begin %1").arg(m_application), m_files.begin());
        for (const PlannedRelease &one : releases) {
            const double span = std::min(before - one.daysAgo, longestWorkDays);
            if (isPatch(one.tag) && !m_done.isEmpty())
                hotfix(one, span);
            else
                ordinary(one, span);
            m_references.insert(QStringLiteral("refs/tags/v") + one.tag, m_releaseCommit);
            std::reverse(m_commits.begin(), m_commits.end());
            m_done.append({one.tag, m_releaseCommit, at(one.daysAgo), servedModel(), m_commits, m_files.all()});
            m_commits = std::exchange(m_next, {});
            before = one.daysAgo;
        }
        m_references.insert(QStringLiteral("refs/heads/main"), m_main);
        if (!m_error)
            openBranch(before);
        if (m_error)
            return *m_error;
        if (const auto finished = m_maker.finish(m_references); !finished)
            return finished.error();
        return m_done;
    }

private:
    using Changed = SourceFiles::Changed;

    QDateTime at(double daysAgo) const { return m_now.addMSecs(-static_cast<qint64>(daysAgo * 24 * 3600 * 1000)); }
    ServedModel servedModel() const
    {
        return m_plan.model.isEmpty() ? ServedModel() : ServedModel{m_plan.model, QString::number(m_model)};
    }
    const Person *developer() { return m_developers.at(m_turn++ % m_developers.size()); }
    const Person *lead() const { return m_leads.front(); }
    const Person *machine() const { return m_book.with(QStringLiteral("machines")).front(); }

    QString commitOn(const QStringList &parents, const Person *who, double daysAgo, const QString &message,
                     const Changed &files)
    {
        if (m_error)
            return {};
        const git::Author author{who->title, who->email(), at(daysAgo)};
        const auto made = m_maker.add({parents, author, {}, message + u'\n', files});
        if (!made) {
            m_error = made.error();
            return {};
        }
        m_commits.append({*made, author.email, author.at});
        return *made;
    }
    void commit(const Person *who, double daysAgo, const QString &message, const Changed &files)
    {
        const QStringList parents = m_main.isEmpty() ? QStringList() : QStringList{m_main};
        m_main = commitOn(parents, who, daysAgo, message, files);
    }

    struct Branch
    {
        QString name;
        QString title;
        QString tip;
        const Person *author = nullptr;
        Changed files;
    };
    Branch begin(const QString &title, const Person *author) { return {slug(title), title, m_main, author, {}}; }
    void add(Branch &branch, double daysAgo, const QString &message, const Changed &files)
    {
        branch.tip = commitOn({branch.tip}, branch.author, daysAgo, message, files);
        branch.files += files;
    }
    static Changed asLeft(const Branch &branch) // each file once
    {
        QMap<QString, QByteArray> last;
        for (const git::FileContent &one : branch.files)
            last.insert(one.path, one.content);
        Changed files;
        for (auto it = last.cbegin(); it != last.cend(); ++it)
            files.append({it.key(), it.value()});
        return files;
    }
    void merge(const Branch &branch, double daysAgo)
    {
        const QString message = QStringLiteral("Merge pull request #%1 from %2/%3\n\n%4")
                                    .arg(++m_number)
                                    .arg(branch.author->name.section(u'.', 0, 0), branch.name, branch.title);
        m_main = commitOn({m_main, branch.tip}, lead(), daysAgo, message, asLeft(branch));
    }
    QString withIssue(const QString &title)
    {
        return QStringLiteral("%1 (%2-%3)").arg(title, m_plan.issue).arg(4 * m_number + 7);
    }

    // A pull request for what the release is named after, another one, and something small on main in between.
    void ordinary(const PlannedRelease &release, double span)
    {
        const auto when = [&](double part) { return release.daysAgo + span * part; };
        Branch cause = begin(release.cause, developer());
        add(cause, when(0.9), withIssue(release.cause), m_files.code());
        add(cause, when(0.8), QStringLiteral("Cover it with tests"), m_files.tests());
        chore(when(0.72));
        if (!m_plan.model.isEmpty() && (m_quality != release.quality || m_model == firstModel))
            serve(cause, when(0.6));
        m_quality = release.quality;
        merge(cause, when(0.5));
        const QString title = m_plan.work.at(m_work++ % m_plan.work.size());
        Branch work = begin(title, m_work % 2 == 0 ? lead() : developer());
        add(work, when(0.4), withIssue(title), m_files.code());
        if (m_work % 3 != 0)
            add(work, when(0.3), QStringLiteral("Address the review"), m_files.tests());
        merge(work, when(0.2));
        commit(machine(), release.daysAgo, QStringLiteral("Release %1").arg(release.tag),
               m_files.release(release.tag, release.cause));
        m_releaseCommit = m_main;
    }

    void serve(Branch &branch, double daysAgo)
    {
        ++m_model;
        add(branch, daysAgo, QStringLiteral("Serve the %1 model, version %2").arg(m_plan.model).arg(m_model),
            m_files.model(m_model));
    }

    void chore(double daysAgo)
    {
        const QString title = m_book.chores.at(m_chores++ % m_book.chores.size());
        commit(developer(), daysAgo, title, m_files.chore());
        m_undo = {m_main, title};
    }

    // From the release that runs, tagged on its own branch, then merged back.
    void hotfix(const PlannedRelease &release, double span)
    {
        const auto when = [&](double part) { return release.daysAgo + span * part; };
        Branch fix = begin(release.cause, developer());
        fix.tip = m_releaseCommit;
        if (!m_undo.commit.isEmpty() && !m_hasReverted)
            add(fix, when(0.5),
                QStringLiteral("Revert \"%1\"\n\nThis reverts commit %2.").arg(m_undo.title, m_undo.commit),
                m_files.undoChore());
        m_hasReverted = true;
        add(fix, when(0.35), withIssue(release.cause), m_files.code());
        add(fix, when(0.3), QStringLiteral("Cover it with tests"), m_files.tests());
        fix.author = developer();
        const QString more = m_plan.work.at(m_work++ % m_plan.work.size());
        Changed change = m_files.code();
        change += m_files.tests();
        add(fix, when(0.2), more, change);
        fix.author = machine();
        add(fix, release.daysAgo, QStringLiteral("Release %1").arg(release.tag),
            m_files.release(release.tag, release.cause));
        m_releaseCommit = fix.tip;
        m_references.insert(QStringLiteral("refs/heads/hotfix/") + release.tag, fix.tip);
        const QString message = QStringLiteral("Merge branch 'hotfix/%1'").arg(release.tag);
        m_main = commitOn({m_main, fix.tip}, lead(), release.daysAgo - 0.01, message, asLeft(fix));
        if (!m_commits.isEmpty())
            m_next = {m_commits.takeLast()};
    }

    // What somebody works on right now.
    void openBranch(double before)
    {
        const QString title = m_plan.work.at(m_work % m_plan.work.size());
        Branch open = begin(title, developer());
        add(open, before * 0.6, withIssue(title), m_files.code());
        m_references.insert(QStringLiteral("refs/heads/feature/") + open.name, open.tip);
    }

    static constexpr int firstModel = 11;
    struct Undo
    {
        QString commit;
        QString title;
    };

    const Storybook &m_book;
    const SourcePlan &m_plan;
    QString m_application;
    QDateTime m_now;
    git::RepositoryMaker &m_maker;
    SourceFiles m_files;
    QList<const Person *> m_leads;
    QList<const Person *> m_developers;
    int m_number; // of pull requests
    int m_turn = 0;
    int m_work = 0;
    int m_chores = 0;
    int m_model = firstModel;
    double m_quality = 0;
    bool m_hasReverted = false;
    Undo m_undo;
    QString m_main; // its newest commit
    QString m_releaseCommit;
    QList<policy::ChangeSummary::Commit> m_commits; // since the last release, oldest first
    QList<policy::ChangeSummary::Commit> m_next;    // after this release: they come with the next one
    QList<SourceRelease> m_done;
    QMap<QString, QString> m_references;
    std::optional<Error> m_error; // the first one; nothing is written after it
};

// Lines that one of two texts has and the other lacks.
LineCounts countLines(const QByteArray &from, const QByteArray &to)
{
    QMap<QByteArray, int> lines;
    for (const QByteArray &line : from.split('\n'))
        --lines[line];
    for (const QByteArray &line : to.split('\n'))
        ++lines[line];
    LineCounts counts;
    for (const int more : std::as_const(lines))
        (more > 0 ? counts.added : counts.removed) += std::abs(more);
    return counts;
}

} // namespace

const SourceRelease *Sources::release(const QString &application, const QString &tag) const
{
    const auto line = lines.constFind(application);
    if (line == lines.constEnd())
        return nullptr;
    for (const SourceRelease &one : *line) {
        if (one.tag == tag)
            return &one;
    }
    return nullptr;
}

std::optional<policy::ChangeSummary> Sources::between(const QString &application, const QString &from,
                                                      const QString &to) const
{
    const SourceRelease *first = release(application, from);
    const SourceRelease *last = release(application, to);
    if (!first || !last || first >= last)
        return std::nullopt;
    policy::ChangeSummary summary;
    for (const SourceRelease *one = last; one > first; --one)
        summary.commits += one->commits;
    summary.commitCount = static_cast<int>(summary.commits.size());
    for (auto it = last->files.cbegin(); it != last->files.cend(); ++it) {
        const QByteArray before = first->files.value(it.key());
        if (before == it.value())
            continue;
        const LineCounts counted = countLines(before, it.value());
        summary.linesAdded += counted.added;
        summary.linesRemoved += counted.removed;
        summary.files.append(it.key());
        summary.testFileCount += it.key().startsWith(QLatin1String("tests/")) ? 1 : 0;
    }
    summary.fileCount = static_cast<int>(summary.files.size());
    return summary;
}

QString sourcePath(const QString &folder, const QString &application)
{
    return folder + u'/' + application + QStringLiteral(".git");
}

Result<Sources> writeSources(const Catalogue &catalogue, const Storybook &book, const QList<PracticeRollout> &rollouts,
                             const QDateTime &now, const QString &folder)
{
    Sources sources;
    for (const ServiceSpec &service : catalogue.services) {
        const QString application = QString::fromStdString(service.name);
        const auto plan = book.sources.constFind(application);
        if (plan == book.sources.constEnd())
            return Error{
                ErrorKind::Invalid, QStringLiteral("The practice story has no source of %1.").arg(application), {}};
        auto maker = git::RepositoryMaker::create(sourcePath(folder, application), QStringLiteral("main"));
        if (!maker)
            return maker.error();
        Teller teller(book, *plan, service, catalogue.seed, now, *maker);
        auto told = teller.tell(releasesOf(service, *plan, rollouts));
        if (!told)
            return told.error();
        sources.lines.insert(application, *std::move(told));
    }
    return sources;
}

} // namespace signalbox::sandbox

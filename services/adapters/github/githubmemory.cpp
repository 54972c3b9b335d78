#include "services/adapters/github/githubmemory.h"

namespace signalbox::github
{

namespace
{

constexpr qsizetype mostRemembered = 5000; // of each kind: some hundred pages of runs

QString attemptKey(const Run &run)
{
    return run.ref.pipeline.project + u'|' + run.ref.id + u'|' + QString::number(run.attempt);
}

QString nameKey(const QString &project, const QString &name)
{
    return project + u'|' + name;
}

} // namespace

void Memory::keepTimes(const Run &run)
{
    if (!run.startedAt.isValid() || !run.isQueueTold)
        return;
    if (m_times.size() >= mostRemembered)
        m_times.clear();
    m_times.insert(attemptKey(run), {run.startedAt, isEnded(run.state) ? run.finishedAt : QDateTime()});
}

void Memory::fillTimes(Run &run) const
{
    const auto known = m_times.constFind(attemptKey(run));
    if (known == m_times.constEnd())
        return;
    run.startedAt = known->first;
    run.isQueueTold = true;
    if (isEnded(run.state) && known->last.isValid())
        run.finishedAt = known->last;
}

void Memory::keepName(const QString &project, const QString &name, const QString &commit, bool isTag)
{
    if (commit.isEmpty())
        return; // a question of no run: the name may be another's tomorrow
    m_gone.remove(nameKey(project, name) + u'|' + commit);
    QSet<QString> &names = isTag ? m_tags : m_branches;
    if (names.size() >= mostRemembered)
        names.clear();
    names.insert(isTag ? nameKey(project, name) + u'|' + commit : nameKey(project, name));
}

void Memory::keepGone(const QString &project, const QString &name, const QString &commit)
{
    if (commit.isEmpty())
        return;
    if (m_gone.size() >= mostRemembered)
        m_gone.clear();
    m_gone.insert(nameKey(project, name) + u'|' + commit);
}

bool Memory::isGone(const QString &project, const QString &name, const QString &commit) const
{
    return m_gone.contains(nameKey(project, name) + u'|' + commit);
}

std::optional<bool> Memory::isTag(const QString &project, const QString &name, const QString &commit) const
{
    if (m_tags.contains(nameKey(project, name) + u'|' + commit))
        return true;
    if (m_branches.contains(nameKey(project, name)) || isDefaultBranch(project, name))
        return false;
    return std::nullopt;
}

} // namespace signalbox::github

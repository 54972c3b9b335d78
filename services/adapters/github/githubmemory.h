#pragma once

#include "models/pipelines/run.h"

#include <QHash>
#include <QSet>

#include <optional>

namespace signalbox::github
{

// What answers told of runs that lists do not say, and that stays so. Bounded. GUI thread.
class Memory
{
public:
    // Of an attempt: when its first job began and, once it ended, when its last one did.
    void keepTimes(const Run &run);
    void fillTimes(Run &run) const;

    // What a name stands for. GitHub writes branches and tags into one field (head_branch). A tag is known by its
    // commit too, since it may be moved; of a branch the name is enough, since each push moves it.
    void keepName(const QString &project, const QString &name, const QString &commit, bool isTag);
    void keepDefaultBranch(const QString &project, const QString &name) { m_defaults.insert(project, name); }
    bool isDefaultBranch(const QString &project, const QString &name) const
    {
        return !name.isEmpty() && m_defaults.value(project) == name;
    }
    // Neither a tag nor a branch: deleted, as branches are that were merged, or not shown. What it was is not known.
    void keepGone(const QString &project, const QString &name, const QString &commit);
    bool isGone(const QString &project, const QString &name, const QString &commit) const;
    // None: not known.
    std::optional<bool> isTag(const QString &project, const QString &name, const QString &commit) const;
    // The token may not ask for tags of the project: each further question would only be refused.
    void keepUntold(const QString &project) { m_untold.insert(project); }
    bool isUntold(const QString &project) const { return m_untold.contains(project); }

    // Cron texts of a workflow's file as its default branch has it.
    void keepSchedules(const PipelineRef &pipeline, const QStringList &crons)
    {
        m_schedules.insert(pipeline.key(), crons);
    }
    QStringList schedules(const PipelineRef &pipeline) const { return m_schedules.value(pipeline.key()); }

private:
    struct Times
    {
        QDateTime first;
        QDateTime last; // invalid: it went on
    };
    QHash<QString, Times> m_times;           // by run and attempt
    QSet<QString> m_tags;                    // project, name, commit
    QSet<QString> m_branches;                // project, name
    QSet<QString> m_gone;                    // project, name, commit
    QHash<QString, QString> m_defaults;      // by project
    QSet<QString> m_untold;                  // projects
    QHash<QString, QStringList> m_schedules; // by pipeline
};

} // namespace signalbox::github

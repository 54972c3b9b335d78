#pragma once

#include "models/domain/changes.h"
#include "models/policy/records.h"
#include "services/sandbox/story/rollouts.h"

#include <QMap>

#include <optional>

namespace signalbox::sandbox
{

// A release of an application's source.
struct SourceRelease
{
    QString tag; // without the v
    QString commit;
    QDateTime at;
    ServedModel model;                            // empty: none
    QList<policy::ChangeSummary::Commit> commits; // since the release before, newest first
    QMap<QString, QByteArray> files;              // by path
};

struct Sources
{
    QMap<QString, QList<SourceRelease>> lines; // by application, oldest first

    const SourceRelease *release(const QString &application, const QString &tag) const; // null: none
    // None: one of the two is unknown, or `to` is no later one.
    std::optional<policy::ChangeSummary> between(const QString &application, const QString &from,
                                                 const QString &to) const;
};

// The bare repository of one application below `folder`.
QString sourcePath(const QString &folder, const QString &application);
// Makes one for each application: branches, merged pull requests, hotfixes, a revert, a tag (v1.2.3) for each release,
// all before the first roll-out of it. The same at every start but for the times, which count back from `now`, and the
// commits' names, which are made of them. Blocks; any thread.
Result<Sources> writeSources(const Catalogue &catalogue, const Storybook &book, const QList<PracticeRollout> &rollouts,
                             const QDateTime &now, const QString &folder);

} // namespace signalbox::sandbox

#pragma once

#include "app/exitstatus.h"
#include "models/domain/changes.h"

#include <optional>

namespace signalbox::commands
{

// What `signalbox changes` prints.
struct ChangesReport
{
    QString application;
    QString repository;  // address
    QDateTime updatedAt; // of the last fetch; invalid: read where it lies
    ChangeSet changes;
    std::optional<QList<FileChange>> files;
    std::optional<FileDiff> diff;
};

QString changesText(const ChangesReport &report);
QString changesJson(const ChangesReport &report, ExitStatus status);
QString diffText(const FileDiff &diff);

} // namespace signalbox::commands

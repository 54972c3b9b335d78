#pragma once

#include "app/exitstatus.h"
#include "models/domain/changes.h"
#include "services/feeds/flowreading.h"

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
    std::optional<FlowReading> flow = {}; // none: it could not be read
    // How far each environment is ahead of the next one on the path, by the ledger. Empty: it does not say.
    struct Lead
    {
        QString environment;
        QString version; // or commit
        QString of;      // the environment after it
        QString ofVersion;
        Distance distance;
    };
    QList<Lead> leads = {};
};

QString changesText(const ChangesReport &report);
QString changesJson(const ChangesReport &report, ExitStatus status);
QString diffText(const FileDiff &diff);

} // namespace signalbox::commands

#pragma once

#include "models/pipelines/run.h"

// What a vendor keeps of the environments that its pipelines deploy to. What it does not tell is empty.
namespace signalbox
{

struct EnvironmentDeployment
{
    QString id; // of the vendor: digits
    QString environment;
    QString ref; // branch or tag
    QString commit;
    QString title; // the commit's subject
    QString who;
    QDateTime at;         // it was made
    QDateTime finishedAt; // it succeeded or failed
    RunState state = RunState::Unknown;
    QString reason;
    bool isLive = false; // the newest of the environment that succeeded
    RunRef run;          // that made it; its id empty: none did
    QString job;         // id
    QString jobName;
    QUrl page;
    QString whyNot; // why it cannot be gone back to; empty: it can, as far as the list tells
    bool operator==(const EnvironmentDeployment &) const = default;
};

struct EnvironmentDeployments
{
    QString environment;
    QList<EnvironmentDeployment> all; // newest first
    QDateTime readAt;
    // Null: nothing that is listed succeeded.
    const EnvironmentDeployment *live() const
    {
        for (const EnvironmentDeployment &one : all) {
            if (one.isLive)
                return &one;
        }
        return nullptr;
    }
    bool operator==(const EnvironmentDeployments &) const = default;
};

} // namespace signalbox

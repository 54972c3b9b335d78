#pragma once

#include "models/policy/standing.h"

#include <QDateTime>
#include <QList>
#include <QString>

#include <optional>

// The four key figures of DORA (dora.dev; Forsgren, Humble, Kim: Accelerate, 2018), computed from the ledger and from
// nothing else.
namespace signalbox
{

enum class DoraMetric { DeploymentFrequency, LeadTime, ChangeFailureRate, TimeToRestore };
QString doraName(DoraMetric metric);  // "deploymentFrequency" ...: in --json
QString doraTitle(DoraMetric metric); // "Lead time for changes"
// What is counted here, exactly, and from when on there is enough of it.
QString doraDefinition(DoraMetric metric);
QString doraSource(); // where the figures come from

struct DoraFigure
{
    DoraMetric metric = DoraMetric::DeploymentFrequency;
    // A day; seconds; 0 ... 1; seconds. None: too little data.
    std::optional<double> value;
    int sample = 0; // how many were counted
    QString text;   // "3.5 a week (15 in 30 days)", "12 % (3 of 25)"; or why there is no figure
    // The two halves of the text: "12 %" and "3 of 25". Empty: there is no figure.
    QString shown = {};
    QString ground = {};
    bool operator==(const DoraFigure &) const = default;
};

struct DoraQuestion
{
    QDateTime from;      // UTC; inside
    QDateTime to;        // outside
    QString application; // empty: all
    QString environment; // empty: all; the figures are meant for production
};

// In the order of DoraMetric.
QList<DoraFigure> doraFigures(const policy::Entries &entries, const DoraQuestion &question);

} // namespace signalbox

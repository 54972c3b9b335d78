#pragma once

#include "models/policy/deployments.h"

#include <QByteArray>

// How likely a promotion is to fail, with the reasons. A figure to look at, never a gate.
//
// The model: a score, the sum of weight × evidence (weights below, chosen once and written here, so that anyone can
// follow a figure by hand), made a probability by the team's own history: p = 1 / (1 + exp(-(a × score + b))), a and b
// fitted to the ledger (Platt 1999, with his smoothed targets; a is never negative). How good that is, is measured on
// the same ledger going forward in time: each promotion is predicted from those before it alone, by what was known of
// them when it went out (a rollback of the day after was not), and the Brier score is the mean squared error of that.
// Beside it the score of always saying the share that failed so far, which is to be beaten.
namespace signalbox::policy
{

struct Policy;

enum class RiskFactor {
    Size,           // 0.25 × log2(1 + lines changed)
    TroubledFiles,  // 1.2 × (files that were in a promotion of this application that failed, 3 or more count as 3) / 3
    NewAuthor,      // 0.7 if somebody's first change to this application is in it
    Hour,           // 0.4 outside of Mon-Thu 08:00-18:00 and Fri 08:00-14:00
    NoTests,        // 0.5 if files change and no test does
    RecentFailures, // 1.5 × the share of the last 10 promotions of this application that failed
};
QString riskFactorName(RiskFactor factor); // "size" ...: in --json

struct RiskReason
{
    RiskFactor factor = RiskFactor::Size;
    double weight = 0; // its part of the score
    QString text;      // the evidence: "302 lines in 18 files"
    bool operator==(const RiskReason &) const = default;
};

struct RiskFigure
{
    std::optional<double> probability; // 0 ... 1; none: too little history, or what changes is not known
    QList<RiskReason> reasons;         // that weigh anything, heaviest first
    int history = 0;                   // promotions it is fitted to
    std::optional<double> brier;       // 0 is perfect; there wherever a figure is
    std::optional<double> baseBrier;   // of the share that failed so far, on the same ones
    int tried = 0;
    QString text; // "0.18: of a hundred ...", "too little history: 12 of 50 promotions"
    bool operator==(const RiskFigure &) const = default;
};

struct RiskQuestion
{
    QString application;
    QString environment;
    std::optional<ChangeSummary> changes;
    QDateTime at;    // when it would go out
    QByteArray zone; // in which its hour is looked at; empty: UTC
    bool operator==(const RiskQuestion &) const = default;
};
// The full hour that the clocks on the walls of its zone show, written as if it were UTC: all that the model sees of
// the time at which it would go out.
QDateTime riskHour(const RiskQuestion &question);

// The zone of the hours at which releases go to this place, as the policy tells it: that of its first window, else of
// the first freeze that concerns it. Empty: it names none, so UTC.
QByteArray riskZone(const Policy &policy, const QString &application, const QString &environment);
// The model above in words, for those who read a figure.
QString riskModelText();

// Learns from all promotions in `environment` that the entries tell; 50 are needed.
RiskFigure riskOf(const RiskQuestion &question, const Entries &entries);
// Of what was decided: the figure that its request recorded, with the reasons of `figure`; how good it was nobody
// tells.
RiskFigure recordedRisk(RiskFigure figure, const std::optional<int> &permille);

constexpr int leastRiskHistory = 50;

} // namespace signalbox::policy

#include "models/dora.h"

#include "models/domain/duration.h"
#include "models/policy/deployments.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

struct DoraText
{
    Q_DECLARE_TR_FUNCTIONS(Dora)
};

using policy::Deployment;

constexpr double leastDays = 7;
constexpr int leastForLeadTime = 5;
constexpr int leastForRate = 10;
constexpr int leastRestores = 3;
constexpr double secondsADay = 86400;

QString tooLittle(int have, int least, const QString &what)
{
    return DoraText::tr("too little data: %1 of at least %2 %3").arg(have).arg(least).arg(what);
}

double median(QList<double> values)
{
    std::sort(values.begin(), values.end());
    const qsizetype middle = values.size() / 2;
    return values.size() % 2 == 1 ? values.at(middle) : (values.at(middle - 1) + values.at(middle)) / 2;
}

QString spanText(double seconds)
{
    // Two units say enough: "2 d 4 h", not "2 d 4 h 13 m 7 s".
    auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole >= 86400)
        whole -= whole % 3600;
    else if (whole >= 3600)
        whole -= whole % 60;
    return spacedDurationText(std::chrono::seconds(whole));
}

bool isWithin(const DoraQuestion &question, const QDateTime &at)
{
    return at >= question.from && at < question.to;
}

bool isAsked(const DoraQuestion &question, const QString &application, const QString &environment)
{
    return (question.application.isEmpty() || question.application == application) &&
           (question.environment.isEmpty() || question.environment == environment);
}

// "12 %" and the "3 of 25" it stands on.
void say(DoraFigure &figure, const QString &shown, const QString &ground)
{
    figure.shown = shown;
    figure.ground = ground;
    figure.text = DoraText::tr("%1 (%2)", "a figure and its ground").arg(shown, ground);
}

DoraFigure frequency(const policy::Entries &ordered, const QList<Deployment> &deployments, const DoraQuestion &question)
{
    DoraFigure figure{DoraMetric::DeploymentFrequency, {}, 0, {}};
    for (const Deployment &one : deployments)
        figure.sample += one.isDone ? 1 : 0;
    // What the ledger was not there to see was not "no deployment".
    const QDateTime begin = ordered.isEmpty() ? question.to : std::max(question.from, ordered.first().at);
    const double days = static_cast<double>(begin.msecsTo(question.to)) / 1000 / secondsADay;
    if (days < leastDays) {
        figure.text = DoraText::tr("too little data: the ledger covers %1 of at least %2 days")
                          .arg(QString::number(std::max(0.0, std::floor(days))), QString::number(leastDays));
        return figure;
    }
    figure.value = figure.sample / days;
    QString shown;
    if (*figure.value >= 1)
        shown = DoraText::tr("%1 a day").arg(*figure.value, 0, 'f', 1);
    else if (*figure.value * 7 >= 1)
        shown = DoraText::tr("%1 a week").arg(*figure.value * 7, 0, 'f', 1);
    else
        shown = DoraText::tr("%1 a month").arg(*figure.value * 30, 0, 'f', 1);
    say(figure, shown, DoraText::tr("%1 in %2 days").arg(figure.sample).arg(std::lround(days)));
    return figure;
}

DoraFigure leadTime(const QList<Deployment> &deployments)
{
    DoraFigure figure{DoraMetric::LeadTime, {}, 0, {}};
    QList<double> times;
    QSet<QString> seen; // a commit counts when it first gets there
    for (const Deployment &one : deployments) {
        if (!one.isDone || !one.request || !one.request->changes)
            continue;
        bool isCounted = false;
        for (const auto &commit : one.request->changes->commits) {
            const QString key = one.subject.application + one.subject.environment + commit.id;
            if (!commit.at.isValid() || commit.at > one.at || seen.contains(key))
                continue;
            seen.insert(key);
            times.append(static_cast<double>(commit.at.msecsTo(one.at)) / 1000);
            isCounted = true;
        }
        figure.sample += isCounted ? 1 : 0;
    }
    if (figure.sample < leastForLeadTime) {
        figure.text = tooLittle(figure.sample, leastForLeadTime, DoraText::tr("deployments whose commits are known"));
        return figure;
    }
    figure.value = median(times);
    say(figure, spanText(*figure.value),
        DoraText::tr("%1 commits in %2 deployments").arg(times.size()).arg(figure.sample));
    return figure;
}

DoraFigure failureRate(const QList<Deployment> &deployments)
{
    DoraFigure figure{DoraMetric::ChangeFailureRate, {}, static_cast<int>(deployments.size()), {}};
    if (figure.sample < leastForRate) {
        figure.text = tooLittle(figure.sample, leastForRate, DoraText::tr("deployments"));
        return figure;
    }
    const auto failed =
        std::count_if(deployments.cbegin(), deployments.cend(), [](const Deployment &one) { return one.hasFailed; });
    figure.value = static_cast<double>(failed) / figure.sample;
    say(figure, DoraText::tr("%1 %").arg(std::lround(*figure.value * 100)),
        DoraText::tr("%1 of %2").arg(failed).arg(figure.sample));
    return figure;
}

DoraFigure timeToRestore(const policy::Entries &ordered, const DoraQuestion &question)
{
    DoraFigure figure{DoraMetric::TimeToRestore, {}, 0, {}};
    QList<double> times;
    int rollbacks = 0;
    for (const policy::SignedRecord &entry : ordered) {
        const policy::OperationRecord *operation = entry.operation();
        if (!operation || !policy::isRollback(*operation) || operation->outcome != OutcomeKind::Done ||
            !isWithin(question, entry.at) || !isAsked(question, operation->application, operation->environment))
            continue;
        ++rollbacks;
        if (operation->restoreMs)
            times.append(static_cast<double>(*operation->restoreMs) / 1000);
    }
    figure.sample = static_cast<int>(times.size());
    if (figure.sample < leastRestores) {
        figure.text =
            tooLittle(figure.sample, leastRestores, DoraText::tr("rollbacks whose trouble has a known beginning"));
        return figure;
    }
    figure.value = median(times);
    say(figure, spanText(*figure.value), DoraText::tr("%1 of %2 rollbacks").arg(figure.sample).arg(rollbacks));
    return figure;
}

} // namespace

QString doraName(DoraMetric metric)
{
    static const char *const names[] = {"deploymentFrequency", "leadTime", "changeFailureRate", "timeToRestore"};
    return QString::fromLatin1(names[static_cast<int>(metric)]);
}

QString doraTitle(DoraMetric metric)
{
    switch (metric) {
    case DoraMetric::DeploymentFrequency:
        return DoraText::tr("Deployment frequency");
    case DoraMetric::LeadTime:
        return DoraText::tr("Lead time for changes");
    case DoraMetric::ChangeFailureRate:
        return DoraText::tr("Change failure rate");
    case DoraMetric::TimeToRestore:
        return DoraText::tr("Time to restore");
    }
    return {};
}

QString doraDefinition(DoraMetric metric)
{
    switch (metric) {
    case DoraMetric::DeploymentFrequency:
        return DoraText::tr("How often a promotion was observed in the environment, over the part of the time that the "
                            "ledger covers. From 7 covered days on.");
    case DoraMetric::LeadTime:
        return DoraText::tr(
            "From a commit to its first promotion that was observed in the environment: the median over "
            "the commits that the promotions list. From 5 deployments on.");
    case DoraMetric::ChangeFailureRate:
        return DoraText::tr(
            "The share of promotions that changed the environment and then failed: not effective, taken "
            "back, or rolled back within 7 days and before the next one. From 10 deployments on.");
    case DoraMetric::TimeToRestore:
        return DoraText::tr("From the start of the trouble to the observed effect of going back: the median over the "
                            "rollbacks whose trouble has a known beginning. Drills do not count. From 3 rollbacks on.");
    }
    return {};
}

QString doraSource()
{
    return DoraText::tr("After DORA's four keys: dora.dev/guides/dora-metrics-four-keys, and Forsgren, Humble and Kim, "
                        "Accelerate (2018). Everything is computed from the ledger's verified entries.");
}

QList<DoraFigure> doraFigures(const policy::Entries &entries, const DoraQuestion &question)
{
    const policy::Entries ordered = policy::inChainOrder(entries);
    QList<Deployment> deployments;
    for (const Deployment &one : policy::deploymentsOf(ordered)) {
        if (isWithin(question, one.at) && isAsked(question, one.subject.application, one.subject.environment))
            deployments.append(one);
    }
    return {frequency(ordered, deployments, question), leadTime(deployments), failureRate(deployments),
            timeToRestore(ordered, question)};
}

} // namespace signalbox

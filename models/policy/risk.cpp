#include "models/policy/risk.h"

#include "models/policy/policy.h"
#include "models/policy/riskwords.h"

#include <QCoreApplication>
#include <QHash>
#include <QLocale>
#include <QSet>
#include <QTimeZone>

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>

namespace signalbox::policy
{

namespace
{

struct RiskText
{
    Q_DECLARE_TR_FUNCTIONS(Risk)
};

constexpr int recentCount = 10;
constexpr int leastTried = 10;
constexpr int firstTried = leastRiskHistory - leastTried; // so that no figure is shown without its score
constexpr int refitEvery = 10;

// What is known of one application at the time of a promotion.
struct Past
{
    QSet<QString> troubledFiles;
    QSet<QString> authors;
    QList<qsizetype> recent; // the last of its samples; oldest first
    qsizetype failedRecently = 0;
};

QTimeZone zoneOf(const QByteArray &name)
{
    const QTimeZone zone(name);
    return zone.isValid() && zone.id() != "Etc/UTC" ? zone : QTimeZone::utc();
}

bool isOddHour(const QDateTime &local)
{
    const int day = local.date().dayOfWeek();
    const int hour = local.time().hour();
    return day > 5 || hour < 8 || hour >= (day == 5 ? 14 : 18);
}

class Evidence
{
public:
    Evidence(const ChangeSummary &changes, const Past &past, const QDateTime &at, const QTimeZone &zone)
        : m_changes(changes)
        , m_past(past)
    {
        size();
        troubledFiles();
        newAuthor();
        hour(at.toTimeZone(zone), zone);
        if (changes.fileCount > 0 && changes.testFileCount == 0)
            add(RiskFactor::NoTests, 0.5, RiskText::tr("no test changes with it"));
        recentFailures();
    }

    QList<RiskReason> reasons;
    double score = 0;

private:
    void add(RiskFactor factor, double weight, const QString &text)
    {
        reasons.append({factor, weight, text});
        score += weight;
    }

    void size()
    {
        const double lines = static_cast<double>(m_changes.linesAdded) + m_changes.linesRemoved;
        if (lines > 0)
            add(RiskFactor::Size, 0.25 * std::log2(1 + lines),
                RiskText::tr("%1 lines added or removed in %2 files, release against release")
                    .arg(QString::number(lines, 'f', 0), QString::number(m_changes.fileCount)));
    }

    void troubledFiles()
    {
        QStringList hits;
        for (const QString &file : m_changes.files) {
            if (m_past.troubledFiles.contains(file))
                hits.append(file);
        }
        if (hits.isEmpty())
            return;
        const double share = std::min<double>(3, static_cast<double>(hits.size())) / 3;
        add(RiskFactor::TroubledFiles, 1.2 * share,
            hits.size() == 1 ? RiskText::tr("%1 was in a promotion that failed").arg(hits.first())
                             : RiskText::tr("%1 and %2 more were in promotions that failed")
                                   .arg(hits.first(), QString::number(hits.size() - 1)));
    }

    void newAuthor()
    {
        QStringList fresh;
        for (const auto &commit : m_changes.commits) {
            const QString email = commit.email.toLower();
            if (!m_past.authors.contains(email) && !fresh.contains(email))
                fresh.append(email);
        }
        if (!fresh.isEmpty())
            add(RiskFactor::NewAuthor, 0.7,
                RiskText::tr("first change here by %1").arg(fresh.join(QStringLiteral(", "))));
    }

    void hour(const QDateTime &local, const QTimeZone &zone)
    {
        if (isOddHour(local))
            add(RiskFactor::Hour, 0.4,
                QLocale().toString(local, QStringLiteral("ddd HH:mm ")) + QString::fromLatin1(zone.id()));
    }

    void recentFailures()
    {
        const qsizetype failed = m_past.failedRecently;
        if (failed > 0)
            add(RiskFactor::RecentFailures,
                1.5 * static_cast<double>(failed) / static_cast<double>(m_past.recent.size()),
                RiskText::tr("%1 of the last %2 promotions failed").arg(failed).arg(m_past.recent.size()));
    }

    const ChangeSummary &m_changes;
    const Past &m_past;
};

struct Sample // times in ms
{
    static constexpr qint64 never = std::numeric_limits<qint64>::max();

    double score = 0;
    qint64 at = 0;           // when it went out
    qint64 failedAt = never; // since when it is known that it failed
    bool hasFailed(qint64 then) const { return failedAt <= then; }
};

// Goes through promotions as time did: a failure is known from its own date on and not before, so that no promotion is
// predicted from what was only seen after it.
class Learner
{
public:
    // `until`: what happens from then on is not known.
    Learner(QTimeZone zone, QDateTime until)
        : m_zone(std::move(zone))
        , m_until(std::move(until))
    {}

    // By their dates.
    void add(const Deployment &one)
    {
        const ChangeSummary &changes = *one.request->changes;
        learnUntil(one.at);
        Past &past = m_pasts[one.subject.application];
        const qsizetype index = m_samples.size();
        const bool isSeen = one.failedAt.isValid() && one.failedAt <= m_until;
        m_samples.append({Evidence(changes, past, one.at, m_zone).score, one.at.toMSecsSinceEpoch(),
                          isSeen ? one.failedAt.toMSecsSinceEpoch() : Sample::never});
        for (const auto &commit : changes.commits)
            past.authors.insert(commit.email.toLower());
        past.recent.append(index);
        if (past.recent.size() > recentCount && m_known.contains(past.recent.takeFirst()))
            --past.failedRecently;
        if (isSeen)
            m_coming.push({one.failedAt, index, one.subject.application, changes.files});
    }
    // What is known of the application at the end.
    Past past(const QString &application)
    {
        learnUntil(m_until);
        return m_pasts.value(application);
    }
    const QList<Sample> &samples() const { return m_samples; }

private:
    struct Failure
    {
        QDateTime at;
        qsizetype index = 0; // of the sample
        QString application;
        QStringList files;
        bool operator<(const Failure &other) const { return other.at < at; } // the earliest comes first
    };

    void learnUntil(const QDateTime &at)
    {
        for (; !m_coming.empty() && m_coming.top().at <= at; m_coming.pop()) {
            const Failure &failure = m_coming.top();
            Past &past = m_pasts[failure.application];
            past.troubledFiles.unite({failure.files.cbegin(), failure.files.cend()});
            m_known.insert(failure.index);
            if (past.recent.contains(failure.index))
                ++past.failedRecently;
        }
    }

    QTimeZone m_zone;
    QDateTime m_until;
    QHash<QString, Past> m_pasts; // by application
    QList<Sample> m_samples;
    QSet<qsizetype> m_known; // those that are known to have failed
    std::priority_queue<Failure> m_coming;
};

double sigmoid(double x)
{
    return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

// Score to probability.
struct Fit
{
    double a = 0;
    double b = 0;
    double of(double score) const { return sigmoid(a * score + b); }
};

// Newton's method on the likelihood of Platt's smoothed targets, with a little damping; to what was known `then` of the
// first `count`. `slope` false: b alone.
Fit fitted(const QList<Sample> &samples, qsizetype count, qint64 then, bool slope)
{
    QList<bool> failed;
    failed.reserve(count);
    for (qsizetype i = 0; i < count; ++i)
        failed.append(samples.at(i).hasFailed(then));
    const qsizetype failures = failed.count(true);
    const auto positives = static_cast<double>(failures);
    const auto negatives = static_cast<double>(count - failures);
    const double high = (positives + 1) / (positives + 2);
    const double low = 1 / (negatives + 2);
    Fit fit{slope ? 1.0 : 0.0, std::log((positives + 1) / (negatives + 1))};
    for (int round = 0; round < 50; ++round) {
        double ga = 0, gb = 0, haa = 1e-6, hab = 0, hbb = 1e-6;
        for (qsizetype i = 0; i < count; ++i) {
            const Sample &one = samples.at(i);
            const double p = fit.of(one.score);
            const double error = p - (failed.at(i) ? high : low);
            const double w = p * (1 - p);
            ga += error * one.score;
            gb += error;
            haa += w * one.score * one.score;
            hab += w * one.score;
            hbb += w;
        }
        double da = 0;
        double db = gb / hbb;
        if (slope) {
            const double det = haa * hbb - hab * hab;
            if (det < 1e-9)
                return fitted(samples, count, then, false); // all scores are the same
            da = (ga * hbb - gb * hab) / det;
            db = (gb * haa - ga * hab) / det;
        }
        const double step = std::max(std::abs(da), std::abs(db));
        const double damp = step > 2 ? 2 / step : 1;
        fit.a -= da * damp;
        fit.b -= db * damp;
        if (step < 1e-9)
            break;
    }
    return slope && fit.a < 0 ? fitted(samples, count, then, false) : fit; // more reasons never mean less risk
}

// Predicts each from those before it, by what was known of them then.
void measure(const QList<Sample> &samples, RiskFigure &figure)
{
    double sum = 0;
    double baseSum = 0;
    Fit fit;
    for (qsizetype i = firstTried; i < samples.size(); ++i) {
        const Sample &one = samples.at(i);
        const double outcome = one.failedAt == Sample::never ? 0 : 1;
        const auto failures = std::count_if(samples.cbegin(), samples.cbegin() + i,
                                            [&one](const Sample &before) { return before.hasFailed(one.at); });
        if ((i - firstTried) % refitEvery == 0)
            fit = fitted(samples, i, one.at, true);
        sum += std::pow(fit.of(one.score) - outcome, 2);
        baseSum += std::pow(static_cast<double>(failures) / static_cast<double>(i) - outcome, 2);
        ++figure.tried;
    }
    if (figure.tried < leastTried)
        return;
    figure.brier = sum / figure.tried;
    figure.baseBrier = baseSum / figure.tried;
}

QString oddsText(const RiskFigure &figure)
{
    return RiskText::tr("%1: of a hundred promotions like this one %2 would fail, by the %3 that the ledger tells of")
        .arg(QString::number(*figure.probability, 'f', 2), QString::number(std::lround(*figure.probability * 100)),
             QString::number(figure.history));
}

QString figureText(const RiskFigure &figure)
{
    const QString odds = oddsText(figure);
    if (!figure.brier)
        return odds;
    return RiskText::tr("%1. Brier score %2 over %3 of them, %4 for always saying the usual share")
        .arg(odds, QString::number(*figure.brier, 'f', 3), QString::number(figure.tried),
             QString::number(*figure.baseBrier, 'f', 3));
}

} // namespace

QString riskOdds(const RiskFigure &figure)
{
    return figure.probability && figure.history > 0 ? oddsText(figure) : figure.text;
}

QString riskFactorName(RiskFactor factor)
{
    static const char *const names[] = {"size", "troubledFiles", "newAuthor", "hour", "noTests", "recentFailures"};
    return QString::fromLatin1(names[static_cast<int>(factor)]);
}

QDateTime riskHour(const RiskQuestion &question)
{
    const QDateTime local = question.at.toTimeZone(zoneOf(question.zone));
    return {local.date(), QTime(local.time().hour(), 0), Qt::UTC};
}

QByteArray riskZone(const Policy &policy, const QString &application, const QString &environment)
{
    const EnvironmentPolicy *rules = policy.rules(application, environment);
    if (rules && !rules->windows.isEmpty())
        return rules->windows.constFirst().zone;
    for (const Freeze &freeze : policy.freezes) {
        if (matchesAny(freeze.applications, application) && matchesAny(freeze.environments, environment))
            return freeze.schedule.zone;
    }
    return {};
}

QString riskModelText()
{
    return RiskText::tr(
        "The reasons add up to a score: 0.25 × log2(1 + lines added and removed, release against release); 1.2 × files "
        "that were in a failed promotion, of 3; 0.7 for somebody's first change here; 0.4 outside of Mon-Thu "
        "08:00-18:00 and "
        "Fri 08:00-14:00; 0.5 if no test changes; 1.5 × the share of the last 10 promotions that failed. "
        "The figure is 1 / (1 + exp(-(a × score + b))), with a and b fitted to the promotions of this "
        "environment in the ledger (Platt 1999). The Brier score is the mean squared error when each of "
        "them is predicted from those before it, by what was known of them then; the first 40 predict only. "
        "It blocks nothing.");
}

RiskFigure recordedRisk(RiskFigure figure, const std::optional<int> &permille)
{
    figure.history = 0;
    figure.tried = 0;
    figure.brier.reset();
    figure.baseBrier.reset();
    figure.probability.reset();
    if (permille)
        figure.probability = *permille / 1000.0;
    figure.text = permille ? RiskText::tr("%1, as it was recorded when it was asked for")
                                 .arg(QString::number(*figure.probability, 'f', 2))
                           : RiskText::tr("No figure was recorded when it was asked for");
    return figure;
}

RiskFigure riskOf(const RiskQuestion &question, const Entries &entries)
{
    const QTimeZone zone = zoneOf(question.zone);
    Learner learner(zone, question.at);
    for (const Deployment &one : deploymentsOf(entries)) {
        if (one.subject.environment == question.environment && one.request && one.request->changes &&
            one.at < question.at)
            learner.add(one);
    }
    const QList<Sample> &samples = learner.samples();
    RiskFigure figure;
    figure.history = static_cast<int>(samples.size());
    if (!question.changes) {
        figure.text = RiskText::tr("not known: what changes could not be read");
        return figure;
    }
    const Past past = learner.past(question.application);
    const Evidence evidence(*question.changes, past, question.at, zone);
    figure.reasons = evidence.reasons;
    std::stable_sort(figure.reasons.begin(), figure.reasons.end(),
                     [](const RiskReason &a, const RiskReason &b) { return a.weight > b.weight; });
    if (samples.size() < leastRiskHistory) {
        figure.text = RiskText::tr("too little history: %1 of %2 promotions").arg(samples.size()).arg(leastRiskHistory);
        return figure;
    }
    measure(samples, figure);
    figure.probability = fitted(samples, samples.size(), question.at.toMSecsSinceEpoch(), true).of(evidence.score);
    figure.text = figureText(figure);
    return figure;
}

} // namespace signalbox::policy

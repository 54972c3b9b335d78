#include "services/feeds/errorwatch.h"

#include "models/series/axis.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/metricset.h"
#include "services/feeds/metricsubject.h"

#include <QHash>
#include <QLoggingCategory>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(errorsCategory, "signalbox.services.feeds.errors")

constexpr double failingShare = 0.05;
constexpr int lookBackSeconds = 120; // two scrapes of whoever scrapes once a minute
constexpr int fewestRequests = 30;   // of fewer, one or two that failed say little
const QString placeLabel = QStringLiteral("signalbox_place");

const MetricPanel *panelNamed(const QList<MetricPanel> &panels, const char *id)
{
    const auto found = std::find_if(panels.begin(), panels.end(),
                                    [id](const MetricPanel &panel) { return panel.id == QLatin1String(id); });
    return found == panels.end() ? nullptr : &*found;
}

// None: not a share of requests.
std::optional<double> wholeOf(const QString &unit)
{
    if (unit == QLatin1String("percent"))
        return 100;
    return unit == QLatin1String("ratio") ? std::optional(1.0) : std::nullopt;
}

QString lately(const MetricPanel &panel)
{
    QString expression = panel.expression;
    expression.replace(QStringLiteral("{window}"), QString::number(lookBackSeconds) + u's');
    return u'(' + expression + u')';
}

// Tracks whose shares are too high, and only if they had requests enough. Written without "and", which not everything
// that answers PromQL knows: of a sum whose one side has no such track there is none.
QString offenders(const MetricPanel &errors, const MetricPanel &requests, double whole)
{
    return u'(' + lately(errors) + QStringLiteral(" >= ") + QString::number(failingShare * whole) +
           QStringLiteral(") + 0 * (") + lately(requests) + QStringLiteral(" * ") + QString::number(lookBackSeconds) +
           QStringLiteral(" >= ") + QString::number(fewestRequests) + u')';
}

// The answers of several applications have the same labels: each gets its place in the question.
QString placed(const QString &expression, qsizetype place)
{
    return QStringLiteral("label_replace(") + expression + QStringLiteral(", \"") + placeLabel +
           QStringLiteral("\", \"") + QString::number(place) + QStringLiteral("\", \"\", \"\")");
}

} // namespace

ErrorWatch::ErrorWatch(MetricSet &sources, DeployedStore &deployed, QObject *parent)
    : ErrorWatch(sources, deployed, Times(), parent)
{}

ErrorWatch::ErrorWatch(MetricSet &sources, DeployedStore &deployed, Times times, QObject *parent)
    : QObject(parent)
    , m_sources(sources)
    , m_deployed(deployed)
    , m_times(times)
{
    m_clock.start();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ErrorWatch::begin);
    connect(&sources, &MetricSet::added, this, [this] {
        if (m_sources.all().size() == 1)
            m_timer.start(m_times.first);
    });
    connect(&sources, &MetricSet::aboutToRemove, this, [this](const QString &connection) {
        if (!source() || source()->connection() != connection)
            return;
        m_look.cancel();
        m_question.cancel();
        m_known.clear(); // the next source may know of it in other words
        m_failures = 0;
        m_problem.reset();
        m_timer.stop();
        if (m_sources.all().size() > 1)
            m_timer.start(m_times.first);
        settle({});
    });
    if (source())
        m_timer.start(m_times.first);
}

ErrorWatch::~ErrorWatch() = default;

MetricSource *ErrorWatch::source() const
{
    return m_sources.all().empty() ? nullptr : m_sources.all().front().get();
}

// What runs under one name in one namespace of two clusters has one figure for both, and it is nobody's.
QList<Deployed> ErrorWatch::watched() const
{
    const QList<Deployed> all = m_deployed.all();
    const auto nameOf = [](const Deployed &one) { return one.ns + u'|' + one.application; };
    QHash<QString, int> named;
    for (const Deployed &one : all)
        ++named[nameOf(one)];
    QList<Deployed> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some), [&](const Deployed &one) {
        return one.isProtected && !one.tracks.isEmpty() && named.value(nameOf(one)) == 1 &&
               (m_only.isEmpty() || m_only.contains(one.key()));
    });
    return some;
}

QMap<QString, QString> ErrorWatch::sharesOf(const QString &deployedKey) const
{
    QMap<QString, QString> shares;
    for (const FailingTrack &one : m_failing) {
        if (one.deployedKey == deployedKey && one.isKnown)
            shares.insert(one.track, valueText(one.percent, QStringLiteral("percent")));
    }
    return shares;
}

void ErrorWatch::begin()
{
    m_timer.start(m_times.every);
    if (source() && !m_look.isRunning() && !m_question.isRunning())
        lookNext();
}

void ErrorWatch::lookNext()
{
    MetricSource *const from = source();
    const QList<Deployed> all = watched();
    std::erase_if(m_known, [&all](const auto &known) {
        return std::none_of(all.begin(), all.end(), [&](const Deployed &one) { return one.key() == known.first; });
    });
    for (const Deployed &one : all) {
        Known &known = m_known[one.key()];
        const MetricSubject subject = subjectOf(one);
        const bool isFresh = known.lookedMs && m_clock.elapsed() - *known.lookedMs < m_times.lookAgain.count();
        if (isFresh && known.subject == subject)
            continue;
        known.subject = subject;
        known.lookedMs.reset(); // until it is answered: what it had in other words tells other tracks
        m_look.run(
            this, [from, subject](const StopToken &stop) { return from->suggestPanels(subject, stop); },
            [this, key = one.key()](const Result<QList<MetricPanel>> &panels) {
                if (!panels) {
                    failed(panels.error());
                    return;
                }
                take(key, *panels);
                lookNext();
            });
        return;
    }
    ask();
}

void ErrorWatch::take(const QString &key, const QList<MetricPanel> &panels)
{
    Known &known = m_known[key];
    known.lookedMs = m_clock.elapsed();
    known.expression.clear();
    const MetricPanel *const errors = panelNamed(panels, "errors");
    const MetricPanel *const requests = panelNamed(panels, "requests");
    const std::optional<double> whole = errors ? wholeOf(errors->unit) : std::nullopt;
    // A note says that others' requests are among them.
    if (!whole || !requests || !errors->note.isEmpty() || !requests->note.isEmpty() ||
        errors->trackLabel != requests->trackLabel)
        return;
    known.whole = *whole;
    known.trackLabel = errors->trackLabel;
    known.trackNames = errors->trackNames;
    known.expression = offenders(*errors, *requests, *whole);
}

// Where nothing tells namespaces apart, what runs under the same name in another one is among its requests. A namespace
// is often named as the application in it: the value alone may be that of another label.
bool ErrorWatch::isAlone(const Known &known, const QList<Deployed> &all) const
{
    const QRegularExpression ofItsNamespace(
        QStringLiteral("namespace\\w*=\"%1\"").arg(QRegularExpression::escape(known.subject.ns)));
    return known.expression.contains(ofItsNamespace) ||
           std::none_of(all.begin(), all.end(), [&known](const Deployed &one) {
               return one.application == known.subject.application && one.ns != known.subject.ns;
           });
}

void ErrorWatch::ask()
{
    const QList<Deployed> all = m_deployed.all();
    QStringList parts;
    m_asked.clear();
    for (const auto &[key, known] : m_known) {
        if (known.expression.isEmpty() || !isAlone(known, all))
            continue;
        parts << placed(known.expression, m_asked.size());
        m_asked << key;
    }
    if (parts.isEmpty()) {
        m_problem.reset();
        settle({});
        emit asked();
        return;
    }
    MetricSource *const from = source();
    const QString question = parts.join(QStringLiteral(" or "));
    m_question.run(
        this, [from, question](const StopToken &stop) { return from->instant(question, {}, stop); },
        [this](const Result<MetricAnswer> &answer) {
            if (answer)
                heard(*answer);
            else
                failed(answer.error());
        });
}

void ErrorWatch::heard(const MetricAnswer &answer)
{
    m_failures = 0;
    m_problem.reset();
    QList<FailingTrack> failing;
    for (const MetricSeries &series : answer.series) {
        bool isNumber = false;
        const int place = series.labels.value(placeLabel).toInt(&isNumber);
        const auto known =
            isNumber && place >= 0 && place < m_asked.size() ? m_known.find(m_asked[place]) : m_known.end();
        if (known == m_known.end() || series.samples.isEmpty() || !std::isfinite(series.samples.last().value))
            continue;
        const QString value = series.labels.value(known->second.trackLabel);
        if (value.isEmpty() && !known->second.trackLabel.isEmpty())
            continue; // beside the tracks, and none of them: nobody knows whose requests they are
        FailingTrack one;
        one.deployedKey = known->first;
        one.track = known->second.trackNames.value(value, value);
        one.percent = 100 * series.samples.last().value / known->second.whole;
        failing.append(one);
    }
    settle(std::move(failing));
    emit asked();
}

void ErrorWatch::settle(QList<FailingTrack> failing)
{
    std::sort(failing.begin(), failing.end(), [](const FailingTrack &a, const FailingTrack &b) {
        return std::tie(a.deployedKey, a.track) < std::tie(b.deployedKey, b.track);
    });
    for (FailingTrack &one : failing) {
        const auto before = std::find_if(m_failing.cbegin(), m_failing.cend(), [&one](const FailingTrack &known) {
            return known.deployedKey == one.deployedKey && known.track == one.track;
        });
        one.since = before == m_failing.cend() ? QDateTime::currentDateTimeUtc() : before->since;
    }
    if (std::exchange(m_failing, failing) != failing)
        emit changed();
}

// What was heard stays, and is not taken for the present.
void ErrorWatch::failed(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        return;
    // How a source is that does not answer, the line at the bottom says; what it does not understand nobody would hear.
    const bool isAnswer =
        error.kind == ErrorKind::Invalid || error.kind == ErrorKind::Refused || error.kind == ErrorKind::Unsupported;
    if (m_failures == 0 && isAnswer)
        qCWarning(errorsCategory).noquote() << "which tracks fail is not known:" << error.message << error.detail;
    m_timer.start(std::min(m_times.longestWait, m_times.every * (1 << std::min(m_failures++, 8))));
    m_problem = error;
    bool isNews = false;
    for (FailingTrack &one : m_failing)
        isNews = std::exchange(one.isKnown, false) || isNews;
    if (isNews)
        emit changed();
    emit asked();
}

} // namespace signalbox

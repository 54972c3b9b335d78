#include "ui/pages/pipelines/timescard.h"

#include "ui/charts/chartgroup.h"
#include "ui/charts/chartview.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/pages/pipelines/stagetimes.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/timetext.h"

#include <QPushButton>
#include <QStackedLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int trendDays = 30;

std::optional<std::chrono::milliseconds> usualOf(const stages::Node &node, const RunDetail &detail,
                                                 const QHash<QString, runs::JobTime> &usual)
{
    std::optional<std::chrono::milliseconds> longest; // the jobs of a group run side by side
    for (const Job &job : detail.jobs) {
        const auto known = node.jobs.contains(job.id) ? usual.constFind(job.name) : usual.cend();
        if (known != usual.cend())
            longest = std::max(longest.value_or(std::chrono::milliseconds(0)), known->median);
    }
    return longest;
}

FactRow flakyRow(const runs::TestRecord &record)
{
    FactRow row;
    row.key = record.suite + QLatin1Char('\n') + record.name;
    row.title = record.suite.isEmpty() ? record.name : record.suite + QStringLiteral("::") + record.name;
    row.sign = Health::Warning;
    row.figure = TimesCard::tr("failed %1 of %2").arg(record.failed).arg(record.runs);
    QStringList words;
    if (record.bothOnCommit > 0)
        words << TimesCard::tr("failed and passed on %n commit(s)", nullptr, record.bothOnCommit);
    if (record.changes > 0)
        words << TimesCard::tr("changed %n time(s)", nullptr, record.changes);
    row.detail = words.join(QStringLiteral(" · "));
    return row;
}

} // namespace

TimesCard::TimesCard(PipelinesPresenter &presenter, QWidget *parent)
    : Panel(tr("Stage times"), parent)
    , m_presenter(presenter)
{
    setObjectName(QStringLiteral("timesPanel"));
    build();
    connect(&presenter, &PipelinesPresenter::changed, this, &TimesCard::refresh);
    connect(&presenter, &PipelinesPresenter::historyChanged, this, &TimesCard::refresh);
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &TimesCard::refresh);
    refresh();
}

TimesCard::~TimesCard() = default;

void TimesCard::build()
{
    m_figure = new ChipButton(QStringLiteral("%1"), this);
    m_figure->setObjectName(QStringLiteral("trendFigure"));
    m_figure->setChoices({{QStringLiteral("duration"), tr("duration")},
                          {QStringLiteral("queue"), tr("queue time")},
                          {QStringLiteral("success"), tr("success rate")},
                          {QStringLiteral("flaky"), tr("flakiest tests")}});
    m_figure->setPurpose(tr("Trend of"));
    m_figure->setChosen(QStringLiteral("duration"));
    connect(m_figure, &ChipButton::chosenChanged, this, &TimesCard::refresh);
    addHeaderWidget(m_figure);
    for (const auto &[name, tab, text] :
         {std::tuple("timesTab", Tab::Times, tr("This run")), std::tuple("trendsTab", Tab::Trends, tr("Trends"))}) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(QString::fromLatin1(name));
        button->setProperty("variant", QStringLiteral("chip"));
        button->setCheckable(true);
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, [this, tab = tab] { setTab(tab); });
        addHeaderWidget(button);
        m_tabs.append(button);
    }
    auto *content = new QWidget(this);
    m_stack = new QStackedLayout(content);
    m_times = new StageTimes;
    connect(m_times, &StageTimes::activated, this, [this](const QString &id) {
        const stages::Graph graph = m_presenter.graph();
        for (const stages::Node &node : graph.nodes) {
            if (node.id == id)
                m_presenter.chooseJob(node.jobs.value(0));
        }
    });
    auto *scroll = new MiddleScroll(m_times, content);
    m_stack->addWidget(scroll);
    m_charts = new ChartGroup(this);
    m_chart = new ChartView(*m_charts, content);
    m_chart->setObjectName(QStringLiteral("trendChart"));
    m_stack->addWidget(m_chart);
    m_flakyList = new RowList(content);
    m_flakyList->setObjectName(QStringLiteral("flakyList"));
    m_flakyList->setAccessibleName(tr("Flakiest tests"));
    m_flakyList->setUniformItemSizes(false);
    m_flakyList->setModel(&m_flakyRows);
    m_flakyList->setItemDelegate(new FactDelegate(m_flakyList));
    m_stack->addWidget(m_flakyList);
    connect(&m_flaky, &FlakyTests::changed, this, &TimesCard::refresh);
    setContent(content);
}

void TimesCard::setTab(Tab tab)
{
    m_tab = tab;
    refresh();
}

void TimesCard::refresh()
{
    for (int i = 0; i < m_tabs.size(); ++i)
        m_tabs[i]->setChecked(i == static_cast<int>(m_tab));
    m_figure->setVisible(m_tab == Tab::Trends);
    setTitle(m_tab == Tab::Times ? tr("Stage times") : tr("Trends"));
    const bool isOfNow = m_tab == Tab::Times && !m_presenter.attemptChoice().isEarlier() && m_presenter.detail();
    const RunWatch *const watch = isOfNow ? m_presenter.watch() : nullptr;
    setStale(watch && !watch->freshness().isLive() ? watch->freshness().lastHeard : QDateTime(),
             watch && watch->freshness().error ? watch->freshness().error->message : QString());
    if (m_tab == Tab::Times)
        showTimes();
    else
        showTrends();
}

void TimesCard::showTimes()
{
    const std::optional<RunDetail> detail = m_presenter.detail();
    if (!detail) {
        setSubtitle({});
        if (m_presenter.isReading())
            showLoading(3);
        else
            showEmpty(tr("Not read"), tr("See above why."));
        return;
    }
    const QHash<QString, runs::JobTime> usual = m_presenter.history().usual();
    const qsizetype past = m_presenter.history().details().size();
    const stages::Graph graph = m_presenter.graph();
    QList<StageTimes::Row> rows;
    QString chosen;
    const QString job = m_presenter.job();
    for (const stages::Node &node : graph.nodes) {
        if (!node.startedAt.isValid())
            continue;
        rows.append({node.id, node.title, node.state, node.startedAt, node.finishedAt, usualOf(node, *detail, usual)});
        if (node.jobs.contains(job))
            chosen = node.id;
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const StageTimes::Row &a, const StageTimes::Row &b) { return a.startedAt < b.startedAt; });
    setSubtitle(past == 0 ? tr("this run") : tr("this run against the median of %1").arg(past));
    m_times->setRows(rows);
    m_times->setChosen(chosen);
    m_stack->setCurrentIndex(0);
    if (rows.isEmpty())
        showEmpty(tr("Nothing has started"), tr("Bars are drawn as soon as a stage begins."));
    else
        showContent();
}

void TimesCard::showTrends()
{
    const RunStore::Entry *const entry = m_presenter.entry();
    if (!entry) {
        setSubtitle({});
        showEmpty(tr("Nothing to draw"), m_presenter.whyNoOrder());
        return;
    }
    const QString figure = m_figure->chosen();
    if (figure == QLatin1String("flaky")) {
        showFlaky();
        return;
    }
    const bool isRate = figure == QLatin1String("success");
    const QDateTime now = AgeTicker::now();
    const QTimeZone zone = displayZone();
    const QDate today = now.toTimeZone(zone).date();
    PanelData trend;
    trend.panel.id = figure;
    trend.panel.unit = isRate ? QStringLiteral("percent") : QStringLiteral("s");
    trend.panel.higherIsWorse = !isRate;
    trend.freshness = entry->freshness;
    const QList<runs::Day> days = runs::days(entry->runs, today.addDays(-trendDays + 1), today, zone);
    ChartSeries series{m_figure->text(), {}, {}};
    qint64 first = now.toMSecsSinceEpoch();
    for (const runs::Day &day : days) {
        std::optional<double> value;
        if (isRate) {
            if (const auto rate = day.success.rate())
                value = *rate * 100;
        } else if (const auto span = figure == QLatin1String("queue") ? day.queue : day.duration) {
            value = double(span->count()) / 1000;
        }
        if (!value)
            continue;
        const qint64 noon = QDateTime(day.day, QTime(12, 0), zone).toMSecsSinceEpoch();
        series.samples.append({std::min(noon, now.toMSecsSinceEpoch()), *value});
        first = std::min(first, noon);
    }
    const runs::SuccessRate all = runs::successRate(entry->runs);
    setSubtitle(tr("%1, %n run(s) known", nullptr, int(entry->runs.size())).arg(entry->pipeline.title));
    if (series.samples.size() < 2) {
        showEmpty(tr("Too few days for a trend"),
                  all.passed + all.failed > 0
                      ? tr("%1 of the known runs passed, %2 failed. \"Older runs\" in the list brings more.")
                            .arg(all.passed)
                            .arg(all.failed)
                      : tr("No run of this pipeline has ended."));
        return;
    }
    trend.series = {series};
    MetricRange range;
    const qint64 dayMs = 24 * 3600 * 1000LL;
    range.lengthMs = now.toMSecsSinceEpoch() - first + dayMs / 2;
    range.end = now;
    trend.stepMs = range.lengthMs;
    m_charts->axis().setRange(range, now.toMSecsSinceEpoch());
    m_chart->setData(trend);
    m_stack->setCurrentIndex(1);
    showContent();
}

// Out of the reports that were read of earlier runs: they come one after the other, slowly.
void TimesCard::showFlaky()
{
    const QList<runs::TestedRun> past = m_presenter.history().tested();
    setSubtitle(tr("of %n earlier report(s)", nullptr, int(past.size())));
    if (past.isEmpty()) {
        showEmpty(tr("No reports of earlier runs"),
                  tr("Flaky tests are told from what earlier runs reported. None of them reported tests so far."));
        return;
    }
    const FlakyTests::List *const flaky = m_flaky.of(past);
    if (!flaky) {
        showLoading(3);
        return;
    }
    if (flaky->isEmpty()) {
        showEmpty(tr("No flaky tests"), tr("None both failed and passed on one commit, or changed its outcome at least "
                                           "%n time(s) on a branch.",
                                           nullptr, runs::fewestChanges));
        return;
    }
    QList<FactRow> rows;
    for (const runs::TestRecord &record : *flaky)
        rows.append(flakyRow(record));
    m_flakyRows.setRows(rows);
    m_stack->setCurrentWidget(m_flakyList);
    showContent();
}

} // namespace signalbox

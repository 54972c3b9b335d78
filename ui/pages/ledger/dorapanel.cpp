#include "ui/pages/ledger/dorapanel.h"

#include "services/ledger/view/ledgerfeed.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/ledger/card.h"
#include "ui/pages/ledger/ledgercells.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/timetext.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr DoraMetric metrics[] = {DoraMetric::DeploymentFrequency, DoraMetric::LeadTime, DoraMetric::ChangeFailureRate,
                                  DoraMetric::TimeToRestore};
constexpr int wideWidth = 1000; // from here on the four stand in one row

QLabel *wrapped(QWidget *parent, const char *role)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setProperty("role", QString::fromLatin1(role));
    return label;
}

struct Shown
{
    QString unit;
    double factor;
};

Shown shownAs(DoraMetric metric)
{
    switch (metric) {
    case DoraMetric::DeploymentFrequency:
        return {DoraPanel::tr("a week"), 7};
    case DoraMetric::LeadTime:
        return {QStringLiteral("s"), 1};
    case DoraMetric::ChangeFailureRate:
        return {QStringLiteral("percent"), 100};
    case DoraMetric::TimeToRestore:
        break;
    }
    return {QStringLiteral("s"), 1};
}

} // namespace

DoraPanel::DoraPanel(LedgerFeed &feed, ConsoleSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_feed(feed)
    , m_settings(settings)
{
    setObjectName(QStringLiteral("doraPanel"));
    auto *down = new QVBoxLayout(this);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(14);
    auto *choices = new QHBoxLayout;
    choices->setSpacing(space::s);
    m_application = chip(QStringLiteral("doraApplication"), tr("application"), QStringLiteral("dora/application"), {});
    m_environment = chip(QStringLiteral("doraEnvironment"), tr("environment"), QStringLiteral("dora/environment"), {});
    m_range = chip(QStringLiteral("doraRange"), tr("time"), QStringLiteral("dora/range"), QStringLiteral("90"));
    for (ChipButton *one : {m_application, m_environment, m_range})
        choices->addWidget(one);
    m_note = wrapped(this, "soft");
    m_note->setObjectName(QStringLiteral("doraNote"));
    choices->addSpacing(space::s);
    choices->addWidget(m_note, 1);
    down->addLayout(choices);
    m_grid = new QGridLayout;
    m_grid->setSpacing(14);
    for (size_t i = 0; i < m_figures.size(); ++i)
        m_figures[i] = buildFigure(metrics[i]);
    down->addLayout(m_grid);
    m_charts = new ChartGroup(this);
    m_chart = new ChartPanel(*m_charts, this);
    m_chart->setObjectName(QStringLiteral("doraTrend"));
    m_metric = chip(QStringLiteral("doraMetric"), tr("figure"), QStringLiteral("dora/metric"),
                    doraName(DoraMetric::DeploymentFrequency));
    m_chart->addHeaderWidget(m_metric);
    down->addWidget(m_chart, 1);
    connect(&feed, &LedgerFeed::tableReplaced, this, [this] {
        if (isVisible())
            refresh();
    });
    connect(&feed, &LedgerFeed::tableGrew, this, [this] {
        if (isVisible())
            refresh();
    });
    connect(&feed, &LedgerFeed::changed, this, [this] {
        if (!isVisible())
            return;
        if (m_hasView && m_feed.state() != LedgerFeed::State::Ready)
            refresh();
        else if (!m_hasView)
            showView();
    });
    layOut();
    showChoices();
    showView();
}

DoraPanel::~DoraPanel() = default;

ChipButton *DoraPanel::chip(const QString &name, const QString &label, const QString &remembered,
                            const QString &fallback)
{
    auto *made = new ChipButton(label, this);
    made->setObjectName(name);
    made->setMaximumWidth(260);
    made->setChosen(m_settings.choice(remembered, fallback));
    connect(made, &ChipButton::chosenChanged, this, [this, made, remembered](const QString &chosen) {
        m_settings.setChoice(remembered, chosen);
        if (made == m_metric)
            showTrend();
        else
            refresh();
    });
    return made;
}

DoraPanel::Figure DoraPanel::buildFigure(DoraMetric metric)
{
    Figure made;
    made.card = new Card(doraTitle(metric), this);
    made.card->setObjectName(QStringLiteral("dora-") + doraName(metric));
    auto *info = new IconButton(QStringLiteral("info"), tr("How \"%1\" is counted").arg(doraTitle(metric)), made.card);
    info->setObjectName(QStringLiteral("define-") + doraName(metric));
    info->setCheckable(true);
    made.card->addHeaderWidget(info);
    made.info = info;
    made.figure = made.card->addText(QStringLiteral("figure-") + doraName(metric), "figure");
    made.ground = made.card->addText(QStringLiteral("ground-") + doraName(metric), "soft");
    made.definition = made.card->addText(QStringLiteral("definition-") + doraName(metric), "faint");
    made.definition->setText(doraDefinition(metric) + QLatin1Char('\n') + doraSource());
    made.definition->hide();
    connect(info, &QPushButton::toggled, made.definition, &QWidget::setVisible);
    return made;
}

void DoraPanel::define(const QString &name)
{
    for (const DoraMetric metric : metrics) {
        IconButton *const info = m_figures[static_cast<size_t>(metric)].info;
        if (doraName(metric) != name)
            continue;
        info->setChecked(true);
        info->setFocus(Qt::OtherFocusReason);
    }
}

void DoraPanel::layOut()
{
    const int columns = width() >= wideWidth ? 4 : 2;
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (size_t i = 0; i < m_figures.size(); ++i)
        m_grid->addWidget(m_figures[i].card, static_cast<int>(i) / columns, static_cast<int>(i) % columns);
    for (int column = 0; column < 4; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
}

void DoraPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void DoraPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

DoraQuestion DoraPanel::question() const
{
    DoraQuestion question;
    question.to = AgeTicker::now();
    question.from = question.to.addDays(-std::max(1, m_range->chosen().toInt()));
    question.application = m_application->chosen();
    question.environment = m_environment->chosen();
    return question;
}

void DoraPanel::refresh()
{
    if (m_feed.state() != LedgerFeed::State::Ready) {
        m_asking.cancel();
        m_hasView = false;
        showView();
        return;
    }
    m_asking.run(
        this, [&](const StopToken &stop) { return m_feed.dora(question(), stop); },
        [this](const Result<DoraView> &view) {
            m_hasView = view.has_value();
            m_problem = view ? QString() : view.error().message;
            if (view)
                m_view = *view;
            showChoices();
            showView();
        });
}

void DoraPanel::showChoices()
{
    using Choice = ChipButton::Choice;
    const auto offer = [](ChipButton *chip, const QStringList &names) {
        QList<Choice> choices{{QString(), tr("all")}};
        for (const QString &name : names)
            choices.append({name, name});
        chip->setChoices(choices);
    };
    offer(m_application, m_feed.table().applications());
    offer(m_environment, m_view.environments);
    m_range->setChoices({{QStringLiteral("30"), tr("last 30 days")},
                         {QStringLiteral("90"), tr("last 90 days")},
                         {QStringLiteral("180"), tr("last 180 days")},
                         {QStringLiteral("365"), tr("last 365 days")}});
    QList<Choice> figures;
    for (const DoraMetric metric : metrics)
        figures.append({doraName(metric), doraTitle(metric)});
    m_metric->setChoices(figures);
}

QString DoraPanel::figureText(DoraMetric metric) const
{
    const Figure &one = m_figures[static_cast<size_t>(metric)];
    return one.figure->text() + QLatin1Char('\n') + one.ground->text();
}

// Why there are no figures: they come, there is nothing to count, or they cannot be had.
void DoraPanel::showNoView()
{
    const LedgerFeed::State state = m_feed.state();
    const bool isComing = state == LedgerFeed::State::Idle || state == LedgerFeed::State::Reading ||
                          (state == LedgerFeed::State::Ready && m_problem.isEmpty());
    QString note = tr("The figures come when all entries are checked.");
    QString ground = tr("being counted");
    if (state == LedgerFeed::State::Absent) {
        note = tr("There is no ledger yet: nothing can be counted. It begins by itself with the first operation.");
        ground = tr("nothing to count");
        m_chart->showEmpty(tr("There is no ledger yet"), tr("It begins by itself with the first operation."));
    } else if (!isComing) {
        const Error error =
            state == LedgerFeed::State::Failed ? m_feed.error() : Error{ErrorKind::Internal, m_problem, {}};
        note = error.message;
        ground = tr("not known");
        m_chart->showError(tr("Nothing could be counted"), error, {}, [this] { m_feed.refresh(); });
    } else {
        m_chart->showLoading();
    }
    m_note->setText(note);
    for (const Figure &one : m_figures) {
        one.figure->setText(QStringLiteral("–"));
        one.ground->setText(ground);
    }
}

void DoraPanel::showView()
{
    if (!m_hasView)
        return showNoView();
    m_note->setText(
        m_view.proven == 0
            ? tr("No entry of this ledger is proven: there is nothing that could be counted.")
            : tr("From %1 proven entries, the first of %2.").arg(m_view.proven).arg(dateText(m_view.coveredFrom)));
    for (const DoraFigure &figure : m_view.figures) {
        const Figure &card = m_figures[static_cast<size_t>(figure.metric)];
        card.figure->setText(figure.value ? figure.shown : tr("not enough data"));
        card.ground->setText(figure.value ? figure.ground : figure.text);
        card.figure->setAccessibleName(
            QStringLiteral("%1: %2, %3").arg(doraTitle(figure.metric), card.figure->text(), card.ground->text()));
    }
    showTrend();
}

void DoraPanel::showTrend()
{
    DoraMetric metric = DoraMetric::DeploymentFrequency;
    for (const DoraMetric one : metrics) {
        if (doraName(one) == m_metric->chosen())
            metric = one;
    }
    const Shown shown = shownAs(metric);
    PanelData trend;
    trend.panel.id = doraName(metric);
    trend.panel.title = doraTitle(metric);
    trend.panel.unit = shown.unit;
    trend.freshness.state = Freshness::State::Live;
    ChartSeries series{tr("over the %1 days before").arg(m_view.windowDays), {}, {}};
    for (const DoraView::Point &point : m_view.trend) {
        if (const auto value = point.values[static_cast<size_t>(metric)])
            series.samples.append({point.at.toMSecsSinceEpoch(), *value * shown.factor});
    }
    MetricRange range;
    range.lengthMs = m_view.question.from.msecsTo(m_view.question.to);
    range.end = m_view.question.to;
    trend.stepMs = m_view.trend.isEmpty() ? range.lengthMs : range.lengthMs / m_view.trend.size() + 1000;
    if (!series.samples.isEmpty())
        trend.series = {series};
    m_charts->axis().setRange(range, range.end.toMSecsSinceEpoch());
    m_chart->setData(trend);
    if (series.samples.isEmpty())
        m_chart->showEmpty(
            tr("Not enough data for a trend"),
            tr("Each point looks at the %1 days before it. %2").arg(m_view.windowDays).arg(doraDefinition(metric)));
}

} // namespace signalbox

#include "ui/pages/drills/drillspage.h"

#include "ui/charts/chartgroup.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/drills/drilllist.h"
#include "ui/pages/drills/drillspresenter.h"
#include "ui/pages/drills/timeline.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr int listWidth = 300;
constexpr int narrowListWidth = 250;
constexpr int narrowWidth = 1000;
constexpr int lowHeight = 560;
constexpr qsizetype mostAttempts = 30; // in the menu

QLabel *wrapped(QWidget *parent, const char *role = nullptr)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (role != nullptr)
        label->setProperty("role", QString::fromLatin1(role));
    return label;
}

ToneName toneOf(DrillVerdict verdict)
{
    switch (verdict) {
    case DrillVerdict::Passed:
        return ToneName::Ok;
    case DrillVerdict::Mistaken:
        return ToneName::Warning;
    case DrillVerdict::Failed:
        return ToneName::Failing;
    case DrillVerdict::Abandoned:
        break;
    }
    return ToneName::Neutral;
}

QString clockOr(const std::optional<qint64> &ms)
{
    return ms ? drillClockText(*ms) : QStringLiteral("–");
}

} // namespace

DrillsPage::DrillsPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("drillsPage"));
    if (context.drills == nullptr)
        buildElsewhere();
    else
        buildYard();
}

DrillsPage::~DrillsPage() = default;

void DrillsPage::buildElsewhere()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
    auto *panel = new Panel(tr("Fire drills"), this);
    panel->setObjectName(QStringLiteral("drillsElsewhere"));
    const QString what =
        tr("Something breaks, a clock runs, and you bring it back: errors after a full shift, a leak, a "
           "zone that is slow, a model that is wrong, an image that is gone, metrics that go dark, a "
           "false alarm. They take place in the practice world, never on a cluster of yours.");
    if (m_context.openPractice)
        panel->showEmpty(tr("Train the way back until it is routine"), what, tr("Open the practice world"), [this] {
            if (!m_context.openPractice())
                emit notice(tr("The practice world could not be started. See the log below Settings."),
                            Health::Failing);
        });
    else
        panel->showEmpty(tr("Train the way back until it is routine"),
                         what + QLatin1Char('\n') + tr("Start one with signalbox-console --demo."));
    layout->addWidget(panel);
}

void DrillsPage::buildYard()
{
    m_presenter = std::make_unique<DrillsPresenter>(*m_context.drills);
    auto *across = new QHBoxLayout(this);
    across->setContentsMargins(space::xl, space::l, space::xl, space::m);
    across->setSpacing(14);
    across->addWidget(buildList());
    auto *right = new QVBoxLayout;
    right->setSpacing(14);
    right->addWidget(buildBriefing());
    right->addWidget(buildTiles());
    right->addWidget(buildDebrief(), 1);
    across->addLayout(right, 1);
    setFocusProxy(m_list);

    connect(m_presenter.get(), &DrillsPresenter::rowsChanged, this, &DrillsPage::showRows);
    connect(m_presenter.get(), &DrillsPresenter::selectionChanged, this, &DrillsPage::showSelection);
    connect(m_presenter.get(), &DrillsPresenter::progressChanged, this, &DrillsPage::showStart);
    connect(m_presenter.get(), &DrillsPresenter::problemOccurred, this,
            [this](const QString &text) { emit notice(text, Health::Warning); });
    showRows();
    showSelection();
}

QWidget *DrillsPage::buildList()
{
    auto *panel = new Panel(tr("Fire drills"), this);
    m_listPanel = panel;
    panel->setFixedWidth(listWidth);
    panel->layout()->setContentsMargins(1, 1, 1, 7); // the list fills its rectangle: keep it off the round corners
    panel->setSubtitle(tr("best time to restore"));
    m_list = new QListView(panel);
    m_list->setObjectName(QStringLiteral("drillList"));
    m_list->setAccessibleName(tr("Fire drills"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_model = new DrillListModel(this);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new DrillDelegate(m_list));
    panel->setContent(m_list);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &index) {
        if (!m_isFilling && index.isValid())
            m_presenter->select(index.data(DrillListModel::RowRole).value<DrillRow>().info.name);
    });
    connect(m_list, &QListView::activated, this, [this] { m_start->setFocus(Qt::OtherFocusReason); });
    return panel;
}

QWidget *DrillsPage::buildBriefing()
{
    m_briefingPanel = new Panel({}, this);
    m_briefingPanel->setObjectName(QStringLiteral("drillBriefing"));
    m_where = new Badge({}, ToneName::Neutral, m_briefingPanel);
    m_briefingPanel->addTitleWidget(m_where);
    auto *content = new QWidget(m_briefingPanel);
    auto *across = new QHBoxLayout(content);
    across->setContentsMargins(space::l, space::m, space::l, space::l);
    across->setSpacing(space::xxl);
    auto *words = new QVBoxLayout;
    words->setSpacing(space::s);
    m_briefing = wrapped(content);
    m_task = wrapped(content);
    m_task->setFont(signalbox::font(TextRole::BodyStrong));
    m_note = wrapped(content, "soft");
    words->addWidget(m_briefing);
    words->addWidget(m_task);
    words->addWidget(m_note);
    words->addStretch();
    across->addLayout(words, 1);
    auto *buttons = new QVBoxLayout;
    buttons->setSpacing(space::s);
    m_start = new QPushButton(tr("Start the drill"), content);
    m_start->setObjectName(QStringLiteral("drillStart"));
    m_start->setProperty("variant", QStringLiteral("primary"));
    auto *metrics = new QPushButton(tr("Metrics of it"), content);
    metrics->setObjectName(QStringLiteral("drillMetrics"));
    metrics->setToolTip(tr("What you will be watching, as it is now"));
    buttons->addWidget(m_start);
    buttons->addWidget(metrics);
    buttons->addStretch();
    across->addLayout(buttons);
    m_briefingPanel->setContent(content);
    m_briefingPanel->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    connect(m_start, &QPushButton::clicked, m_presenter.get(), &DrillsPresenter::start);
    connect(metrics, &QPushButton::clicked, this, [this] { lookAtApplication(QStringLiteral("metrics")); });
    return m_briefingPanel;
}

QWidget *DrillsPage::buildTiles()
{
    auto *row = new QWidget(this);
    m_tiles = row;
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(14);
    m_seen = new StatTile(tr("Time to see it"), row);
    m_restored = new StatTile(tr("Time to restore"), row);
    m_best = new StatTile(tr("Best"), row);
    for (StatTile *tile : {m_seen, m_restored, m_best})
        layout->addWidget(tile, 1);
    return row;
}

QWidget *DrillsPage::buildDebrief()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(14);
    m_debriefPanel = new Panel(tr("Debrief"), row);
    m_debriefPanel->setObjectName(QStringLiteral("drillDebrief"));
    m_verdict = new Badge({}, ToneName::Neutral, m_debriefPanel);
    m_debriefPanel->addTitleWidget(m_verdict);
    m_attempts = new ChipButton(tr("attempt"), m_debriefPanel);
    m_attempts->setObjectName(QStringLiteral("drillAttempts"));
    m_debriefPanel->addHeaderWidget(m_attempts);
    auto *content = new QWidget(m_debriefPanel);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, space::m, 0, 0);
    down->setSpacing(space::s);
    m_words = wrapped(content);
    m_words->setObjectName(QStringLiteral("drillWords"));
    m_words->setFont(signalbox::font(TextRole::BodyStrong));
    m_words->setContentsMargins(space::l, 0, space::l, 0);
    m_timeline = new Timeline(content);
    down->addWidget(m_words);
    down->addWidget(m_timeline, 1);
    m_debriefPanel->setContent(content);
    m_charts = new ChartGroup(this);
    m_chart = new ChartPanel(*m_charts, row);
    layout->addWidget(m_debriefPanel, 3);
    layout->addWidget(m_chart, 2);
    connect(m_attempts, &ChipButton::chosenChanged, m_presenter.get(), &DrillsPresenter::selectAttempt);
    return row;
}

void DrillsPage::showRows()
{
    m_isFilling = true;
    m_model->apply(m_presenter->rows());
    const int row = m_model->rowOf(m_presenter->selected().info.name);
    if (row >= 0 && m_list->currentIndex().row() != row)
        m_list->setCurrentIndex(m_model->index(row));
    m_isFilling = false;
}

void DrillsPage::showSelection()
{
    showRows();
    showBriefing();
    showStart();
    showAttempt();
    showChart();
    emit crumbsChanged();
}

void DrillsPage::showBriefing()
{
    const DrillInfo info = m_presenter->selected().info;
    m_briefingPanel->setTitle(info.title);
    m_where->setText(QStringLiteral("%1 · %2").arg(info.application, info.ns));
    m_briefing->setText(info.briefing);
    m_task->setText(info.task);
    m_note->setText(
        tr("You have %1 minutes. Do what you would do: any page, a terminal, kubectl. The bar above every page "
           "takes your word for having seen it, or that it is a false alarm.")
            .arg(drillClockText(info.limitSeconds * 1000LL)));
}

void DrillsPage::showStart()
{
    const auto whyNot = m_presenter->whyNotStart();
    m_start->setEnabled(!whyNot);
    m_start->setToolTip(whyNot.value_or(tr("The world is made ready first, which may take a minute after an attempt "
                                           "that rolled something out")));
    m_start->setText(m_presenter->selected().attempts > 0 ? tr("Try it again") : tr("Start the drill"));
}

void DrillsPage::showAttempt()
{
    const auto attempt = m_presenter->shownAttempt();
    const DrillRow row = m_presenter->selected();
    m_seen->setFigure(clockOr(attempt ? attempt->detectMs : std::nullopt), tr("from the first bad sample"));
    m_restored->setFigure(clockOr(attempt ? attempt->restoreMs : std::nullopt),
                          attempt ? drillVerdictText(attempt->verdict) : tr("not tried yet"));
    m_best->setFigure(clockOr(row.best ? row.best->restoreMs : std::nullopt),
                      row.attempts == 1 ? tr("1 attempt") : tr("%1 attempts").arg(row.attempts));
    m_verdict->setVisible(attempt.has_value());
    m_attempts->setVisible(row.attempts > 1);
    if (!attempt) {
        m_debriefPanel->showEmpty(row.isUnderWay ? tr("Under way") : tr("Nothing to tell yet"),
                                  row.isUnderWay
                                      ? tr("What happened when is told afterwards.")
                                      : tr("After the first attempt its time line stands here: what broke, "
                                           "when the metrics first showed it, what you did, and a faster path."));
        return;
    }
    m_debriefPanel->showContent();
    m_verdict->setText(drillVerdictText(attempt->verdict));
    m_verdict->setTone(toneOf(attempt->verdict));
    m_words->setText(attempt->words);
    m_timeline->show(*attempt);
    //: A date without the year and a time, in the format of QDateTime::toString().
    const QString attemptFormat = tr("d MMM HH:mm");
    QList<ChipButton::Choice> choices;
    for (const Debrief &one : m_presenter->attempts().mid(0, mostAttempts))
        choices.append({one.id, QStringLiteral("%1  %2  %3")
                                    .arg(QLocale().toString(one.startedAt.toTimeZone(displayZone()), attemptFormat),
                                         clockOr(one.restoreMs), drillVerdictText(one.verdict))});
    m_attempts->setChoices(choices);
    m_attempts->setChosen(attempt->id);
}

void DrillsPage::showChart()
{
    const MetricRange range = m_presenter->chartRange();
    m_charts->axis().setRange(range, range.end.isValid() ? range.end.toMSecsSinceEpoch()
                                                         : QDateTime::currentMSecsSinceEpoch());
    m_charts->setMarkers(m_presenter->chartMarkers());
    m_chart->setData(m_presenter->chart());
    if (!m_presenter->hasCurve())
        m_chart->showEmpty(tr("Getting faster"), tr("With the second attempt that passes a curve begins here: how long "
                                                    "it took to see, and to restore. The others are marked in it."));
}

void DrillsPage::lookAtApplication(const QString &page)
{
    NavigationTarget target;
    target.page = page;
    target.deployedKey = m_presenter->selected().info.deployedKey();
    emit navigate(target);
}

// Where there is little room the figures stand in the debrief and the list alone.
void DrillsPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    if (m_tiles == nullptr)
        return;
    m_tiles->setVisible(height() >= lowHeight);
    m_note->setVisible(height() >= lowHeight);
    m_listPanel->setFixedWidth(width() >= narrowWidth ? listWidth : narrowListWidth);
}

QStringList DrillsPage::crumbs() const
{
    return m_presenter ? QStringList{m_presenter->selected().info.title} : QStringList();
}

void DrillsPage::open(const NavigationTarget &target)
{
    if (m_presenter && !target.hint.isEmpty()) {
        m_presenter->select(target.hint);
        m_start->setFocus(Qt::OtherFocusReason);
    }
}

NavigationTarget DrillsPage::current() const
{
    NavigationTarget target;
    if (m_presenter)
        target.deployedKey = m_presenter->selected().info.deployedKey();
    return target;
}

QList<KeyHelp> DrillsPage::keys() const
{
    return {{tr("Enter"), tr("Go to the chosen drill's start")},
            {QStringLiteral("F8"), tr("\"I see it\", on every page while a drill runs")},
            {QStringLiteral("Shift+F8"), tr("\"A false alarm, stand down\"")}};
}

} // namespace signalbox

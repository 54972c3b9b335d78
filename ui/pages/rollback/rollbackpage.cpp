#include "ui/pages/rollback/rollbackpage.h"

#include "services/feeds/readinessfeed.h"
#include "services/operations/operation.h"
#include "ui/pages/operation/checkslist.h"
#include "ui/pages/operation/deployedpicker.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/metricrow.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/operation/stepstable.h"
#include "ui/pages/rollback/choicelist.h"
#include "ui/pages/rollback/incidentbanner.h"
#include "ui/pages/rollback/readinessbar.h"
#include "ui/pages/rollback/rollbackpresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QListView>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int gutter = space::m; // of the page's right margin, for the bar of what scrolls
const QString errorsPanel = QStringLiteral("errors");
constexpr qint64 sameIncidentSeconds = 60; // samples do not always stand at the same times

// Null: it is known to get no traffic, or there is no such track.
const Track *liveTrackOf(const Deployed &of, const QString &name)
{
    for (const Track &track : of.tracks) {
        if (track.name == name && !isKnownIdle(of, track))
            return &track;
    }
    return nullptr;
}

} // namespace

RollbackPage::RollbackPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
    , m_presenter(std::make_unique<RollbackPresenter>(context.deployed, context.clusters, *context.operations))
{
    setObjectName(QStringLiteral("rollbackPage"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl - gutter, space::l);
    layout->setSpacing(space::m);

    auto *top = new QHBoxLayout;
    m_picker = new DeployedPicker(context.deployed, {}, this);
    m_workload = new ChipButton(tr("workload"), this);
    top->addWidget(m_picker);
    top->addWidget(m_workload);
    top->addStretch();
    layout->addLayout(top);

    m_banner = new IncidentBanner(this);
    layout->addLayout(MiddleScroll::besideGutter(m_banner, gutter));

    auto *middle = new QHBoxLayout;
    middle->setSpacing(space::m);
    middle->addWidget(buildChoices(), 4);
    middle->addLayout(buildPlan(), 7);
    layout->addLayout(middle, 1);

    connect(m_picker, &DeployedPicker::picked, m_presenter.get(), &RollbackPresenter::select);
    connect(m_workload, &ChipButton::chosenChanged, m_presenter.get(), &RollbackPresenter::selectWorkload);
    connect(m_presenter.get(), &RollbackPresenter::selectionChanged, this, &RollbackPage::showSelection);
    connect(m_presenter.get(), &RollbackPresenter::choicesChanged, this, &RollbackPage::showChoices);
    connect(&m_presenter->session(), &PlanSession::changed, this, &RollbackPage::showPlan);
    connect(&m_context.deployed, &DeployedStore::changed, this,
            [this](const QStringList &upserted, const QStringList &removed) { forgetOver(upserted + removed); });
    showSelection();
    showChoices();
    showPlan();
}

RollbackPage::~RollbackPage() = default;

QWidget *RollbackPage::buildChoices()
{
    auto *column = new QWidget(this);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    m_choicesPanel = new Panel(tr("Go back to"), column);
    m_model = new ChoiceModel(this);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("rollbackChoices"));
    m_list->setAccessibleName(tr("Revisions to go back to"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new ChoiceDelegate(m_list));
    m_list->setWordWrap(true); // its rows are as high as their width asks
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setMouseTracking(true);
    m_choicesPanel->setContent(m_list);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex &current) { chooseRow(current.row()); });
    // Enter on a revision goes to the button, where it has to be held.
    connect(m_list, &QListView::activated, this, [this] { m_box->focusMain(); });
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, m_list->viewport(), qOverload<>(&QWidget::update));
    layout->addWidget(m_choicesPanel, 1);
    m_readiness = new ReadinessBar(column);
    m_readiness->setVisible(m_context.readiness);
    layout->addWidget(m_readiness);
    if (m_context.readiness) {
        connect(m_context.readiness, &ReadinessFeed::changed, this, [this](const QString &key) {
            if (key == m_presenter->selected())
                showReadiness();
        });
        connect(m_presenter.get(), &RollbackPresenter::opened, this,
                [this](const QString &key) { m_context.readiness->freshen(key); });
        connect(m_readiness, &ReadinessBar::rehearseRequested, this,
                [this] { m_context.readiness->rehearse(m_presenter->selected()); });
    }
    return column;
}

QLayout *RollbackPage::buildPlan()
{
    auto *layout = new QVBoxLayout;
    layout->setSpacing(space::m);

    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 0, 0, 0);
    innerLayout->setSpacing(space::m);
    m_metrics = new MetricRow(m_context.metrics, m_context.operations,
                              {errorsPanel, QStringLiteral("latency-p95|latency-mean|latency-p50")}, inner);
    connect(m_metrics, &MetricRow::changed, this, &RollbackPage::showFigures);
    m_metrics->setHistory(&m_context.clusters, m_context.entries);
    innerLayout->addWidget(m_metrics);
    m_stepsPanel = new Panel(tr("What the rollback does"), inner);
    m_steps = new StepsTable(m_stepsPanel);
    m_steps->setTabAfter(m_list);
    m_stepsPanel->setContent(m_steps);
    innerLayout->addWidget(m_stepsPanel);
    innerLayout->addWidget(buildChecks(inner), 1);
    auto *scroll = new MiddleScroll(inner, this);
    scroll->setGutter(gutter);
    layout->addWidget(scroll, 1);

    m_box = new OperationBox(tr("Roll back now"), ToneName::Failing, m_presenter->session(), m_context.prompter,
                             m_context.settings, this);
    m_box->setCountsChecks(true);
    m_box->setGlass(m_context.promotions); // an earlier release may be rolled out forward, too
    connect(m_box, &OperationBox::dismissed, m_presenter.get(), &RollbackPresenter::dismiss);
    connect(m_box, &OperationBox::checksWanted, scroll, [this, scroll] { scroll->bringIntoView(m_checksPanel); });
    layout->addLayout(MiddleScroll::besideGutter(m_box, gutter));
    connect(m_steps, &StepsTable::stepChosen, this, [this](const QString &step, bool isChosen) {
        if (Operation *operation = m_presenter->session().operation())
            operation->chooseStep(step, isChosen);
    });
    return layout;
}

QWidget *RollbackPage::buildChecks(QWidget *parent)
{
    auto *lower = new FillingRow(170, parent);
    auto *layout = new QHBoxLayout(lower);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    m_checksPanel = new Panel(tr("Checks"), lower);
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(space::l, space::m, space::l, space::m);
    m_checks = new ChecksList(inner);
    innerLayout->addWidget(m_checks);
    innerLayout->addStretch(1);
    m_checksPanel->setContent(new MiddleScroll(inner, m_checksPanel));
    m_diffPanel = new Panel(tr("Difference"), lower);
    m_diffPanel->setSubtitle(tr("what will be sent"));
    m_diff = new DiffView(m_diffPanel);
    m_diffPanel->setContent(m_diff->inset(m_diffPanel));
    layout->addWidget(m_checksPanel, 5);
    layout->addWidget(m_diffPanel, 6); // the lines of a difference do not wrap
    return lower;
}

QStringList RollbackPage::crumbs() const
{
    const auto of = m_presenter->deployed();
    return of ? QStringList{of->application, of->environment} : QStringList{};
}

void RollbackPage::open(const NavigationTarget &target)
{
    if (!target.deployedKey.isEmpty())
        m_presenter->select(target.deployedKey);
    else if (!m_presenter->deployed())
        m_presenter->select(m_presenter->mostUrgent());
    m_list->setFocus(Qt::ShortcutFocusReason);
}

NavigationTarget RollbackPage::current() const
{
    NavigationTarget target;
    target.page = QStringLiteral("rollback");
    target.deployedKey = m_presenter->selected();
    return target;
}

QList<KeyHelp> RollbackPage::keys() const
{
    return {{tr("Up, Down"), tr("choose where to go back to")},
            {tr("Enter"), tr("go to the button")},
            {tr("hold Enter"), tr("roll back")}};
}

void RollbackPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_presenter->setActive(true);
    m_metrics->setActive(true);
}

void RollbackPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_presenter->setActive(false);
    m_metrics->setActive(false);
}

void RollbackPage::showSelection()
{
    m_picker->setChosen(m_presenter->selected());
    const auto of = m_presenter->deployed();
    m_metrics->setSubject(of);
    m_metrics->setStable(of ? stableTrackOf(*of) : QString());
    m_choicesPanel->setSubtitle(of ? QStringLiteral("%1 · %2").arg(of->application, of->environment) : QString());
    QList<ChipButton::Choice> workloads;
    for (const ObjectRef &ref : m_presenter->workloads())
        workloads << ChipButton::Choice{ref.uid, ref.name};
    m_workload->setVisible(workloads.size() > 1);
    m_workload->setChoices(workloads);
    m_workload->setChosen(m_presenter->workload().uid);
    showBanner();
    showReadiness();
    emit crumbsChanged();
}

void RollbackPage::showReadiness()
{
    if (!m_context.readiness)
        return;
    const QString key = m_presenter->selected();
    m_readiness->setVisible(!key.isEmpty());
    std::optional<Readiness> readiness = m_context.readiness->find(key);
    if (readiness)
        readiness = withFigures(*readiness, failingShares());
    m_readiness->show(readiness, m_context.readiness->isRehearsing(key));
}

// What got no traffic meanwhile is another incident the next time, whoever was looked at then. What is not known ends
// nothing: neither a share that nobody tells for a moment nor an application that is not there for one.
void RollbackPage::forgetOver(const QStringList &keys)
{
    for (const QString &key : keys) {
        const auto known = m_incidents.constFind(key);
        const Deployed *const of = m_context.deployed.find(key);
        if (known != m_incidents.constEnd() && of && of->freshness.isLive() && !liveTrackOf(*of, known->track))
            m_incidents.erase(known);
    }
}

// The first of its live tracks that began to fail by its figures. What is seen of it may reach back less far than what
// was seen before: the chart moves on. One good sample is no recovery, and figures that are missing end nothing.
RollbackPage::Incident RollbackPage::incidentOf(const Deployed &of)
{
    const QString key = of.key();
    forgetOver({key});
    const Incident known = m_incidents.value(key);
    Incident first;
    for (const Track &each : of.tracks) {
        const bool isKnown = known.since.isValid() && each.name == known.track;
        if (!liveTrackOf(of, each.name) && !isKnown)
            continue;
        const TrackVerdict verdict = m_metrics->verdict(errorsPanel, each.name);
        const bool isBlind = verdict.health == Health::Unknown && !verdict.tooFew;
        Incident incident{verdict.since, each.name, verdict.judgedAt, false};
        if (isKnown && (isBlind || known.since.secsTo(verdict.wellAt) <= sameIncidentSeconds)) {
            incident.since = verdict.since.isValid() ? std::min(verdict.since, known.since) : known.since;
            incident.judgedAt = isBlind ? known.judgedAt : verdict.judgedAt;
            incident.isBlind = isBlind;
        } else if (verdict.health != Health::Failing) {
            continue;
        }
        if (!first.since.isValid() || incident.since < first.since)
            first = incident;
    }
    if (first.since.isValid())
        m_incidents.insert(key, first);
    else if (liveTrackOf(of, known.track)) // seen to be over; of what is not there nobody knows
        m_incidents.remove(key);
    return first;
}

bool RollbackPage::isFailing(const QString &track) const
{
    const Incident known = m_incidents.value(m_presenter->selected());
    return m_metrics->verdict(errorsPanel, track).health == Health::Failing ||
           (known.since.isValid() && known.track == track);
}

// Of the tracks that get traffic and fail by their figures.
QMap<QString, QString> RollbackPage::failingShares() const
{
    QMap<QString, QString> shares;
    const auto of = m_presenter->deployed();
    for (const Track &each : of ? of->tracks : QList<Track>()) {
        const QString errors = m_metrics->latest(errorsPanel, each.name);
        if (liveTrackOf(*of, each.name) && !errors.isEmpty() &&
            m_metrics->verdict(errorsPanel, each.name).health == Health::Failing)
            shares.insert(each.name, errors);
    }
    return shares;
}

void RollbackPage::showBanner()
{
    const auto of = m_presenter->deployed();
    const Incident incident = of ? incidentOf(*of) : Incident();
    QString track = incident.track;
    const QDateTime bad = incident.since;
    QStringList failing;
    for (const Track &each : of ? of->tracks : QList<Track>()) {
        if (liveTrackOf(*of, each.name) && isFailing(each.name))
            failing << each.name;
    }
    m_presenter->setFailing(failing);
    if (!of || (!bad.isValid() && of->health != Health::Failing && of->health != Health::Warning)) {
        m_banner->clear();
        return;
    }
    const bool isFailing = bad.isValid() || of->health == Health::Failing;
    const QString what = isFailing ? tr("%1 is failing in %2.") : tr("%1 needs a look in %2.");
    QStringList words;
    if (!of->state.isEmpty())
        words << tr("%1.").arg(of->state);
    // Only what a metric says of the track that fails, or of the one that has most of the traffic.
    if (!bad.isValid())
        track = of->tracks.value(0).name;
    const QString errors = m_metrics->latest(errorsPanel, track);
    const QString stable = stableTrackOf(*of);
    const bool isBeside = bad.isValid() && stable != track && liveTrackOf(*of, stable);
    const QString others = isBeside ? m_metrics->latest(errorsPanel, stable) : QString();
    if (!errors.isEmpty() && !others.isEmpty())
        words << tr("%1 of requests to %2 fail; of those to %3, %4.").arg(errors, track, stable, others);
    else if (!errors.isEmpty())
        words << (track.isEmpty() ? tr("%1 of requests fail.").arg(errors)
                                  : tr("%1 of requests to %2 fail.").arg(errors, track));
    if (incident.isBlind)
        words << (errors.isEmpty() ? tr("No figure since %1.") : tr("Nothing to judge it by since %1."))
                     .arg(clockText(incident.judgedAt));
    const QDateTime seen = m_presenter->failingSince();
    const bool isSample = bad.isValid() && (!seen.isValid() || bad <= seen);
    const bool isTold = seen.isValid() && seen < m_context.deployed.failingSince(of->key());
    const auto origin = isSample ? IncidentBanner::Origin::Sample
                        : isTold ? IncidentBanner::Origin::Cluster
                                 : IncidentBanner::Origin::FirstSeen;
    // Of pods that fail everybody knows, for as long as their cluster tells.
    const bool isOld = of->freshness.state == Freshness::State::Stale;
    m_banner->setStale(bad.isValid() ? incident.isBlind && (isOld || of->health != Health::Failing) : isOld);
    m_banner->show(isFailing ? Health::Failing : of->health, what.arg(of->application, of->environment),
                   words.join(QLatin1Char(' ')), isSample ? bad : seen, origin);
}

// What is live says how it does.
QList<RollbackChoice> RollbackPage::choicesWithFigures() const
{
    QList<RollbackChoice> choices = m_presenter->choices();
    const auto of = m_presenter->deployed();
    const auto hasFailingPods = [&of](const RollbackChoice &choice) {
        const Track *const track = of ? liveTrackOf(*of, choice.track) : nullptr;
        return track && track->health == Health::Failing;
    };
    for (RollbackChoice &choice : choices) {
        if (!choice.isLive)
            continue;
        QStringList words;
        if (!choice.share.isEmpty())
            words << tr("%1 of live traffic").arg(choice.share);
        if (const QString errors = m_metrics->latest(errorsPanel, choice.track); !errors.isEmpty())
            words << tr("%1 errors").arg(errors);
        if (isFailing(choice.track) || hasFailingPods(choice))
            choice.readiness = Health::Failing;
        choice.text = (words << choice.text).join(QStringLiteral(" · "));
    }
    return choices;
}

void RollbackPage::showFigures()
{
    showBanner();
    showReadiness();
    m_isFilling = true;
    m_model->apply(choicesWithFigures());
    m_isFilling = false;
}

void RollbackPage::showChoices()
{
    m_isFilling = true;
    m_model->apply(choicesWithFigures());
    const int row = m_model->rowOf(m_presenter->chosen());
    if (row >= 0)
        m_list->setCurrentIndex(m_model->index(row));
    // A list that is shown and has the focus makes its first row current: that is no choice of the operator's.
    showLoadState();
    m_isFilling = false;
}

void RollbackPage::showLoadState()
{
    switch (m_presenter->loadState()) {
    case RollbackPresenter::LoadState::Nothing:
        m_choicesPanel->showEmpty(tr("No application chosen"),
                                  tr("Choose one above, or press Ctrl+K and type its name."));
        break;
    case RollbackPresenter::LoadState::Loading:
        m_choicesPanel->showLoading(4);
        break;
    case RollbackPresenter::LoadState::Failed:
        m_choicesPanel->showError(tr("The revisions could not be read"), m_presenter->error(), m_presenter->readAt(),
                                  [this] { m_presenter->reload(); });
        break;
    case RollbackPresenter::LoadState::Ready:
        if (m_model->rowCount() == 0)
            m_choicesPanel->showEmpty(tr("Nothing to go back to"),
                                      tr("The cluster keeps no earlier revision of this workload."));
        else
            m_choicesPanel->showContent();
    }
    if (m_presenter->loadState() == RollbackPresenter::LoadState::Failed)
        m_box->setIdleText(tr("Nothing can be rolled back now"),
                           tr("The revisions could not be read: on the left it says why."));
    else
        m_box->setIdleText(tr("Nothing chosen"),
                           tr("Choose a revision on the left: what going back to it does is shown here."));
    m_choicesPanel->setStale(m_presenter->staleSince(), m_presenter->staleReason());
}

void RollbackPage::chooseRow(int row)
{
    if (m_isFilling || row < 0)
        return;
    m_presenter->choose(m_model->index(row).data(ChoiceModel::ChoiceRole).value<RollbackChoice>().id);
}

void RollbackPage::showPlan()
{
    PlanSession &session = m_presenter->session();
    if (session.isRenewing())
        return;
    const Operation *const operation = session.operation();
    const bool isPast = session.hasOutcome();
    m_checksPanel->setTitle(isPast ? tr("Checks at %1").arg(clockText(operation->plan().plannedAt)) : tr("Checks"));
    m_diffPanel->setSubtitle(isPast ? tr("what was sent") : tr("what will be sent"));
    if (!operation) {
        showNoPlan();
        return;
    }
    for (Panel *panel : {m_stepsPanel, m_checksPanel, m_diffPanel})
        panel->showContent();
    const Plan &plan = operation->plan();
    m_stepsPanel->setSubtitle(plan.dryRunAt.isValid()
                                  ? tr("dry run accepted by the server at %1").arg(clockText(plan.dryRunAt))
                                  : tr("not tried by a dry run"));
    m_steps->show(plan, operation);
    m_checks->show(plan.checks);
    showDifference(session);
}

// At the end only what was sent, and was not refused, is told: what was stopped before its call changed nothing.
void RollbackPage::showDifference(const PlanSession &session)
{
    const Operation &operation = *session.operation();
    if (!session.hasOutcome()) {
        m_diff->show(operation.plan());
        return;
    }
    const QList<StepOutcome> steps = operation.stepOutcomes();
    const auto sent = static_cast<int>(std::count_if(steps.begin(), steps.end(), [](const StepOutcome &step) {
        const bool isRefused = step.kind == OutcomeKind::Conflict || step.kind == OutcomeKind::Refused;
        return step.sentAt.isValid() && !isRefused;
    }));
    if (sent > 0)
        m_diff->show(operation.plan(), 0, sent);
    else
        m_diffPanel->showEmpty(tr("No difference"), tr("Nothing was written."));
}

void RollbackPage::showNoPlan()
{
    m_stepsPanel->setSubtitle({});
    const PlanSession::State state = m_presenter->session().state();
    if (state == PlanSession::State::Planning) {
        for (Panel *panel : {m_stepsPanel, m_checksPanel, m_diffPanel})
            panel->showLoading(3);
        return;
    }
    const auto chosen = m_presenter->choice(m_presenter->chosen());
    QString what = tr("Choose a revision to go back to.");
    if (state == PlanSession::State::Failed)
        what = tr("None could be made: below it says why.");
    else if (m_presenter->loadState() == RollbackPresenter::LoadState::Failed)
        what = tr("Without the revisions there is no plan.");
    else if (chosen && chosen->isLive && chosen->kind == RollbackChoice::Kind::Revision)
        what = tr("This is what runs now. Choose another revision to go back to.");
    m_stepsPanel->showEmpty(tr("No plan"), what);
    m_checksPanel->showEmpty(tr("No checks"), tr("They come with the plan."));
    if (chosen && !chosen->diff.isEmpty()) {
        m_diff->showLines(chosen->version, chosen->diff, {});
        m_diffPanel->showContent();
    } else {
        m_diffPanel->showEmpty(tr("No difference"), tr("It comes with the plan."));
    }
}

} // namespace signalbox

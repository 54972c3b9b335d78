#include "ui/pages/traffic/trafficpage.h"

#include "services/operations/operation.h"
#include "services/ports/connections.h"
#include "ui/pages/operation/checkslist.h"
#include "ui/pages/operation/deployedpicker.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/holdbinding.h"
#include "ui/pages/operation/metricrow.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/traffic/splitslider.h"
#include "ui/pages/traffic/stagestrip.h"
#include "ui/pages/traffic/trackcard.h"
#include "ui/pages/traffic/trafficpresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int gutter = space::m; // of the page's right margin, for the bar of what scrolls

QString appliedText(const TrafficSplit &split)
{
    switch (split.applied) {
    case TrafficSplit::Applied::Yes:
        return split.appliedReason.isEmpty() ? TrafficPage::tr("in force")
                                             : TrafficPage::tr("in force: %1").arg(split.appliedReason);
    case TrafficSplit::Applied::No:
        return TrafficPage::tr("not in force: %1").arg(split.appliedReason);
    case TrafficSplit::Applied::CannotTell:
        break;
    }
    return split.appliedReason.isEmpty() ? TrafficPage::tr("nothing reports whether it is in force")
                                         : split.appliedReason;
}

// A rule's index tells something only where several rules of one object divide traffic.
QString routerText(const RouterRef &router, const QList<RouterRef> &all)
{
    const QString text = QStringLiteral("%1 %2").arg(routerKindLabel(router.kind), router.object.name);
    bool isIndex = false;
    const int index = router.rule.toInt(&isIndex);
    if (!isIndex)
        return router.rule.isEmpty() ? text : QStringLiteral("%1 %2").arg(text, router.rule);
    const auto rules =
        std::count_if(all.begin(), all.end(), [&router](const RouterRef &one) { return one.object == router.object; });
    return rules > 1 ? TrafficPage::tr("%1, rule %2").arg(text).arg(index + 1) : text;
}

} // namespace

TrafficPage::TrafficPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
    , m_presenter(std::make_unique<TrafficPresenter>(context.deployed, context.clusters, *context.operations))
{
    setObjectName(QStringLiteral("trafficPage"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl - gutter, space::l);
    layout->setSpacing(space::m);

    auto *top = new QHBoxLayout;
    m_picker = new DeployedPicker(
        context.deployed, [](const Deployed &item) { return !item.routers.isEmpty() && item.tracks.size() > 1; }, this);
    m_router = new ChipButton(tr("router"), this);
    m_router->setObjectName(QStringLiteral("pickRouter"));
    m_candidate = new ChipButton(tr("move to"), this);
    m_candidate->setObjectName(QStringLiteral("pickCandidate"));
    top->addWidget(m_picker);
    top->addWidget(m_router);
    top->addWidget(m_candidate);
    top->addStretch();
    layout->addLayout(top);
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 0, 0, 0);
    innerLayout->setSpacing(space::m);
    innerLayout->addWidget(buildSplit());
    m_metrics = new MetricRow(
        context.metrics, context.operations,
        {QStringLiteral("requests"), QStringLiteral("errors"), QStringLiteral("latency-p95|latency-mean|latency-p50")},
        inner);
    m_metrics->setHistory(&context.clusters, context.entries);
    innerLayout->addWidget(m_metrics);
    innerLayout->addWidget(buildChange(inner), 1);
    auto *scroll = new MiddleScroll(inner, this);
    scroll->setGutter(gutter);
    layout->addWidget(scroll, 1);
    buildBoxes();
    m_box->setCountsChecks(true);
    connect(m_box, &OperationBox::checksWanted, scroll, [this, scroll] { scroll->bringIntoView(m_checksPanel); });
    layout->addLayout(MiddleScroll::besideGutter(m_box, gutter));
    layout->addLayout(MiddleScroll::besideGutter(m_backBox, gutter));

    const auto takeDefaults = [this] {
        const ShiftDefaults defaults = m_context.connections.shiftDefaults();
        const QList<TrafficPresenter::Stage> before = m_presenter->stages();
        m_presenter->setUsualStages(defaults.percents, defaults.dwell);
        if (m_presenter->stages() != before)
            m_stages->setText(stagesText(m_presenter->stages()));
    };
    connect(&context.connections, &ConnectionsService::changed, this, takeDefaults);
    takeDefaults();
    connect(m_picker, &DeployedPicker::picked, m_presenter.get(), &TrafficPresenter::select);
    connect(m_router, &ChipButton::chosenChanged, this,
            [this](const QString &index) { m_presenter->selectRouter(index.toInt()); });
    connect(m_candidate, &ChipButton::chosenChanged, m_presenter.get(), &TrafficPresenter::setCandidate);
    connect(m_presenter.get(), &TrafficPresenter::selectionChanged, this, &TrafficPage::showSelection);
    connect(m_presenter.get(), &TrafficPresenter::splitChanged, this, &TrafficPage::showSplit);
    connect(m_presenter.get(), &TrafficPresenter::orderChanged, this, &TrafficPage::showOrder);
    for (PlanSession *session : {&m_presenter->session(), &m_presenter->wayBack()})
        connect(session, &PlanSession::changed, this, &TrafficPage::showPlans);
    connect(m_metrics, &MetricRow::changed, this, &TrafficPage::showTracks);
    showSelection();
    showSplit();
    showOrder();
    showPlans();
}

TrafficPage::~TrafficPage() = default;

QWidget *TrafficPage::buildSplit()
{
    m_splitPanel = new Panel(tr("Live traffic"), this);
    auto *content = new QWidget(m_splitPanel);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(space::l, space::m, space::l, space::m);
    layout->setSpacing(space::m);
    auto *cards = new QHBoxLayout;
    cards->setSpacing(space::m);
    m_stableCard = new TrackCard(content);
    m_ring = new SplitRing(content);
    m_candidateCard = new TrackCard(content);
    cards->addWidget(m_stableCard, 1);
    cards->addWidget(m_ring);
    cards->addWidget(m_candidateCard, 1);
    layout->addLayout(cards);
    m_slider = new SplitSlider(content);
    m_slider->setObjectName(QStringLiteral("splitSlider"));
    layout->addWidget(m_slider);
    m_strip = new StageStrip(content);
    layout->addWidget(m_strip);
    layout->addWidget(buildOrder());
    m_splitPanel->setContent(content);
    connect(m_slider, &QSlider::valueChanged, this, [this](int percent) {
        m_presenter->setPercentWanted(percent);
        showOrder(); // where the router cannot divide, the handle goes to an end
    });
    return m_splitPanel;
}

QWidget *TrafficPage::buildOrder()
{
    m_order = new QWidget(m_splitPanel);
    auto *rows = new QVBoxLayout(m_order);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(space::xs);
    auto *row = new QHBoxLayout;
    row->setSpacing(space::s);
    rows->addLayout(row);
    m_presetRow = new QHBoxLayout;
    m_presetRow->setSpacing(space::s);
    row->addLayout(m_presetRow);
    row->addStretch();
    m_stagesProblem = new QLabel(m_order);
    m_stagesProblem->setObjectName(QStringLiteral("stagesProblem"));
    m_stagesProblem->setProperty("role", QStringLiteral("error"));
    m_stagesProblem->setWordWrap(true);
    m_stagesProblem->setAlignment(Qt::AlignRight);
    m_stagesProblem->hide();
    rows->addWidget(m_stagesProblem);
    m_pause = new QCheckBox(m_order);
    m_pause->setObjectName(QStringLiteral("pauseReconciliation"));
    m_pause->setToolTip(
        tr("Else the change may be written back within seconds. It stays paused until somebody ends it; "
           "the outcome says how."));
    m_pause->hide();
    rows->addWidget(m_pause);
    connect(m_pause, &QCheckBox::clicked, m_presenter.get(), &TrafficPresenter::setPausesReconciliation);
    m_inSteps = new QCheckBox(tr("in steps"), m_order);
    m_inSteps->setObjectName(QStringLiteral("inSteps"));
    m_inSteps->setToolTip(tr("Move step by step and wait after each, so that a bad version hurts few."));
    row->addWidget(m_inSteps);
    m_example = new QLabel(tr("share and wait, as in %1").arg(QStringLiteral("5 10m, 25 15m, 100")), m_order);
    m_example->setObjectName(QStringLiteral("stagesExample"));
    m_example->setProperty("role", QStringLiteral("soft"));
    row->addWidget(m_example);
    m_stages = new QLineEdit(stagesText(m_presenter->stages()), m_order);
    m_stages->setObjectName(QStringLiteral("stages"));
    m_stages->setAccessibleName(tr("Stages: per cent and how long to wait"));
    m_stages->setToolTip(tr("Per cent and how long to wait after it, as in \"5 10m, 25 15m, 100\""));
    m_stages->setMinimumWidth(220);
    row->addWidget(m_stages);
    connect(m_inSteps, &QCheckBox::toggled, this, [this](bool inSteps) {
        m_presenter->setMode(inSteps ? TrafficPresenter::Mode::Steps : TrafficPresenter::Mode::OneMove);
    });
    connect(m_stages, &QLineEdit::textEdited, this, &TrafficPage::takeStages);
    return m_order;
}

QWidget *TrafficPage::buildChange(QWidget *parent)
{
    auto *lower = new FillingRow(170, parent);
    auto *panels = new QHBoxLayout(lower);
    panels->setContentsMargins(0, 0, 0, 0);
    panels->setSpacing(space::m);
    m_checksPanel = new Panel(tr("Checks"), lower);
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(space::l, space::m, space::l, space::m);
    m_checks = new ChecksList(inner);
    innerLayout->addWidget(m_checks);
    innerLayout->addStretch(1);
    m_checksPanel->setContent(new MiddleScroll(inner, m_checksPanel));
    m_diffPanel = new Panel(tr("Next change"), lower);
    m_diffPanel->setSubtitle(tr("what will be sent"));
    m_diff = new DiffView(m_diffPanel);
    m_diffPanel->setContent(m_diff->inset(m_diffPanel));
    panels->addWidget(m_checksPanel, 1);
    panels->addWidget(m_diffPanel, 1);
    return lower;
}

void TrafficPage::buildBoxes()
{
    m_box = new OperationBox(tr("Shift"), ToneName::Green, m_presenter->session(), m_context.prompter,
                             m_context.settings, this);
    m_box->setGlass(m_context.promotions);
    m_backBox = new OperationBox(tr("All back"), ToneName::Failing, m_presenter->wayBack(), m_context.prompter,
                                 m_context.settings, this);
    m_backBox->setObjectName(QStringLiteral("backBox"));
    buildWayBack();
    connect(m_box, &OperationBox::dismissed, this, [this] { m_presenter->dismiss(m_presenter->session()); });
    connect(m_backBox, &OperationBox::dismissed, this, [this] { m_presenter->dismiss(m_presenter->wayBack()); });
}

void TrafficPage::buildWayBack()
{
    m_allBack = new HoldButton(tr("All back"), ToneName::Failing, this);
    m_allBack->setObjectName(QStringLiteral("allBack"));
    m_box->addPermanent(m_allBack);
    new HoldBinding(m_allBack, m_presenter->wayBack(), m_context.prompter, m_context.settings);
}

QStringList TrafficPage::crumbs() const
{
    const auto of = m_presenter->deployed();
    return of ? QStringList{of->application, of->environment} : QStringList{};
}

void TrafficPage::open(const NavigationTarget &target)
{
    if (!target.deployedKey.isEmpty())
        m_presenter->select(target.deployedKey);
    else if (!m_presenter->deployed())
        m_presenter->select(m_presenter->routable().value(0));
    // The slider gets it; while there is no split to show, as soon as there is.
    QWidget *const first = m_slider->isEnabled() ? static_cast<QWidget *>(m_slider) : this;
    first->setFocus(Qt::ShortcutFocusReason);
}

NavigationTarget TrafficPage::current() const
{
    NavigationTarget target;
    target.page = QStringLiteral("traffic");
    target.deployedKey = m_presenter->selected();
    return target;
}

QList<KeyHelp> TrafficPage::keys() const
{
    return {{tr("Left, Right"), tr("1 % more, 1 % less for the candidate")},
            {tr("Page Up, Page Down"), tr("10 % more, 10 % less")},
            {tr("hold Enter"), tr("on the button: shift")}};
}

void TrafficPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_presenter->setActive(true);
    m_metrics->setActive(true);
}

void TrafficPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_presenter->setActive(false);
    m_metrics->setActive(false);
}

void TrafficPage::showSelection()
{
    m_picker->setChosen(m_presenter->selected());
    m_metrics->setSubject(m_presenter->deployed());
    QList<ChipButton::Choice> routers;
    const QList<RouterRef> all = m_presenter->routers();
    for (int i = 0; i < all.size(); ++i)
        routers << ChipButton::Choice{QString::number(i), routerText(all[i], all)};
    m_router->setVisible(!routers.isEmpty());
    m_router->setChoices(routers);
    m_router->setChosen(QString::number(m_presenter->routerIndex()));
    showTracks();
    emit crumbsChanged();
}

// That there is nothing is only said of what was read.
void TrafficPage::showNothingToRoute()
{
    const Freshness listed = m_presenter->listed();
    if (listed.state == Freshness::State::Live || listed.state == Freshness::State::Absent)
        m_splitPanel->showEmpty(
            tr("Nothing to route"),
            tr("No application here has two tracks behind a Service, an HTTPRoute or a VirtualService."));
    else if (listed.state == Freshness::State::Stale)
        m_splitPanel->showEmpty(tr("Nothing to route was known"),
                                tr("A cluster is not heard any more: what came since then is not known."));
    else
        m_splitPanel->follow(listed, {}, [this] { m_presenter->listAgain(); });
}

void TrafficPage::showSplit()
{
    switch (m_presenter->loadState()) {
    case TrafficPresenter::LoadState::Nothing:
        if (m_presenter->routable().isEmpty())
            showNothingToRoute();
        else
            m_splitPanel->showEmpty(tr("No application chosen"), tr("Choose one above."));
        break;
    case TrafficPresenter::LoadState::Loading:
        m_splitPanel->showLoading(4);
        break;
    case TrafficPresenter::LoadState::Failed:
        m_splitPanel->showError(tr("The split could not be read"), m_presenter->error(), {},
                                [this] { m_presenter->reload(); });
        break;
    case TrafficPresenter::LoadState::Ready:
        m_splitPanel->showContent();
    }
    const auto &split = m_presenter->split();
    m_splitPanel->setStale(split && m_presenter->isStale() ? split->readAt : QDateTime(), m_presenter->error().message);
    m_splitPanel->setSubtitle(split ? QStringLiteral("%1 · %2").arg(toString(split->router.object), appliedText(*split))
                                    : QString());
    m_candidate->setVisible(split.has_value());
    if (split) {
        QList<ChipButton::Choice> candidates;
        for (const TrafficLeg &leg : split->legs) {
            const bool isListed = std::any_of(candidates.begin(), candidates.end(),
                                              [&leg](const ChipButton::Choice &c) { return c.id == leg.track; });
            if (!isListed)
                candidates << ChipButton::Choice{leg.track, leg.track};
        }
        m_candidate->setChoices(candidates);
        m_candidate->setChosen(m_presenter->candidate());
        m_slider->setTracks(m_presenter->stable(), m_presenter->candidate());
        m_slider->setLive(m_presenter->percentNow());
        m_allBack->setText(tr("All to %1").arg(capitalised(m_presenter->stable())));
        m_allBack->setAccessibleName(m_allBack->text());
        m_allBack->updateGeometry();
        m_backBox->setVerb(m_allBack->text(), ToneName::Failing);
    }
    showTracks();
    showOrder();
}

void TrafficPage::showTracks()
{
    const auto of = m_presenter->deployed();
    const auto &split = m_presenter->split();
    m_metrics->setStable(of ? stableTrackOf(*of) : QString());
    if (!of || !split)
        return;
    QList<std::pair<QString, std::optional<double>>> shares;
    for (const TrafficLeg &leg : split->legs)
        shares << std::pair(leg.track, leg.share);
    m_ring->show(routerKindLabel(split->router.kind), shares);
    const auto fill = [&](TrackCard *card, const QString &name, const QString &role) {
        Track track;
        track.name = name;
        for (const Track &known : of->tracks) {
            if (known.name == name)
                track = known;
        }
        std::optional<double> share;
        bool isKnown = true;
        for (const auto &[legTrack, legShare] : shares) {
            if (legTrack != name)
                continue;
            share = share.value_or(0) + legShare.value_or(0);
            isKnown = isKnown && legShare;
        }
        if (!isKnown)
            share.reset();
        card->show(track, role, share,
                   split->router.kind == RouterRef::Kind::ServiceSelector ? tr("by pods") : tr("by weight"));
        const QString errors = QStringLiteral("errors");
        card->setTraffic(m_metrics->latest(QStringLiteral("requests"), name), m_metrics->latest(errors, name),
                         m_metrics->verdict(errors, name).health);
    };
    fill(m_stableCard, m_presenter->stable(), tr("stays"));
    fill(m_candidateCard, m_presenter->candidate(), tr("candidate"));
}

void TrafficPage::showOrder()
{
    const bool canSplit = m_presenter->canSplit();
    const bool inSteps = canSplit && m_presenter->mode() == TrafficPresenter::Mode::Steps;
    const int wanted = m_presenter->percentWanted();
    m_slider->setAllOrNothing(!canSplit);
    showShare();
    showPresets();
    for (const auto &[percent, preset] : std::as_const(m_presets)) {
        preset->setVisible(!inSteps && (canSplit || percent == 0 || percent == 100));
        preset->setEnabled(m_presenter->split().has_value());
    }
    m_inSteps->setEnabled(canSplit);
    m_inSteps->setToolTip(canSplit ? tr("Move step by step and wait after each, so that a bad version hurts few.")
                                   : tr("This router moves all traffic or none."));
    m_stages->setVisible(inSteps);
    m_example->setVisible(inSteps);
    m_stagesProblem->setVisible(inSteps && !m_presenter->hasStages());
    m_box->setVerb(inSteps ? tr("Start the steps") : tr("Shift to %1 %").arg(std::max(0, wanted)), ToneName::Green);
    const int now = m_presenter->percentNow();
    const bool isUnread = m_presenter->loadState() == TrafficPresenter::LoadState::Failed;
    if (isUnread)
        m_box->setIdleText(tr("Nothing can be moved now"),
                           tr("The split could not be read: above it says why. It is read again by itself."));
    else if (now < 0 && m_presenter->split())
        m_box->setIdleText(tr("How live traffic is divided is not yours to see"),
                           tr("It goes to the pods of several tracks at once, and you may not list pods."));
    else if (now < 0)
        m_box->setIdleText(tr("Nothing to move"), tr("Choose an application with two tracks above."));
    else if (inSteps)
        m_box->setIdleText(tr("No step is left"),
                           tr("Write stages above that take more than the %1 % of now.").arg(now));
    else
        m_box->setIdleText(tr("%1 has %2 % of live traffic").arg(capitalised(m_presenter->candidate())).arg(now),
                           tr("Drag the bar, or choose another share: what will be sent is shown above."));
    showPlans();
}

// One button for each share that the stages name, and for the two ends.
void TrafficPage::showPresets()
{
    QList<int> percents{0};
    for (const TrafficPresenter::Stage &stage : m_presenter->stages()) {
        if (stage.percent > percents.last() && stage.percent < 100)
            percents.append(stage.percent);
    }
    percents.append(100);
    const auto isShown = [](int percent, const auto &preset) { return percent == preset.first; };
    if (std::equal(percents.begin(), percents.end(), m_presets.begin(), m_presets.end(), isShown))
        return;
    for (const auto &[percent, preset] : std::as_const(m_presets))
        preset->deleteLater();
    m_presets.clear();
    QWidget *before = m_slider;
    for (const int percent : percents) {
        auto *preset = new QPushButton(QStringLiteral("%1 %").arg(percent), m_order);
        preset->setProperty("variant", QStringLiteral("chip"));
        preset->setAutoDefault(false);
        preset->setAccessibleName(tr("Want %1 %").arg(percent));
        preset->setObjectName(QStringLiteral("preset-%1").arg(percent));
        connect(preset, &QPushButton::clicked, this, [this, percent] { m_presenter->setPercentWanted(percent); });
        m_presetRow->addWidget(preset);
        setTabOrder(before, preset);
        before = preset;
        m_presets.append({percent, preset});
    }
}

void TrafficPage::takeStages()
{
    const auto stages = parseStages(m_stages->text());
    m_stagesProblem->setText(stages ? QString() : stages.error().message);
    m_stages->setProperty("state", stages ? QString() : QStringLiteral("invalid"));
    m_stages->style()->unpolish(m_stages);
    m_stages->style()->polish(m_stages);
    m_stages->setAccessibleDescription(m_stagesProblem->text());
    if (stages)
        m_presenter->setStages(*stages);
    else
        m_presenter->rejectStages();
}

// The box of the way back stands in for the other one while it goes back and until its outcome was read. While its
// button is still being held nothing may move under the pointer.
void TrafficPage::showBoxes()
{
    const PlanSession &session = m_presenter->session();
    const PlanSession &back = m_presenter->wayBack();
    const bool goesBack = back.isUnderWay() || back.hasOutcome();
    const bool showsForward = !goesBack || session.isUnderWay();
    if (goesBack == m_backBox->isVisibleTo(this) && showsForward == m_box->isVisibleTo(this))
        return;
    const QWidget *const focused = window()->focusWidget();
    const bool hadFocus = focused && (m_box->isAncestorOf(focused) || m_backBox->isAncestorOf(focused));
    m_backBox->setVisible(goesBack);
    if (hadFocus && goesBack)
        m_backBox->focusMain();
    m_box->setVisible(showsForward);
    if (hadFocus && !goesBack)
        m_box->focusMain();
}

void TrafficPage::showPauses()
{
    const QStringList offered = m_presenter->offeredPauses();
    const bool isPlanning = m_presenter->session().state() == PlanSession::State::Planning ||
                            m_presenter->wayBack().state() == PlanSession::State::Planning;
    m_pause->setChecked(m_presenter->pausesReconciliation());
    if (!offered.isEmpty())
        m_pause->setText(tr("First: %1").arg(offered.join(tr(", "))));
    if (!offered.isEmpty() || !isPlanning) // it does not come and go with each plan
        m_pause->setVisible(!offered.isEmpty());
}

void TrafficPage::showPlans()
{
    const PlanSession &session = m_presenter->session();
    const PlanSession &back = m_presenter->wayBack();
    showBoxes();
    const PlanSession &shown = back.isUnderWay() || back.hasOutcome() ? back : session;
    const bool inSteps = m_presenter->mode() == TrafficPresenter::Mode::Steps && m_presenter->canSplit();
    const bool isBusy = session.isUnderWay() || back.isUnderWay();
    m_strip->show(StageStrip::itemsOf(inSteps ? m_presenter->stages() : QList<TrafficPresenter::Stage>(),
                                      m_presenter->percentNow(), shown.isUnderWay() ? shown.operation() : nullptr,
                                      m_presenter->candidate()));
    showPauses();
    m_order->setEnabled(!isBusy);
    m_order->setVisible(!isBusy); // the steps say where it goes
    showShare();
    m_slider->setEnabled(m_presenter->split() && !isBusy && !inSteps);
    if (m_slider->isEnabled() && hasFocus())
        m_slider->setFocus(Qt::OtherFocusReason);
    if (shown.isRenewing())
        return;
    showTense(shown);
    if (const Operation *const operation = shown.operation()) {
        m_checks->show(operation->plan().checks);
        m_checksPanel->showContent();
        showWhatIsLeft(shown);
        return;
    }
    if (shown.state() == PlanSession::State::Planning) {
        m_checksPanel->showLoading(4);
        m_diffPanel->showLoading(5);
        return;
    }
    m_checksPanel->showEmpty(tr("No checks"), tr("They come with the plan."));
    QString what = tr("Choose another share than the one that is live.");
    if (shown.state() == PlanSession::State::Failed)
        what = tr("No plan could be made: below it says why.");
    else if (m_presenter->loadState() == TrafficPresenter::LoadState::Failed)
        what = tr("Without the split of now there is no plan.");
    m_diffPanel->showEmpty(tr("No change"), what);
}

// At the end the checks and the change are those of what was done, not of what comes next.
void TrafficPage::showTense(const PlanSession &session)
{
    const bool isPast = session.hasOutcome();
    m_checksPanel->setTitle(isPast ? tr("Checks at %1").arg(clockText(session.operation()->plan().plannedAt))
                                   : tr("Checks"));
    m_diffPanel->setTitle(isPast ? tr("Last change") : tr("Next change"));
    m_diffPanel->setSubtitle(isPast ? tr("what was sent") : tr("what will be sent"));
}

// What can be dragged is what is wanted; else the bar tells what is live, and the steps say where it goes.
void TrafficPage::showShare()
{
    const bool isBusy = m_presenter->session().isUnderWay() || m_presenter->wayBack().isUnderWay();
    const bool inSteps = m_presenter->canSplit() && m_presenter->mode() == TrafficPresenter::Mode::Steps;
    const QSignalBlocker quiet(m_slider);
    m_slider->setValue(std::max(0, isBusy || inSteps ? m_presenter->percentNow() : m_presenter->percentWanted()));
    m_slider->update();
}

// Under way only what was not sent yet is to come, and at the end only what was sent is told.
void TrafficPage::showWhatIsLeft(const PlanSession &session)
{
    const Operation &operation = *session.operation();
    const QList<StepOutcome> steps = operation.stepOutcomes();
    const auto sent = static_cast<int>(
        std::count_if(steps.begin(), steps.end(), [](const StepOutcome &step) { return step.sentAt.isValid(); }));
    const bool isPast = session.hasOutcome();
    if (isPast && sent == 0) {
        m_diffPanel->showEmpty(tr("No change"), tr("Nothing was sent."));
        return;
    }
    if (session.isUnderWay() && sent >= operation.chosenSteps().size()) {
        m_diffPanel->showEmpty(tr("No change"), tr("All steps were sent."));
        return;
    }
    m_diff->show(operation.plan(), session.isUnderWay() ? sent : 0, isPast ? sent : -1);
    m_diffPanel->showContent();
}

} // namespace signalbox

#include "ui/pages/traffic/trafficpage.h"

#include "services/operations/operation.h"
#include "ui/pages/operation/checkslist.h"
#include "ui/pages/operation/deployedpicker.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/holdbinding.h"
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
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

QString capitalised(const QString &name)
{
    return name.isEmpty() ? name : name.left(1).toUpper() + name.mid(1);
}

QScrollArea *scrolled(QWidget *inner, QWidget *parent)
{
    auto *area = new QScrollArea(parent);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(inner);
    return area;
}

} // namespace

TrafficPage::TrafficPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
    , m_presenter(std::make_unique<TrafficPresenter>(context.deployed, context.clusters, *context.operations))
{
    setObjectName(QStringLiteral("trafficPage"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    layout->setSpacing(space::m);

    auto *top = new QHBoxLayout;
    m_picker = new DeployedPicker(
        context.deployed, [](const Deployed &item) { return !item.routers.isEmpty() && item.tracks.size() > 1; }, this);
    m_router = new ChipButton(tr("router"), this);
    m_candidate = new ChipButton(tr("move to"), this);
    m_candidate->setObjectName(QStringLiteral("pickCandidate"));
    top->addWidget(m_picker);
    top->addWidget(m_router);
    top->addWidget(m_candidate);
    top->addStretch();
    layout->addLayout(top);
    layout->addWidget(buildSplit());
    layout->addWidget(buildChange(), 1);

    connect(m_picker, &DeployedPicker::picked, m_presenter.get(), &TrafficPresenter::select);
    connect(m_router, &ChipButton::chosenChanged, this,
            [this](const QString &index) { m_presenter->selectRouter(index.toInt()); });
    connect(m_candidate, &ChipButton::chosenChanged, m_presenter.get(), &TrafficPresenter::setCandidate);
    connect(m_presenter.get(), &TrafficPresenter::selectionChanged, this, &TrafficPage::showSelection);
    connect(m_presenter.get(), &TrafficPresenter::splitChanged, this, &TrafficPage::showSplit);
    connect(m_presenter.get(), &TrafficPresenter::orderChanged, this, &TrafficPage::showOrder);
    for (PlanSession *session : {&m_presenter->session(), &m_presenter->wayBack()})
        connect(session, &PlanSession::changed, this, &TrafficPage::showPlans);
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
    connect(m_slider, &QSlider::valueChanged, m_presenter.get(), &TrafficPresenter::setPercentWanted);
    return m_splitPanel;
}

QWidget *TrafficPage::buildOrder()
{
    m_order = new QWidget(m_splitPanel);
    auto *row = new QHBoxLayout(m_order);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    for (const int percent : {0, 1, 5, 25, 50, 100}) {
        auto *preset = new QPushButton(QStringLiteral("%1 %").arg(percent), m_order);
        preset->setProperty("variant", QStringLiteral("chip"));
        preset->setAutoDefault(false);
        preset->setAccessibleName(tr("Want %1 %").arg(percent));
        connect(preset, &QPushButton::clicked, this, [this, percent] { m_presenter->setPercentWanted(percent); });
        row->addWidget(preset);
    }
    m_applied = new QLabel(m_order);
    m_applied->setProperty("role", QStringLiteral("soft"));
    row->addSpacing(space::m);
    row->addWidget(m_applied);
    row->addStretch();
    m_stagesProblem = new QLabel(m_order);
    m_stagesProblem->setProperty("role", QStringLiteral("error"));
    row->addWidget(m_stagesProblem);
    m_inSteps = new QCheckBox(tr("in steps"), m_order);
    m_inSteps->setObjectName(QStringLiteral("inSteps"));
    m_inSteps->setToolTip(tr("Move step by step and wait after each, so that a bad version hurts few."));
    row->addWidget(m_inSteps);
    m_stages = new QLineEdit(stagesText(m_presenter->stages()), m_order);
    m_stages->setObjectName(QStringLiteral("stages"));
    m_stages->setAccessibleName(tr("Stages: per cent and how long to wait"));
    m_stages->setToolTip(tr("Per cent and how long to wait after it, as in \"5 10m, 25 15m, 100\""));
    m_stages->setMinimumWidth(280);
    row->addWidget(m_stages);
    connect(m_inSteps, &QCheckBox::toggled, this, [this](bool inSteps) {
        m_presenter->setMode(inSteps ? TrafficPresenter::Mode::Steps : TrafficPresenter::Mode::OneMove);
    });
    connect(m_stages, &QLineEdit::textEdited, this, &TrafficPage::takeStages);
    return m_order;
}

QWidget *TrafficPage::buildChange()
{
    auto *lower = new QWidget(this);
    auto *layout = new QVBoxLayout(lower);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    auto *panels = new QHBoxLayout;
    panels->setSpacing(space::m);

    m_checksPanel = new Panel(tr("Checks"), lower);
    auto *inner = new QWidget(m_checksPanel);
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(space::l, space::m, space::l, space::m);
    m_checks = new ChecksList(inner);
    innerLayout->addWidget(m_checks);
    innerLayout->addStretch();
    m_checksPanel->setContent(scrolled(inner, m_checksPanel));

    m_diffPanel = new Panel(tr("Next change"), lower);
    m_diffPanel->setSubtitle(tr("what will be sent"));
    m_diff = new DiffView(m_diffPanel);
    m_diffPanel->setContent(m_diff);
    panels->addWidget(m_checksPanel, 1);
    panels->addWidget(m_diffPanel, 1);
    layout->addLayout(panels, 1);

    m_box = new OperationBox(tr("Shift"), ToneName::Green, m_presenter->session(), m_context.prompter,
                             m_context.settings, lower);
    m_box->setIdleText(tr("Nothing to move"), tr("Drag the bar, or choose a share: what will be sent is shown above."));
    layout->addWidget(m_box);
    m_backBox = new OperationBox(tr("All back"), ToneName::Failing, m_presenter->wayBack(), m_context.prompter,
                                 m_context.settings, lower);
    layout->addWidget(m_backBox);
    buildWayBack();
    connect(m_box, &OperationBox::dismissed, this, [this] {
        m_presenter->session().clear();
        m_presenter->replan();
    });
    connect(m_backBox, &OperationBox::dismissed, this, [this] {
        m_presenter->wayBack().clear();
        m_presenter->planWayBack();
    });
    return lower;
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
    m_slider->setFocus(Qt::ShortcutFocusReason);
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
}

void TrafficPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_presenter->setActive(false);
}

void TrafficPage::showSelection()
{
    m_picker->setChosen(m_presenter->selected());
    QList<ChipButton::Choice> routers;
    const QList<RouterRef> all = m_presenter->routers();
    for (int i = 0; i < all.size(); ++i) {
        routers << ChipButton::Choice{
            QString::number(i),
            QStringLiteral("%1 %2 %3").arg(routerKindLabel(all[i].kind), all[i].object.name, all[i].rule).trimmed()};
    }
    m_router->setVisible(!routers.isEmpty());
    m_router->setChoices(routers);
    m_router->setChosen(QString::number(m_presenter->routerIndex()));
    showTracks();
    emit crumbsChanged();
}

void TrafficPage::showSplit()
{
    switch (m_presenter->loadState()) {
    case TrafficPresenter::LoadState::Nothing:
        if (m_presenter->routable().isEmpty())
            m_splitPanel->showEmpty(
                tr("Nothing to route"),
                tr("No application here has two tracks behind a Service, an HTTPRoute or a VirtualService."));
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
    m_candidate->setVisible(split.has_value());
    if (!split)
        return;
    QList<ChipButton::Choice> candidates;
    for (const TrafficLeg &leg : split->legs)
        candidates << ChipButton::Choice{leg.track, leg.track};
    m_candidate->setChoices(candidates);
    m_candidate->setChosen(m_presenter->candidate());
    m_slider->setTracks(m_presenter->stable(), m_presenter->candidate());
    m_slider->setLive(m_presenter->percentNow());
    m_slider->setEnabled(!m_presenter->session().isRunning());
    m_allBack->setText(tr("All to %1").arg(capitalised(m_presenter->stable())));
    m_allBack->setAccessibleName(m_allBack->text());
    m_backBox->setVerb(m_allBack->text(), ToneName::Failing);
    switch (split->applied) {
    case TrafficSplit::Applied::Yes:
        m_applied->setText(tr("in force: %1").arg(split->appliedReason));
        break;
    case TrafficSplit::Applied::No:
        m_applied->setText(tr("not in force: %1").arg(split->appliedReason));
        break;
    case TrafficSplit::Applied::CannotTell:
        m_applied->setText(split->appliedReason.isEmpty() ? tr("nothing reports whether it is in force")
                                                          : split->appliedReason);
    }
    showTracks();
    showOrder();
}

void TrafficPage::showTracks()
{
    const auto of = m_presenter->deployed();
    const auto &split = m_presenter->split();
    if (!of || !split)
        return;
    QList<std::pair<QString, double>> shares;
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
        for (const auto &[legTrack, legShare] : shares) {
            if (legTrack == name)
                share = share.value_or(0) + legShare;
        }
        card->show(track, role, share);
    };
    fill(m_stableCard, m_presenter->stable(), tr("stays"));
    fill(m_candidateCard, m_presenter->candidate(), tr("candidate"));
}

void TrafficPage::showOrder()
{
    const bool canSplit = m_presenter->capabilities().testFlag(TrafficRouter::Capability::Split);
    const bool inSteps = canSplit && m_presenter->mode() == TrafficPresenter::Mode::Steps;
    {
        const QSignalBlocker quiet(m_slider);
        m_slider->setValue(std::max(0, m_presenter->percentWanted()));
    }
    m_slider->update();
    m_inSteps->setEnabled(canSplit);
    m_inSteps->setToolTip(canSplit ? tr("Move step by step and wait after each, so that a bad version hurts few.")
                                   : tr("This router moves all traffic or none."));
    m_stages->setVisible(inSteps);
    const QString candidate = capitalised(m_presenter->candidate());
    m_box->setVerb(inSteps ? tr("Start the steps") : tr("Shift to %1 %").arg(m_presenter->percentWanted()),
                   ToneName::Green);
    m_box->setIdleText(tr("%1 has %2 % of live traffic").arg(candidate).arg(m_presenter->percentNow()),
                       tr("Drag the bar, or choose a share: what will be sent is shown above."));
    showPlans();
}

void TrafficPage::takeStages()
{
    const auto stages = parseStages(m_stages->text());
    m_stagesProblem->setText(stages ? QString() : stages.error().message);
    if (stages)
        m_presenter->setStages(*stages);
}

void TrafficPage::showPlans()
{
    PlanSession &session = m_presenter->session();
    PlanSession &back = m_presenter->wayBack();
    const bool goesBack = back.isRunning() || (back.isFinished() && !back.isRefusedBeforehand());
    m_backBox->setVisible(goesBack);
    m_box->setVisible(!goesBack || session.isRunning());
    const PlanSession &shown = goesBack ? back : session;
    const bool inSteps = m_presenter->mode() == TrafficPresenter::Mode::Steps;
    m_strip->show(StageStrip::itemsOf(inSteps ? m_presenter->stages() : QList<TrafficPresenter::Stage>(),
                                      m_presenter->percentNow(), shown.isRunning() ? shown.operation() : nullptr));
    m_slider->setEnabled(m_presenter->split() && !session.isRunning() && !back.isRunning());
    const Operation *const operation = shown.operation();
    if (operation) {
        m_checks->show(operation->plan().checks);
        m_diff->show(operation->plan());
        m_checksPanel->showContent();
        m_diffPanel->showContent();
        return;
    }
    if (shown.state() == PlanSession::State::Planning) {
        m_checksPanel->showLoading(4);
        m_diffPanel->showLoading(5);
        return;
    }
    m_checksPanel->showEmpty(tr("No checks"), tr("They come with the plan."));
    m_diffPanel->showEmpty(tr("No change"), tr("Choose another share than the one that is live."));
}

} // namespace signalbox

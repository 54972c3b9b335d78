#include "ui/pages/promotions/promotionspage.h"

#include "models/stores/deployedstore.h"
#include "services/pipelines/pipelinefeed.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/changes/changesdialog.h"
#include "ui/pages/changes/changesview.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/promotions/decisionbox.h"
#include "ui/pages/promotions/gatedialog.h"
#include "ui/pages/promotions/promotiondetail.h"
#include "ui/pages/promotions/promotionquestions.h"
#include "ui/pages/promotions/promotionsinbox.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/clampedlabel.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

using policy::PromotionBoard;
using policy::PromotionCard;
using Action = PromotionsPresenter::Action;

namespace
{

constexpr int gutter = space::m; // of the page's right margin, for the bar of what scrolls
constexpr int narrow = 1000;     // of the page: below that the panels of one promotion stand below each other
constexpr int low = 680;         // of the page: below that the checks need the room more than the boxes do

} // namespace

PromotionsPage::PromotionsPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("promotionsPage"));
    m_stack = new QStackedLayout(this);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_ground = new QWidget(this);
    auto *layout = new QVBoxLayout(m_ground);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    m_noLedger = new Panel(tr("Promotions"), m_ground);
    m_noLedger->setObjectName(QStringLiteral("noLedgerPanel"));
    layout->addWidget(m_noLedger);
    m_stack->addWidget(m_ground);
    if (!context.promotions || !context.operations) {
        showNoLedger(std::nullopt);
        return;
    }
    m_presenter = std::make_unique<PromotionsPresenter>(context);
    build();
    connectPresenter();
    showBoard();
    showCard();
}

PromotionsPage::~PromotionsPage() = default;

void PromotionsPage::build()
{
    m_main = new QWidget(this);
    auto *layout = new QVBoxLayout(m_main);
    layout->setContentsMargins(space::xl, space::l, space::xl - gutter, space::l);
    layout->setSpacing(space::m);
    m_banner = new Banner(m_main);
    m_banner->setObjectName(QStringLiteral("promotionsBanner"));
    layout->addLayout(MiddleScroll::besideGutter(m_banner, gutter));
    auto *across = new QHBoxLayout;
    across->setSpacing(space::m);
    m_inbox = new PromotionsInbox(*m_presenter, m_context.settings, runs(), m_main);
    across->addWidget(m_inbox);
    across->addWidget(buildDetail(), 1);
    layout->addLayout(across, 1);
    m_stack->addWidget(m_main);
    m_questions = new PromotionQuestions(m_context, *m_presenter, this);
    setFocusProxy(&m_inbox->list());
}

// Null: no gate of a vendor can be decided here.
RunStore *PromotionsPage::runs() const
{
    return m_context.runs && m_context.pipelines ? &m_context.runs->store() : nullptr;
}

void PromotionsPage::openGate(const QString &key)
{
    if (!runs() || (m_gate && m_gate->key() == key))
        return; // a double click is two
    if (m_gate && m_gate->isDeciding()) {
        if (const auto other = gateRowOf(*runs(), key))
            m_gate->tellOther(*other);
        return;
    }
    if (m_gate) // a notification of another one came
        m_gate->close();
    m_gate = new GateDialog(m_context, key, window());
    m_inbox->setOpenGate(key);
    connect(m_gate, &QDialog::finished, m_inbox, [this, key, gate = m_gate.data()] {
        m_inbox->setOpenGate({});
        if (gate->hasDecided())
            m_inbox->goOnAfter(key);
    });
    m_gate->open();
}

QWidget *PromotionsPage::buildDetail()
{
    auto *column = new QWidget(m_main);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    m_detail = new PromotionDetail(*m_presenter);
    m_detail->setRuns(runs());
    connect(m_detail, &PromotionDetail::runWanted, this, [this](const QString &run) {
        NavigationTarget target;
        target.page = QStringLiteral("pipelines");
        target.object.uid = run;
        emit navigate(target);
    });
    auto *scroll = new MiddleScroll(m_detail, column);
    scroll->setGutter(gutter);
    layout->addWidget(scroll, 1);
    m_start = new OperationBox(tr("Start"), ToneName::Green, m_presenter->session(), m_context.prompter,
                               m_context.settings, column);
    m_start->setIdleText(tr("It may start"), tr("Its plan is shown here."));
    m_box = new DecisionBox(*m_presenter, m_context.prompter, m_context.settings, column);
    layout->addLayout(MiddleScroll::besideGutter(m_start, gutter));
    layout->addLayout(MiddleScroll::besideGutter(m_box, gutter));
    m_backPanel = new Panel({}, column);
    m_backPanel->setAccessibleName(tr("The way back"));
    auto *back = new QWidget(m_backPanel);
    auto *row = new QHBoxLayout(back);
    row->setContentsMargins(14, space::s, 14, space::s);
    row->setSpacing(space::m);
    m_backText = new ClampedLabel({}, back);
    m_backText->setObjectName(QStringLiteral("promotionUndoText"));
    m_backText->setProperty("role", QStringLiteral("soft"));
    m_backText->setMostLines(2);
    m_back = new QPushButton(tr("Take it back..."), back);
    m_back->setObjectName(QStringLiteral("promotionUndo"));
    m_back->setAutoDefault(false);
    row->addWidget(m_backText, 1);
    row->addWidget(m_back);
    m_backPanel->setContent(back);
    m_backPanel->showContent();
    m_backPanel->setFixedHeight(54);
    layout->addLayout(MiddleScroll::besideGutter(m_backPanel, gutter));
    connect(m_back, &QPushButton::clicked, this, [this] {
        NavigationTarget target = current();
        target.page = QStringLiteral("rollback");
        target.object = {};
        emit navigate(target);
    });
    return column;
}

void PromotionsPage::connectPresenter()
{
    PromotionsPresenter &presenter = *m_presenter;
    connect(&presenter, &PromotionsPresenter::boardChanged, this, &PromotionsPage::showBoard);
    connect(&presenter, &PromotionsPresenter::selectionChanged, this, &PromotionsPage::showCard);
    connect(&presenter, &PromotionsPresenter::stateChanged, this, &PromotionsPage::showBoxes);
    connect(&presenter, &PromotionsPresenter::stateChanged, this, &PromotionsPage::showBanner);
    connect(&presenter.session(), &PlanSession::changed, this, &PromotionsPage::showBoxes);
    connect(&m_context.deployed, &DeployedStore::changed, this, &PromotionsPage::showWayBack);
    connect(&presenter, &PromotionsPresenter::decided, this,
            [this](const QString &, const QString &text) { emit notice(text, Health::Ok); });
    connect(&presenter, &PromotionsPresenter::failedElsewhere, this,
            [this](const Error &problem) { emit notice(problem.message, Health::Failing); });
    connect(m_questions, &PromotionQuestions::noticed, this, &PromotionsPage::notice);
    connect(m_detail, &PromotionDetail::changesWanted, this, &PromotionsPage::openChanges);
    // Enter on a promotion goes to the button, where it has to be held.
    connect(m_inbox, &PromotionsInbox::opened, this, [this] {
        if (m_presenter->showsPlan() && m_presenter->fingerprint(Action::Approve).isEmpty())
            m_start->focusMain();
        else
            m_box->focusMain();
    });
    // With the words of its plan below, the row that was approved keeps the keyboard: Enter goes to Start, Down on.
    connect(m_box, &DecisionBox::givenAway, this, [this] { m_inbox->list().setFocus(Qt::OtherFocusReason); });
    connect(m_inbox, &PromotionsInbox::gateOpened, this, &PromotionsPage::openGate);
    connect(m_inbox, &PromotionsInbox::connectionWanted, this, [this](const QString &connection) {
        NavigationTarget target;
        target.page = QStringLiteral("connections");
        target.connection = connection;
        emit navigate(target);
    });
    if (RunStore *const store = runs()) {
        connect(m_inbox, &PromotionsInbox::gatesWanted, m_context.runs, &PipelineFeed::refresh);
        connect(store, &RunStore::gatesChanged, this, &PromotionsPage::showBoard);
        connect(store, &RunStore::gateSourceChanged, this, &PromotionsPage::showBoard);
    }
    connect(m_inbox, &PromotionsInbox::requestWanted, m_questions, &PromotionQuestions::askForPromotion);
    connect(m_inbox, &PromotionsInbox::freezeWanted, m_questions, &PromotionQuestions::askToFreeze);
    connect(m_inbox, &PromotionsInbox::countersignWanted, m_questions, &PromotionQuestions::askToCountersign);
    connect(m_inbox, &PromotionsInbox::liftWanted, m_questions, &PromotionQuestions::askToLift);
    connect(m_box, &DecisionBox::moreRequested, m_questions, &PromotionQuestions::openMore);
    m_unsentWait.setObjectName(QStringLiteral("unsentWait"));
    m_unsentWait.setSingleShot(true);
    m_unsentWait.setInterval(std::chrono::seconds(30));
    connect(&m_unsentWait, &QTimer::timeout, this, [this] {
        m_isUnsentLong = true;
        showBanner();
    });
    connect(m_start, &OperationBox::dismissed, this, [this] {
        m_presenter->session().clear();
        m_presenter->refresh();
        showBoxes();
    });
}

QStringList PromotionsPage::crumbs() const
{
    const PromotionCard *const card = m_presenter ? m_presenter->card() : nullptr;
    return card ? QStringList{card->request.subject.application} : QStringList{};
}

void PromotionsPage::open(const NavigationTarget &target)
{
    if (target.hint == QLatin1String("changes")) {
        const PromotionCard *const card = m_presenter ? m_presenter->card() : nullptr;
        const Deployed *const named = m_context.deployed.find(target.deployedKey);
        auto *dialog = new ChangesDialog(m_context,
                                         named  ? named->application
                                         : card ? card->request.subject.application
                                                : QString(),
                                         window());
        dialog->open();
        return;
    }
    if (!m_presenter)
        return;
    if (target.hint == QLatin1String("gate")) {
        openGate(target.object.uid);
        return;
    }
    if (!target.object.uid.isEmpty()) {
        m_stack->setCurrentWidget(m_main);
        m_inbox->filter().clear();
        m_presenter->select(target.object.uid);
    }
    showBoard();
    if (m_stack->currentWidget() == m_main)
        m_inbox->list().setFocus(Qt::ShortcutFocusReason);
    if (target.hint == QLatin1String("request"))
        m_questions->askForPromotion();
    else if (target.hint == QLatin1String("freeze"))
        m_questions->askToFreeze();
}

bool PromotionsPage::focusFilter()
{
    if (!m_presenter)
        return false;
    if (m_view && m_stack->currentWidget() == m_view) {
        m_view->focusFilter();
        return true;
    }
    m_inbox->filter().setFocus(Qt::ShortcutFocusReason);
    m_inbox->filter().selectAll();
    return true;
}

bool PromotionsPage::goBack()
{
    if (!m_presenter)
        return false;
    if (m_view && m_stack->currentWidget() == m_view) {
        if (!m_view->goBack())
            emit m_view->closed();
        return true;
    }
    if (m_inbox->filter().text().isEmpty())
        return false;
    m_inbox->filter().clear();
    return true;
}

NavigationTarget PromotionsPage::current() const
{
    NavigationTarget target;
    target.page = QStringLiteral("promotions");
    if (const PromotionCard *card = m_presenter ? m_presenter->card() : nullptr) {
        target.object.uid = card->id;
        const QList<Deployed> all = m_context.deployed.all();
        for (const Deployed &one : all) {
            if (one.application == card->request.subject.application &&
                one.environment == card->request.subject.environment)
                target.deployedKey = one.key();
        }
    }
    return target;
}

QList<KeyHelp> PromotionsPage::keys() const
{
    return {{tr("Up, Down"), tr("choose a promotion")},
            {tr("Enter"), tr("go to the button")},
            {tr("hold Enter"), tr("approve, reject or start")},
            {tr("Enter on a commit"), tr("show what it changed")},
            {QStringLiteral("Ctrl F"), tr("search in a file's difference")},
            {tr("Alt Up, Alt Down"), tr("from change to change, on to the next file")},
            {tr("Ctrl Up, Ctrl Down"), tr("from file to file")},
            {QStringLiteral("Ctrl L"), tr("side by side, or below each other")},
            {QStringLiteral("/"), tr("filter")}};
}

void PromotionsPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (m_presenter)
        m_presenter->setActive(true);
}

void PromotionsPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    arrange();
}

void PromotionsPage::arrange()
{
    if (!m_presenter)
        return;
    const bool isNarrow = width() < narrow;
    m_inbox->setNarrow(isNarrow);
    m_detail->setNarrow(isNarrow);
    m_start->setDense(height() < low);
}

void PromotionsPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    if (m_presenter)
        m_presenter->setActive(false);
}

void PromotionsPage::showBoard()
{
    const PromotionBoard &board = m_presenter->board();
    showBanner();
    // No ledger, or one that nobody began to sign: nothing is broken, there is only nothing to decide in yet.
    const std::optional<Error> &error = board.ledgerFreshness.error;
    const bool isMissing = error && (error->kind == ErrorKind::NotFound || error->kind == ErrorKind::Unsupported) &&
                           board.open.isEmpty() && board.decided.isEmpty() &&
                           !(runs() && (!runs()->gates().isEmpty() || !unreadGateSources(*runs()).isEmpty()));
    if (isMissing)
        showNoLedger(error);
    if (!m_view || m_stack->currentWidget() != m_view)
        m_stack->setCurrentWidget(isMissing ? m_ground : m_main);
}

void PromotionsPage::showNoLedger(const std::optional<Error> &why)
{
    std::function<void()> again;
    if (m_presenter)
        again = [this] { m_presenter->refresh(); };
    const QString label = again ? tr("Look again") : QString();
    if (why && why->kind == ErrorKind::Unsupported) {
        m_noLedger->showEmpty(
            tr("The ledger is not signed yet"),
            tr("It records what is done here, and goes on doing so. To have promotions asked for, approved and started "
               "through it, let it prove who wrote what: an admin begins with \"signalbox ledger init\"."),
            label, std::move(again));
        return;
    }
    const QString text =
        tr("Promotions are asked for, approved and started through the team's signed ledger. Begin one with "
           "\"signalbox ledger init\", or open a workspace that names one.");
    m_noLedger->showEmpty(tr("There is no ledger to decide in"), why ? why->message + QLatin1Char('\n') + text : text,
                          label, std::move(again));
}

void PromotionsPage::showBanner()
{
    const PromotionBoard &board = m_presenter->board();
    m_banner->setAction({}, {});
    const bool isRead = board.ledgerFreshness.state != Freshness::State::Loading;
    if (const QString why = m_presenter->whyNothing(); isRead && !why.isEmpty()) {
        const bool isKey = board.ledgerFreshness.isLive();
        m_banner->setMessage(isKey ? Health::Warning : Health::Failing,
                             isKey ? tr("You can look, not decide.") : tr("Not live: nothing can be decided."), why);
        m_banner->setAction(tr("Look again"), [this] { m_presenter->refresh(); });
        return;
    }
    const auto stale =
        std::count_if(board.open.cbegin(), board.open.cend(), [](const PromotionCard &card) { return !card.isLive(); });
    if (stale > 0) {
        m_banner->setMessage(Health::Warning,
                             stale == board.open.size() ? tr("No cluster of these promotions is live.") : QString(),
                             tr("%n promotion(s) cannot be decided now: each says why.", nullptr, int(stale)));
        m_banner->setAction(tr("Look again"), [this] { m_presenter->refresh(); });
        return;
    }
    QStringList words;
    if (isUnsentForLong())
        words << tr("%n entry(ies) of yours are not in the shared ledger yet.", nullptr, int(board.unsent));
    if (board.ignoredEntries > 0)
        words << tr("%n entry(ies) of the ledger are not proven and do not count.", nullptr, int(board.ignoredEntries));
    m_banner->setMessage(Health::Warning, {}, words.join(QLatin1Char(' ')));
}

// What was just written is on its way; only what stays behind is worth a word.
bool PromotionsPage::isUnsentForLong()
{
    if (m_presenter->board().unsent == 0) {
        m_unsentWait.stop();
        m_isUnsentLong = false;
    } else if (!m_isUnsentLong && !m_unsentWait.isActive()) {
        m_unsentWait.start();
    }
    return m_isUnsentLong;
}

void PromotionsPage::showCard()
{
    showBoxes();
    const PromotionCard *const card = m_presenter->card();
    if (!card || m_shownId != card->id)
        emit crumbsChanged();
    m_shownId = card ? card->id : QString();
}

void PromotionsPage::showBoxes()
{
    const PromotionCard *const card = m_presenter->card();
    const bool showsPlan = m_presenter->showsPlan();
    m_start->setVisible(showsPlan);
    m_box->setBesidePlan(showsPlan);
    if (card && showsPlan)
        m_start->setVerb(tr("Start in %1").arg(card->request.subject.environment), ToneName::Green);
    // A rejection that stands can still be outvoted.
    m_box->setVisible(card && (card->isOpen() || card->mayApprove.isGiven || card->mayReject.isGiven));
    showWayBack();
}

// The newest that went there can be taken back: where that leads is planned, shown and held like every other way back.
void PromotionsPage::showWayBack()
{
    const PromotionCard *const card = m_presenter->card();
    const auto isLater = [card](const PromotionCard &other) {
        return other.claimedAt > card->claimedAt &&
               other.request.subject.application == card->request.subject.application &&
               other.request.subject.environment == card->request.subject.environment;
    };
    const PromotionBoard &board = m_presenter->board();
    const bool isNewest = card && card->claimedAt.isValid() &&
                          std::none_of(board.open.cbegin(), board.open.cend(), isLater) &&
                          std::none_of(board.decided.cbegin(), board.decided.cend(), isLater);
    m_backPanel->setVisible(isNewest);
    if (!isNewest)
        return;
    const policy::Subject &subject = card->request.subject;
    const bool isSeen = !current().deployedKey.isEmpty();
    m_back->setEnabled(isSeen);
    const QString what =
        isSeen ? tr("Plans the rollback of %1 in %2 to what ran before, and shows it first. Nothing happens before you "
                    "confirm.")
                     .arg(subject.application, subject.environment)
               : tr("No connected cluster shows %1 in %2.").arg(subject.application, subject.environment);
    m_backText->setText(what);
    m_back->setToolTip(what);
    m_back->setAccessibleDescription(what);
}

void PromotionsPage::openChanges(const QString &commit)
{
    const PromotionCard *const card = m_presenter->card();
    if (!card)
        return;
    if (!m_view) {
        m_view = new ChangesView(m_presenter->changes(), m_context.settings, this);
        m_view->layout()->setContentsMargins(space::xl, space::l, space::xl, space::l);
        m_stack->addWidget(m_view);
        connect(m_view, &ChangesView::closed, this, [this] {
            m_stack->setCurrentWidget(m_main);
            m_presenter->changes().setCommit({});
            m_detail->focusCommits();
        });
    }
    m_stack->setCurrentWidget(m_view);
    m_view->open(PromotionDetail::titleOf(*card), commit);
}

} // namespace signalbox

#include "ui/pages/promotions/promotionspage.h"

#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/operations/operation.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/changes/changesview.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/promotions/clusterdifference.h"
#include "ui/pages/promotions/decisionbox.h"
#include "ui/pages/promotions/inboxdelegate.h"
#include "ui/pages/promotions/obligations.h"
#include "ui/pages/promotions/pathgraph.h"
#include "ui/pages/promotions/requestdialog.h"
#include "ui/pages/promotions/riskview.h"
#include "ui/pages/promotions/ruleslist.h"
#include "ui/pages/promotions/voteslist.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace signalbox
{

using policy::PromotionBoard;
using policy::PromotionCard;
using Action = PromotionsPresenter::Action;

namespace
{

constexpr int gutter = space::m; // of the page's right margin, for the bar of what scrolls
constexpr int inboxWidth = 300;
constexpr int narrowInboxWidth = 250;
constexpr int narrow = 1000; // of the page: below that the panels of one promotion stand below each other

QString orderChoice()
{
    return QStringLiteral("promotions/order");
}

QString titleOf(const PromotionCard &card)
{
    QString before;
    for (const policy::PathPlace &place : card.path) {
        if (place.isTarget)
            before = place.version;
    }
    const QString now = versionOf(card);
    return before.isEmpty() || before == now
               ? QStringLiteral("%1  %2").arg(card.request.subject.application, now)
               : QStringLiteral("%1  %2 \u2192 %3").arg(card.request.subject.application, before, now);
}

ToneName toneOf(PromotionCard::State state)
{
    switch (state) {
    case PromotionCard::State::Ready:
    case PromotionCard::State::Done:
        return ToneName::Ok;
    case PromotionCard::State::UnderWay:
        return ToneName::Progress;
    case PromotionCard::State::Blocked:
        return ToneName::Warning;
    case PromotionCard::State::Rejected:
    case PromotionCard::State::Ended:
        return ToneName::Failing;
    case PromotionCard::State::Waiting:
    case PromotionCard::State::Replaced:
        break;
    }
    return ToneName::Neutral;
}

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
        showNoLedger({});
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
    across->addWidget(buildInbox());
    across->addWidget(buildDetail(), 1);
    layout->addLayout(across, 1);
    m_stack->addWidget(m_main);
    setFocusProxy(m_inbox);
}

QWidget *PromotionsPage::buildInbox()
{
    auto *column = new QWidget(m_main);
    m_inboxColumn = column;
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    auto *tools = new QHBoxLayout;
    tools->setSpacing(space::s);
    m_filter = new FilterField(tr("Filter promotions"), column);
    m_filter->setObjectName(QStringLiteral("promotionsFilter"));
    m_order = new ChipButton(QStringLiteral("%1"), column);
    m_order->setObjectName(QStringLiteral("promotionsOrder"));
    m_order->setChoices({{QStringLiteral("oldest"), tr("oldest first")},
                         {QStringLiteral("application"), tr("by name")},
                         {QStringLiteral("risk"), tr("riskiest first")}});
    m_ask = new IconButton(QStringLiteral("plus"), tr("Ask for a promotion..."), column);
    m_ask->setObjectName(QStringLiteral("askForPromotion"));
    tools->addWidget(m_filter, 1);
    tools->addWidget(m_order);
    tools->addWidget(m_ask);
    layout->addLayout(tools);
    m_inboxPanel = new Panel(tr("Promotions"), column);
    m_inboxPanel->setObjectName(QStringLiteral("promotionsInboxPanel"));
    m_inbox = new RowList(m_inboxPanel);
    m_inbox->setObjectName(QStringLiteral("promotionsInbox"));
    m_inbox->setAccessibleName(tr("Promotions"));
    m_inbox->setUniformItemSizes(false);
    m_inbox->setModel(&m_presenter->inbox());
    m_inbox->setItemDelegate(new InboxDelegate(m_inbox));
    m_inboxPanel->setContent(m_inbox);
    m_filter->setTarget(m_inbox);
    layout->addWidget(m_inboxPanel, 1);
    m_obligationsPanel = new Panel(tr("In force and owed"), column);
    m_obligationsPanel->setObjectName(QStringLiteral("obligationsPanel"));
    m_obligations = new Obligations(m_obligationsPanel);
    m_obligationsPanel->setContent(new MiddleScroll(m_obligations, m_obligationsPanel));
    m_obligationsPanel->setMaximumHeight(230);
    m_obligationsPanel->setMinimumHeight(150);
    layout->addWidget(m_obligationsPanel);
    return column;
}

QWidget *PromotionsPage::buildDetail()
{
    auto *column = new QWidget(m_main);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 0, 0, 0);
    innerLayout->setSpacing(space::m);
    innerLayout->addWidget(buildHead(inner));
    innerLayout->addWidget(buildMiddle(inner), 1);
    auto *scroll = new MiddleScroll(inner, column);
    scroll->setGutter(gutter);
    layout->addWidget(scroll, 1);
    m_start = new OperationBox(tr("Start"), ToneName::Green, m_presenter->session(), m_context.prompter,
                               m_context.settings, column);
    m_start->setIdleText(tr("It may start"), tr("Its plan is shown here."));
    m_box = new DecisionBox(*m_presenter, m_context.prompter, m_context.settings, column);
    layout->addLayout(MiddleScroll::besideGutter(m_start, gutter));
    layout->addLayout(MiddleScroll::besideGutter(m_box, gutter));
    return column;
}

Panel *PromotionsPage::buildHead(QWidget *parent)
{
    m_headPanel = new Panel({}, parent);
    m_headPanel->setObjectName(QStringLiteral("promotionHead"));
    m_headPanel->setAccessibleName(tr("The chosen promotion"));
    auto *content = new QWidget(m_headPanel);
    auto *row = new QHBoxLayout;
    row->setSpacing(space::s);
    m_title = new QLabel(m_headPanel);
    m_title->setObjectName(QStringLiteral("promotionTitle"));
    m_title->setProperty("role", QStringLiteral("large"));
    m_way = new Badge({}, ToneName::Neutral, m_headPanel);
    m_state = new Badge({}, ToneName::Neutral, m_headPanel);
    m_state->setObjectName(QStringLiteral("promotionState"));
    m_risk = new Badge({}, ToneName::Neutral, m_headPanel);
    m_risk->setObjectName(QStringLiteral("promotionRisk"));
    for (QWidget *each : std::initializer_list<QWidget *>{m_title, m_way, m_state, m_risk})
        row->addWidget(each);
    m_asked = new ElidedLabel({}, TextRole::Body, m_headPanel);
    m_asked->setObjectName(QStringLiteral("promotionAsked"));
    m_asked->setSoft(true);
    row->addWidget(m_asked, 1);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(14, space::m, 14, space::s);
    layout->setSpacing(space::s);
    layout->addLayout(row);
    m_path = new PathGraph(content);
    layout->addWidget(m_path);
    m_headPanel->setContent(content);
    m_headPanel->setFixedHeight(124);
    return m_headPanel;
}

QWidget *PromotionsPage::buildMiddle(QWidget *parent)
{
    auto *row = new QWidget(parent);
    auto *across = new QBoxLayout(QBoxLayout::LeftToRight, row);
    m_middle = across;
    across->setContentsMargins(0, 0, 0, 0);
    across->setSpacing(space::m);
    auto *left = new QVBoxLayout;
    left->setSpacing(space::m);
    m_rulesPanel = new Panel(tr("Checks"), row);
    auto *rulesInner = new QWidget(m_rulesPanel);
    auto *rulesLayout = new QVBoxLayout(rulesInner);
    rulesLayout->setContentsMargins(0, 0, 0, 0);
    m_rules = new RulesList(rulesInner);
    rulesLayout->addWidget(m_rules);
    rulesLayout->addStretch(1);
    m_rulesPanel->setContent(rulesInner);
    m_votesPanel = new Panel(tr("Votes"), row);
    m_votes = new VotesList(m_votesPanel);
    m_votesPanel->setContent(m_votes);
    left->addWidget(m_rulesPanel, 1);
    left->addWidget(m_votesPanel);
    auto *right = new QVBoxLayout;
    right->setSpacing(space::m);
    right->addWidget(buildChanges(row), 1);
    m_riskPanel = new Panel(tr("Risk"), row);
    m_riskPanel->setSubtitle(tr("a figure to look at, never a gate"));
    m_riskView = new RiskView(m_riskPanel);
    m_riskPanel->setContent(m_riskView);
    right->addWidget(m_riskPanel);
    across->addLayout(left, 1);
    across->addLayout(right, 1);
    return row;
}

Panel *PromotionsPage::buildChanges(QWidget *parent)
{
    m_changesPanel = new Panel(tr("What changes"), parent);
    m_changesPanel->setObjectName(QStringLiteral("whatChanges"));
    m_openDiff = new QPushButton(tr("open diff"), m_changesPanel);
    m_openDiff->setObjectName(QStringLiteral("openDiff"));
    m_openDiff->setProperty("variant", QStringLiteral("ghost"));
    m_openDiff->setAutoDefault(false);
    m_changesPanel->addHeaderWidget(m_openDiff);
    auto *content = new QWidget(m_changesPanel);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_commits = new RowList(content);
    m_commits->setObjectName(QStringLiteral("promotionCommits"));
    m_commits->setAccessibleName(tr("Commits that go out"));
    m_commits->setModel(&m_presenter->changes().commits());
    m_commits->setItemDelegate(new CommitDelegate(m_commits));
    m_commits->setMinimumHeight(2 * CommitDelegate::rowHeight);
    layout->addWidget(m_commits, 1);
    m_changesPanel->setContent(content);
    auto *column = new QWidget(content);
    auto *lines = new QVBoxLayout(column);
    lines->setContentsMargins(14, space::s, 14, space::m);
    lines->setSpacing(space::xs);
    auto *also = new QLabel(tr("Also changes in the cluster"), column);
    also->setProperty("role", QStringLiteral("soft"));
    m_cluster = new ClusterDifference(column);
    lines->addWidget(also);
    lines->addWidget(m_cluster);
    layout->addWidget(column);
    connect(m_openDiff, &QPushButton::clicked, this, [this] { openChanges({}); });
    connect(m_commits, &RowList::opened, this,
            [this](const QModelIndex &index) { openChanges(index.data(IdRole).toString()); });
    return m_changesPanel;
}

void PromotionsPage::connectPresenter()
{
    PromotionsPresenter &presenter = *m_presenter;
    connect(&presenter, &PromotionsPresenter::boardChanged, this, &PromotionsPage::showBoard);
    connect(&presenter, &PromotionsPresenter::selectionChanged, this, &PromotionsPage::showCard);
    connect(&presenter, &PromotionsPresenter::stateChanged, this, &PromotionsPage::showBoxes);
    connect(&presenter, &PromotionsPresenter::stateChanged, this, &PromotionsPage::showBanner);
    connect(&presenter, &PromotionsPresenter::previewChanged, this, &PromotionsPage::showChanges);
    connect(&presenter, &PromotionsPresenter::distancesChanged, this, &PromotionsPage::showDistances);
    connect(&presenter.changes(), &ChangesPresenter::changed, this, &PromotionsPage::showChanges);
    connect(&presenter.session(), &PlanSession::changed, this, [this] {
        showBoxes();
        showChanges();
    });
    connect(&presenter, &PromotionsPresenter::decided, this,
            [this](const QString &text) { emit notice(text, Health::Ok); });
    connect(m_inbox->selectionModel(), &QItemSelectionModel::currentChanged, this, &PromotionsPage::chooseRow);
    // Enter on a promotion goes to the button, where it has to be held.
    connect(m_inbox, &RowList::opened, this, [this] {
        if (m_presenter->showsPlan() && m_presenter->fingerprint(Action::Approve).isEmpty())
            m_start->focusMain();
        else
            m_box->focusMain();
    });
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, m_inbox->viewport(), qOverload<>(&QWidget::update));
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this] {
        if (const PromotionCard *card = isVisible() ? m_presenter->card() : nullptr)
            showAsked(*card);
    });
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_presenter->inbox().setWords(text);
        showBoard();
    });
    connect(m_order, &ChipButton::chosenChanged, this, [this](const QString &id) {
        m_context.settings.setChoice(orderChoice(), id);
        m_presenter->inbox().setOrder(id == QLatin1String("application") ? PromotionsModel::Order::Application
                                      : id == QLatin1String("risk")      ? PromotionsModel::Order::Riskiest
                                                                         : PromotionsModel::Order::Oldest);
        showBoard();
    });
    m_order->setChosen(m_context.settings.choice(orderChoice(), QStringLiteral("oldest")));
    emit m_order->chosenChanged(m_order->chosen());
    connect(m_ask, &QPushButton::clicked, this, &PromotionsPage::askForPromotion);
    connect(m_box, &DecisionBox::moreRequested, this, &PromotionsPage::openMore);
    connect(m_start, &OperationBox::dismissed, this, [this] {
        m_presenter->session().clear();
        m_presenter->refresh();
        showBoxes();
    });
    connect(m_obligations, &Obligations::countersignRequested, this, [this](const QString &entry, const QString &what) {
        askReason(tr("Countersign"), tr("%1\nYour signature says that you answer for it as well.").arg(what),
                  tr("Countersign"), false,
                  [this, entry](const QString &comment) { m_presenter->countersign(entry, comment); });
    });
    connect(m_obligations, &Obligations::liftRequested, this, [this](const QString &entry, const QString &what) {
        askReason(tr("Lift"), tr("%1\nPromotions go on there again.").arg(what), tr("Lift"), false,
                  [this, entry](const QString &reason) { m_presenter->lift(entry, reason); });
    });
}

QStringList PromotionsPage::crumbs() const
{
    const PromotionCard *const card = m_presenter ? m_presenter->card() : nullptr;
    return card ? QStringList{card->request.subject.application} : QStringList{};
}

void PromotionsPage::open(const NavigationTarget &target)
{
    if (!m_presenter)
        return;
    if (!target.object.uid.isEmpty()) {
        m_stack->setCurrentWidget(m_main);
        m_filter->clear();
        m_presenter->select(target.object.uid);
    }
    showBoard();
    if (m_stack->currentWidget() == m_main)
        m_inbox->setFocus(Qt::ShortcutFocusReason);
    if (target.hint == QLatin1String("request"))
        askForPromotion();
}

bool PromotionsPage::focusFilter()
{
    if (!m_presenter)
        return false;
    if (m_view && m_stack->currentWidget() == m_view) {
        m_view->focusFilter();
        return true;
    }
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
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
    if (m_filter->text().isEmpty())
        return false;
    m_filter->clear();
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
    m_inboxColumn->setFixedWidth(isNarrow ? narrowInboxWidth : inboxWidth);
    m_middle->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_way->setVisible(!isNarrow && !m_way->text().isEmpty()); // the graph says it as well
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
    m_isFilling = true;
    const int row = m_presenter->inbox().rowOf(m_presenter->selected());
    const QModelIndex wanted = row >= 0 ? m_presenter->inbox().index(row) : QModelIndex();
    if (m_inbox->currentIndex() != wanted)
        m_inbox->setCurrentIndex(wanted);
    m_isFilling = false;
    showInboxState();
    m_obligations->show(board.stops, board.debts, m_presenter->whyNothing());
    m_obligationsPanel->setVisible(m_obligations->count() > 0);
    m_obligationsPanel->setSubtitle(board.debts.isEmpty() ? QString()
                                                          : tr("%n debt(s)", nullptr, int(board.debts.size())));
    const QString why = m_presenter->whyNothing();
    m_ask->setEnabled(why.isEmpty());
    m_ask->setToolTip(why.isEmpty() ? m_ask->accessibleName() : why);
    emit badgeChanged(board.waitingForMe(), Health::Waiting);
    showBanner();
    const std::optional<Error> &error = board.ledgerFreshness.error;
    const bool isThere =
        !error || error->kind != ErrorKind::NotFound || !board.open.isEmpty() || !board.decided.isEmpty();
    if (!isThere)
        showNoLedger(error->message);
    if (!m_view || m_stack->currentWidget() != m_view)
        m_stack->setCurrentWidget(isThere ? m_main : m_ground);
}

void PromotionsPage::showNoLedger(const QString &where)
{
    const QString text =
        tr("Promotions are asked for, approved and started through the team's signed ledger. Begin one with "
           "\"signalbox ledger init\", or open a workspace that names one.");
    std::function<void()> again;
    if (m_presenter)
        again = [this] { m_presenter->refresh(); };
    m_noLedger->showEmpty(tr("There is no ledger to decide in"),
                          where.isEmpty() ? text : where + QLatin1Char('\n') + text,
                          again ? tr("Look again") : QString(), std::move(again));
}

void PromotionsPage::showInboxState()
{
    const PromotionBoard &board = m_presenter->board();
    const Freshness &ledger = board.ledgerFreshness;
    const bool isEmpty = board.open.isEmpty() && board.decided.isEmpty();
    if (isEmpty && !ledger.isLive()) {
        m_inboxPanel->follow(ledger, tr("There is no ledger"), [this] { m_presenter->refresh(); });
        if (ledger.state == Freshness::State::Stale)
            m_inboxPanel->showEmpty(tr("Nothing is known"), tr("The ledger could not be read."));
        return;
    }
    if (isEmpty) {
        m_inboxPanel->showEmpty(tr("Nothing waits"),
                                tr("No promotion was asked for lately. signalbox promote asks for one as well."),
                                tr("Ask for one..."), [this] { askForPromotion(); });
    } else if (m_presenter->inbox().shownCards() == 0) {
        m_inboxPanel->showEmpty(tr("Nothing fits the filter"), tr("Esc clears it."));
    } else {
        m_inboxPanel->showContent();
    }
    m_inboxPanel->setStale(ledger.isLive() ? QDateTime() : board.readAt,
                           ledger.error ? ledger.error->message : QString());
}

void PromotionsPage::showBanner()
{
    const PromotionBoard &board = m_presenter->board();
    m_banner->setAction({}, {});
    const bool isRead = board.ledgerFreshness.state != Freshness::State::Loading;
    if (const QString why = m_presenter->whyNothing(); isRead && !why.isEmpty()) {
        const bool isKey = board.isLive();
        m_banner->setMessage(isKey ? Health::Warning : Health::Failing,
                             isKey ? tr("You can look, not decide.") : tr("Not live: nothing can be decided."), why);
        m_banner->setAction(tr("Look again"), [this] { m_presenter->refresh(); });
        return;
    }
    QStringList words;
    if (board.unsent > 0)
        words << tr("%n entry(ies) of yours are not in the shared ledger yet.", nullptr, int(board.unsent));
    if (board.ignoredEntries > 0)
        words << tr("%n entry(ies) of the ledger are not proven and do not count.", nullptr, int(board.ignoredEntries));
    m_banner->setMessage(Health::Warning, {}, words.join(QLatin1Char(' ')));
}

void PromotionsPage::chooseRow(const QModelIndex &index)
{
    if (m_isFilling || !index.isValid())
        return;
    const QString id = index.data(IdRole).toString();
    if (!id.isEmpty())
        m_presenter->select(id);
}

void PromotionsPage::showCard()
{
    const PromotionCard *const card = m_presenter->card();
    if (!card) {
        const bool isLoading = m_presenter->board().ledgerFreshness.state == Freshness::State::Loading;
        m_title->setText(isLoading ? QString() : tr("No promotion chosen"));
        for (Badge *badge : {m_way, m_state, m_risk})
            badge->setText({});
        m_asked->setText({});
        for (Panel *panel : {m_headPanel, m_rulesPanel, m_votesPanel, m_changesPanel, m_riskPanel}) {
            if (isLoading)
                panel->showLoading(3);
            else
                panel->showEmpty({}, tr("Choose a promotion at the left."));
            panel->setSubtitle({});
        }
        showBoxes();
        emit crumbsChanged();
        return;
    }
    for (Panel *panel : {m_headPanel, m_rulesPanel, m_votesPanel, m_riskPanel})
        panel->showContent();
    const bool isLive = m_presenter->board().isLive() || !card->isOpen();
    for (Panel *panel : {m_headPanel, m_rulesPanel})
        panel->setStale(isLive ? QDateTime() : m_presenter->board().readAt, m_presenter->whyNothing());
    showHead(*card);
    m_rules->show(card->decision.rules);
    m_rulesPanel->setSubtitle(RulesList::summary(card->decision.rules));
    m_votes->show(*card);
    m_votesPanel->setSubtitle(card->approvalsAsked() > 0
                                  ? tr("%1 of %2").arg(card->approvalsGiven()).arg(card->approvalsAsked())
                                  : QString());
    m_riskView->show(card->risk);
    showDistances();
    showChanges();
    showBoxes();
    if (m_shownId != card->id)
        emit crumbsChanged();
    m_shownId = card->id;
}

void PromotionsPage::showHead(const PromotionCard &card)
{
    m_title->setText(titleOf(card));
    const QString from = card.request.fromEnvironment;
    m_way->setText(from.isEmpty() ? card.request.subject.environment
                                  : QStringLiteral("%1 \u2192 %2").arg(from, card.request.subject.environment));
    arrange(); // which of them have room
    m_state->setText(policy::cardStateLabel(card.state));
    m_state->setTone(toneOf(card.state));
    m_risk->setText(RiskView::badge(card.risk));
    m_risk->setTone(RiskView::isHigh(card.risk) ? ToneName::Warning : ToneName::Neutral);
    showAsked(card);
    m_path->show(card);
}

void PromotionsPage::showAsked(const PromotionCard &card)
{
    QStringList words{tr("asked by %1").arg(card.requester), ageText(card.requestedAt, AgeTicker::now())};
    if (!card.request.reason.isEmpty())
        words << card.request.reason;
    m_asked->setText(words.join(QStringLiteral(" · ")));
    m_asked->setToolTip(QStringLiteral("%1\n%2\n%3")
                            .arg(words.join(QStringLiteral(" · ")), timeToolTip(card.requestedAt), card.executes));
}

void PromotionsPage::showDistances()
{
    const PromotionCard *const card = m_presenter->card();
    for (int i = 0; card && i + 1 < card->path.size(); ++i)
        m_path->setDistance(i, m_presenter->distances().at(i));
}

void PromotionsPage::showChanges()
{
    const PromotionCard *const card = m_presenter->card();
    if (!card)
        return;
    ChangesPresenter &changes = m_presenter->changes();
    const ChangesPresenter::State state = changes.state();
    m_changesPanel->setSubtitle(changes.summary());
    const bool hasCommits = state == ChangesPresenter::State::Ready && changes.commits().rowCount() > 0;
    m_openDiff->setEnabled(state == ChangesPresenter::State::Ready);
    m_openDiff->setToolTip(state == ChangesPresenter::State::Failed ? changes.error().message : changes.text());
    m_commits->setVisible(hasCommits);
    const bool isWaiting = state == ChangesPresenter::State::Fetching || state == ChangesPresenter::State::Loading;
    QString note;
    if (state == ChangesPresenter::State::Failed)
        note = changes.error().message;
    else if (isWaiting)
        note = tr("The commits are being read ...");
    else if (!hasCommits)
        note = state == ChangesPresenter::State::Ready ? tr("Both releases are the same commit.") : changes.text();
    QList<DiffLine> lines = m_presenter->clusterDifference();
    if (!note.isEmpty())
        lines.prepend({DiffLine::Kind::Note, note});
    m_cluster->show(lines, m_presenter->isPreviewing() ? tr("being worked out ...") : tr("nothing that is known of"));
    m_changesPanel->showContent();
}

void PromotionsPage::showBoxes()
{
    const PromotionCard *const card = m_presenter->card();
    const bool showsPlan = m_presenter->showsPlan();
    m_start->setVisible(showsPlan);
    if (card && showsPlan)
        m_start->setVerb(tr("Start in %1").arg(card->request.subject.environment), ToneName::Green);
    // A rejection that stands can still be outvoted.
    m_box->setVisible(card && (card->isOpen() || card->mayApprove.isGiven || card->mayReject.isGiven));
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
            m_commits->setFocus(Qt::OtherFocusReason);
        });
    }
    m_stack->setCurrentWidget(m_view);
    m_view->open(titleOf(*card), commit);
}

void PromotionsPage::openMore(QPushButton *at)
{
    const PromotionCard *const card = m_presenter->card();
    if (!card)
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("decisionMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    const auto add = [menu](const QString &text, const QString &whyNot, auto run) {
        // What cannot be done stands there with its reason.
        QAction *action =
            menu->addAction(whyNot.isEmpty() ? text : QStringLiteral("%1 \u2013 %2").arg(text, whyNot), run);
        action->setEnabled(whyNot.isEmpty());
        action->setToolTip(whyNot);
    };
    const QString place = QStringLiteral("%1 \u2192 %2").arg(titleOf(*card), card->request.subject.environment);
    add(tr("Break glass: act alone..."), m_presenter->whyNot(Action::BreakGlass), [this, place] {
        askReason(
            tr("Break glass"),
            tr("%1\nYou act alone, now. It is signed with your name, shown to all, and others have to countersign "
               "it in time.")
                .arg(place),
            tr("Break glass"), true, [this](const QString &reason) { m_presenter->breakGlass(reason); });
    });
    add(tr("Hold promotions here..."), m_presenter->whyNothing(), [this, card = *card] {
        askReason(tr("Hold"),
                  tr("No promotion of %1 to %2 starts until it is lifted.")
                      .arg(card.request.subject.application, card.request.subject.environment),
                  tr("Hold"), false, [this](const QString &reason) { m_presenter->hold(reason); });
    });
    if (card->state == PromotionCard::State::UnderWay)
        add(tr("Close the claim..."), m_presenter->whyNothing(), [this, place] {
            askReason(tr("Close the claim"),
                      tr("%1\nFor a claim whose claimant cannot record an outcome any more.").arg(place),
                      tr("Close the claim"), true, [this](const QString &reason) { m_presenter->closeClaim(reason); });
        });
    menu->popup(at->mapToGlobal(QPoint(0, -menu->sizeHint().height())));
}

void PromotionsPage::askReason(const QString &title, const QString &text, const QString &accept, bool isDangerous,
                               std::function<void(const QString &)> answer)
{
    Prompter::TextQuestion question;
    question.question = {title, text, accept, {}, isDangerous};
    question.label = tr("Reason, signed and kept in the ledger");
    m_context.prompter.askText(this, question, [answer = std::move(answer)](const std::optional<QString> &words) {
        if (words && !words->isEmpty())
            answer(*words);
    });
}

void PromotionsPage::askForPromotion()
{
    if (!m_presenter->whyNothing().isEmpty())
        return;
    const PromotionCard *const card = m_presenter->card();
    auto *dialog = new RequestDialog(m_context, card ? card->request.subject.application : QString(),
                                     card ? card->request.subject.environment : QString(), window());
    connect(dialog, &RequestDialog::requested, this, [this](const QString &id) {
        emit notice(tr("The promotion is asked for."), Health::Ok);
        m_presenter->select(id);
        m_presenter->refresh();
    });
    dialog->open();
}

} // namespace signalbox

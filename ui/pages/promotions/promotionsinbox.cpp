#include "ui/pages/promotions/promotionsinbox.h"

#include "models/items/roles.h"
#include "models/stores/runstore.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/promotions/gatedelegate.h"
#include "ui/pages/promotions/gatesources.h"
#include "ui/pages/promotions/inboxdelegate.h"
#include "ui/pages/promotions/obligations.h"
#include "ui/pages/promotions/promotionspresenter.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

using policy::PromotionBoard;

namespace
{

constexpr int wideWidth = 300;
constexpr int narrowWidth = 250;
constexpr int mostGates = 3; // shown at once; more scroll
constexpr int mostGatesLow = 2;
constexpr int lowInbox = 840;  // in a window of 950: below that the promotions need the room more
constexpr int gateHeader = 51; // of their panel, with its border and what stands free below its list
constexpr int leastSources = 66;
constexpr int mostSources = 190; // of what says why others are missing; more scrolls
constexpr int leastOwed = 84;    // of the panel of what is in force: one line of it
constexpr int mostOwed = 230;

QString orderChoice()
{
    return QStringLiteral("promotions/order");
}

} // namespace

PromotionsInbox::PromotionsInbox(PromotionsPresenter &presenter, ConsoleSettings &settings, RunStore *runs,
                                 QWidget *parent)
    : QWidget(parent)
    , m_presenter(presenter)
    , m_settings(settings)
    , m_runs(runs)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    m_tools = buildTools();
    layout->addWidget(m_tools);
    buildGates();
    layout->addWidget(m_gatePanel);
    m_panel = new Panel(tr("Promotions"), this);
    m_panel->setObjectName(QStringLiteral("promotionsInboxPanel"));
    m_list = new RowList(m_panel);
    m_list->setObjectName(QStringLiteral("promotionsInbox"));
    m_list->setAccessibleName(tr("Promotions"));
    m_list->setUniformItemSizes(false);
    m_list->setModel(&m_presenter.inbox());
    m_list->setItemDelegate(new InboxDelegate(m_list));
    m_panel->setContent(m_list);
    m_filter->setTarget(m_list);
    layout->addWidget(m_panel, 1);
    m_obligationsPanel = new Panel(tr("In force and owed"), this);
    m_obligationsPanel->setObjectName(QStringLiteral("obligationsPanel"));
    m_obligations = new Obligations(m_obligationsPanel);
    m_obligationsPanel->setContent(new MiddleScroll(m_obligations, m_obligationsPanel));
    layout->addWidget(m_obligationsPanel);
    setNarrow(false);
    connect(&m_presenter, &PromotionsPresenter::boardChanged, this, &PromotionsInbox::showBoard);
    connect(&m_presenter, &PromotionsPresenter::selectionChanged, this, &PromotionsInbox::followSelection);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &PromotionsInbox::chooseRow);
    connect(m_list, &RowList::opened, this, &PromotionsInbox::opened);
    connect(m_obligations, &Obligations::heightChanged, this, &PromotionsInbox::fitGates);
    m_list->installEventFilter(this);
    connect(m_obligations, &Obligations::countersignRequested, this, &PromotionsInbox::countersignWanted);
    connect(m_obligations, &Obligations::liftRequested, this, &PromotionsInbox::liftWanted);
    paintAsItAges(m_list->viewport());
    connectTools();
    showBoard();
    showGates();
}

PromotionsInbox::~PromotionsInbox() = default;

QWidget *PromotionsInbox::buildTools()
{
    auto *tools = new QWidget(this);
    auto *row = new QHBoxLayout(tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    m_filter = new FilterField(tr("Filter promotions"), tools);
    m_filter->setObjectName(QStringLiteral("promotionsFilter"));
    m_order = new ChipButton(QStringLiteral("%1"), tools);
    m_order->setObjectName(QStringLiteral("promotionsOrder"));
    m_order->setChoices({{QStringLiteral("oldest"), tr("oldest first")},
                         {QStringLiteral("application"), tr("by name")},
                         {QStringLiteral("risk"), tr("riskiest first")}});
    m_ask = new IconButton(QStringLiteral("plus"), tr("Ask for a promotion..."), tools);
    m_ask->setObjectName(QStringLiteral("askForPromotion"));
    row->addWidget(m_filter, 1);
    row->addWidget(m_order);
    m_freeze = new IconButton(QStringLiteral("pause"), tr("Order a freeze..."), tools);
    m_freeze->setObjectName(QStringLiteral("orderFreeze"));
    row->addWidget(m_freeze);
    row->addWidget(m_ask);
    return tools;
}

// Runs that wait at a vendor: few, each opened in a window of its own.
void PromotionsInbox::buildGates()
{
    m_gatePanel = new Panel(tr("Gates at vendors"), this);
    m_gatePanel->setObjectName(QStringLiteral("gatesPanel"));
    auto *content = new QWidget(m_gatePanel);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(0);
    m_gateSources = new GateSources;
    m_gateSourcesArea = new MiddleScroll(m_gateSources, content);
    down->addWidget(m_gateSourcesArea);
    m_gateList = new RowList(content);
    m_gateList->setObjectName(QStringLiteral("gatesInbox"));
    m_gateList->setAccessibleName(tr("Gates at vendors"));
    m_gateList->setModel(&m_gates);
    m_gateDelegate = new GateDelegate(m_gateList);
    m_gateList->setItemDelegate(m_gateDelegate);
    m_gateList->setMinimumHeight(1);      // the panel says how high
    down->setContentsMargins(0, 0, 0, 5); // its rows are square, the panel's corners are not
    down->addWidget(m_gateList, 1);
    m_gatePanel->setContent(content);
    connect(m_gateSources, &GateSources::heightChanged, this, &PromotionsInbox::fitGates);
    connect(m_gateSources, &GateSources::lookAgainWanted, this, &PromotionsInbox::gatesWanted);
    connect(m_gateSources, &GateSources::connectionWanted, this, &PromotionsInbox::connectionWanted);
    const auto open = [this](const QModelIndex &index) {
        if (index.isValid())
            emit gateOpened(index.data(IdRole).toString());
    };
    connect(m_gateList, &RowList::opened, this, [this, open] { open(m_gateList->currentIndex()); });
    connect(m_gateList, &QListView::clicked, this, open);
    paintAsItAges(m_gateList->viewport());
    if (!m_runs)
        return;
    connect(m_runs, &RunStore::gatesChanged, this, &PromotionsInbox::showGates);
    connect(m_runs, &RunStore::gateSourceChanged, this, &PromotionsInbox::showGates);
}

void PromotionsInbox::showGates()
{
    if (m_runs)
        m_gates.show(gateRowsOf(*m_runs));
    showGateSources();
    const bool isUnread = m_gateSources->count() > 0;
    const bool isAwaited = m_runs && m_gates.known() == 0 && areGatesAwaited(*m_runs);
    m_gatePanel->setVisible(m_gates.known() > 0 || isUnread || isAwaited);
    m_gatePanel->setSubtitle(isUnread ? tr("%1, not of every server").arg(m_gates.known())
                                      : QString::number(m_gates.known()));
    const int shown = m_gates.rowCount();
    if (shown == 0 && window()->focusWidget() == m_gateList)
        m_list->setFocus(); // the last one was decided: the keyboard goes on among the promotions
    m_gateList->setVisible(shown > 0);
    if (shown > 0 || isUnread)
        m_gatePanel->showContent();
    else if (isAwaited)
        m_gatePanel->showLoading(1);
    else
        m_gatePanel->showEmpty(tr("Nothing fits the filter"), tr("Esc clears it."));
    fitGates();
}

// No filter hides what is not known.
void PromotionsInbox::showGateSources()
{
    m_gateSources->show(m_runs ? unreadGateSources(*m_runs) : QList<GateSource>());
    m_gateSourcesArea->setVisible(m_gateSources->count() > 0);
}

// As many as there is room for beside what stands below; at least one, the others scroll.
void PromotionsInbox::fitGates()
{
    if (m_obligationsPanel != nullptr)
        m_obligationsPanel->setFixedHeight(
            std::clamp(gateHeader + m_obligations->wantedHeight(maximumWidth() - 2), leastOwed, mostOwed));
    const int sources = std::min(m_gateSources->heightAt(maximumWidth() - 2), mostSources);
    const int leastRows = m_gates.rowCount() > 0 || sources == 0 ? 1 : 0;
    const int leastList = leastRows * GateDelegate::rowHeight();
    const int least = gateHeader + std::min(sources, leastSources) + leastList;
    const int wanted = gateHeader + sources +
                       std::clamp(m_gates.rowCount(), leastRows, height() < lowInbox ? mostGatesLow : mostGates) *
                           GateDelegate::rowHeight();
    int room = height() - m_tools->sizeHint().height();
    for (const QWidget *below : {m_panel, m_obligationsPanel}) {
        if (below != nullptr && !below->isHidden())
            room -= layout()->spacing() + std::max(below->minimumHeight(), below->minimumSizeHint().height());
    }
    const int high = std::clamp(room - layout()->spacing(), least, wanted);
    m_gatePanel->setFixedHeight(high);
    m_gateSourcesArea->setFixedHeight(std::min(sources, high - gateHeader - leastList));
}

void PromotionsInbox::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitGates();
}

void PromotionsInbox::connectTools()
{
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_presenter.inbox().setWords(text);
        m_gates.setWords(text);
        showBoard();
        showGates();
    });
    const auto order = [this](const QString &id) {
        m_presenter.inbox().setOrder(id == QLatin1String("application") ? PromotionsModel::Order::Application
                                     : id == QLatin1String("risk")      ? PromotionsModel::Order::Riskiest
                                                                        : PromotionsModel::Order::Oldest);
    };
    connect(m_order, &ChipButton::chosenChanged, this, [this, order](const QString &id) {
        m_settings.setChoice(orderChoice(), id);
        order(id);
        showBoard();
    });
    m_order->setChosen(m_settings.choice(orderChoice(), QStringLiteral("oldest")));
    order(m_order->chosen());
    connect(m_ask, &QPushButton::clicked, this, &PromotionsInbox::requestWanted);
    connect(m_freeze, &QPushButton::clicked, this, &PromotionsInbox::freezeWanted);
}

void PromotionsInbox::setNarrow(bool isNarrow)
{
    setFixedWidth(isNarrow ? narrowWidth : wideWidth);
}

bool PromotionsInbox::eventFilter(QObject *watched, QEvent *event)
{
    // Less height may put what is shown out of sight; the list lays its rows out after this.
    if (watched == m_list && event->type() == QEvent::Resize)
        QMetaObject::invokeMethod(this, &PromotionsInbox::reveal, Qt::QueuedConnection);
    return QWidget::eventFilter(watched, event);
}

void PromotionsInbox::setOpenGate(const QString &key)
{
    m_gateDelegate->setShown(key);
    m_gateList->viewport()->update();
    const int row = key.isEmpty() ? -1 : m_gates.indexOf(key);
    if (row >= 0 && m_gateList->currentIndex().row() != row)
        m_gateList->setCurrentIndex(m_gates.index(row, 0));
}

void PromotionsInbox::goOnAfter(const QString &key)
{
    const int decided = m_gates.indexOf(key); // until its server is read again
    const int count = m_gates.rowCount();
    if (count == 0 || (count == 1 && decided == 0)) {
        m_list->setFocus(Qt::OtherFocusReason);
        return;
    }
    int next = m_gateList->currentIndex().row();
    if (decided >= 0)
        next = decided + 1 < count ? decided + 1 : decided - 1;
    m_gateList->setCurrentIndex(m_gates.index(std::max(next, 0), 0));
    m_gateList->setFocus(Qt::OtherFocusReason);
}

void PromotionsInbox::reveal()
{
    const QModelIndex shown = m_list->currentIndex();
    if (!shown.isValid())
        return;
    const QModelIndex above = shown.siblingAtRow(shown.row() - 1);
    if (above.isValid() && above.data(PromotionsModel::HeadingRole).toBool())
        m_list->scrollTo(above);
    m_list->scrollTo(shown);
}

void PromotionsInbox::followSelection()
{
    const int row = m_presenter.inbox().rowOf(m_presenter.selected());
    const QModelIndex wanted = row >= 0 ? m_presenter.inbox().index(row) : QModelIndex();
    m_isFilling = true;
    if (m_list->currentIndex() != wanted)
        m_list->setCurrentIndex(wanted);
    m_isFilling = false;
    // Once, when another is shown or it went to another place: the operator scrolls as well.
    const QString id = row >= 0 ? m_presenter.selected() : QString();
    if (m_revealed != id || m_revealedRow != row)
        reveal();
    m_revealed = id;
    m_revealedRow = row;
}

void PromotionsInbox::chooseRow(const QModelIndex &index)
{
    if (m_isFilling || !index.isValid())
        return;
    const QString id = index.data(IdRole).toString();
    if (id.isEmpty())
        return;
    m_presenter.select(id);
}

void PromotionsInbox::showBoard()
{
    const PromotionBoard &board = m_presenter.board();
    followSelection();
    showState();
    const QString why = m_presenter.whyNothing();
    m_obligations->show(board.stops, board.debts, why);
    m_obligationsPanel->setVisible(m_obligations->count() > 0);
    m_obligationsPanel->setSubtitle(board.debts.isEmpty() ? QString()
                                                          : tr("%n debt(s)", nullptr, int(board.debts.size())));
    fitGates();
    for (QPushButton *button : {m_ask, m_freeze}) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why.isEmpty() ? button->accessibleName() : why);
    }
}

void PromotionsInbox::showState()
{
    const PromotionBoard &board = m_presenter.board();
    const Freshness &ledger = board.ledgerFreshness;
    const bool isEmpty = board.open.isEmpty() && board.decided.isEmpty();
    if (isEmpty && !ledger.isLive()) {
        const bool isUnsigned = ledger.error && ledger.error->kind == ErrorKind::Unsupported;
        m_panel->follow(ledger, isUnsigned ? tr("The ledger is not signed yet") : tr("There is no ledger"),
                        [this] { m_presenter.refresh(); });
        if (ledger.state == Freshness::State::Stale)
            m_panel->showEmpty(tr("Nothing is known"), tr("The ledger could not be read."));
        return;
    }
    if (isEmpty) {
        m_panel->showEmpty(tr("No promotion waits"),
                           tr("No promotion was asked for lately. signalbox promote asks for one as well."),
                           tr("Ask for one..."), [this] { emit requestWanted(); });
    } else if (m_presenter.inbox().shownCards() == 0) {
        m_panel->showEmpty(tr("Nothing fits the filter"), tr("Esc clears it."));
    } else {
        m_panel->showContent();
    }
    m_panel->setStale(ledger.isLive() ? QDateTime() : board.readAt, ledger.error ? ledger.error->message : QString());
}

} // namespace signalbox

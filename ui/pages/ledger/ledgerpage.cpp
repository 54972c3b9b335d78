#include "ui/pages/ledger/ledgerpage.h"

#include "models/domain/application.h"
#include "models/stores/deployedstore.h"
#include "services/ledger/sharing/teamledger.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/ledger/activitystrip.h"
#include "ui/pages/ledger/card.h"
#include "ui/pages/ledger/dorapanel.h"
#include "ui/pages/ledger/entrypanel.h"
#include "ui/pages/ledger/ledgercells.h"
#include "ui/pages/ledger/ledgerfilters.h"
#include "ui/pages/ledger/ledgerpdf.h"
#include "ui/pages/ledger/policychangescard.h"
#include "ui/shell/consolesettings.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollBar>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTextBrowser>

#include <chrono>

namespace signalbox
{

namespace
{

// Others write to it as well: looking costs next to nothing.
constexpr std::chrono::seconds pollEvery{10};

} // namespace

LedgerPage::LedgerPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
    , m_feed(context.entries)
    , m_written(std::make_shared<std::atomic<qsizetype>>(0))
    , m_verified(std::make_shared<std::atomic<qsizetype>>(0))
{
    setObjectName(QStringLiteral("ledgerPage"));
    if (m_feed == nullptr) {
        buildNowhere();
        return;
    }
    build();
    connect(m_feed, &LedgerFeed::changed, this, &LedgerPage::showFeed);
    if (context.ledger != nullptr)
        connect(context.ledger, &TeamLedger::sharingChanged, this, &LedgerPage::showHead);
    connect(m_feed, &LedgerFeed::tableReplaced, this, &LedgerPage::replaceTable);
    connect(m_feed, &LedgerFeed::tableGrew, this, &LedgerPage::growTable);
    connect(m_feed, &LedgerFeed::lookFailed, this,
            [this](const Error &error) { emit notice(error.message, Health::Warning); });
    connect(m_filters, &LedgerFilters::filterChanged, this, [this](const LedgerFilter &filter) {
        m_isFilling = true;
        m_model->setFilter(filter);
        m_isFilling = false;
        m_strip->setChosen(filter.from, filter.to);
        showRows();
        keepChosen();
    });
    m_filters->field().setTarget(m_table);
    connect(m_strip, &ActivityStrip::chosen, m_filters, &LedgerFilters::setSpan);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        if (m_isFilling)
            return;
        m_wanted.clear(); // the operator chose another one
        showChosen();
    });
    connect(m_table, &TableView::opened, this, [this] { m_entry->browser().setFocus(Qt::OtherFocusReason); });
    connect(m_entry, &EntryPanel::relatedChosen, this, &LedgerPage::chooseRelated);
    connect(m_entry, &EntryPanel::copied, this,
            [this](const QString &what) { emit notice(tr("%1 was copied.").arg(what), Health::Ok); });
    connect(m_view, &ChipButton::chosenChanged, this, &LedgerPage::showView);
    connect(m_again, &QPushButton::clicked, m_feed, &LedgerFeed::verifyAgain);
    if (m_policy != nullptr) {
        connect(m_note, &QPushButton::clicked, this, &LedgerPage::askForNote);
        connect(m_policy, &PolicyChangesCard::noticed, this, &LedgerPage::notice);
        connect(m_feed->policyChanges(), &PolicyChanges::boardChanged, this, [this] {
            if (m_feed->state() == LedgerFeed::State::Ready)
                m_feed->refresh(); // what was countersigned here stands in the list
        });
    }
    const auto offerFormats = [this] {
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("exportMenu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(tr("PDF report for auditors..."), this, [this] { exportAs(LedgerFormat::Pdf); });
        menu->addAction(tr("CSV for spreadsheets..."), this, [this] { exportAs(LedgerFormat::Csv); });
        menu->addAction(tr("JSON with every field..."), this, [this] { exportAs(LedgerFormat::Json); });
        menu->popup(m_export->mapToGlobal(QPoint(0, m_export->height() + 2)));
    };
    connect(m_export, &QPushButton::clicked, this, offerFormats);
    auto *shortcut = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_E), this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, [this, offerFormats] {
        if (m_export->isEnabled())
            offerFormats();
    });
    m_exportTicks.setInterval(std::chrono::milliseconds(200));
    connect(&m_exportTicks, &QTimer::timeout, this, &LedgerPage::showExporting);
    m_poll.setInterval(pollEvery);
    connect(&m_poll, &QTimer::timeout, this, [this] {
        if (isVisible() && !m_feed->isBusy())
            m_feed->refresh();
    });
    m_poll.start();
    m_model->setFilter(m_filters->filter());
    m_strip->setChosen(m_filters->filter().from, m_filters->filter().to);
    replaceTable();
    showFeed();
}

LedgerPage::~LedgerPage()
{
    m_noting.cancel();
    m_writing.cancel();
}

void LedgerPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (m_feed != nullptr && !m_feed->isBusy())
        m_feed->refresh();
}

void LedgerPage::replaceTable()
{
    m_isFilling = true;
    m_model->setTable(&m_feed->table());
    m_isFilling = false;
    m_filters->setTable(m_feed->table());
    showRows();
    keepChosen();
}

// New entries stand in front. Whoever reads further down keeps what they look at.
void LedgerPage::growTable()
{
    const int top = m_table->rowAt(0);
    const int offset = top > 0 ? -m_table->rowViewportPosition(top) : 0;
    const QPersistentModelIndex first = top > 0 ? m_model->index(top, LedgerModel::Entry) : QModelIndex();
    m_isFilling = true;
    m_model->tableGrew();
    m_isFilling = false;
    m_filters->setTable(m_feed->table());
    showRows();
    if (first.isValid()) {
        m_table->scrollTo(first, QAbstractItemView::PositionAtTop);
        m_table->verticalScrollBar()->setValue(m_table->verticalScrollBar()->value() + offset);
    }
    if (m_wanted.isEmpty() && m_table->currentIndex().isValid())
        showChosen(); // more may belong to it
    else
        keepChosen();
}

// What was asked for as soon as it is there, else what was chosen, else the newest.
void LedgerPage::keepChosen()
{
    if (!m_wanted.isEmpty() && choose(m_wanted))
        m_wanted.clear();
    else if (!choose(m_chosen) && !chooseNewest())
        showChosen();
}

bool LedgerPage::chooseNewest()
{
    const bool isAwaited = !m_wanted.isEmpty() && m_feed->state() == LedgerFeed::State::Reading;
    return !isAwaited && m_model->rowCount() > 0 &&
           choose(m_model->index(0, LedgerModel::Entry).data(LedgerModel::CommitRole).toString());
}

void LedgerPage::showFeed()
{
    showHead();
    showList();
    const bool isReady = m_feed->state() == LedgerFeed::State::Ready;
    m_export->setEnabled(isReady && !m_writing.isRunning());
    m_again->setEnabled(isReady && !m_feed->isBusy());
    if (isReady)
        lookAtPolicy();
}

// Reading what waits proves the chain anew: only where something does, or did.
void LedgerPage::lookAtPolicy()
{
    const LedgerSummary &summary = m_feed->summary();
    if (m_policy == nullptr || m_policyTip == summary.tip)
        return;
    m_policyTip = summary.tip;
    if (summary.pending > 0 || !m_feed->policyChanges()->board().waiting.isEmpty())
        m_policy->refresh();
}

void LedgerPage::askForNote()
{
    const LedgerFilter filter = m_model->filter();
    Prompter::TextQuestion question;
    question.question = {
        tr("Write a note"),
        filter.application.isEmpty()
            ? tr("It is signed with your name and kept in the ledger for good.")
            : tr("About %1. It is signed with your name and kept in the ledger for good.").arg(filter.application),
        tr("Sign the note"),
        {},
        false};
    question.label = tr("Note");
    m_context.prompter.askText(this, question, [this, filter](const std::optional<QString> &words) {
        if (!words || words->isEmpty())
            return;
        m_noting.run(
            this,
            [&](const StopToken &) {
                return m_feed->policyChanges()->note({{}, filter.application, filter.environment, *words});
            },
            [this](const Result<PolicyWritten> &written) {
                if (!written) {
                    emit notice(written.error().message, Health::Warning);
                    return;
                }
                if (!reveal(written->entry)) { // it is not listed yet
                    m_wanted = written->entry;
                    m_feed->refresh();
                }
                emit notice(written->shareProblem
                                ? tr("Noted on this machine; it is sent later: %1").arg(written->shareProblem->message)
                                : tr("Noted."),
                            written->shareProblem ? Health::Warning : Health::Ok);
            });
    });
}

// Other rows, or another filter.
void LedgerPage::showRows()
{
    m_strip->show(m_feed->table(), m_model->shown());
    showList();
}

void LedgerPage::showList()
{
    const LedgerTable &table = m_feed->table();
    const auto shown = static_cast<qsizetype>(m_model->shown().size());
    m_list->setSubtitle(shown == table.size() ? counted(shown)
                                              : tr("%1 of %2").arg(counted(shown), counted(table.size())));
    const LedgerFeed::State state = m_feed->state();
    if (state == LedgerFeed::State::Failed)
        m_list->showError(tr("The ledger cannot be read"), m_feed->error(), {}, [this] { m_feed->refresh(); });
    else if (table.size() == 0 && (state == LedgerFeed::State::Reading || state == LedgerFeed::State::Idle))
        m_list->showLoading(6);
    else if (table.size() == 0)
        m_list->showEmpty(tr("Nothing is recorded yet"),
                          tr("Every rollback, shift of traffic, promotion and approval leaves an entry here."));
    else if (shown == 0)
        m_list->showEmpty(tr("No entry fits"), tr("Choose less, or search for something else."), tr("Show all"),
                          [this] { m_filters->clear(); });
    else
        m_list->showContent();
}

void LedgerPage::showChosen()
{
    const QModelIndex index = m_table->currentIndex();
    const QString before = m_chosen;
    if (!index.isValid()) {
        m_chosen.clear();
        m_entry->clear();
    } else {
        m_chosen = index.data(LedgerModel::CommitRole).toString();
        m_entry->show(*m_feed, m_model->tableRow(index.row()));
    }
    if (before != m_chosen)
        emit crumbsChanged();
}

bool LedgerPage::choose(const QString &commit)
{
    const qsizetype place = placeOf(commit);
    const int row = place < 0 ? -1 : m_model->rowOf(place);
    if (row < 0)
        return false;
    m_isFilling = true;
    m_table->setCurrentIndex(m_model->index(row, LedgerModel::Entry));
    m_table->scrollTo(m_model->index(row, LedgerModel::Entry));
    m_isFilling = false;
    showChosen();
    return true;
}

// What belongs together is shown even where the filter would not take it.
void LedgerPage::chooseRelated(const QString &commit)
{
    if (!reveal(commit))
        emit notice(tr("This entry is not in the list."), Health::Unknown);
}

bool LedgerPage::reveal(const QString &commit)
{
    if (choose(commit))
        return true;
    if (placeOf(commit) < 0)
        return false;
    m_filters->clear();
    return choose(commit);
}

qsizetype LedgerPage::placeOf(const QString &commit) const
{
    const LedgerTable &table = m_feed->table();
    const qsizetype place = commit.isEmpty() ? -1 : table.indexOfEntry(commit);
    return place < 0 && commit.size() == 40 ? table.indexOfCommit(commit) : place;
}

void LedgerPage::showView(const QString &view)
{
    const bool isDora = view == QLatin1String("dora");
    m_stack->setCurrentIndex(isDora ? 1 : 0);
    m_view->setChosen(isDora ? QStringLiteral("dora") : QStringLiteral("entries"));
    emit crumbsChanged();
}

QStringList LedgerPage::crumbs() const
{
    if (m_feed == nullptr)
        return {};
    if (m_stack->currentIndex() == 1)
        return {tr("DORA figures")};
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? QStringList{index.siblingAtColumn(LedgerModel::Entry).data().toString()} : QStringList();
}

void LedgerPage::open(const NavigationTarget &target)
{
    if (m_feed == nullptr)
        return;
    const QString dora = QStringLiteral("dora");
    if (target.hint == dora || target.hint.startsWith(dora + u':')) { // "dora:leadTime": with its definition
        showView(dora);
        m_dora->define(target.hint.section(u':', 1));
        return;
    }
    if (!target.deployedKey.isEmpty()) {
        if (const Deployed *deployed = m_context.deployed.find(target.deployedKey))
            m_filters->setApplication(deployed->application);
    }
    if (target.hint.isEmpty())
        return;
    showView(QStringLiteral("entries"));
    m_wanted.clear();
    if (!reveal(target.hint))
        m_wanted = target.hint;
}

bool LedgerPage::focusFilter()
{
    if (m_feed == nullptr)
        return false;
    showView(QStringLiteral("entries"));
    m_filters->field().setFocus(Qt::ShortcutFocusReason);
    m_filters->field().selectAll();
    return true;
}

bool LedgerPage::goBack()
{
    if (m_feed == nullptr)
        return false;
    if (m_stack->currentIndex() == 1) {
        showView(QStringLiteral("entries"));
        return true;
    }
    if (m_entry->isAncestorOf(focusWidget())) {
        m_table->setFocus(Qt::OtherFocusReason);
        return true;
    }
    if (m_filters->filter().isEmpty())
        return false;
    m_filters->clear();
    return true;
}

NavigationTarget LedgerPage::current() const
{
    NavigationTarget target;
    if (m_feed != nullptr)
        target.hint = m_stack->currentIndex() == 1 ? QStringLiteral("dora") : m_chosen;
    return target;
}

QList<KeyHelp> LedgerPage::keys() const
{
    return {{tr("Arrows"), tr("Choose an entry")},
            {tr("Enter"), tr("Read it; Tab goes through what belongs to it")},
            {QStringLiteral("/"), tr("Search words, commits, digests")},
            {QStringLiteral("Ctrl+C"), tr("Copy the chosen row")},
            {QStringLiteral("Ctrl+E"), tr("Export what the list shows")},
            {tr("Left, Right, Shift, Enter on the time line"), tr("Choose a stretch of time")}};
}

void LedgerPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    if (m_feed != nullptr)
        m_strip->setVisible(height() >= 560);
}

// The entry keeps its room: what the entry's own panel tells gives way.
bool LedgerPage::eventFilter(QObject *watched, QEvent *event)
{
    if (m_table != nullptr && watched == m_table->viewport() && event->type() == QEvent::Resize) {
        const int room = m_table->viewport()->width();
        m_table->setColumnHidden(LedgerModel::By, room < 760);
        m_table->setColumnHidden(LedgerModel::Where, room < 600);
        m_model->setInEntry(room < 600, room < 760);
    }
    return Page::eventFilter(watched, event);
}

} // namespace signalbox

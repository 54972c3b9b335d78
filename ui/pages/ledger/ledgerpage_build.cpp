// What stands where.
#include "ui/pages/ledger/activitystrip.h"
#include "ui/pages/ledger/card.h"
#include "ui/pages/ledger/dorapanel.h"
#include "ui/pages/ledger/entrypanel.h"
#include "ui/pages/ledger/ledgercells.h"
#include "ui/pages/ledger/ledgerfilters.h"
#include "ui/pages/ledger/ledgerpage.h"
#include "ui/pages/ledger/policychangescard.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"

#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

void LedgerPage::buildNowhere()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
    auto *panel = new Panel(tr("Ledger"), this);
    panel->showEmpty(tr("There is no ledger in this window"),
                     tr("It begins with the first operation on a cluster of yours; until then nothing is recorded."));
    layout->addWidget(panel);
}

void LedgerPage::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
    layout->setSpacing(14);
    layout->addWidget(buildHead());
    if (m_feed->policyChanges() != nullptr) {
        m_policy = new PolicyChangesCard(*m_feed->policyChanges(), m_context.prompter, this);
        layout->addWidget(m_policy);
    }
    layout->addWidget(buildExporting());
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(buildEntries());
    m_dora = new DoraPanel(*m_feed, m_context.settings, m_stack);
    m_stack->addWidget(m_dora);
    layout->addWidget(m_stack, 1);
    setFocusProxy(m_table);
    rememberLayout();
}

QWidget *LedgerPage::buildHead()
{
    m_head = new Card(tr("Ledger"), this);
    m_head->setObjectName(QStringLiteral("ledgerHead"));
    m_view = new ChipButton(tr("show"), m_head);
    m_view->setObjectName(QStringLiteral("ledgerView"));
    m_view->setChoices({{QStringLiteral("entries"), tr("entries")}, {QStringLiteral("dora"), tr("DORA figures")}});
    m_view->setChosen(QStringLiteral("entries"));
    m_head->addHeaderWidget(m_view);
    const auto button = [this](const QString &name, const QString &text, const QString &tip) {
        auto *made = new QPushButton(text, m_head);
        made->setObjectName(name);
        made->setProperty("compact", true);
        made->setAutoDefault(false);
        made->setToolTip(tip);
        m_head->addHeaderWidget(made);
        return made;
    };
    m_again = button(QStringLiteral("ledgerAgain"), tr("Prove again"),
                     tr("Checks every signature and every rule anew, from the first entry on"));
    if (m_feed->policyChanges() != nullptr)
        m_note = button(QStringLiteral("ledgerNote"), tr("Note..."),
                        tr("Writes a remark into the ledger, signed with your name"));
    m_export = button(QStringLiteral("ledgerExport"), tr("Export..."),
                      tr("What the list shows, as CSV, JSON or a PDF report for auditors (Ctrl+E)"));
    auto *across = new QHBoxLayout;
    across->setSpacing(space::s);
    m_sign = new StateSign(Health::Unknown, m_head);
    across->addWidget(m_sign, 0, Qt::AlignVCenter);
    m_verdict = m_head->addText(QStringLiteral("ledgerVerdict"), nullptr);
    m_verdict->setFont(signalbox::font(TextRole::BodyStrong));
    m_head->body()->removeWidget(m_verdict);
    across->addWidget(m_verdict, 1);
    m_head->body()->addLayout(across);
    m_facts = m_head->addText(QStringLiteral("ledgerFacts"), "soft");
    m_problems = m_head->addText(QStringLiteral("ledgerProblems"), "warning");
    return m_head;
}

QWidget *LedgerPage::buildExporting()
{
    m_exporting = new QWidget(this);
    m_exporting->setObjectName(QStringLiteral("ledgerExporting"));
    auto *across = new QHBoxLayout(m_exporting);
    across->setContentsMargins(14, 0, 0, 0);
    across->setSpacing(space::s);
    across->addWidget(new StateSign(Health::InProgress, m_exporting));
    m_exportText = new QLabel(m_exporting);
    m_exportText->setTextFormat(Qt::PlainText);
    m_exportText->setWordWrap(true);
    across->addWidget(m_exportText, 1);
    auto *cancel = new QPushButton(tr("Cancel the export"), m_exporting);
    cancel->setObjectName(QStringLiteral("cancelExport"));
    cancel->setProperty("compact", true);
    cancel->setAutoDefault(false);
    across->addWidget(cancel);
    connect(cancel, &QPushButton::clicked, this, [this] {
        m_writing.cancel();
        m_exportTicks.stop();
        showExporting();
        emit notice(tr("The export was cancelled; nothing was written."), Health::NotStarted);
    });
    m_exporting->hide();
    return m_exporting;
}

QWidget *LedgerPage::buildEntries()
{
    auto *page = new QWidget(m_stack);
    auto *down = new QVBoxLayout(page);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(14);
    m_filters = new LedgerFilters(m_context.settings, page);
    down->addWidget(m_filters);
    m_splitter = new QSplitter(Qt::Horizontal, page);
    m_splitter->setHandleWidth(14);
    m_splitter->setChildrenCollapsible(false);
    m_list = new Panel(tr("Entries"), m_splitter);
    m_list->setObjectName(QStringLiteral("ledgerList"));
    m_list->layout()->setContentsMargins(1, 1, 1, 7);
    auto *content = new QWidget(m_list);
    auto *inside = new QVBoxLayout(content);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(0);
    m_strip = new ActivityStrip(content);
    inside->addWidget(m_strip);
    m_table = new TableView(content);
    m_table->setObjectName(QStringLiteral("ledgerTable"));
    m_table->setAccessibleName(tr("Entries of the ledger, newest first"));
    m_table->setRowHeight(size::rowTwoLines);
    m_model = new LedgerModel(this);
    m_table->setModel(m_model);
    using Style = CellDelegate::Style;
    auto *times = new LedgerTimeDelegate(m_table);
    m_table->setItemDelegateForColumn(LedgerModel::Time, times);
    const int widths[] = {std::max(112, times->wantedWidth({}) + 2 * space::l), 0, 150, 190, 110};
    for (int column = 0; column < LedgerModel::ColumnCount; ++column) {
        if (column != LedgerModel::Time)
            m_table->setItemDelegateForColumn(column, new CellDelegate(Style::Name, m_table));
        if (widths[column] > 0)
            m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(LedgerModel::Entry);
    m_table->viewport()->installEventFilter(this);
    inside->addWidget(m_table, 1);
    m_list->setContent(content);
    m_entry = new EntryPanel(m_splitter);
    m_entry->setMinimumWidth(300);
    m_list->setMinimumWidth(360);
    m_splitter->addWidget(m_list);
    m_splitter->addWidget(m_entry);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setSizes({840, 360});
    down->addWidget(m_splitter, 1);
    return page;
}

void LedgerPage::rememberLayout()
{
    ConsoleSettings &settings = m_context.settings;
    m_splitter->restoreState(settings.state(QStringLiteral("ledger/splitter")));
    connect(m_splitter, &QSplitter::splitterMoved, this,
            [this, &settings] { settings.setState(QStringLiteral("ledger/splitter"), m_splitter->saveState()); });
    m_table->restoreColumns(settings.state(QStringLiteral("ledger/columns")));
    connect(m_table->horizontalHeader(), &QHeaderView::sectionResized, this, [this, &settings] {
        if (isVisible() && QGuiApplication::mouseButtons() != Qt::NoButton)
            settings.setState(QStringLiteral("ledger/columns"), m_table->saveColumns());
    });
}

} // namespace signalbox

#pragma once

#include "models/items/ledgermodel.h"
#include "services/async/latestonly.h"
#include "services/ledger/view/ledgerexport.h"
#include "services/ledger/view/ledgerfeed.h"
#include "ui/shell/page.h"

#include <QTimer>

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;

namespace signalbox
{

class ActivityStrip;
class Card;
class ChipButton;
class DoraPanel;
class EntryPanel;
class LedgerFilters;
class Panel;
class PolicyChangesCard;
class StateSign;
class TableView;

// The signed record: every entry with what proves it, what stands in it and what belongs to it; the DORA figures; and
// taking it along as CSV, JSON or a PDF for auditors.
class LedgerPage : public Page
{
    Q_OBJECT
public:
    explicit LedgerPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~LedgerPage() override;

    QStringList crumbs() const override;
    // The hint is an entry, a commit, or "dora"; deployedKey narrows the list to its application.
    void open(const NavigationTarget &target) override;
    bool focusFilter() override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildNowhere();
    void build();
    QWidget *buildHead();
    QWidget *buildEntries();
    QWidget *buildExporting();
    void rememberLayout();

    void showFeed();
    void showHead();
    void showRows();
    void showList();
    void replaceTable();
    void growTable();
    void showChosen();
    void keepChosen();
    bool choose(const QString &commit); // false: it is not in the list
    bool chooseNewest();
    bool reveal(const QString &commit);             // past the filter; false: it is not in the table
    qsizetype placeOf(const QString &commit) const; // in the table; -1: it is not there
    void chooseRelated(const QString &commit);
    void showView(const QString &view); // "entries" "dora"
    void lookAtPolicy();
    void askForNote();
    void exportAs(LedgerFormat format);
    void startExport(LedgerFormat format, const QString &file);
    void showExporting();

    ConsoleContext &m_context;
    LedgerFeed *m_feed = nullptr;
    LedgerModel *m_model = nullptr;
    Card *m_head = nullptr;
    StateSign *m_sign = nullptr;
    QLabel *m_verdict = nullptr;
    QLabel *m_facts = nullptr;
    QLabel *m_problems = nullptr;
    ChipButton *m_view = nullptr;
    QPushButton *m_export = nullptr;
    QPushButton *m_again = nullptr;
    QPushButton *m_note = nullptr;         // null: notes are not offered
    PolicyChangesCard *m_policy = nullptr; // null: not offered
    QWidget *m_exporting = nullptr;
    QLabel *m_exportText = nullptr;
    QStackedWidget *m_stack = nullptr;
    LedgerFilters *m_filters = nullptr;
    QSplitter *m_splitter = nullptr;
    Panel *m_list = nullptr;
    ActivityStrip *m_strip = nullptr;
    TableView *m_table = nullptr;
    EntryPanel *m_entry = nullptr;
    DoraPanel *m_dora = nullptr;
    QString m_wanted;    // commit or entry to be chosen as soon as it is there
    QString m_chosen;    // commit
    QString m_policyTip; // of the last look at what waits
    bool m_isFilling = false;
    QTimer m_poll;
    LatestOnly m_writing;
    LatestOnly m_noting;
    std::shared_ptr<std::atomic<qsizetype>> m_written;
    std::shared_ptr<std::atomic<qsizetype>> m_verified;
    QTimer m_exportTicks;
    QString m_exportFile;
};

} // namespace signalbox

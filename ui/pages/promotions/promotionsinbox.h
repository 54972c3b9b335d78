#pragma once

#include "models/items/gatesmodel.h"

#include <QWidget>

class QPushButton;

namespace signalbox
{

class ChipButton;
class ConsoleSettings;
class FilterField;
class GateDelegate;
class GateSources;
class MiddleScroll;
class Obligations;
class Panel;
class PromotionsPresenter;
class RowList;
class RunStore;

// The left of the Promotions screen: what waits and what was decided, filtered and sorted, and what is in force or
// owed below it. Choosing a row chooses the presenter's promotion, and the other way round.
class PromotionsInbox : public QWidget
{
    Q_OBJECT
public:
    // `runs` may be null: then no gate of a vendor is shown.
    PromotionsInbox(PromotionsPresenter &presenter, ConsoleSettings &settings, RunStore *runs,
                    QWidget *parent = nullptr);
    ~PromotionsInbox() override;

    RowList &list() { return *m_list; }
    RowList &gates() { return *m_gateList; }
    FilterField &filter() { return *m_filter; }
    void setNarrow(bool isNarrow);
    // The gate that is shown in a window of its own: it alone is marked among the gates, and the keys go on from it.
    // Empty: none is, and keyboard and row stay, so that the next one can be opened.
    void setOpenGate(const QString &key);
    // This gate was decided: the keyboard goes on to the next one that waits, or to the promotions.
    void goOnAfter(const QString &key);

signals:
    void opened();                       // Enter on a promotion
    void gateOpened(const QString &key); // of a vendor: Enter or a click on it
    void gatesWanted();                  // to be read again
    void connectionWanted(const QString &connection);
    void requestWanted(); // a new promotion is to be asked for
    void freezeWanted();
    void countersignWanted(const QString &entry, const QString &what);
    void liftWanted(const QString &entry, const QString &what);

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildTools();
    void buildGates();
    void showGates();
    void showGateSources();
    void fitGates();
    void connectTools();
    void showBoard();
    void showState();
    void followSelection();
    void reveal(); // the card that is shown, below the heading of its section
    void chooseRow(const QModelIndex &index);

    PromotionsPresenter &m_presenter;
    ConsoleSettings &m_settings;
    FilterField *m_filter = nullptr;
    ChipButton *m_order = nullptr;
    QPushButton *m_ask = nullptr;
    QPushButton *m_freeze = nullptr;
    GatesModel m_gates;
    RunStore *m_runs = nullptr;
    QWidget *m_tools = nullptr;
    Panel *m_gatePanel = nullptr;
    GateSources *m_gateSources = nullptr; // that could not be read
    MiddleScroll *m_gateSourcesArea = nullptr;
    RowList *m_gateList = nullptr;
    GateDelegate *m_gateDelegate = nullptr;
    Panel *m_panel = nullptr;
    RowList *m_list = nullptr;
    Panel *m_obligationsPanel = nullptr;
    Obligations *m_obligations = nullptr;
    QString m_revealed; // the card that was last brought into sight, and the row it stood in
    int m_revealedRow = -1;
    bool m_isFilling = false;
};

} // namespace signalbox

#pragma once

#include "ui/pages/promotions/promotionspresenter.h"
#include "ui/shell/page.h"

class QBoxLayout;
class QLabel;
class QListView;
class QPushButton;
class QStackedLayout;

namespace signalbox
{

class AgeLabel;
class Badge;
class Banner;
class ChangesView;
class ChipButton;
class ClusterDifference;
class DecisionBox;
class ElidedLabel;
class FilterField;
class Obligations;
class OperationBox;
class Panel;
class PathGraph;
class RiskView;
class RowList;
class RulesList;
class VotesList;

// What waits to go on, what it changes, what the policy says to it, and the levers: approve, reject, start.
class PromotionsPage : public Page
{
    Q_OBJECT
public:
    explicit PromotionsPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~PromotionsPage() override;

    QStringList crumbs() const override;
    // target.object.uid: a promotion's id; target.hint "request": opens the question for a new one.
    void open(const NavigationTarget &target) override;
    bool focusFilter() override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void build();
    QWidget *buildInbox();
    QWidget *buildDetail();
    Panel *buildHead(QWidget *parent);
    QWidget *buildMiddle(QWidget *parent);
    Panel *buildChanges(QWidget *parent);
    void connectPresenter();
    void showBoard();
    void showNoLedger(const QString &where);
    void showInboxState();
    void showBanner();
    void showCard();
    void showHead(const policy::PromotionCard &card);
    void showAsked(const policy::PromotionCard &card);
    void showDistances();
    void showChanges();
    void showBoxes();
    void arrange();
    void chooseRow(const QModelIndex &index);
    void openChanges(const QString &commit);
    void openMore(QPushButton *at);
    void askForPromotion();
    void askReason(const QString &title, const QString &text, const QString &accept, bool isDangerous,
                   std::function<void(const QString &reason)> answer);

    ConsoleContext &m_context;
    std::unique_ptr<PromotionsPresenter> m_presenter; // null: there is no ledger
    QStackedLayout *m_stack = nullptr;
    QWidget *m_ground = nullptr; // in place of all else while there is no ledger
    Panel *m_noLedger = nullptr;
    QWidget *m_main = nullptr;
    ChangesView *m_view = nullptr; // made when it is first opened
    Banner *m_banner = nullptr;
    QWidget *m_inboxColumn = nullptr;
    Panel *m_inboxPanel = nullptr;
    RowList *m_inbox = nullptr;
    FilterField *m_filter = nullptr;
    ChipButton *m_order = nullptr;
    QPushButton *m_ask = nullptr;
    QBoxLayout *m_middle = nullptr;
    Panel *m_obligationsPanel = nullptr;
    Obligations *m_obligations = nullptr;
    Panel *m_headPanel = nullptr;
    QLabel *m_title = nullptr;
    Badge *m_way = nullptr;
    Badge *m_risk = nullptr;
    Badge *m_state = nullptr;
    ElidedLabel *m_asked = nullptr;
    PathGraph *m_path = nullptr;
    Panel *m_rulesPanel = nullptr;
    RulesList *m_rules = nullptr;
    Panel *m_votesPanel = nullptr;
    VotesList *m_votes = nullptr;
    Panel *m_changesPanel = nullptr;
    RowList *m_commits = nullptr;
    QPushButton *m_openDiff = nullptr;
    ClusterDifference *m_cluster = nullptr;
    Panel *m_riskPanel = nullptr;
    RiskView *m_riskView = nullptr;
    DecisionBox *m_box = nullptr;
    OperationBox *m_start = nullptr;
    QString m_shownId;
    bool m_isFilling = false;
};

} // namespace signalbox

#pragma once

#include "ui/pages/promotions/promotionspresenter.h"
#include "ui/shell/page.h"

#include <QPointer>
#include <QTimer>

class QPushButton;
class QStackedLayout;

namespace signalbox
{

class Banner;
class ChangesView;
class ClampedLabel;
class DecisionBox;
class GateDialog;
class OperationBox;
class Panel;
class PromotionDetail;
class PromotionQuestions;
class PromotionsInbox;
class RunStore;

// What waits to go on, what it changes, what the policy says to it, and the levers: approve, reject, start.
class PromotionsPage : public Page
{
    Q_OBJECT
public:
    explicit PromotionsPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~PromotionsPage() override;

    QStringList crumbs() const override;
    // target.object.uid: a promotion's id, with the hint "gate" a gate's key; target.hint "request": opens the question
    // for a new one; "freeze": for a freeze.
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
    QWidget *buildDetail();
    RunStore *runs() const;
    void openGate(const QString &key);
    void connectPresenter();
    void showBoard();
    void showNoLedger(const std::optional<Error> &why);
    void showBanner();
    bool isUnsentForLong();
    void showCard();
    void showBoxes();
    void showWayBack();
    void arrange();
    void openChanges(const QString &commit);

    ConsoleContext &m_context;
    std::unique_ptr<PromotionsPresenter> m_presenter; // null: there is no ledger
    PromotionQuestions *m_questions = nullptr;
    QStackedLayout *m_stack = nullptr;
    QWidget *m_ground = nullptr; // in place of all else while there is no ledger
    Panel *m_noLedger = nullptr;
    QWidget *m_main = nullptr;
    ChangesView *m_view = nullptr; // made when it is first opened
    Banner *m_banner = nullptr;
    PromotionsInbox *m_inbox = nullptr;
    PromotionDetail *m_detail = nullptr;
    DecisionBox *m_box = nullptr;
    OperationBox *m_start = nullptr;
    QPointer<GateDialog> m_gate; // that is open
    Panel *m_backPanel = nullptr;
    ClampedLabel *m_backText = nullptr;
    QPushButton *m_back = nullptr; // of what was carried out: to the screen that takes it back
    QString m_shownId;
    QTimer m_unsentWait{this};
    bool m_isUnsentLong = false; // entries of ours wait for the shared ledger for longer than sending takes
};

} // namespace signalbox

#pragma once

#include "ui/pages/promotions/promotionspresenter.h"
#include "ui/theme/tokens.h"

#include <QFrame>
#include <QHash>

class QBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace signalbox
{

class ConsoleSettings;
class HoldButton;
class Prompter;
class StateSign;

// Approve or reject what is chosen, with a comment: both are held, and both are bound to exactly what is shown. Says
// what that will lead to, why it cannot be done, and what became of it.
class DecisionBox : public QFrame
{
    Q_OBJECT
public:
    DecisionBox(PromotionsPresenter &presenter, Prompter &prompter, ConsoleSettings &settings,
                QWidget *parent = nullptr);

    // The plan to start it is on screen as well: what cannot be done any more gives way to it.
    void setBesidePlan(bool isBeside);
    void focusMain(); // on the button that matters now
    QString comment() const;

signals:
    void moreRequested(QPushButton *at); // a menu of what is done seldom
    void givenAway();                    // the button with the keyboard on it is gone: nothing is left to approve

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    using Action = PromotionsPresenter::Action;
    HoldButton *makeButton(Action action, const QString &text, ToneName tone, const char *name);
    void takeComment();
    void showWords();
    void arrange();
    void refresh();
    void refreshButton(HoldButton *button, Action action);
    void act(Action action, const QByteArray &fingerprint);
    void askInstead(HoldButton *button, Action action, const QByteArray &fingerprint);
    QString effect(Action action) const;

    PromotionsPresenter &m_presenter;
    Prompter &m_prompter;
    ConsoleSettings &m_settings;
    QBoxLayout *m_row = nullptr;
    QLineEdit *m_comment = nullptr;
    QString m_promotion;                // that the comment is for
    QHash<QString, QString> m_comments; // begun for other promotions, by id
    HoldButton *m_reject = nullptr;
    HoldButton *m_approve = nullptr;
    QPushButton *m_more = nullptr;
    StateSign *m_sign = nullptr;
    QLabel *m_text = nullptr;
    bool m_isBesidePlan = false;
};

} // namespace signalbox

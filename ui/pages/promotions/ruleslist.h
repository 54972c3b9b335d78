#pragma once

#include "models/policy/decision.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace signalbox
{

// What the policy asks of a promotion, a line each: its sign, what it is, the reason in words, and the way out where it
// does not pass.
class RulesList : public QWidget
{
    Q_OBJECT
public:
    explicit RulesList(QWidget *parent = nullptr);

    void show(const QList<policy::RuleResult> &rules);
    static QString summary(const QList<policy::RuleResult> &rules); // "6 passed · 1 waiting"

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void rebuild();
    void tellAgain();

    QVBoxLayout *m_rows = nullptr;
    QList<QLabel *> m_texts; // one for each of what is shown
    QList<policy::RuleResult> m_shown;
    bool m_isNarrow = false; // the reason stands below the title
};

Health healthOf(policy::RuleResult::State state);

} // namespace signalbox

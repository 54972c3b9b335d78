#pragma once

#include "models/policy/risk.h"

#include <QWidget>

class QVBoxLayout;

namespace signalbox
{

// How likely it is to fail, by what, and how good such figures were so far. Never a gate.
class RiskView : public QWidget
{
    Q_OBJECT
public:
    explicit RiskView(QWidget *parent = nullptr);

    void show(const policy::RiskFigure &risk);
    static QString badge(const policy::RiskFigure &risk); // "RISK 0.18"; empty: no figure
    static bool isHigh(const policy::RiskFigure &risk);
    static QString quality(const policy::RiskFigure &risk); // Brier score in words

protected:
    void changeEvent(QEvent *event) override;

private:
    void rebuild();

    QVBoxLayout *m_rows = nullptr;
    policy::RiskFigure m_shown;
    bool m_isShown = false;
    bool m_isExplained = false; // the model in words is open
};

} // namespace signalbox

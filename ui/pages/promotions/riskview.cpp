#include "ui/pages/promotions/riskview.h"

#include "models/policy/riskwords.h"
#include "ui/pages/promotions/signrows.h"
#include "ui/theme/tokens.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

using policy::RiskFigure;
using policy::RiskReason;

namespace
{

constexpr double highRisk = 0.15; // of promotions: what the DORA reports call more than a good team's share of failures

QLabel *label(const QString &text, const char *role, QWidget *parent)
{
    auto *made = new QLabel(text, parent);
    made->setProperty("role", QString::fromLatin1(role));
    made->setWordWrap(true);
    made->setMinimumWidth(1);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return made;
}

} // namespace

RiskView::RiskView(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("riskView"));
    setAccessibleName(tr("Risk"));
    m_rows->setContentsMargins(14, space::m, 14, space::m);
    m_rows->setSpacing(space::xs);
}

QString RiskView::badge(const RiskFigure &risk)
{
    return risk.probability ? tr("RISK %1").arg(*risk.probability, 0, 'f', 2) : QString();
}

bool RiskView::isHigh(const RiskFigure &risk)
{
    return risk.probability && *risk.probability >= highRisk;
}

QString RiskView::quality(const RiskFigure &risk)
{
    if (!risk.brier)
        return tr("How good the figure is cannot be told yet: fewer than 10 promotions could be tried.");
    const QString own = QString::number(*risk.brier, 'f', 3);
    if (!risk.baseBrier)
        return tr("Brier score %1 on %n promotion(s) of this ledger; 0 is perfect.", nullptr, risk.tried).arg(own);
    const QString base = QString::number(*risk.baseBrier, 'f', 3);
    return (*risk.brier < *risk.baseBrier
                ? tr("Brier score %1 on %n promotion(s) of this ledger, better than always saying the share that "
                     "failed (%2); 0 is perfect.",
                     nullptr, risk.tried)
                : tr("Brier score %1 on %n promotion(s) of this ledger, no better than always saying the share that "
                     "failed (%2): do not lean on it.",
                     nullptr, risk.tried))
        .arg(own, base);
}

void RiskView::show(const RiskFigure &risk)
{
    if (m_isShown && risk == m_shown)
        return;
    m_shown = risk;
    m_isShown = true;
    rebuild();
}

void RiskView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_isShown)
        rebuild();
}

void RiskView::rebuild()
{
    clearRows(*m_rows);
    // How good the figure is stands below; the head of the page has the figure large.
    auto *text = label(policy::riskOdds(m_shown), m_shown.probability ? "body" : "soft", this);
    text->setObjectName(QStringLiteral("riskText"));
    m_rows->addWidget(text);
    for (const RiskReason &reason : std::as_const(m_shown.reasons)) {
        auto *row = new QWidget(this);
        auto *layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(space::s);
        auto *weight = new QLabel(QStringLiteral("+%1").arg(reason.weight, 0, 'f', 2), row);
        weight->setFont(signalbox::font(TextRole::MonoSmall));
        weight->setFixedWidth(44);
        weight->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        weight->setAccessibleName(tr("weighs %1").arg(reason.weight, 0, 'f', 2));
        layout->addWidget(weight);
        layout->addWidget(label(reason.text, "soft", row), 1);
        m_rows->addWidget(row);
    }
    if (m_shown.probability && m_shown.history > 0) {
        auto *quality = label(RiskView::quality(m_shown), "faint", this);
        quality->setObjectName(QStringLiteral("riskQuality"));
        m_rows->addWidget(quality);
    }
    auto *how = new QPushButton(tr("How it is made"), this);
    how->setObjectName(QStringLiteral("riskModelButton"));
    how->setProperty("variant", QStringLiteral("ghost"));
    how->setCheckable(true);
    how->setChecked(m_isExplained);
    m_rows->addWidget(how, 0, Qt::AlignLeft);
    auto *model = label(policy::riskModelText(), "faint", this);
    model->setObjectName(QStringLiteral("riskModel"));
    model->setVisible(m_isExplained);
    m_rows->addWidget(model);
    connect(how, &QPushButton::toggled, this, [this, model](bool isOn) {
        m_isExplained = isOn;
        model->setVisible(isOn);
    });
    m_rows->addStretch(1);
}

} // namespace signalbox

#include "ui/pages/rollback/readinessbar.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

// An image's name has no blanks: without places to break at, it would make the whole column as wide as itself. Of a
// digest its beginning tells enough.
QString breakable(QString text)
{
    static const QRegularExpression digest(QStringLiteral("(sha256:[0-9a-f]{12})[0-9a-f]{52}"));
    static const QRegularExpression joint(QStringLiteral("([/:@])(?=\\S)"));
    text.replace(digest, QStringLiteral("\\1…"));
    return text.replace(joint, QStringLiteral("\\1\u200b"));
}

} // namespace

QString readinessTitle(Health light)
{
    switch (light) {
    case Health::Ok:
        return QCoreApplication::translate("ReadinessBar", "Way back: ready");
    case Health::Warning:
        return QCoreApplication::translate("ReadinessBar", "Way back: ready, but");
    case Health::Failing:
        return QCoreApplication::translate("ReadinessBar", "Way back: not ready");
    default:
        return QCoreApplication::translate("ReadinessBar", "Way back: unknown");
    }
}

ReadinessBar::ReadinessBar(QWidget *parent)
    : QWidget(parent)
    , m_sign(new StateSign(Health::Unknown, this))
    , m_title(new QLabel(this))
    , m_reason(new QLabel(this))
    , m_age(new QLabel(this))
    , m_button(new QPushButton(tr("Rehearse"), this))
{
    setObjectName(QStringLiteral("readinessBar"));
    m_title->setObjectName(QStringLiteral("readinessTitle"));
    m_title->setProperty("role", QStringLiteral("title"));
    m_reason->setObjectName(QStringLiteral("readinessReason"));
    m_reason->setProperty("role", QStringLiteral("soft"));
    m_reason->setWordWrap(true);
    m_reason->setMinimumWidth(1); // wraps, rather than claiming its longest word
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_age->setObjectName(QStringLiteral("readinessAge"));
    m_age->setProperty("role", QStringLiteral("soft"));
    m_age->setWordWrap(true);
    m_button->setObjectName(QStringLiteral("rehearse"));
    m_button->setToolTip(tr("Plans going back as you would, with the cluster's own dry run. Nothing is written."));
    m_button->setProperty("compact", true);
    // The words have the whole width: the column is narrow.
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::s, space::l, space::m);
    layout->setSpacing(2);
    auto *top = new QHBoxLayout;
    top->setSpacing(space::m);
    top->addWidget(m_sign);
    top->addWidget(m_title, 1);
    top->addWidget(m_button);
    layout->addLayout(top);
    layout->addWidget(m_reason);
    layout->addWidget(m_age);
    connect(m_button, &QPushButton::clicked, this, &ReadinessBar::rehearseRequested);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, &ReadinessBar::showAge);
    show({}, false);
}

void ReadinessBar::show(const std::optional<Readiness> &readiness, bool isRehearsing)
{
    m_readiness = readiness;
    m_isRehearsing = isRehearsing;
    m_button->setEnabled(!isRehearsing);
    m_sign->setHealth(readiness ? readiness->light : isRehearsing ? Health::InProgress : Health::Unknown);
    m_title->setText(readiness ? readinessTitle(readiness->light) : tr("Way back: not rehearsed yet"));
    QString reason;
    if (readiness)
        reason = readiness->wayOut.isEmpty() ? readiness->reason
                                             : QStringLiteral("%1 → %2").arg(readiness->reason, readiness->wayOut);
    // Where all is well the light says enough, and the list above gets the room.
    const bool isWell = readiness && readiness->light == Health::Ok && readiness->wayOut.isEmpty();
    m_reason->setText(breakable(reason));
    m_reason->setVisible(!reason.isEmpty() && !isWell);
    for (QWidget *each : {static_cast<QWidget *>(this), static_cast<QWidget *>(m_title)})
        each->setToolTip(isWell ? reason : QString());
    m_title->setAccessibleDescription(isWell ? reason : QString());
    showAge();
}

void ReadinessBar::showAge()
{
    m_age->setVisible(m_isRehearsing || m_readiness.has_value());
    if (m_isRehearsing) {
        m_age->setText(tr("Rehearsing …"));
        m_age->setToolTip({});
        return;
    }
    if (!m_readiness)
        return;
    const QString age = ageText(m_readiness->checkedAt, AgeTicker::now(), true);
    const qint64 took = m_readiness->took.count();
    QString text = tr("rehearsed %1 ago in %2").arg(age, took < 1000 ? tr("%1 ms").arg(took) : durationText(took));
    if (!m_readiness->to.isEmpty())
        text = tr("to %1 · %2").arg(m_readiness->to, text);
    m_age->setText(text);
    m_age->setToolTip(timeToolTip(m_readiness->checkedAt));
}

void ReadinessBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(tokens().line);
    painter.setBrush(tokens().panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius::panel, radius::panel);
}

} // namespace signalbox

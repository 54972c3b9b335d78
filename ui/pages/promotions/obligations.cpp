#include "ui/pages/promotions/obligations.h"

#include "ui/pages/promotions/signrows.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include <functional>

namespace signalbox
{

using policy::BoardDebt;
using policy::BoardStop;
using policy::Stop;

namespace
{

// Opens what stands below it. Too long for its line it is cut, its tool tip has all of it.
class ObligationHead : public QPushButton
{
public:
    ObligationHead(const QString &text, QWidget *parent)
        : QPushButton(text, parent)
        , m_all(text)
    {
        setObjectName(QStringLiteral("obligation"));
        setProperty("variant", QStringLiteral("ghost"));
        setStyleSheet(QStringLiteral("padding: 0px; min-height: 16px; text-align: left;"));
        setIconSize(QSize(iconWide, iconWide));
        setAutoDefault(false);
        setCheckable(true);
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        setToolTip(text);
        setAccessibleName(text);
    }
    QSize minimumSizeHint() const override { return {40, QPushButton::minimumSizeHint().height()}; }
    void point(bool isOpen)
    {
        setIcon(iconPixmap(isOpen ? QStringLiteral("triangle-down") : QStringLiteral("triangle-right"), iconWide,
                           tokens().textSoft, devicePixelRatioF()));
    }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QPushButton::resizeEvent(event);
        const QString fits = fontMetrics().elidedText(m_all, Qt::ElideRight, width() - iconWide - 2 * space::s);
        if (fits != text())
            setText(fits);
    }

private:
    static constexpr int iconWide = 10;
    QString m_all;
};

QString placeOf(const QString &application, const QString &environment)
{
    const QString any = Obligations::tr("everything");
    return Obligations::tr("%1 in %2")
        .arg(application == QLatin1String("*") ? any : application,
             environment == QLatin1String("*") ? Obligations::tr("every environment") : environment);
}

QString frozen(const Stop &stop, const QString &place)
{
    switch (stop.state) {
    case Stop::State::Holds:
        break;
    case Stop::State::Later:
        return Obligations::tr("Will be frozen: %1").arg(place);
    case Stop::State::Unknown:
        return Obligations::tr("Perhaps frozen: %1").arg(place);
    }
    return Obligations::tr("Frozen: %1").arg(place);
}

QString textOf(const Stop &stop)
{
    QString text;
    if (stop.state == Stop::State::Unknown)
        text = Obligations::tr("by %1; when it repeats cannot be told here").arg(stop.who);
    else if (!stop.since.isValid())
        text = Obligations::tr("by %1, not within a year").arg(stop.who);
    else if (stop.state == Stop::State::Later)
        text = stop.repeat ? Obligations::tr("by %1, next from %2").arg(stop.who, copiedTime(stop.since))
                           : Obligations::tr("by %1 from %2").arg(stop.who, copiedTime(stop.since));
    else
        text = Obligations::tr("by %1 since %2").arg(stop.who, copiedTime(stop.since));
    if (stop.until.isValid() && stop.state != Stop::State::Unknown)
        text += Obligations::tr(", until %1").arg(copiedTime(stop.until));
    if (stop.repeat && !stop.repeat->rule.isEmpty())
        text += Obligations::tr(", repeats by %1 (%2)").arg(stop.repeat->rule, QString::fromUtf8(stop.repeat->zone));
    return stop.reason.isEmpty() ? text : text + QStringLiteral(": ") + stop.reason;
}

} // namespace

Obligations::Obligations(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("obligations"));
    setAccessibleName(tr("Holds, freezes and debts"));
    m_rows->setContentsMargins(14, space::m, 14, space::m);
    m_rows->setSpacing(space::m);
}

void Obligations::show(const QList<BoardStop> &stops, const QList<BoardDebt> &debts, const QString &whyNothing)
{
    if (stops == m_stops && debts == m_debts && whyNothing == m_whyNothing)
        return;
    m_stops = stops;
    m_debts = debts;
    m_whyNothing = whyNothing;
    rebuild();
}

void Obligations::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        rebuild();
}

void Obligations::add(Health health, const QString &strong, const QString &text, const QString &button,
                      const QString &name, const QString &whyNot, const QString &hint, std::function<void()> run)
{
    const SignRow made = signRow(health, softHtml(text), strong + QLatin1String(": ") + text, this);
    auto *head = new ObligationHead(strong, made.row);
    made.words->insertWidget(0, head);
    auto *action = new QPushButton(button, made.row);
    action->setObjectName(name);
    action->setProperty("compact", true);
    action->setAutoDefault(false);
    action->setEnabled(whyNot.isEmpty());
    action->setToolTip(whyNot.isEmpty() ? hint : whyNot);
    action->setAccessibleName(tr("%1: %2").arg(button, strong));
    action->setAccessibleDescription(whyNot.isEmpty() ? QString() : tr("Not available: %1").arg(whyNot));
    made.words->addWidget(action, 0, Qt::AlignLeft);
    const auto open = [=, label = made.text](bool isOpen) {
        label->setVisible(isOpen);
        action->setVisible(isOpen);
        head->point(isOpen);
        head->setAccessibleDescription(isOpen ? tr("Opened") : text);
    };
    const bool isOpened = m_opened.contains(strong);
    head->setChecked(isOpened);
    open(isOpened);
    connect(head, &QPushButton::toggled, this, [this, open, strong](bool isOpen) {
        if (isOpen)
            m_opened.insert(strong);
        else
            m_opened.remove(strong);
        open(isOpen);
        emit heightChanged();
    });
    connect(action, &QPushButton::clicked, this, [run = std::move(run)] { run(); });
    m_rows->addWidget(made.row);
    made.row->show(); // else it has no height before the next event
}

int Obligations::wantedHeight(int width) const
{
    return m_rows->hasHeightForWidth() ? m_rows->totalHeightForWidth(width) : m_rows->totalSizeHint().height();
}

void Obligations::rebuild()
{
    clearRows(*m_rows);
    const auto whyNot = [this](const policy::Permission &permission) {
        return !m_whyNothing.isEmpty() ? m_whyNothing : permission.isGiven ? QString() : permission.reason;
    };
    for (const BoardDebt &debt : std::as_const(m_debts)) {
        const QString strong =
            tr("Debt: %1").arg(placeOf(debt.glass.subject.application, debt.glass.subject.environment));
        add(debt.glass.isOverdue ? Health::Failing : Health::Warning, strong,
            debt.glass.reason.isEmpty() ? debt.text : QStringLiteral("%1 · %2").arg(debt.text, debt.glass.reason),
            tr("Countersign..."), QStringLiteral("countersign"), whyNot(debt.mayCountersign),
            tr("May countersign: %1").arg(debt.glass.mayCountersign.join(QStringLiteral(", "))),
            [this, entry = debt.glass.entry, strong] { emit countersignRequested(entry, strong); });
    }
    for (const BoardStop &stop : std::as_const(m_stops)) {
        const QString place = placeOf(stop.application, stop.environment);
        const QString strong = stop.isFreeze ? frozen(stop.stop, place) : tr("Held: %1").arg(place);
        const QString text = textOf(stop.stop);
        const Health health = stop.stop.state == Stop::State::Later     ? Health::NotStarted
                              : stop.stop.state == Stop::State::Unknown ? Health::Unknown
                                                                        : Health::Waiting;
        add(health, strong, text, tr("Lift..."), QStringLiteral("lift"), whyNot(stop.mayLift), {},
            [this, entry = stop.stop.entry, strong] { emit liftRequested(entry, strong); });
    }
    m_rows->addStretch(1);
}

} // namespace signalbox

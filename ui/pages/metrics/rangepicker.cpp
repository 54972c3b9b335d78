#include "ui/pages/metrics/rangepicker.h"

#include "models/series/axis.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QButtonGroup>
#include <QDateTimeEdit>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace signalbox
{
namespace
{

constexpr qint64 minute = 60 * 1000;

QPushButton *chip(const QString &text, const QString &spoken, QWidget *parent)
{
    auto *button = new QPushButton(text, parent);
    button->setProperty("variant", QStringLiteral("chip"));
    button->setCheckable(true);
    button->setAccessibleName(spoken);
    return button;
}

QDateTimeEdit *timeEdit(const QDateTime &time, const QString &name, QWidget *parent)
{
    auto *edit = new QDateTimeEdit(time.toTimeZone(displayZone()), parent);
    edit->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    edit->setCalendarPopup(true);
    edit->setAccessibleName(name);
    return edit;
}

} // namespace

RangePicker::RangePicker(QWidget *parent)
    : QWidget(parent)
    , m_buttons(new QButtonGroup(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    const struct
    {
        int minutes;
        QString text;
        QString spoken;
    } spans[] = {{15, tr("15 m"), tr("Last 15 minutes")},
                 {60, tr("1 h"), tr("Last hour")},
                 {360, tr("6 h"), tr("Last 6 hours")},
                 {1440, tr("24 h"), tr("Last 24 hours")}};
    for (const auto &span : spans) {
        QPushButton *button = chip(span.text, span.spoken, this);
        button->setObjectName(QStringLiteral("range-%1").arg(span.minutes));
        m_buttons->addButton(button, span.minutes);
        layout->addWidget(button);
    }
    m_custom = chip(tr("Custom"), tr("Custom range"), this);
    m_custom->setObjectName(QStringLiteral("range-custom"));
    m_buttons->addButton(m_custom, 0);
    layout->addWidget(m_custom);
    showChosen();
    connect(m_buttons, &QButtonGroup::idClicked, this, [this](int minutes) {
        if (minutes == 0)
            return openCustom();
        m_range = {minutes * minute, {}};
        emit rangeChosen(m_range);
    });
}

void RangePicker::setRange(const MetricRange &range)
{
    m_range = range;
    showChosen();
}

void RangePicker::showChosen()
{
    QAbstractButton *button =
        m_range.isLive() ? m_buttons->button(static_cast<int>(m_range.lengthMs / minute)) : nullptr;
    (button ? button : m_custom)->setChecked(true);
    m_custom->setToolTip(m_range.isLive() ? QString()
                                          : tr("%1 until %2").arg(spanText(m_range.lengthMs), copiedTime(m_range.end)));
}

void RangePicker::openCustom()
{
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("customRange"));
    dialog->setWindowTitle(tr("Custom range"));
    const QDateTime end = m_range.isLive() ? QDateTime::currentDateTimeUtc() : m_range.end;
    QDateTimeEdit *from = timeEdit(end.addMSecs(-m_range.lengthMs), tr("From"), dialog);
    QDateTimeEdit *until = timeEdit(end, tr("Until"), dialog);
    from->setObjectName(QStringLiteral("from"));
    until->setObjectName(QStringLiteral("until"));
    auto *problem = new QLabel(dialog);
    problem->setProperty("role", QStringLiteral("error"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, dialog);
    auto *form = new QFormLayout(dialog);
    form->setContentsMargins(space::xl, space::xl, space::xl, space::xl);
    form->setSpacing(space::m);
    form->addRow(tr("From"), from);
    form->addRow(tr("Until"), until);
    form->addRow(new QLabel(tr("Times are in %1.").arg(QString::fromUtf8(displayZone().id())), dialog));
    form->addRow(problem);
    form->addRow(buttons);
    const auto check = [from, until, problem, buttons] {
        const bool isGood = from->dateTime() < until->dateTime();
        problem->setText(isGood ? QString() : tr("“From” must lie before “Until”."));
        buttons->button(QDialogButtonBox::Ok)->setEnabled(isGood);
    };
    connect(from, &QDateTimeEdit::dateTimeChanged, dialog, check);
    connect(until, &QDateTimeEdit::dateTimeChanged, dialog, check);
    connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    connect(dialog, &QDialog::accepted, this, [this, from, until] {
        m_range = {from->dateTime().msecsTo(until->dateTime()), until->dateTime().toUTC()};
        showChosen();
        emit rangeChosen(m_range);
    });
    connect(dialog, &QDialog::rejected, this, &RangePicker::showChosen);
    dialog->open();
}

} // namespace signalbox

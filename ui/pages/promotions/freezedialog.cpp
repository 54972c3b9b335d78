#include "ui/pages/promotions/freezedialog.h"

#include "models/domain/confirmation.h"
#include "models/domain/duration.h"
#include "models/stores/deployedstore.h"
#include "ui/dialogs/holdalternative.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCryptographicHash>
#include <QDateTimeEdit>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

using policy::FreezeOrder;
using policy::FreezeReach;

namespace
{

const QString all = QStringLiteral("*");
constexpr int usualHours = 2;

struct Weekday
{
    const char *code; // of RFC 5545
    const char *shown;
    const char *spoken;
};
const Weekday weekdays[] = {
    {"MO", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Mon"), QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Monday")},
    {"TU", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Tue"),
     QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Tuesday")},
    {"WE", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Wed"),
     QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Wednesday")},
    {"TH", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Thu"),
     QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Thursday")},
    {"FR", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Fri"), QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Friday")},
    {"SA", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Sat"),
     QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Saturday")},
    {"SU", QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Sun"),
     QT_TRANSLATE_NOOP("signalbox::FreezeDialog", "Sunday")}};

enum class Repeat { Never, Daily, Weekly, Rule };

// Wall time of the operator's zone, kept as if it were UTC, so that the widget converts nothing by itself.
QDateTime wallTime(const QDateTime &time)
{
    const QDateTime there = time.toTimeZone(displayZone());
    return {there.date(), QTime(there.time().hour(), there.time().minute()), Qt::UTC};
}

QDateTime instantOf(const QDateTimeEdit *edit)
{
    return QDateTime(edit->date(), edit->time(), displayZone()).toUTC();
}

QDateTimeEdit *timeEdit(const QDateTime &time, const QString &name, const QString &spoken, QWidget *parent)
{
    auto *edit = new QDateTimeEdit(parent);
    edit->setObjectName(name);
    edit->setTimeSpec(Qt::UTC);
    edit->setDateTime(wallTime(time));
    edit->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
    edit->setCalendarPopup(true);
    edit->setAccessibleName(spoken);
    return edit;
}

// Of the first time.
QDateTime firstEnd(const FreezeOrder &order)
{
    return order.repeat ? order.from.addSecs(order.repeat->length.count()) : order.until;
}

QString repeatText(const FreezeOrder &order)
{
    return order.repeat ? QStringLiteral("%1 %2 %3")
                              .arg(order.repeat->rule, QString::fromUtf8(order.repeat->zone))
                              .arg(order.repeat->length.count())
                        : QString();
}

QComboBox *choice(const QStringList &names, const QString &everything, const QString &wanted, const QString &name,
                  const QString &spoken, QWidget *parent)
{
    auto *box = new QComboBox(parent);
    box->setObjectName(name);
    box->setAccessibleName(spoken);
    box->addItem(everything, all);
    for (const QString &one : names)
        box->addItem(one, one);
    if (!wanted.isEmpty() && box->findData(wanted) < 0) // not listed, or not yet
        box->addItem(wanted, wanted);
    box->setCurrentIndex(std::max(0, box->findData(wanted)));
    return box;
}

} // namespace

FreezeDialog::FreezeDialog(ConsoleContext &context, const QString &application, const QString &environment,
                           QWidget *parent)
    : QDialog(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("freezeDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Order a freeze"));
    resize(640, 600);
    m_application = choice(context.deployed.applications(), tr("all applications"), application,
                           QStringLiteral("freezeApplication"), tr("Application"), this);
    m_environment = choice(context.deployed.environments(), tr("all environments"), environment,
                           QStringLiteral("freezeEnvironment"), tr("Environment"), this);
    const QDateTime now = AgeTicker::now();
    m_from = timeEdit(now, QStringLiteral("freezeFrom"), tr("From"), this);
    m_until = timeEdit(now.addSecs(usualHours * 3600), QStringLiteral("freezeUntil"), tr("Until"), this);
    build();
    m_settle.setSingleShot(true);
    m_settle.setInterval(std::chrono::milliseconds(200));
    connect(&m_settle, &QTimer::timeout, this, &FreezeDialog::draft);
    for (QComboBox *box : {m_application, m_environment})
        connect(box, &QComboBox::currentIndexChanged, this, &FreezeDialog::changed);
    for (QDateTimeEdit *edit : {m_from, m_until})
        connect(edit, &QDateTimeEdit::dateTimeChanged, this, &FreezeDialog::changed);
    for (QCheckBox *day : std::as_const(m_weekdays))
        connect(day, &QCheckBox::toggled, this, &FreezeDialog::changed);
    connect(m_rule, &QLineEdit::textChanged, this, &FreezeDialog::changed);
    connect(m_repeat, &QComboBox::currentIndexChanged, this, [this] {
        showRepeat();
        changed();
    });
    connect(m_reason, &QLineEdit::textChanged, this, &FreezeDialog::refreshButton);
    // Somebody asked for a promotion meanwhile, or the policy changed: what it refuses is another thing.
    connect(context.promotions, &PromotionDesk::boardChanged, this, [this] {
        if (!m_isSending)
            m_settle.start();
    });
    changed();
    draft();
}

void FreezeDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    auto *title = new QLabel(tr("Order a freeze"), this);
    title->setProperty("role", QStringLiteral("heading"));
    layout->addWidget(title);
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(space::l);
    form->setVerticalSpacing(space::s);
    form->addRow(tr("&Application"), m_application);
    form->addRow(tr("&Environment"), m_environment);
    form->addRow(tr("&From"), m_from);
    form->addRow(tr("&Until"), m_until);
    form->addRow(tr("Re&peat"), buildRepeat());
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("freezeReason"));
    m_reason->setAccessibleName(tr("Reason"));
    m_reason->setPlaceholderText(tr("signed and kept in the ledger"));
    form->addRow(tr("&Reason"), m_reason);
    auto *zone = new QLabel(
        tr("Times are in %1, and it repeats by the clocks there.").arg(QString::fromUtf8(displayZone().id())), this);
    zone->setObjectName(QStringLiteral("freezeZone"));
    zone->setProperty("role", QStringLiteral("soft"));
    form->addRow(QString(), zone);
    layout->addLayout(form);
    m_panel = new Panel(tr("What it refuses"), this);
    auto *inner = new QWidget;
    auto *words = new QVBoxLayout(inner);
    words->setContentsMargins(14, space::m, 14, space::m);
    words->setSpacing(space::s);
    m_effect = new QLabel(inner);
    m_effect->setObjectName(QStringLiteral("freezeEffect"));
    m_effect->setProperty("role", QStringLiteral("title"));
    m_next = new QLabel(inner);
    m_next->setObjectName(QStringLiteral("freezeNext"));
    m_reach = new QLabel(inner);
    m_reach->setObjectName(QStringLiteral("freezeReach"));
    for (QLabel *label : {m_effect, m_next, m_reach}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        words->addWidget(label);
    }
    words->addStretch(1);
    m_panel->setContent(new MiddleScroll(inner, m_panel));
    layout->addWidget(m_panel, 1);
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("freezeProblem"));
    m_problem->setWordWrap(true);
    m_problem->setProperty("role", QStringLiteral("error"));
    m_problem->hide();
    layout->addWidget(m_problem);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(space::s);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    m_freeze = new HoldButton(tr("Freeze"), ToneName::Green, this);
    m_freeze->setObjectName(QStringLiteral("freezeButton"));
    m_freeze->setAutoDefault(false);
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(m_freeze);
    layout->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_freeze, &HoldButton::held, this, &FreezeDialog::freeze);
    connect(m_freeze, &HoldButton::alternativeRequested, this, &FreezeDialog::askInstead);
}

// How often, and what more that needs.
QWidget *FreezeDialog::buildRepeat()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    m_repeat = new QComboBox(box);
    m_repeat->setObjectName(QStringLiteral("freezeRepeat"));
    m_repeat->setAccessibleName(tr("Repeat"));
    m_repeat->addItem(tr("never"), static_cast<int>(Repeat::Never));
    m_repeat->addItem(tr("every day"), static_cast<int>(Repeat::Daily));
    m_repeat->addItem(tr("every week, on some days"), static_cast<int>(Repeat::Weekly));
    m_repeat->addItem(tr("by a rule of iCalendar"), static_cast<int>(Repeat::Rule));
    layout->addWidget(m_repeat);
    m_days = new QWidget(box);
    auto *days = new QHBoxLayout(m_days);
    days->setContentsMargins(0, 0, 0, 0);
    days->setSpacing(space::s);
    for (int day = Qt::Monday; day <= Qt::Sunday; ++day) {
        auto *one = new QCheckBox(tr(weekdays[day - 1].shown), m_days);
        one->setObjectName(QStringLiteral("freezeDay%1").arg(day));
        one->setAccessibleName(tr(weekdays[day - 1].spoken));
        one->setChecked(day == m_from->date().dayOfWeek());
        days->addWidget(one);
        m_weekdays.append(one);
    }
    days->addStretch(1);
    layout->addWidget(m_days);
    m_rule = new QLineEdit(box);
    m_rule->setObjectName(QStringLiteral("freezeRule"));
    m_rule->setAccessibleName(tr("Rule of the repetition"));
    m_rule->setPlaceholderText(QStringLiteral("FREQ=MONTHLY;BYDAY=-1FR"));
    layout->addWidget(m_rule);
    showRepeat();
    return box;
}

void FreezeDialog::showRepeat()
{
    const auto repeat = static_cast<Repeat>(m_repeat->currentData().toInt());
    m_days->setVisible(repeat == Repeat::Weekly);
    m_rule->setVisible(repeat == Repeat::Rule);
}

QString FreezeDialog::rule() const
{
    switch (static_cast<Repeat>(m_repeat->currentData().toInt())) {
    case Repeat::Never:
        return {};
    case Repeat::Daily:
        return QStringLiteral("FREQ=DAILY");
    case Repeat::Weekly: {
        QStringList days;
        for (qsizetype i = 0; i < m_weekdays.size(); ++i) {
            if (m_weekdays.at(i)->isChecked())
                days << QLatin1String(weekdays[i].code);
        }
        return days.isEmpty() ? QString() : QStringLiteral("FREQ=WEEKLY;BYDAY=%1").arg(days.join(QLatin1Char(',')));
    }
    case Repeat::Rule:
        return m_rule->text().trimmed().toUpper();
    }
    return {};
}

QString FreezeDialog::missing() const
{
    if (!rule().isEmpty())
        return {};
    switch (static_cast<Repeat>(m_repeat->currentData().toInt())) {
    case Repeat::Weekly:
        return tr("Choose the days of the week on which it begins.");
    case Repeat::Rule:
        return tr("Write the rule of the repetition (RRULE of RFC 5545), for example FREQ=MONTHLY;BYDAY=-1FR.");
    case Repeat::Never:
    case Repeat::Daily:
        break;
    }
    return {};
}

FreezeOrder FreezeDialog::order() const
{
    FreezeOrder order{m_application->currentData().toString(), m_environment->currentData().toString(),
                      instantOf(m_from), instantOf(m_until), m_reason->text().trimmed()};
    if (const QString repeats = rule(); !repeats.isEmpty())
        order.repeat =
            policy::FreezeRepeat{repeats, displayZone().id(), std::chrono::seconds(order.from.secsTo(order.until))};
    return order;
}

void FreezeDialog::changed()
{
    m_ask.cancel();
    m_seen.reset();
    m_problem->hide();
    m_panel->showLoading(3);
    refreshButton();
    m_settle.start();
}

void FreezeDialog::draft()
{
    m_settle.stop();
    if (const QString what = missing(); !what.isEmpty())
        return m_panel->showEmpty(tr("It is not said yet when it comes again"), what);
    m_ask.run(
        this, [this](const StopToken &stop) { return m_context.promotions->draftFreeze(order(), stop); },
        [this](const Result<FreezeReach> &reach) { show(reach); });
}

void FreezeDialog::show(const Result<FreezeReach> &reach)
{
    if (!reach) {
        m_seen.reset();
        m_panel->showEmpty(tr("It cannot be ordered"), reach.error().message);
        return refreshButton();
    }
    m_seen = *reach;
    m_effect->setText(effect());
    m_effect->setToolTip(timeToolTip(reach->order.from) + QLatin1Char('\n') + timeToolTip(firstEnd(reach->order)));
    m_next->setVisible(reach->order.repeat.has_value());
    QStringList times{tr("The next times:")};
    for (const policy::Interval &one : reach->next)
        times << tr("%1 until %2").arg(copiedTime(one.begin), copiedTime(one.end));
    m_next->setText(times.join(QLatin1Char('\n')));
    const auto line = [](const QString &title, const QStringList &words, const QString &none) {
        return QStringLiteral("%1: %2").arg(title, words.isEmpty() ? none : words.join(QStringLiteral(", ")));
    };
    QStringList waiting;
    for (const QString &id : reach->promotions) {
        const policy::PromotionCard *card = m_context.promotions->board().find(id);
        waiting << (card ? tr("%1 %2 to %3 (asked for by %4)")
                               .arg(card->request.subject.application,
                                    card->request.version.isEmpty() ? policy::shortDigest(card->request.subject.digest)
                                                                    : card->request.version,
                                    card->request.subject.environment, card->requester)
                         : id);
    }
    m_reach->setText(QStringList{line(tr("Environments"), reach->environments, tr("none of the policy's paths fits")),
                                 line(tr("Applications"), reach->applications, tr("none that is known fits")),
                                 line(tr("Cannot start meanwhile"), waiting, tr("no promotion is open there")),
                                 tr("Going back stays possible.")}
                         .join(QLatin1Char('\n')));
    m_panel->showContent();
    refreshButton();
}

QString FreezeDialog::effect() const
{
    const FreezeOrder &order = m_seen->order;
    const QString application = order.application == all ? tr("any application") : order.application;
    const QString environment = order.environment == all ? tr("any environment") : order.environment;
    if (!order.repeat)
        return tr("No promotion of %1 to %2 starts from %3 until %4.")
            .arg(application, environment, copiedTime(order.from), copiedTime(order.until));
    return tr("No promotion of %1 to %2 starts for %3 each time that it comes: from %4 on by %5 (clocks of %6), %7.")
        .arg(application, environment, durationText(order.repeat->length), copiedTime(order.from), order.repeat->rule,
             QString::fromUtf8(order.repeat->zone),
             order.isEndless() ? tr("until somebody lifts it")
                               : tr("the last time until %1").arg(copiedTime(order.until)));
}

QString FreezeDialog::whyNot() const
{
    if (m_isSending)
        return tr("It is being signed.");
    if (const QString what = missing(); !what.isEmpty())
        return what;
    if (!m_seen)
        return tr("What it would refuse is not known.");
    if (!m_seen->may.isGiven)
        return m_seen->may.reason;
    if (m_reason->text().trimmed().isEmpty())
        return tr("Say why first: the reason is signed and kept in the ledger.");
    return {};
}

// Of everything that is shown: another one starts a hold anew.
QByteArray FreezeDialog::fingerprint() const
{
    if (!whyNot().isEmpty())
        return {};
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const FreezeOrder &order = m_seen->order;
    for (const QString &part :
         QStringList{order.application, order.environment, order.from.toString(Qt::ISODateWithMs),
                     order.until.toString(Qt::ISODateWithMs), repeatText(order), m_reason->text().trimmed(),
                     m_seen->policyCommit, m_seen->environments.join(QLatin1Char(',')),
                     m_seen->applications.join(QLatin1Char(',')), m_seen->promotions.join(QLatin1Char(','))})
        hash.addData(part.toUtf8() + '\n');
    return hash.result().toHex();
}

void FreezeDialog::refreshButton()
{
    const QString why = whyNot();
    Plan deliberate; // signed for the team, whatever the environment
    deliberate.direction = Direction::Forward;
    deliberate.isProtected = true;
    deliberate.application = m_application->currentText();
    if (why.isEmpty())
        m_freeze->showPlan(fingerprint(), confirmationFor(deliberate, !m_context.settings.asksInsteadOfHold()));
    else
        m_freeze->showPlan({}, {});
    m_freeze->setToolTip(why);
    m_freeze->setAccessibleDescription(why.isEmpty() ? tr("Held to act; pressing it with a screen reader asks instead.")
                                                     : tr("Not available: %1").arg(why));
    if (m_seen && !m_seen->may.isGiven) {
        m_problem->setText(m_seen->may.reason);
        m_problem->show();
    }
}

void FreezeDialog::askInstead(const QByteArray &seen)
{
    if (m_seen && seen == fingerprint())
        askInsteadOfHold(m_context.prompter, this, Direction::Forward, m_application->currentText(), windowTitle(),
                         effect(), m_freeze->text(), [this, seen](bool accepted) {
                             if (accepted)
                                 freeze(seen);
                         });
}

void FreezeDialog::freeze(const QByteArray &seen)
{
    if (seen.isEmpty() || seen != fingerprint())
        return;
    FreezeReach shown = *m_seen;
    shown.order.reason = m_reason->text().trimmed();
    m_isSending = true;
    m_problem->hide();
    m_freeze->setText(tr("Signing ..."));
    refreshButton();
    deliver(
        m_context.promotions->freeze(shown), StopToken(), this,
        [this](const Result<QString> &made) {
            m_isSending = false;
            m_freeze->setText(tr("Freeze"));
            if (made) {
                emit ordered(*made);
                accept();
                return;
            }
            changed(); // what is there now
            m_problem->setText(made.error().message);
            m_problem->show();
        },
        ErrorKind::OutcomeUnknown);
}

} // namespace signalbox

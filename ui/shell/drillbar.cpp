#include "ui/shell/drillbar.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/painting.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>

namespace signalbox
{

namespace
{

using Phase = DrillProgress::Phase;

constexpr int edge = 18; // as the pages have it; within the bar, so that nothing is left of it while it is hidden

QPushButton *button(QWidget *parent, const char *name, const QString &text, const QString &toolTip)
{
    auto *made = new QPushButton(text, parent);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(toolTip);
    made->setAutoDefault(false);
    return made;
}

} // namespace

DrillBar::DrillBar(DrillYard &yard, QWidget *parent)
    : QWidget(parent)
    , m_yard(yard)
{
    setObjectName(QStringLiteral("drillBar"));
    setAccessibleName(tr("Fire drill"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(edge + space::l, space::m + space::s, edge + space::m, space::s);
    layout->setSpacing(space::m);
    m_sign = new StateSign(Health::InProgress, this);
    m_text = new ElidedLabel({}, TextRole::Body, this);
    m_text->setObjectName(QStringLiteral("drillBarText"));
    m_clock = new QLabel(this);
    m_clock->setObjectName(QStringLiteral("drillBarClock"));
    m_clock->setFont(signalbox::font(TextRole::Mono));
    m_see = button(this, "drillSee", tr("I see it"), tr("Something is wrong: your time to see it stops (F8)"));
    m_see->setProperty("variant", QStringLiteral("primary"));
    m_standDown = button(this, "drillStandDown", tr("False alarm, stand down"),
                         tr("The release is not to blame, nothing is to be taken back. Ends the drill (Shift+F8)"));
    m_abandon = button(this, "drillAbandon", tr("Abandon"), tr("End the drill without a verdict"));
    m_abandon->setProperty("variant", QStringLiteral("ghost"));
    m_debrief = button(this, "drillDebriefButton", tr("Debrief"), tr("What happened when, and a faster path"));
    m_debrief->setProperty("variant", QStringLiteral("primary"));
    m_close = new IconButton(QStringLiteral("close"), tr("Close"), this);
    m_close->setObjectName(QStringLiteral("drillBarClose"));
    layout->addWidget(m_sign);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_clock);
    for (QPushButton *one : {m_see, m_standDown, m_abandon, m_debrief, m_close})
        layout->addWidget(one);

    connect(m_see, &QPushButton::clicked, &yard, &DrillYard::acknowledge);
    connect(m_standDown, &QPushButton::clicked, &yard, &DrillYard::standDown);
    connect(m_abandon, &QPushButton::clicked, &yard, &DrillYard::abandon);
    connect(m_debrief, &QPushButton::clicked, this, [this] { emit debriefRequested(m_yard.progress().drill); });
    connect(m_close, &QPushButton::clicked, this, [this] {
        m_isClosed = true;
        refresh();
    });
    connect(&yard, &DrillYard::progressChanged, this, &DrillBar::refresh);
    connect(new QShortcut(QKeySequence(Qt::Key_F8), window()), &QShortcut::activated, &yard, &DrillYard::acknowledge);
    connect(new QShortcut(QKeySequence(Qt::SHIFT | Qt::Key_F8), window()), &QShortcut::activated, &yard,
            &DrillYard::standDown);
    refresh();
}

QString DrillBar::title() const
{
    const QString name = m_yard.progress().drill;
    for (const DrillInfo &info : m_yard.drills()) {
        if (info.name == name)
            return info.title;
    }
    return name;
}

void DrillBar::refresh()
{
    const DrillProgress progress = m_yard.progress();
    if (progress.isUnderWay())
        m_isClosed = false;
    const bool isRunning = progress.phase == Phase::Running;
    const bool isOver = progress.phase == Phase::Over;
    m_see->setVisible(isRunning && !progress.isSeen);
    m_standDown->setVisible(isRunning);
    m_abandon->setVisible(progress.isUnderWay());
    m_clock->setVisible(isRunning);
    m_debrief->setVisible(isOver);
    m_close->setVisible(isOver);
    m_sign->setHealth(Health::InProgress);
    if (progress.phase == Phase::Preparing)
        m_text->setText(tr("Drill \"%1\": making the world ready. %2").arg(title(), progress.text));
    else if (progress.phase == Phase::Countdown)
        m_text->setText(tr("Drill \"%1\" begins in %2").arg(title()).arg(progress.countdown));
    else if (isRunning)
        showRunning(progress);
    else if (isOver)
        showOver();
    m_text->setAccessibleName(m_text->text());
    setVisible(progress.isUnderWay() || (isOver && !m_isClosed));
    update();
}

void DrillBar::showRunning(const DrillProgress &progress)
{
    m_text->setText(progress.isSeen ? tr("Drill \"%1\": seen. Bring it back.").arg(title())
                                    : tr("Drill \"%1\" is running").arg(title()));
    QString clock = QStringLiteral("%1 / %2").arg(drillClockText(progress.elapsedMs), drillClockText(progress.limitMs));
    if (progress.sinceBadMs)
        clock = tr("bad for %1 · %2").arg(drillClockText(*progress.sinceBadMs), clock);
    m_clock->setText(clock);
}

void DrillBar::showOver()
{
    const auto debrief = m_yard.debrief();
    if (!debrief)
        return;
    const bool isPassed = debrief->verdict == DrillVerdict::Passed;
    const bool isFailed = debrief->verdict == DrillVerdict::Failed;
    m_sign->setHealth(isPassed ? Health::Ok : isFailed ? Health::Failing : Health::Warning);
    m_text->setText(tr("Drill \"%1\": %2. %3").arg(title(), drillVerdictText(debrief->verdict), debrief->words));
}

void DrillBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = tokens();
    paintRoundedFrame(&painter, QRectF(rect()).adjusted(edge + 0.5, space::m + 0.5, -edge - 0.5, -0.5), radius::panel,
                      t.accent.soft, t.accent.solid);
}

} // namespace signalbox

#include "ui/widgets/joblogsteps.h"

#include "models/log/logsteps.h"
#include "ui/widgets/runsign.h"
#include "ui/widgets/timetext.h"

#include <QMenu>
#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

QIcon signOf(RunState state, qreal ratio)
{
    constexpr int side = 14;
    QPixmap pixmap(QSize(side, side) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    paintRunState(&painter, state, QRectF(2, 2, side - 4, side - 4));
    return QIcon(pixmap);
}

QString tookOf(const JobStep &step)
{
    if (!step.startedAt.isValid() || (!step.finishedAt.isValid() && step.state != RunState::Running))
        return {};
    const QDateTime end = step.finishedAt.isValid() ? step.finishedAt : AgeTicker::now();
    return durationText(std::max<qint64>(0, step.startedAt.msecsTo(end)));
}

} // namespace

JobLogSteps::JobLogSteps(const JobLog &log, QWidget *parent)
    : QPushButton(parent)
    , m_log(log)
    , m_menu(new QMenu(this))
{
    setObjectName(QStringLiteral("jobLogSteps"));
    setProperty("variant", QStringLiteral("chip"));
    setAutoDefault(false);
    setToolTip(tr("Go to a step (Alt+Down, back Alt+Up)"));
    m_menu->setObjectName(QStringLiteral("jobLogStepsMenu"));
    m_menu->setToolTipsVisible(true);
    connect(m_menu, &QMenu::aboutToShow, this, &JobLogSteps::fill);
    setMenu(m_menu);
    setSteps({});
}

void JobLogSteps::setSteps(const QList<JobStep> &steps)
{
    if (m_steps != steps)
        m_bytes = -1;
    m_steps = steps;
    setText(tr("steps: %1").arg(steps.size()));
    setVisible(!steps.isEmpty());
}

const QList<int> &JobLogSteps::stepLines() const
{
    if (m_bytes != m_log.bytes()) {
        m_lines = linesOfSteps(m_log, m_steps);
        m_bytes = m_log.bytes();
    }
    return m_lines;
}

int JobLogSteps::lineBeside(int line, bool backwards) const
{
    QList<int> lines = stepLines();
    lines.removeAll(-1);
    if (backwards)
        std::reverse(lines.begin(), lines.end());
    const auto found =
        std::find_if(lines.cbegin(), lines.cend(), [&](int one) { return backwards ? one < line : one > line; });
    return found == lines.cend() ? -1 : *found;
}

// As it is asked for: the log grows, and steps go on.
void JobLogSteps::fill()
{
    m_menu->clear();
    const QList<int> lines = stepLines();
    for (qsizetype i = 0; i < m_steps.size(); ++i) {
        const JobStep &step = m_steps[i];
        QStringList behind{runStateLabel(step.state), tookOf(step)};
        behind.removeAll(QString());
        QString name = step.name;
        name.replace(QLatin1Char('&'), QStringLiteral("&&"));
        QAction *const action = m_menu->addAction(signOf(step.state, devicePixelRatioF()),
                                                  name + QLatin1Char('\t') + behind.join(QStringLiteral(" · ")));
        action->setEnabled(lines[i] >= 0);
        if (lines[i] < 0)
            action->setToolTip(tr("This log has no part of it."));
        connect(action, &QAction::triggered, this, [this, line = lines[i]] { emit chosen(line); });
    }
}

} // namespace signalbox

#include "ui/pages/traffic/stagestrip.h"

#include "services/operations/operation.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QPainter>
#include <QRegularExpression>

namespace signalbox
{

namespace
{

// None: longer than anyone waits, or than fits.
std::optional<std::chrono::seconds> dwellOf(const QString &number, const QString &unit)
{
    if (number.isEmpty())
        return std::chrono::seconds(0);
    constexpr qint64 week = 7 * 24 * 3600;
    const qint64 each = unit == QLatin1String("h") ? 3600 : unit == QLatin1String("m") ? 60 : 1;
    bool fits = false;
    const qint64 count = number.toLongLong(&fits);
    if (!fits || count > week / each)
        return std::nullopt;
    return std::chrono::seconds(count * each);
}

StageStrip::Item runningItem(const Operation &operation, const PlanStep &step, int index, const QString &candidate)
{
    StageStrip::Item item;
    item.label = candidateShare(step.title, candidate);
    if (index < operation.stepIndex() || (operation.isFinished() && index <= operation.stepIndex())) {
        item.fraction = 1;
        item.text = StageStrip::tr("observed");
        return item;
    }
    if (index > operation.stepIndex()) {
        item.text = dwellText(step.dwell);
        return item;
    }
    item.isCurrent = true;
    const qint64 left = operation.dwellRemaining().count();
    const qint64 whole = static_cast<qint64>(step.dwell.count()) * 1000;
    const bool dwells = operation.state() == OperationState::Dwelling || operation.state() == OperationState::Paused;
    item.fraction = dwells && whole > 0 ? 1.0 - static_cast<double>(left) / static_cast<double>(whole) : 0;
    item.text = dwells && whole > 0 ? StageStrip::tr("%1 left of %2").arg(durationText(left), dwellText(step.dwell))
                                    : operationStateLabel(operation.state());
    return item;
}

} // namespace

StageStrip::StageStrip(QWidget *parent)
    : QWidget(parent)
{
    hide(); // until there are stages
}

void StageStrip::show(const QList<Item> &items)
{
    if (items == m_items)
        return;
    m_items = items;
    QStringList words;
    for (const Item &item : items)
        words << item.label + QLatin1Char(' ') + item.text;
    setAccessibleName(tr("Stages: %1").arg(words.join(QStringLiteral(", "))));
    setVisible(!items.isEmpty());
    update();
}

QList<StageStrip::Item> StageStrip::itemsOf(const QList<TrafficPresenter::Stage> &stages, int percentNow,
                                            const Operation *operation, const QString &candidate)
{
    QList<Item> items;
    if (operation) {
        const QList<PlanStep> steps = operation->chosenSteps();
        for (int i = 0; i < steps.size(); ++i)
            items << runningItem(*operation, steps[i], i, candidate);
        return items;
    }
    for (const TrafficPresenter::Stage &stage : stages) {
        Item item;
        item.label = QStringLiteral("%1 %").arg(stage.percent);
        const bool isPast = stage.percent <= percentNow;
        item.fraction = isPast ? 1 : 0;
        item.text = isPast ? tr("has it") : dwellText(stage.dwell);
        items << item;
    }
    return items;
}

void StageStrip::paintEvent(QPaintEvent *)
{
    if (m_items.isEmpty())
        return;
    QPainter painter(this);
    const Tokens &t = tokens();
    const double gap = space::m;
    const double each = (width() - gap * static_cast<double>(m_items.size() - 1)) / static_cast<double>(m_items.size());
    for (int i = 0; i < m_items.size(); ++i) {
        const Item &item = m_items[i];
        const double left = i * (each + gap);
        painter.fillRect(QRectF(left, 0, each, 4), t.raised);
        painter.fillRect(QRectF(left, 0, each * item.fraction, 4), t.green.solid);
        QRect words(static_cast<int>(left), 8, static_cast<int>(each), 22);
        const QColor color = item.isCurrent ? t.text : t.textSoft;
        const int used =
            paintText(&painter, words, item.isCurrent ? TextRole::BodyStrong : TextRole::Body, color, item.label);
        words.setLeft(words.left() + used + space::s);
        paintText(&painter, words, TextRole::Small, t.textSoft, item.text);
    }
}

Result<QList<TrafficPresenter::Stage>> parseStages(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^(\\d{1,3})\\s*%?(?:\\s+(\\d+)\\s*([smh]))?$"));
    QList<TrafficPresenter::Stage> stages;
    const QStringList parts = text.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        const QString word = part.trimmed();
        if (word.isEmpty())
            continue;
        const QRegularExpressionMatch match = form.match(word);
        const int percent = match.captured(1).toInt();
        if (!match.hasMatch() || percent > 100) {
            return Error{
                ErrorKind::Invalid,
                StageStrip::tr(
                    "\"%1\" is not a stage: expected a share of 0 to 100 and how long to wait, as in \"25 15m\".")
                    .arg(word),
                {}};
        }
        if (!stages.isEmpty() && percent <= stages.last().percent) {
            return Error{ErrorKind::Invalid,
                         StageStrip::tr("%1 % comes after %2 %: each stage has to take more than the one before.")
                             .arg(percent)
                             .arg(stages.last().percent),
                         {}};
        }
        const std::optional<std::chrono::seconds> dwell = dwellOf(match.captured(2), match.captured(3));
        if (!dwell) {
            return Error{
                ErrorKind::Invalid,
                StageStrip::tr("\"%1\" is not a stage: expected to wait no longer than a week (168h).").arg(word),
                {}};
        }
        stages << TrafficPresenter::Stage{percent, *dwell};
    }
    if (stages.isEmpty())
        return Error{
            ErrorKind::Invalid, StageStrip::tr("There is no stage: write for example \"5 10m, 25 15m, 100\"."), {}};
    return stages;
}

QString dwellText(std::chrono::seconds dwell)
{
    const qint64 seconds = dwell.count();
    if (seconds <= 0)
        return {};
    if (seconds < 60)
        return StageStrip::tr("%1 s").arg(seconds);
    if (seconds < 3600 && seconds % 60 == 0)
        return StageStrip::tr("%1 m").arg(seconds / 60);
    if (seconds % 3600 == 0)
        return StageStrip::tr("%1 h").arg(seconds / 3600);
    return durationText(seconds * 1000);
}

QString candidateShare(const QString &title, const QString &candidate)
{
    if (candidate.isEmpty())
        return title;
    const QString name = QStringLiteral("(?:^|[\\s,，、])%1").arg(QRegularExpression::escape(candidate));
    const QRegularExpression share(name + QStringLiteral("\\s+(\\d+) %"));
    if (const QRegularExpressionMatch match = share.match(title); match.hasMatch())
        return QStringLiteral("%1 %").arg(match.captured(1));
    const bool isAll =
        !title.contains(QLatin1Char('%')) && title.contains(QRegularExpression(name + QStringLiteral("$")));
    return isAll ? QStringLiteral("100 %") : title;
}

QString stagesText(const QList<TrafficPresenter::Stage> &stages)
{
    QStringList words;
    for (const TrafficPresenter::Stage &stage : stages) {
        const auto seconds = stage.dwell.count();
        if (seconds == 0)
            words << QString::number(stage.percent);
        else if (seconds % 60 == 0)
            words << QStringLiteral("%1 %2m").arg(stage.percent).arg(seconds / 60);
        else
            words << QStringLiteral("%1 %2s").arg(stage.percent).arg(seconds);
    }
    return words.join(QStringLiteral(", "));
}

} // namespace signalbox

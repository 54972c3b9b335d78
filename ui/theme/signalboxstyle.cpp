#include "ui/theme/signalboxstyle.h"

#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"

#include <QCheckBox>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QRadioButton>
#include <QStyleFactory>
#include <QStyleOption>

namespace signalbox
{

namespace
{

void drawCheckBox(QPainter *painter, const QStyleOption &option, bool isRound)
{
    const Tokens &t = tokens();
    const bool isEnabled = option.state.testFlag(QStyle::State_Enabled);
    const bool isOn = option.state.testFlag(QStyle::State_On);
    const bool isPartial = option.state.testFlag(QStyle::State_NoChange);
    const bool isHovered = option.state.testFlag(QStyle::State_MouseOver) && isEnabled;
    const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    const qreal corner = isRound ? box.height() / 2 : 3;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor ground = !isEnabled ? t.raised : (isOn || isPartial) ? t.accent.solid : t.well;
    const QColor border = !isEnabled ? t.line : (isOn || isPartial || isHovered) ? t.accent.solid : t.textFaint;
    painter->setPen(QPen(border, 1));
    painter->setBrush(ground);
    painter->drawRoundedRect(box, corner, corner);
    painter->setPen(
        QPen(isEnabled ? t.accent.onSolid : t.textDisabled, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF origin = box.topLeft();
    const qreal unit = box.width() / 14;
    if (isPartial) {
        painter->drawLine(origin + QPointF(4, 7) * unit, origin + QPointF(10, 7) * unit);
    } else if (isOn && isRound) {
        painter->setBrush(isEnabled ? t.accent.onSolid : t.textDisabled);
        painter->setPen(Qt::NoPen);
        painter->drawEllipse(box.center(), 2.6 * unit, 2.6 * unit);
    } else if (isOn) {
        painter->setBrush(Qt::NoBrush);
        const QPointF tick[] = {origin + QPointF(3.5, 7.2) * unit, origin + QPointF(6, 9.7) * unit,
                                origin + QPointF(10.6, 4.4) * unit};
        painter->drawPolyline(tick, 3);
    }
    painter->restore();
}

} // namespace

SignalboxStyle::SignalboxStyle()
    : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion")))
{}

int SignalboxStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return 15;
    case PM_SplitterWidth:
        return space::m;
    case PM_SmallIconSize:
        return 16;
    case PM_ToolTipLabelFrameWidth:
        return 0;
    case PM_MenuPanelWidth:
        return 1;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int SignalboxStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                              QStyleHintReturn *returnData) const
{
    switch (hint) {
    case SH_Widget_Animation_Duration:
        return motionDuration(120);
    case SH_UnderlineShortcut:
        return 1;
    case SH_ToolTip_WakeUpDelay:
        return 400;
    case SH_ItemView_ActivateItemOnSingleClick:
        return 0;
    case SH_DialogButtonBox_ButtonsHaveIcons:
        return 0;
    case SH_ComboBox_Popup: // a list below the box, not Fusion's menu over it
        return 0;
    case SH_EtchDisabledText:
        return 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
}

void SignalboxStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                                   const QWidget *widget) const
{
    switch (element) {
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        drawCheckBox(painter, *option, false);
        return;
    case PE_IndicatorRadioButton:
        drawCheckBox(painter, *option, true);
        return;
    case PE_FrameFocusRect: {
        // Buttons and views have a ring of their own (style sheet, delegates).
        const bool needsRing = qobject_cast<const QCheckBox *>(widget) != nullptr ||
                               qobject_cast<const QRadioButton *>(widget) != nullptr ||
                               qobject_cast<const QLabel *>(widget) != nullptr;
        if (!needsRing)
            return;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(tokens().focus, 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(option->rect).adjusted(-1, 1, 1, -1), radius::small, radius::small);
        painter->restore();
        return;
    }
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

} // namespace signalbox

#pragma once

#include <QProxyStyle>

namespace signalbox
{

// What the style sheet cannot say: metrics, hints, drawn indicators. On top of Fusion, so that all desktops look alike.
class SignalboxStyle : public QProxyStyle
{
    Q_OBJECT
public:
    SignalboxStyle();

    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override;
    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                  QStyleHintReturn *returnData) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override;
};

} // namespace signalbox

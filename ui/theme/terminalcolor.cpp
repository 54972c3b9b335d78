#include "ui/theme/terminalcolor.h"

#include "models/log/ansitext.h"

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr double readable = 4.5;

// WCAG 2.1, "relative luminance" and "contrast ratio".
double luminance(const QColor &color)
{
    const auto part = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * part(color.redF()) + 0.7152 * part(color.greenF()) + 0.0722 * part(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
    return (light + 0.05) / (dark + 0.05);
}

QColor mixed(const QColor &from, const QColor &to, double share)
{
    const auto part = [share](float a, float b) { return static_cast<float>(a + (b - a) * share); };
    return QColor::fromRgbF(part(from.redF(), to.redF()), part(from.greenF(), to.greenF()),
                            part(from.blueF(), to.blueF()));
}

// xterm: a cube of 6 x 6 x 6, then 24 greys.
QColor paletteColor(int index)
{
    if (index >= 232) {
        const int grey = 8 + (index - 232) * 10;
        return {grey, grey, grey};
    }
    const auto level = [](int step) { return step == 0 ? 0 : 55 + step * 40; };
    const int cube = index - 16;
    return {level(cube / 36), level(cube / 6 % 6), level(cube % 6)};
}

QColor namedColor(int index, const Tokens &set)
{
    switch (index % 8) {
    case 0: // black on a dark ground, or grey
        return index == 0 ? set.text : set.textFaint;
    case 1:
        return set.failing.text;
    case 2:
        return set.ok.text;
    case 3:
        return set.warning.text;
    case 4:
        return set.blue.text;
    case 5:
        return set.canary.text;
    case 6:
        return set.green.text;
    default:
        return set.text;
    }
}

} // namespace

QColor terminalColor(std::int32_t color, const Tokens &set)
{
    if (color < 0)
        return set.text;
    if (color < 16)
        return namedColor(color, set);
    const QColor wanted =
        color >= ansi::Style::rgb ? QColor::fromRgb(static_cast<QRgb>(color - ansi::Style::rgb)) : paletteColor(color);
    QColor shown = wanted;
    for (int tenths = 1; tenths <= 10 && contrast(shown, set.well) < readable; ++tenths)
        shown = mixed(wanted, set.text, tenths / 10.0);
    return shown;
}

} // namespace signalbox

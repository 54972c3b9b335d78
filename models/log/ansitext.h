#pragma once

#include <QList>
#include <QString>

#include <cstdint>

// What a terminal would show of a line that a program wrote for one: its text without control sequences, and which
// parts of it are set apart (ECMA-48 8.3.117 SGR; colours beyond the sixteen as xterm has them). Pure.
namespace signalbox::ansi
{

struct Style
{
    static constexpr std::int32_t usual = -1;
    static constexpr std::int32_t rgb = 0x1000000; // added to 0xRRGGBB
    // `usual`; 0 to 255 of xterm's palette, of which 0 to 7 and 8 to 15, the bright ones, have no fixed colour; or
    // `rgb`. Grounds are read over: what is written on one must be read on ours.
    std::int32_t color = usual;
    bool isBold = false;
    bool isFaint = false;
    bool isItalic = false;
    bool isUnderlined = false;
    bool operator==(const Style &) const = default;
};

struct Span
{
    int from = 0; // characters of the text
    int length = 0;
    Style style;
    bool operator==(const Span &) const = default;
};

struct Text
{
    QString text;
    QList<Span> spans; // ascending; only what is not as usual
    bool operator==(const Text &) const = default;
};

// `line` without its end. `style` is what holds at its begin and, afterwards, at its end: a colour may go on over
// lines. Of a line that was written over (a carriage return: progress) the last writing stays; a tab stays; every other
// control character goes, also one of a sequence that has no end.
Text read(const QString &line, Style &style);

} // namespace signalbox::ansi

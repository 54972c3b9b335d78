#pragma once

#include <QColor>
#include <QFont>

// The one place for colour, spacing, radius and type. Widgets read tokens() while they paint and never keep a copy: the
// set changes when the theme does (every widget then gets QEvent::StyleChange and repaints).
namespace signalbox
{

// A colour for text or a sign, the soft ground of its badge, and the solid ground of a button.
struct Tone
{
    QColor text;    // at least 4.5 : 1 on every surface below and on `soft`
    QColor soft;    // badge, banner, tinted panel
    QColor solid;   // filled button, bar
    QColor onSolid; // text on `solid`, at least 4.5 : 1
};

struct Tokens
{
    bool isDark = true;

    // Surfaces, from the back to the front.
    QColor nav;      // side navigation, status bar
    QColor ground;   // the window behind the panels
    QColor panel;    // cards, tables, menus
    QColor raised;   // hovered row, selected entry, chip, button
    QColor selected; // selected row
    QColor well;     // sunken: code, log, input
    QColor line;     // borders
    QColor hairline; // between rows, grid lines
    QColor outline;  // borders of buttons and inputs that must be found
    QColor focus;    // focus ring: at least 3 : 1 on every surface

    // Text: what matters, what explains, what may be missed.
    QColor text;
    QColor textSoft;
    QColor textFaint;
    QColor textDisabled; // exempt from the contrast rule; disabled controls say why in a tool tip

    Tone accent; // chosen, primary, link
    Tone ok;
    Tone warning;
    Tone failing;
    Tone progress;
    Tone neutral;
    Tone blue; // tracks: always named as well
    Tone green;
    Tone stable;
    Tone canary;

    QColor scrim; // behind overlays
    QColor shadow;
};

const Tokens &darkTokens();
const Tokens &lightTokens();
// The set in force. GUI thread. Follows Theme; dark until there is one.
const Tokens &tokens();

// For widgets that outlive a change of theme: they keep the name and ask for the tone when they paint.
enum class ToneName { Neutral, Accent, Ok, Warning, Failing, Progress, Blue, Green, Stable, Canary };
const Tone &tone(ToneName name, const Tokens &set = tokens());
ToneName trackToneName(const QString &track);

// Colours of a track by its name: "blue", "green", "stable", "canary"; neutral for any other.
const Tone &trackTone(const QString &track, const Tokens &set = tokens());

// Spacing on a 4-pixel grid, in device-independent pixels.
namespace space
{
inline constexpr int xs = 4;
inline constexpr int s = 8;
inline constexpr int m = 12;
inline constexpr int l = 16;  // inside a panel
inline constexpr int xl = 18; // around the page, in line with the header: the one that leaves the grid
inline constexpr int xxl = 32;
} // namespace space

namespace radius
{
inline constexpr int small = 4;
inline constexpr int control = 6;
inline constexpr int panel = 8;
} // namespace radius

namespace size
{
inline constexpr int navigation = 196;
inline constexpr int header = 52;
inline constexpr int statusBar = 26;
inline constexpr int control = 32; // buttons, inputs
inline constexpr int panelHeader = 40;
inline constexpr int row = 36; // one line
inline constexpr int rowTwoLines = 52;
inline constexpr int tableHeader = 34;
inline constexpr int sign = 10;
} // namespace size

enum class TextRole {
    Caption,    // 11 px: key hints, group names
    Small,      // 12 px: second lines, subtitles
    Body,       // 13 px
    BodyStrong, // 13 px, semi-bold: names, versions
    Title,      // 13 px, semi-bold: panel titles
    Heading,    // 15 px, semi-bold: the page
    Large,      // 18 px, semi-bold
    Figure,     // 22 px, bold
    Display,    // 26 px, bold
    Mono,       // 13 px monospaced: figures that change
    MonoSmall,  // 12 px monospaced: hashes, logs
    MonoFigure, // 22 px monospaced
};
// The UI font (Inter, or the platform's) or the monospaced one (JetBrains Mono, or the platform's) in that size. The
// latter without ligatures: code, hashes and logs show what is written.
QFont font(TextRole role);

} // namespace signalbox

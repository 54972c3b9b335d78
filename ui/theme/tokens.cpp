#include "ui/theme/tokens.h"

#include <QFontDatabase>
#include <QGuiApplication>
#include <QHash>
#include <QString>

#include "ui/theme/theme.h"

namespace signalbox
{

namespace
{

QColor hex(QRgb rgb)
{
    return QColor::fromRgb(0xff000000u | rgb);
}

Tone makeTone(QRgb text, QRgb soft, QRgb solid, QRgb onSolid)
{
    return {hex(text), hex(soft), hex(solid), hex(onSolid)};
}

Tokens makeDark()
{
    Tokens t;
    t.isDark = true;
    t.nav = hex(0x0a0d12);
    t.ground = hex(0x0d1117);
    t.panel = hex(0x151b23);
    t.raised = hex(0x1c232d);
    t.selected = hex(0x1e252f);
    t.well = hex(0x0d1117);
    t.line = hex(0x29313c);
    t.hairline = hex(0x29313c);
    t.outline = hex(0x38424f);
    t.focus = hex(0x6ba1ff);
    t.text = hex(0xe6edf3);
    t.textSoft = hex(0x9aa6b2);
    t.textFaint = hex(0x8793a0);
    t.textDisabled = hex(0x5a6572);
    t.accent = makeTone(0x5e9bff, 0x17284a, 0x2e6fe3, 0xffffff);
    t.ok = makeTone(0x3fb950, 0x12301b, 0x3aaa4c, 0x04140a);
    t.warning = makeTone(0xe3a13a, 0x362a12, 0xe3a13a, 0x241803);
    t.failing = makeTone(0xf4625f, 0x3a1517, 0xc9302d, 0xffffff);
    t.progress = makeTone(0x8f93ff, 0x1f2147, 0x8b8ff5, 0x0b0c24);
    t.neutral = makeTone(0x9aa6b2, 0x1c232d, 0x38424f, 0xe6edf3);
    t.blue = makeTone(0x5e9bff, 0x17284a, 0x4b8dff, 0x06142b);
    t.green = makeTone(0x22b8a0, 0x0f3531, 0x22b8a0, 0x04211d);
    t.stable = makeTone(0x5e9bff, 0x17284a, 0x4b8dff, 0x06142b);
    t.canary = makeTone(0xd39bf5, 0x321c42, 0xb57ae0, 0x1d0a2b);
    t.scrim = QColor(3, 5, 8, 150);
    t.shadow = QColor(0, 0, 0, 140);
    return t;
}

Tokens makeLight()
{
    Tokens t;
    t.isDark = false;
    t.nav = hex(0xe9edf2);
    t.ground = hex(0xf4f6f9);
    t.panel = hex(0xffffff);
    t.raised = hex(0xeef1f5);
    t.selected = hex(0xeaeef3);
    t.well = hex(0xf4f6f9);
    t.line = hex(0xdde3ea);
    t.hairline = hex(0xdde3ea);
    t.outline = hex(0xc5ced8);
    t.focus = hex(0x2463cf);
    t.text = hex(0x17202b);
    t.textSoft = hex(0x54606e);
    t.textFaint = hex(0x5f6a77);
    t.textDisabled = hex(0x98a2ad);
    t.accent = makeTone(0x1f5fc8, 0xe3edfd, 0x2467d6, 0xffffff);
    t.ok = makeTone(0x18732d, 0xdff4e4, 0x1c8433, 0xffffff);
    t.warning = makeTone(0x8a5a00, 0xfbf0d9, 0xb9770a, 0x1d1200);
    t.failing = makeTone(0xc22825, 0xfce8e7, 0xcc2f2c, 0xffffff);
    t.progress = makeTone(0x5550d0, 0xeceafd, 0x5a55d6, 0xffffff);
    t.neutral = makeTone(0x54606e, 0xeef1f5, 0xc5ced8, 0x17202b);
    t.blue = makeTone(0x1f5fc8, 0xe3edfd, 0x2467d6, 0xffffff);
    t.green = makeTone(0x0a7061, 0xdff5f1, 0x0c7f6d, 0xffffff);
    t.stable = makeTone(0x1f5fc8, 0xe3edfd, 0x2467d6, 0xffffff);
    t.canary = makeTone(0x8a3fb5, 0xf5e9fc, 0x9148bd, 0xffffff);
    t.scrim = QColor(23, 32, 43, 90);
    t.shadow = QColor(23, 32, 43, 60);
    return t;
}

QString firstInstalled(const QStringList &families, QFontDatabase::SystemFont fallback)
{
    const QStringList installed = QFontDatabase::families();
    for (const QString &family : families) {
        if (installed.contains(family))
            return family;
    }
    return QFontDatabase::systemFont(fallback).family();
}

const QString &uiFamily()
{
#if defined(Q_OS_MACOS) || defined(Q_OS_WIN)
    static const QString family = QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
#else
    static const QString family =
        firstInstalled({QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans")},
                       QFontDatabase::GeneralFont);
#endif
    return family;
}

const QString &monoFamily()
{
    static const QString family = firstInstalled({QStringLiteral("JetBrains Mono"), QStringLiteral("SF Mono"),
                                                  QStringLiteral("Menlo"), QStringLiteral("Cascadia Mono"),
                                                  QStringLiteral("Consolas"), QStringLiteral("DejaVu Sans Mono")},
                                                 QFontDatabase::FixedFont);
    return family;
}

// For Chinese, whatever the locale: without a name the system may take the Japanese shapes of the same characters.
QStringList withChinese(const QString &family)
{
    return {family, QStringLiteral("Noto Sans CJK SC"), QStringLiteral("PingFang SC"),
            QStringLiteral("Microsoft YaHei UI")};
}

QFont makeFont(const QString &family, int pixels, QFont::Weight weight, bool isMono)
{
    QFont result(withChinese(family));
    result.setPixelSize(pixels);
    result.setWeight(weight);
    if (isMono) {
        result.setStyleHint(QFont::Monospace);
        result.setFixedPitch(true);
        // "!=" must look as it was written. JetBrains Mono, Cascadia and others join such pairs by contextual
        // alternates (calt), which letter spacing leaves on (it takes liga, clig, dlig and hlig away: QTextEngine,
        // shapeTextWithHarfbuzzNG) and QFont::setFeature() could turn off from Qt 6.7 on. Scripts that cannot be
        // written without shaping are shaped all the same (QFontEngine::scriptRequiresOpenType).
        result.setStyleStrategy(QFont::PreferNoShaping);
    } else {
        result.setStyleHint(QFont::SansSerif);
    }
    return result;
}

QFont makeRole(TextRole role)
{
    switch (role) {
    case TextRole::Caption:
        return makeFont(uiFamily(), 11, QFont::Medium, false);
    case TextRole::Small:
        return makeFont(uiFamily(), 12, QFont::Normal, false);
    case TextRole::Body:
        return makeFont(uiFamily(), 13, QFont::Normal, false);
    case TextRole::BodyStrong:
    case TextRole::Title:
        return makeFont(uiFamily(), 13, QFont::DemiBold, false);
    case TextRole::Heading:
        return makeFont(uiFamily(), 15, QFont::DemiBold, false);
    case TextRole::Large:
        return makeFont(uiFamily(), 18, QFont::DemiBold, false);
    case TextRole::Figure:
        return makeFont(uiFamily(), 22, QFont::Bold, false);
    case TextRole::Display:
        return makeFont(uiFamily(), 26, QFont::Bold, false);
    case TextRole::Mono:
        return makeFont(monoFamily(), 13, QFont::Normal, true);
    case TextRole::MonoSmall:
        return makeFont(monoFamily(), 12, QFont::Normal, true);
    case TextRole::MonoFigure:
        return makeFont(monoFamily(), 22, QFont::Bold, true);
    }
    return makeFont(uiFamily(), 13, QFont::Normal, false);
}

} // namespace

const Tokens &darkTokens()
{
    static const Tokens set = makeDark();
    return set;
}

const Tokens &lightTokens()
{
    static const Tokens set = makeLight();
    return set;
}

const Tokens &tokens()
{
    const Theme *theme = Theme::installed();
    return theme != nullptr ? theme->tokens() : darkTokens();
}

const Tone &tone(ToneName name, const Tokens &set)
{
    switch (name) {
    case ToneName::Accent:
        return set.accent;
    case ToneName::Ok:
        return set.ok;
    case ToneName::Warning:
        return set.warning;
    case ToneName::Failing:
        return set.failing;
    case ToneName::Progress:
        return set.progress;
    case ToneName::Blue:
        return set.blue;
    case ToneName::Green:
        return set.green;
    case ToneName::Stable:
        return set.stable;
    case ToneName::Canary:
        return set.canary;
    case ToneName::Neutral:
        break;
    }
    return set.neutral;
}

ToneName trackToneName(const QString &track)
{
    if (track == QLatin1String("blue"))
        return ToneName::Blue;
    if (track == QLatin1String("green"))
        return ToneName::Green;
    if (track == QLatin1String("stable"))
        return ToneName::Stable;
    if (track == QLatin1String("canary"))
        return ToneName::Canary;
    return ToneName::Neutral;
}

const Tone &trackTone(const QString &track, const Tokens &set)
{
    return tone(trackToneName(track), set);
}

QFont font(TextRole role)
{
    static QHash<TextRole, QFont> made;
    const auto known = made.constFind(role);
    if (known != made.constEnd())
        return *known;
    return *made.insert(role, makeRole(role));
}

} // namespace signalbox

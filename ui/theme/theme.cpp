#include "ui/theme/theme.h"

#include "ui/theme/icons.h"
#include "ui/theme/signalboxstyle.h"
#include "ui/theme/stylesheet.h"

#include <QApplication>
#include <QPalette>
#include <QToolTip>

namespace signalbox
{

namespace
{

Theme *s_installed = nullptr; // as qApp: set and read in the GUI thread only

QPalette paletteFor(const Tokens &t)
{
    QPalette palette;
    palette.setColor(QPalette::Window, t.ground);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.panel);
    palette.setColor(QPalette::AlternateBase, t.raised);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, t.textFaint);
    palette.setColor(QPalette::Button, t.raised);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::BrightText, t.failing.text);
    palette.setColor(QPalette::ToolTipBase, t.raised);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.accent.solid);
    palette.setColor(QPalette::HighlightedText, t.accent.onSolid);
    palette.setColor(QPalette::Link, t.accent.text);
    palette.setColor(QPalette::LinkVisited, t.accent.text);
    palette.setColor(QPalette::Light, t.raised);
    palette.setColor(QPalette::Midlight, t.raised);
    palette.setColor(QPalette::Mid, t.line);
    palette.setColor(QPalette::Dark, t.line);
    palette.setColor(QPalette::Shadow, t.nav);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, t.textDisabled);
    return palette;
}

} // namespace

SystemAppearance::~SystemAppearance() = default;

Theme::Theme(QApplication &application, std::unique_ptr<SystemAppearance> system)
    : m_application(application)
    , m_system(std::move(system))
{
    s_installed = this;
    ensureIcons(); // the style sheet names some
    m_application.setStyle(new SignalboxStyle);
    connect(m_system.get(), &SystemAppearance::changed, this, &Theme::apply);
    apply();
}

Theme::~Theme()
{
    if (s_installed == this)
        s_installed = nullptr;
}

const Theme *Theme::installed()
{
    return s_installed;
}

void Theme::setChoice(Choice choice)
{
    if (choice == m_choice)
        return;
    m_choice = choice;
    apply();
}

void Theme::setMotion(Motion motion)
{
    if (motion == m_motion)
        return;
    m_motion = motion;
    emit changed();
}

bool Theme::isDark() const
{
    if (m_choice == Choice::System)
        return m_system->scheme() != SystemAppearance::Scheme::Light;
    return m_choice == Choice::Dark;
}

const Tokens &Theme::tokens() const
{
    return isDark() ? darkTokens() : lightTokens();
}

bool Theme::reducesMotion() const
{
    if (m_motion == Motion::System)
        return m_system->wantsReducedMotion();
    return m_motion == Motion::Reduced;
}

void Theme::apply()
{
    m_application.setFont(font(TextRole::Body));
    m_application.setPalette(paletteFor(tokens()));
    QToolTip::setFont(font(TextRole::Small));
    QToolTip::setPalette(paletteFor(tokens()));
    m_application.setStyleSheet(styleSheet(tokens()));
    emit changed();
}

int motionDuration(int milliseconds)
{
    const Theme *theme = Theme::installed();
    return theme != nullptr && theme->reducesMotion() ? 0 : milliseconds;
}

} // namespace signalbox

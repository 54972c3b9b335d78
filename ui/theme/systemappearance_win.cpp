#include "ui/theme/systemappearance.h"

#include <QAbstractNativeEventFilter>
#include <QGuiApplication>
#include <QSettings>

#include <qt_windows.h>

// Windows: AppsUseLightTheme in the registry; a WM_SETTINGCHANGE is sent to every top-level window when it changes.
namespace signalbox
{

namespace
{

class WindowsAppearance : public SystemAppearance, public QAbstractNativeEventFilter
{
public:
    WindowsAppearance()
    {
        read();
        if (qApp != nullptr)
            qApp->installNativeEventFilter(this);
    }
    ~WindowsAppearance() override
    {
        if (qApp != nullptr)
            qApp->removeNativeEventFilter(this);
    }

    Scheme scheme() const override { return m_scheme; }
    bool wantsReducedMotion() const override { return m_reducedMotion; }

    bool nativeEventFilter(const QByteArray &, void *message, qintptr *) override
    {
        const auto *native = static_cast<const MSG *>(message);
        if (native->message == WM_SETTINGCHANGE) {
            const Scheme before = m_scheme;
            const bool motionBefore = m_reducedMotion;
            read();
            if (before != m_scheme || motionBefore != m_reducedMotion)
                emit changed();
        }
        return false;
    }

private:
    void read()
    {
        const QSettings personalize(
            QStringLiteral("HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize"),
            QSettings::NativeFormat);
        const QVariant light = personalize.value(QStringLiteral("AppsUseLightTheme"));
        m_scheme = !light.isValid() ? Scheme::Unknown : light.toInt() != 0 ? Scheme::Light : Scheme::Dark;
        BOOL animates = TRUE;
        SystemParametersInfoW(SPI_GETCLIENTAREAANIMATION, 0, &animates, 0);
        m_reducedMotion = animates == FALSE;
    }

    Scheme m_scheme = Scheme::Unknown;
    bool m_reducedMotion = false;
};

} // namespace

std::unique_ptr<SystemAppearance> SystemAppearance::create()
{
    return std::make_unique<WindowsAppearance>();
}

} // namespace signalbox

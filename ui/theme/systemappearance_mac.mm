#include "ui/theme/systemappearance.h"

#include <QMetaObject>

#import <AppKit/AppKit.h>

// macOS: NSApp.effectiveAppearance, and NSWorkspace for reduced motion. Both announce changes by notifications.
namespace signalbox
{

namespace
{

class MacAppearance : public SystemAppearance
{
public:
    MacAppearance()
    {
        m_theme = [[NSDistributedNotificationCenter defaultCenter]
            addObserverForName:@"AppleInterfaceThemeChangedNotification"
                        object:nil
                         queue:[NSOperationQueue mainQueue]
                    usingBlock:^(NSNotification *) { emit changed(); }];
        m_motion = [[[NSWorkspace sharedWorkspace] notificationCenter]
            addObserverForName:NSWorkspaceAccessibilityDisplayOptionsDidChangeNotification
                        object:nil
                         queue:[NSOperationQueue mainQueue]
                    usingBlock:^(NSNotification *) { emit changed(); }];
    }
    ~MacAppearance() override
    {
        [[NSDistributedNotificationCenter defaultCenter] removeObserver:m_theme];
        [[[NSWorkspace sharedWorkspace] notificationCenter] removeObserver:m_motion];
    }

    Scheme scheme() const override
    {
        NSString *style = [[NSUserDefaults standardUserDefaults] stringForKey:@"AppleInterfaceStyle"];
        return [style isEqualToString:@"Dark"] ? Scheme::Dark : Scheme::Light;
    }
    bool wantsReducedMotion() const override
    {
        return [[NSWorkspace sharedWorkspace] accessibilityDisplayShouldReduceMotion];
    }

private:
    id m_theme = nil;
    id m_motion = nil;
};

} // namespace

std::unique_ptr<SystemAppearance> SystemAppearance::create()
{
    return std::make_unique<MacAppearance>();
}

} // namespace signalbox

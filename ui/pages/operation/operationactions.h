#pragma once

#include "ui/shell/page.h"

#include <functional>

namespace signalbox
{

class RightsFeed;

// Where an action asked for on any page leads: going back to the Rollback screen, all else to a window of its own.
// Disabled, with the reason, when the right is known to be missing, the source cannot do it, or something runs already.
class OperationActions : public ActionHandler
{
public:
    // Needs context.operations. `navigate` shows a page of the console.
    OperationActions(ConsoleContext &context, RightsFeed &rights,
                     std::function<void(const NavigationTarget &)> navigate);

    std::optional<QString> whyNot(const ActionRequest &request) const override;
    void perform(const ActionRequest &request, QWidget *window) override;

private:
    const Deployed *deployedOf(const ActionRequest &request) const;
    ObjectRef workloadOf(const ActionRequest &request) const;

    ConsoleContext &m_context;
    RightsFeed &m_rights;
    std::function<void(const NavigationTarget &)> m_navigate;
};

} // namespace signalbox

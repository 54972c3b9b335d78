#pragma once

#include "services/adapters/kubernetes/exec.h"

#include <functional>
#include <memory>

namespace signalbox::kubernetes
{

// One run of a credential plugin, on a thread of its own with an event loop of its own. `done` is called on that
// thread, once; never after the destructor returned, which ends the plugin.
class ExecRun
{
public:
    using Done = std::function<void(const Result<ExecCredential> &)>;
    ExecRun(ExecSetup setup, Done done);
    ~ExecRun();
    ExecRun(const ExecRun &) = delete;
    ExecRun &operator=(const ExecRun &) = delete;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::kubernetes

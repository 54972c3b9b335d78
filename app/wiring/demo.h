#pragma once

#include "app/wiring/sources.h"

#include <memory>

namespace signalbox
{

namespace sandbox
{
class Sandbox;
}

// Ends the sandbox it points to.
struct SandboxDeleter
{
    void operator()(sandbox::Sandbox *sandbox) const;
};
using DemoWorld = std::unique_ptr<sandbox::Sandbox, SandboxDeleter>;

// Starts what --demo asks for and points the options at it (workspace, dataFolder); null: not asked for. Blocks for
// some hundred milliseconds. The world must outlive whatever is connected to it.
Result<DemoWorld> startDemo(SourceOptions &options);

} // namespace signalbox

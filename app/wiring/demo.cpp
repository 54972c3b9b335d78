#include "app/wiring/demo.h"

#include "services/sandbox/sandbox.h"

namespace signalbox
{

void SandboxDeleter::operator()(sandbox::Sandbox *sandbox) const
{
    delete sandbox;
}

Result<DemoWorld> startDemo(SourceOptions &options)
{
    if (!options.demo)
        return DemoWorld();
    auto started = sandbox::Sandbox::start();
    if (!started)
        return started.error();
    options.workspace = (*started)->workspaceFile();
    // A world that is gone with the program leaves no journal behind, nor meets that of an earlier one.
    options.dataFolder = (*started)->dataFolder();
    (*started)->wakeColleagues();
    return DemoWorld(started->release());
}

} // namespace signalbox

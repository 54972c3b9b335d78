#pragma once

#include "services/sandbox/ci/github/githubbodies.h"

#include <optional>

// Environments and deployments of the practice world's GitHub: fields as the official description has them.
namespace signalbox::sandbox::ci::github
{

std::vector<Json> environmentBodies(const Site &site, const CiWorld &world, const std::string &project);
// Newest first; `environment` and `commit` empty: all.
std::vector<Json> deploymentBodies(const Site &site, const CiWorld &world, const std::string &project,
                                   const std::string &environment, const std::string &commit);
// Newest first; none: there is no such deployment.
std::optional<std::vector<Json>> deploymentStatusBodies(const Site &site, const CiWorld &world,
                                                        const std::string &project, std::int64_t deployment);
// GitHub runs nothing again a month after it was made (GitHub Docs, "Re-running workflows and jobs").
bool isTooOldToRerun(const CiWorld &world, const RunRecord &run);

} // namespace signalbox::sandbox::ci::github

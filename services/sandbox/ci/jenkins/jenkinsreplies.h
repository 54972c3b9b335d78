#pragma once

#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/world/json.h"

#include <string>
#include <vector>

// The shapes of Jenkins' answers, and how it reads an address.
namespace signalbox::sandbox::ci::jenkins
{

using Names = std::vector<std::string>;

LoopbackReply json(const Json &value);
LoopbackReply page(int status, const std::string &title, const std::string &words); // as people are shown an error
LoopbackReply notFound();
LoopbackReply postNeeded();
LoopbackReply failure(const std::string &words); // hudson.model.Failure
// hudson.console.AnnotatedLargeText: from an offset on, and whether there will be more.
LoopbackReply progressive(const LoopbackRequest &request, const std::string &text, bool goesOn);

Names segments(const std::string &rawPath);
Names after(const Names &names, std::size_t count);
bool isApi(const Names &rest); // "api/json"
bool isNumber(const std::string &text);
std::string fieldOf(const LoopbackRequest &request, const std::string &name); // of the form, else of the query

} // namespace signalbox::sandbox::ci::jenkins

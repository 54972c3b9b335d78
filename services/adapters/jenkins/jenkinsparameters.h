#pragma once

#include "models/pipelines/run.h"
#include "services/adapters/jenkins/jenkinsjson.h"

namespace signalbox::jenkins
{

// A value of any plain kind as text: "true", "3", "info".
QString plainValue(const Json &value);
// Of a job's definition (`defaultValue` and `choices` beside it) or of an input's (below its "definition").
RunParameter parameterOf(const Json &definition, const Json &defaultValue, const Json &choices);

} // namespace signalbox::jenkins

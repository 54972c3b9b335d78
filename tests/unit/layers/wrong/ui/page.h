#pragma once
// Breaks the rule on purpose: the layer test must notice this file.
#include "services/adapters/kubernetes/kubeclient.h"

#pragma once

#include "services/pipelines/restclient.h"

namespace signalbox::travis
{

// What Travis CI means by an error status: it says so in error_type (travis-ci/travis-api, lib/travis/api/v3.rb).
RestClient::Judge judgeFor(const QString &host);

} // namespace signalbox::travis

#pragma once

#include "services/net/scope.h"

#include <curl/curl.h>

namespace signalbox
{

// Sets up TLS for one attempt. Endpoint and client certificate must outlive the handle: their bytes are not copied.
// Client certificate and the permission to skip verification go to the own host alone. False: libcurl refused an
// option, so that the attempt must not start.
[[nodiscard]] bool applyTls(CURL *easy, const HttpEndpoint &endpoint, const ClientCertificate &client, const Hop &hop);

// What is wrong with the server's certificate, as the half sentence after "host: "; from X509_V_ERR_* codes, or from
// libcurl's text where the chain was fine but the name was not.
QString certificateProblem(long verifyResult, const QString &curlText, const QString &expectedName);

} // namespace signalbox

// Sequential GETs over one kept connection to a loopback server: our client beside libcurl's plain easy interface in
// the same process, against the same server. Prints a table; asserts nothing.

#include "services/net/httpclient.h"
#include "tests/support/faultserver.h"

#include <QCoreApplication>

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

using Clock = std::chrono::steady_clock;
constexpr int warmUp = 200;
constexpr int calls = 5000;

struct Figures
{
    double perSecond = 0;
    double medianUs = 0;
    double p99Us = 0;
};

template <typename Call>
Figures measure(Call call)
{
    for (int i = 0; i < warmUp; ++i)
        call();
    std::vector<double> us;
    us.reserve(calls);
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) {
        const auto one = Clock::now();
        call();
        us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - one).count());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(us.begin(), us.end());
    return {calls / seconds, us[calls / 2], us[calls * 99 / 100]};
}

size_t count(char *, size_t size, size_t number, void *bytes)
{
    *static_cast<qint64 *>(bytes) += static_cast<qint64>(size * number);
    return size * number;
}

Figures plainCurl(const FaultServer &server, const QByteArray &ca, qint64 &bytes)
{
    CURL *easy = curl_easy_init();
    curl_blob blob{const_cast<char *>(ca.constData()), static_cast<size_t>(ca.size()), CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, CURLOPT_URL, server.url().toEncoded().constData());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &count);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void *>(&bytes));
    if (!ca.isEmpty())
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    const Figures figures = measure([&] { curl_easy_perform(easy); });
    curl_easy_cleanup(easy);
    return figures;
}

Figures ours(const FaultServer &server, const QByteArray &ca, qint64 &bytes)
{
    HttpClient client;
    auto endpoint = server.endpoint();
    endpoint->caPem = ca;
    HttpRequest request;
    request.endpoint = endpoint;
    request.target = "/";
    return measure([&] {
        auto future = client.send(request, {});
        future.waitForFinished(); // no event loop here: the bare way from one thread to the other and back
        const auto answer = future.result();
        bytes += answer ? answer->body.size() : 0;
    });
}

void print(const char *what, const Figures &figures, qint64 bytes)
{
    std::printf("%-34s %9.0f /s   median %6.0f us   p99 %6.0f us   %lld bytes\n", what, figures.perSecond,
                figures.medianUs, figures.p99Us, static_cast<long long>(bytes));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const TestAuthority authority("bench CA");
    const QByteArray body(1000, 'x');
    const auto handler = [&](Exchange &e) { e.answer(200, body); };
    FaultServer plain(handler);
    FaultServer secure(handler, ServerTls{authority.issue("server", {QStringLiteral("127.0.0.1")}), {}});
    std::printf("%d sequential GETs of 1000 bytes over one kept connection, loopback\n", calls);
    for (const bool isTls : {false, true}) {
        const FaultServer &server = isTls ? secure : plain;
        const QByteArray ca = isTls ? authority.caPem() : QByteArray();
        qint64 bytes = 0;
        const Figures peer = plainCurl(server, ca, bytes);
        print(isTls ? "libcurl easy, TLS" : "libcurl easy, http", peer, bytes);
        bytes = 0;
        const Figures mine = ours(server, ca, bytes);
        print(isTls ? "HttpClient, TLS" : "HttpClient, http", mine, bytes);
    }
    return 0;
}

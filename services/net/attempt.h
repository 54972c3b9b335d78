#pragma once

#include "services/net/failure.h"

#include <curl/curl.h>

#include <array>
#include <memory>

namespace signalbox
{

using NetClock = std::chrono::steady_clock;

struct AttemptPlan
{
    std::shared_ptr<const HttpEndpoint> endpoint;
    Hop hop;
    QByteArray method;
    HttpHeaders headers; // in scope for the hop, credentials included
    QByteArray body;
    ClientCertificate client; // empty: none
    QString proxy;
    std::chrono::milliseconds connectTimeout{0};
    bool compressed = true;
    bool isWrite = false; // must not be sent twice
    bool ownConnection = false;
    // While a connection is being made, rather wait for it than make another: it may turn out to take many requests.
    bool mayWait = true;
};

// One exchange on one libcurl handle. Lives on the network thread. Ended by libcurl or by destruction, after it was
// taken out of the multi handle.
class Attempt
{
public:
    enum class Take { Taken, Pause, End }; // Pause: not taken, offer it again after resume()
    class Listener
    {
    public:
        virtual ~Listener() = default;
        virtual bool headArrived(const Attempt &attempt) = 0; // false: end
        virtual Take bytesArrived(QByteArrayView bytes) = 0;  // decompressed
    };

    Attempt(AttemptPlan plan, Listener &listener);
    ~Attempt();
    Attempt(const Attempt &) = delete;
    Attempt &operator=(const Attempt &) = delete;

    bool isValid() const { return m_isValid; } // false: libcurl refused an option
    CURL *easy() const { return m_easy; }
    CURLcode resume();

    const Hop &hop() const { return m_plan.hop; }
    int status() const { return m_status; }
    const HttpHeaders &headers() const { return m_headers; }
    QByteArray header(const QByteArray &name) const;
    bool hasHead() const { return m_hasHead; }
    bool isHeadTooLarge() const { return m_isHeadTooLarge; }
    // The request is on its way, so it may be carried out.
    bool hasLeft() const { return m_hasLeft; }
    // libcurl was about to send a write for the second time and was held back.
    bool wasRepeatRefused() const { return m_wasRepeatRefused; }
    bool isHttp2() const;
    NetClock::time_point lastProgress(); // something was received, or another part of the body was sent
    void touch() { m_lastProgress = NetClock::now(); }
    FailureFacts facts(CURLcode code) const;

private:
    bool setUp();
    bool setUpBody();
    bool setUpProxy();
    bool setUpHeaders();
    template <typename Value>
    bool set(CURLoption option, Value value);
    size_t takeHeaderLine(QByteArrayView line);

    static size_t onHeader(char *data, size_t size, size_t count, void *self);
    static size_t onBody(char *data, size_t size, size_t count, void *self);
    static int onRequest(void *self, char *, char *, int, int);

    AttemptPlan m_plan;
    Listener &m_listener;
    CURL *m_easy = nullptr;
    curl_slist *m_headerList = nullptr;
    curl_slist *m_connectTo = nullptr;
    std::array<char, CURL_ERROR_SIZE> m_errorText{};
    bool m_isValid = false;

    int m_status = 0;
    HttpHeaders m_headers;
    qint64 m_headBytes = 0;
    bool m_hasHead = false;
    bool m_isHeadTooLarge = false;
    bool m_hasLeft = false;
    bool m_wasRepeatRefused = false;
    NetClock::time_point m_lastProgress;
    curl_off_t m_uploaded = 0;
};

} // namespace signalbox

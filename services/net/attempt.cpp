#include "services/net/attempt.h"

#include "services/net/tls.h"

#include <QSysInfo>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qint64 maxHeadBytes = 256 * 1024;
// libcurl holds both for as long as a request lasts: a watch, all day. A TLS record brings 16 KB at most.
constexpr long receiveBuffer = 32 * 1024;
constexpr long sendBuffer = 16 * 1024;

QByteArray userAgent()
{
    static const QByteArray text = "signalbox/" SIGNALBOX_VERSION " (" + QSysInfo::kernelType().toUtf8() + ")";
    return text;
}

bool hasHeader(const HttpHeaders &headers, const QByteArray &name)
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto &header) { return header.first.compare(name, Qt::CaseInsensitive) == 0; });
}

} // namespace

Attempt::Attempt(AttemptPlan plan, Listener &listener)
    : m_plan(std::move(plan))
    , m_listener(listener)
    , m_easy(curl_easy_init())
    , m_lastProgress(NetClock::now())
{
    m_isValid = m_easy && setUp() && setUpBody() && setUpProxy() && setUpHeaders() &&
                applyTls(m_easy, *m_plan.endpoint, m_plan.client, m_plan.hop);
}

Attempt::~Attempt()
{
    curl_easy_cleanup(m_easy);
    curl_slist_free_all(m_headerList);
    curl_slist_free_all(m_connectTo);
}

template <typename Value>
bool Attempt::set(CURLoption option, Value value)
{
    return curl_easy_setopt(m_easy, option, value) == CURLE_OK;
}

bool Attempt::setUp()
{
    const QString serverName =
        m_plan.hop.isOwn && m_plan.hop.scheme == u"https" ? m_plan.endpoint->tlsServerName : QString();
    if (!serverName.isEmpty() && serverName != m_plan.hop.host) {
        // libcurl verifies, and announces by SNI, the URL's host: put the name there and connect to the real one.
        const QString real = m_plan.hop.host.contains(u':') ? u'[' + m_plan.hop.host + u']' : m_plan.hop.host;
        const QByteArray to = QStringLiteral("::%1:%2").arg(real).arg(m_plan.hop.port).toUtf8();
        m_connectTo = curl_slist_append(nullptr, to.constData());
        if (!m_connectTo || !set(CURLOPT_CONNECT_TO, m_connectTo))
            return false;
        if (!hasHeader(m_plan.headers, "Host"))
            m_plan.headers << std::pair<QByteArray, QByteArray>("Host", m_plan.hop.authority());
    }
    const auto connectMs =
        m_plan.connectTimeout.count() > 0 ? static_cast<long>(m_plan.connectTimeout.count()) : 3'600'000L;
    return set(CURLOPT_URL, m_plan.hop.wireUrl(serverName).constData()) && set(CURLOPT_PATH_AS_IS, 1L) &&
           set(CURLOPT_PROTOCOLS_STR, "http,https") && set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https") &&
           set(CURLOPT_FOLLOWLOCATION, 0L) && set(CURLOPT_NOSIGNAL, 1L) &&
           set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)) &&
           // A stop must not wait for a name server: the resolver's thread ends by itself.
           set(CURLOPT_QUICK_EXIT, 1L) && set(CURLOPT_TCP_KEEPALIVE, 1L) && set(CURLOPT_TCP_KEEPIDLE, 30L) &&
           set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS)) &&
           set(CURLOPT_FRESH_CONNECT, m_plan.ownConnection ? 1L : 0L) &&
           set(CURLOPT_FORBID_REUSE, m_plan.ownConnection ? 1L : 0L) &&
           // Over TLS the handshake tells at once whether requests can share a connection; in the clear waiting would
           // mean one call at a time until the first answer.
           set(CURLOPT_PIPEWAIT, m_plan.hop.scheme == u"https" && !m_plan.ownConnection && m_plan.mayWait ? 1L : 0L) &&
           // A server may give up an idle connection at the very moment when it is used again: a read is repeated, a
           // write must not be, so it takes no connection that was idle for longer (in seconds) than any server's
           // limit.
           (!m_plan.isWrite || set(CURLOPT_MAXAGE_CONN, 1L)) && set(CURLOPT_CONNECTTIMEOUT_MS, connectMs) &&
           set(CURLOPT_ERRORBUFFER, m_errorText.data()) && set(CURLOPT_HEADERFUNCTION, &Attempt::onHeader) &&
           set(CURLOPT_HEADERDATA, static_cast<void *>(this)) && set(CURLOPT_WRITEFUNCTION, &Attempt::onBody) &&
           set(CURLOPT_WRITEDATA, static_cast<void *>(this)) && set(CURLOPT_PREREQFUNCTION, &Attempt::onRequest) &&
           set(CURLOPT_PREREQDATA, static_cast<void *>(this)) && set(CURLOPT_NOPROGRESS, 1L) &&
           set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) && set(CURLOPT_BUFFERSIZE, receiveBuffer) &&
           set(CURLOPT_UPLOAD_BUFFERSIZE, sendBuffer) &&
           (!m_plan.compressed || set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate"));
}

bool Attempt::setUpBody()
{
    if (m_plan.method == "GET" && m_plan.body.isEmpty())
        return set(CURLOPT_HTTPGET, 1L);
    if (m_plan.method == "HEAD")
        return set(CURLOPT_NOBODY, 1L);
    const bool hasBody =
        !m_plan.body.isEmpty() || m_plan.method == "POST" || m_plan.method == "PUT" || m_plan.method == "PATCH";
    if (!hasBody) // DELETE and the like
        return set(CURLOPT_HTTPGET, 1L) && set(CURLOPT_CUSTOMREQUEST, m_plan.method.constData());
    return set(CURLOPT_POST, 1L) && set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_plan.body.size())) &&
           set(CURLOPT_POSTFIELDS, m_plan.body.constData()) && set(CURLOPT_CUSTOMREQUEST, m_plan.method.constData());
}

bool Attempt::setUpProxy()
{
    // Always set: an empty one keeps libcurl from reading the environment by itself. Ours decides (proxychoice.h).
    if (!set(CURLOPT_PROXY, m_plan.proxy.toUtf8().constData()) || !set(CURLOPT_NOPROXY, ""))
        return false;
    return m_plan.proxy.isEmpty() || set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
}

bool Attempt::setUpHeaders()
{
    const auto append = [this](const QByteArray &line) {
        curl_slist *longer = curl_slist_append(m_headerList, line.constData());
        if (longer)
            m_headerList = longer;
        return longer != nullptr;
    };
    // libcurl would wait a second for the server's leave before it sends a large body, and invents a content type.
    bool ok = append("Expect:");
    if (!hasHeader(m_plan.headers, "Content-Type"))
        ok = ok && append("Content-Type:");
    for (const auto &[name, value] : m_plan.headers)
        ok = ok && append(value.isEmpty() ? name + ';' : name + ": " + value);
    if (!hasHeader(m_plan.headers, "User-Agent"))
        ok = ok && set(CURLOPT_USERAGENT, userAgent().constData());
    return ok && set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE)) &&
           set(CURLOPT_HTTPHEADER, m_headerList);
}

CURLcode Attempt::resume()
{
    touch();
    return curl_easy_pause(m_easy, CURLPAUSE_CONT);
}

QByteArray Attempt::header(const QByteArray &name) const
{
    for (const auto &[key, value] : m_headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

bool Attempt::isHttp2() const
{
    long version = 0;
    return curl_easy_getinfo(m_easy, CURLINFO_HTTP_VERSION, &version) == CURLE_OK && version >= CURL_HTTP_VERSION_2_0;
}

NetClock::time_point Attempt::lastProgress()
{
    curl_off_t uploaded = 0;
    if (!m_plan.body.isEmpty() && curl_easy_getinfo(m_easy, CURLINFO_SIZE_UPLOAD_T, &uploaded) == CURLE_OK &&
        uploaded > m_uploaded) {
        m_uploaded = uploaded;
        touch();
    }
    return m_lastProgress;
}

FailureFacts Attempt::facts(CURLcode code) const
{
    FailureFacts facts;
    facts.code = code;
    facts.text = QString::fromUtf8(m_errorText[0] != '\0' ? m_errorText.data() : curl_easy_strerror(code)).trimmed();
    facts.hop = m_plan.hop;
    facts.method = m_plan.method;
    facts.expectedName = m_plan.hop.isOwn && !m_plan.endpoint->tlsServerName.isEmpty() ? m_plan.endpoint->tlsServerName
                                                                                       : m_plan.hop.host;
    facts.hasClientCert = m_plan.hop.isOwn && !m_plan.client.certPem.isEmpty();
    facts.hasProxy = !m_plan.proxy.isEmpty();
    facts.hasLeft = m_hasLeft;
    facts.status = m_hasHead ? m_status : 0;
    facts.connectTimeout = m_plan.connectTimeout;
    curl_off_t received = 0;
    curl_off_t expected = -1;
    curl_easy_getinfo(m_easy, CURLINFO_SSL_VERIFYRESULT, &facts.verifyResult);
    curl_easy_getinfo(m_easy, CURLINFO_OS_ERRNO, &facts.osError);
    curl_easy_getinfo(m_easy, CURLINFO_HTTP_CONNECTCODE, &facts.proxyStatus);
    curl_easy_getinfo(m_easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    curl_easy_getinfo(m_easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
    facts.received = received;
    facts.expected = expected;
    return facts;
}

size_t Attempt::takeHeaderLine(QByteArrayView line)
{
    constexpr size_t refuse = 0; // never the size of a line
    m_lastProgress = NetClock::now();
    m_headBytes += line.size();
    if (m_headBytes > maxHeadBytes) {
        m_isHeadTooLarge = true;
        return refuse;
    }
    const QByteArrayView text = line.trimmed();
    if (m_hasHead) // trailers
        return static_cast<size_t>(line.size());
    if (line.startsWith("HTTP/")) {
        const QList<QByteArray> parts = text.toByteArray().split(' ');
        m_status = parts.size() > 1 ? parts[1].toInt() : 0;
        m_headers.clear();
    } else if (text.isEmpty()) {
        if (m_status >= 200) {
            m_hasHead = true;
            if (!m_listener.headArrived(*this))
                return refuse;
        }
    } else if (const qsizetype colon = text.indexOf(':'); colon > 0) {
        m_headers << std::pair(text.first(colon).trimmed().toByteArray(),
                               text.sliced(colon + 1).trimmed().toByteArray());
    }
    return static_cast<size_t>(line.size());
}

size_t Attempt::onHeader(char *data, size_t size, size_t count, void *self)
{
    return static_cast<Attempt *>(self)->takeHeaderLine(QByteArrayView(data, static_cast<qsizetype>(size * count)));
}

size_t Attempt::onBody(char *data, size_t size, size_t count, void *self)
{
    auto *attempt = static_cast<Attempt *>(self);
    attempt->m_lastProgress = NetClock::now();
    switch (attempt->m_listener.bytesArrived(QByteArrayView(data, static_cast<qsizetype>(size * count)))) {
    case Take::Taken:
        return size * count;
    case Take::Pause:
        return CURL_WRITEFUNC_PAUSE;
    case Take::End:
        break;
    }
    return size * count + 1; // libcurl: write error
}

int Attempt::onRequest(void *self, char *, char *, int, int)
{
    // Called each time a request is about to be written. libcurl by itself repeats one whose kept connection turned out
    // to be dead, a POST too, although the server may have carried it out before it went away.
    auto *attempt = static_cast<Attempt *>(self);
    if (attempt->m_hasLeft && attempt->m_plan.isWrite) {
        attempt->m_wasRepeatRefused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    attempt->m_hasLeft = true;
    attempt->m_lastProgress = NetClock::now();
    return CURL_PREREQFUNC_OK;
}

} // namespace signalbox

#include "tests/bench/replayserver.h"

#include "tests/bench/processuse.h"

#include <QCoreApplication>
#include <QFile>
#include <QTcpSocket>
#include <QUrl>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <thread>

namespace signalbox::test
{

namespace
{

using Json = nlohmann::ordered_json;

constexpr int listVersion = 1000; // resourceVersion of all lists; changes count on from it
constexpr int stride = 7919;      // pods change in this order: prime, so that all have their turn

// The recorded object of this name (any: the first) in tests/data/kubernetes/FILE.json, without kind and apiVersion.
Json recorded(const char *file, const char *namePart = "")
{
    QFile data(QStringLiteral(SIGNALBOX_TEST_DATA "/kubernetes/%1.json").arg(QLatin1String(file)));
    if (!data.open(QIODevice::ReadOnly))
        qFatal("%s cannot be read", qPrintable(data.fileName()));
    const Json list = Json::parse(data.readAll().toStdString());
    for (const Json &item : list.at("items")) {
        if (item.at("metadata").at("name").get<std::string>().rfind(namePart, 0) == 0)
            return item;
    }
    qFatal("%s holds no %s", file, namePart);
}

ObjectTemplate templateOf(Json object, std::initializer_list<std::pair<const char *, const char *>> places)
{
    for (const auto &[pointer, text] : places)
        object[Json::json_pointer(pointer)] = text;
    return ObjectTemplate(QByteArray::fromStdString(object.dump()));
}

QByteArray numbered(const char *name, int number, int digits = 2)
{
    return name + QByteArray::number(number).rightJustified(digits, '0');
}

// Like an UUID, and another one for every kind, index and generation.
QByteArray uid(int kind, int index, int generation = 0)
{
    return QByteArray::number(kind, 16).rightJustified(8, '0') + "-5c1e-4b0a-8000-" +
           QByteArray::number(generation * 1'000'000 + index).rightJustified(12, '0');
}

QHash<QByteArray, QByteArray> queryOf(const QByteArray &text)
{
    QHash<QByteArray, QByteArray> query;
    const QList<QByteArray> parts = text.split('&');
    for (const QByteArray &part : parts)
        query.insert(part.left(part.indexOf('=')), QByteArray::fromPercentEncoding(part.mid(part.indexOf('=') + 1)));
    return query;
}

bool sendChunk(Exchange &exchange, const QByteArray &body)
{
    return exchange.send(QByteArray::number(body.size(), 16) + "\r\n" + body + "\r\n");
}

} // namespace

ObjectTemplate::ObjectTemplate(const QByteArray &json)
{
    qsizetype from = 0;
    for (qsizetype at = json.indexOf("{{"); at >= 0; at = json.indexOf("{{", from)) {
        const qsizetype end = json.indexOf("}}", at);
        const bool isBare = at >= 2 && json.mid(at - 2, 2) == "\"=";
        m_text << json.mid(from, at - from - (isBare ? 2 : 0));
        m_places << json.mid(at + 2, end - at - 2).toInt();
        from = end + (isBare ? 3 : 2); // with the closing quote
    }
    m_text << json.mid(from);
}

QByteArray ObjectTemplate::filled(const QList<QByteArray> &values) const
{
    QByteArray object;
    object.reserve(8 << 10);
    for (qsizetype i = 0; i < m_places.size(); ++i)
        object += m_text[i] + values[m_places[i]];
    return object + m_text.last();
}

ReplayServer::ReplayServer(const ReplaySize &size)
    : m_size(size)
{
    m_generations.fill(0, size.pods());
    fill();
    m_server = std::make_unique<FaultServer>([this](Exchange &exchange) { answer(exchange); });
}

void ReplayServer::fill()
{
    m_pod = templateOf(recorded("pods", "web-"), {{"/metadata/name", "{{0}}-{{1}}"},
                                                  {"/metadata/generateName", "{{0}}-"},
                                                  {"/metadata/namespace", "{{2}}"},
                                                  {"/metadata/uid", "{{3}}"},
                                                  {"/metadata/resourceVersion", "{{4}}"},
                                                  {"/metadata/labels/app.kubernetes.io~1name", "{{5}}"},
                                                  {"/metadata/ownerReferences/0/name", "{{0}}"},
                                                  {"/metadata/ownerReferences/0/uid", "{{6}}"},
                                                  {"/spec/nodeName", "{{7}}"},
                                                  {"/status/conditions/1/status", "{{8}}"},
                                                  {"/status/conditions/2/status", "{{8}}"},
                                                  {"/status/containerStatuses/0/ready", "={{9}}"},
                                                  {"/status/containerStatuses/0/restartCount", "={{10}}"}});
    const ObjectTemplate node = templateOf(recorded("nodes"), {{"/metadata/name", "{{0}}"},
                                                               {"/metadata/uid", "{{1}}"},
                                                               {"/metadata/labels/kubernetes.io~1hostname", "{{0}}"}});
    const ObjectTemplate space =
        templateOf(recorded("namespaces"), {{"/metadata/name", "{{0}}"}, {"/metadata/uid", "{{1}}"}});
    const ObjectTemplate deployment =
        templateOf(recorded("deployments", "web"), {{"/metadata/name", "{{0}}"},
                                                    {"/metadata/namespace", "{{1}}"},
                                                    {"/metadata/uid", "{{2}}"},
                                                    {"/metadata/labels/app.kubernetes.io~1name", "{{0}}"},
                                                    {"/metadata/labels/app.kubernetes.io~1instance", "{{0}}"},
                                                    {"/spec/selector/matchLabels/app.kubernetes.io~1name", "{{0}}"},
                                                    {"/spec/template/metadata/labels/app.kubernetes.io~1name", "{{0}}"},
                                                    {"/spec/replicas", "={{3}}"},
                                                    {"/status/replicas", "={{3}}"},
                                                    {"/status/updatedReplicas", "={{3}}"},
                                                    {"/status/readyReplicas", "={{3}}"},
                                                    {"/status/availableReplicas", "={{3}}"}});
    const ObjectTemplate replicaSet =
        templateOf(recorded("replicasets", "web"), {{"/metadata/name", "{{0}}-7df4fd7476"},
                                                    {"/metadata/namespace", "{{1}}"},
                                                    {"/metadata/uid", "{{2}}"},
                                                    {"/metadata/labels/app.kubernetes.io~1name", "{{0}}"},
                                                    {"/metadata/ownerReferences/0/name", "{{0}}"},
                                                    {"/metadata/ownerReferences/0/uid", "{{4}}"},
                                                    {"/spec/selector/matchLabels/app.kubernetes.io~1name", "{{0}}"},
                                                    {"/spec/template/metadata/labels/app.kubernetes.io~1name", "{{0}}"},
                                                    {"/spec/replicas", "={{3}}"},
                                                    {"/status/replicas", "={{3}}"},
                                                    {"/status/readyReplicas", "={{3}}"},
                                                    {"/status/availableReplicas", "={{3}}"}});
    const ObjectTemplate service =
        templateOf(recorded("services", "web"), {{"/metadata/name", "{{0}}"},
                                                 {"/metadata/namespace", "{{1}}"},
                                                 {"/metadata/uid", "{{2}}"},
                                                 {"/spec/selector/app.kubernetes.io~1name", "{{0}}"}});
    const ObjectTemplate slice =
        templateOf(recorded("endpointslices", "web"), {{"/metadata/name", "{{0}}-8sfcs"},
                                                       {"/metadata/namespace", "{{1}}"},
                                                       {"/metadata/uid", "{{2}}"},
                                                       {"/metadata/labels/kubernetes.io~1service-name", "{{0}}"},
                                                       {"/metadata/ownerReferences/0/name", "{{0}}"},
                                                       {"/metadata/ownerReferences/0/uid", "{{3}}"}});
    QList<QByteArray> spaces, nodes, deployments, replicaSets, services, slices, pods;
    for (int i = 0; i < m_size.namespaces; ++i)
        spaces << space.filled({numbered("shop-", i), uid(1, i)});
    for (int i = 0; i < m_size.nodes; ++i)
        nodes << node.filled({numbered("node-", i, 3), uid(2, i)});
    const QByteArray replicas = QByteArray::number(m_size.replicas);
    for (int i = 0; i < m_size.deployments(); ++i) {
        const QByteArray ns = numbered("shop-", i / m_size.applications);
        const QByteArray name = numbered("web-", i % m_size.applications);
        deployments << deployment.filled({name, ns, uid(3, i), replicas});
        replicaSets << replicaSet.filled({name, ns, uid(4, i), replicas, uid(3, i)});
        services << service.filled({name, ns, uid(5, i)});
        slices << slice.filled({name, ns, uid(6, i), uid(5, i)});
    }
    for (int i = 0; i < m_size.pods(); ++i)
        pods << pod(i, 0, true, 0, listVersion);

    addKind("v1", "namespaces", "Namespace", false, spaces);
    addKind("v1", "nodes", "Node", false, nodes);
    addKind("v1", "pods", "Pod", true, pods);
    addKind("v1", "services", "Service", true, services);
    addKind("v1", "events", "Event", true);
    addKind("apps/v1", "deployments", "Deployment", true, deployments);
    addKind("apps/v1", "replicasets", "ReplicaSet", true, replicaSets);
    addKind("apps/v1", "statefulsets", "StatefulSet", true);
    addKind("apps/v1", "daemonsets", "DaemonSet", true);
    addKind("apps/v1", "controllerrevisions", "ControllerRevision", true);
    addKind("autoscaling/v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true);
    addKind("discovery.k8s.io/v1beta1", "endpointslices", "EndpointSlice", true, slices);

    QByteArray groups;
    for (auto it = m_resources.cbegin(); it != m_resources.cend(); ++it) {
        m_documents.insert((it.key() == "v1" ? "/api/" : "/apis/") + it.key(),
                           R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":")" + it.key() +
                               R"(","resources":[)" + it.value() + "]}");
        if (it.key() == "v1")
            continue;
        const QByteArray version =
            R"({"groupVersion":")" + it.key() + R"(","version":")" + it.key().mid(it.key().indexOf('/') + 1) + "\"}";
        groups += (groups.isEmpty() ? "" : ",") + (R"({"name":")" + it.key().left(it.key().indexOf('/'))) +
                  R"(","versions":[)" + version + R"(],"preferredVersion":)" + version + "}";
    }
    m_documents.insert("/api", R"({"kind":"APIVersions","versions":["v1"]})");
    m_documents.insert("/apis", R"({"kind":"APIGroupList","apiVersion":"v1","groups":[)" + groups + "]}");
    m_documents.insert("/version", R"({"major":"1","minor":"20","gitVersion":"v1.20.2","platform":"linux/amd64"})");
}

void ReplayServer::addKind(const QByteArray &groupVersion, const QByteArray &resource, const QByteArray &kind,
                           bool isNamespaced, const QList<QByteArray> &items)
{
    QByteArray &resources = m_resources[groupVersion];
    resources += (resources.isEmpty() ? "" : ",") + (R"({"name":")" + resource) +
                 R"(","singularName":"","namespaced":)" + (isNamespaced ? "true" : "false") + R"(,"kind":")" + kind +
                 R"(","verbs":["get","list","watch","patch","update","create","delete"]})";
    m_kinds.insert((groupVersion == "v1" ? "/api/v1/" : "/apis/" + groupVersion + '/') + resource,
                   {kind + "List", groupVersion, items});
}

QByteArray ReplayServer::pod(int index, int generation, bool isReady, qint64 stamp, int version) const
{
    const int application = index / m_size.replicas;
    const QByteArray name = numbered("web-", application % m_size.applications);
    const QByteArray suffix =
        QByteArray::number(100'000 + index) + (generation > 0 ? "g" + QByteArray::number(generation) : QByteArray());
    return m_pod.filled({name + "-7df4fd7476", suffix, numbered("shop-", application / m_size.applications),
                         uid(7, index, generation), QByteArray::number(version), name, uid(4, application),
                         numbered("node-", index % m_size.nodes, 3), isReady ? "True" : "False",
                         isReady ? "true" : "false", QByteArray::number(stamp)});
}

void ReplayServer::answer(Exchange &exchange)
{
    const QByteArray path = exchange.target.split('?').first();
    const auto query = queryOf(exchange.target.mid(path.size() + 1));
    const HttpHeaders json = {{"Content-Type", "application/json"}};
    if (path == "/bench/replay") {
        m_base = query.value("base").toLongLong();
        m_perSecond = query.value("rate").toInt();
        m_count = query.value("count").toInt();
        exchange.answer(200);
    } else if (path.endsWith("accessreviews") || path.endsWith("rulesreviews")) {
        Json review = Json::parse(exchange.body.toStdString(), nullptr, false);
        review["status"] = {{"allowed", true}};
        exchange.answer(201, QByteArray::fromStdString(review.dump()), json);
    } else if (const auto kind = m_kinds.constFind(path); kind != m_kinds.cend()) {
        if (!query.contains("watch")) {
            answerList(exchange, *kind, query);
            return;
        }
        exchange.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        if (path == "/api/v1/pods")
            replay(exchange);
        while (!exchange.isEnding() && !exchange.stall())
            ;
        exchange.close();
    } else if (const auto document = m_documents.constFind(path); document != m_documents.cend()) {
        exchange.answer(200, *document, json);
    } else {
        exchange.answer(404, R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404})",
                        json);
    }
}

void ReplayServer::answerList(Exchange &exchange, const Kind &kind, const QHash<QByteArray, QByteArray> &query)
{
    const int limit = query.value("limit", "0").toInt();
    const qsizetype first = query.value("continue", "0").toInt();
    const qsizetype last = limit > 0 ? std::min<qsizetype>(first + limit, kind.items.size()) : kind.items.size();
    QByteArray body = R"({"kind":")" + kind.listKind + R"(","apiVersion":")" + kind.apiVersion +
                      R"(","metadata":{"resourceVersion":")" + QByteArray::number(listVersion) + '"';
    if (last < kind.items.size())
        body += R"(,"continue":")" + QByteArray::number(last) + R"(","remainingItemCount":)" +
                QByteArray::number(kind.items.size() - last);
    body += R"(},"items":[)";
    for (qsizetype i = first; i < last; ++i)
        body += (i > first ? "," : "") + kind.items[i];
    exchange.answer(200, body + "]}", {{"Content-Type", "application/json"}});
}

void ReplayServer::replay(Exchange &exchange)
{
    while (!exchange.isEnding()) {
        if (exchange.stall(std::chrono::milliseconds(5)))
            return;
        const int count = m_count.exchange(0);
        if (count > 0 && !sendChanges(exchange, m_perSecond, count, m_base))
            return;
    }
}

// One chunk a change, as the API server flushes them.
bool ReplayServer::sendChanges(Exchange &exchange, int perSecond, int count, qint64 base)
{
    const qint64 start = steadyNs();
    for (int sent = 0; sent < count && !exchange.isEnding();) {
        const qint64 due = start + sent * 1'000'000'000LL / perSecond;
        if (const qint64 early = due - steadyNs(); early > 0)
            std::this_thread::sleep_for(std::chrono::nanoseconds(early));
        const int change = m_next++;
        const int index = static_cast<int>(qint64(change) * stride % m_size.pods());
        const int version = listVersion + 2 * change;
        int &generation = m_generations[index];
        const bool isReplaced = change % 10 == 9;
        const auto line = [&](const char *type, const QByteArray &object) {
            return R"({"type":")" + QByteArray(type) + R"(","object":{"kind":"Pod","apiVersion":"v1",)" +
                   object.mid(1) + "}\n";
        };
        if (isReplaced && !sendChunk(exchange, line("DELETED", pod(index, generation++, true, 0, version + 1))))
            return false;
        const bool isReady = isReplaced || (change / m_size.pods()) % 2 == 1;
        const qint64 stamp = std::max<qint64>(1, (steadyNs() - base) / 1000);
        if (!sendChunk(exchange,
                       line(isReplaced ? "ADDED" : "MODIFIED", pod(index, generation, isReady, stamp, version + 2))))
            return false;
        sent += isReplaced ? 2 : 1;
    }
    return true;
}

int serveReplay(int argc, char **argv)
{
    const auto number = [&](int index, int otherwise) { return argc > index ? std::atoi(argv[index]) : otherwise; };
    const ReplayServer server({number(2, 20), number(3, 10), number(4, 50), number(5, 100)});
    std::printf("port %d\n", server.port());
    std::fflush(stdout);
    while (std::getchar() != EOF)
        ;
    return 0;
}

ReplayProcess::ReplayProcess(const ReplaySize &size)
{
    const auto text = [](int number) { return QString::number(number); };
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process.start(QCoreApplication::applicationFilePath(),
                    {QStringLiteral("--serve"), text(size.namespaces), text(size.applications), text(size.replicas),
                     text(size.nodes)});
    while (m_process.waitForReadyRead(30'000) && !m_process.canReadLine())
        ;
    m_port = m_process.readLine().trimmed().mid(5).toInt();
    QFile file(kubeconfig());
    if (!file.open(QIODevice::WriteOnly))
        m_port = 0;
    file.write("apiVersion: v1\nkind: Config\ncurrent-context: replay\n"
               "clusters: [{name: replay, cluster: {server: \"http://127.0.0.1:" +
               QByteArray::number(m_port) +
               "\"}}]\nusers: [{name: replay, user: {}}]\n"
               "contexts: [{name: replay, context: {cluster: replay, user: replay}}]\n");
}

ReplayProcess::~ReplayProcess()
{
    m_process.closeWriteChannel();
    if (!m_process.waitForFinished(10'000))
        m_process.kill();
    m_process.waitForFinished(1000);
}

bool ReplayProcess::replay(int perSecond, int count, qint64 base)
{
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), static_cast<quint16>(m_port));
    if (!socket.waitForConnected(5000))
        return false;
    socket.write("GET /bench/replay?rate=" + QByteArray::number(perSecond) + "&count=" + QByteArray::number(count) +
                 "&base=" + QByteArray::number(base) + " HTTP/1.1\r\nHost: bench\r\n\r\n");
    return socket.waitForReadyRead(5000) && socket.readAll().startsWith("HTTP/1.1 200");
}

} // namespace signalbox::test

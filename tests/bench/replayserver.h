#pragma once

#include "tests/support/faultserver.h"

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

#include <atomic>
#include <memory>

// A Kubernetes API server that answers from memory, for benchmarks: recorded objects (tests/data/kubernetes), as many
// of them as wanted, listed in pages and watched; pods change at a given rate. It runs in a process of its own, so that
// neither its memory nor its processor time counts as ours.
namespace signalbox::test
{

// How large the world is: every namespace holds `applications` Deployments of `replicas` pods, with a ReplicaSet, a
// Service and an EndpointSlice each.
struct ReplaySize
{
    int namespaces = 20;
    int applications = 10;
    int replicas = 50;
    int nodes = 100;
    int deployments() const { return namespaces * applications; }
    int pods() const { return deployments() * replicas; }
};

// A recorded object whose variable places are filled in for each copy.
class ObjectTemplate
{
public:
    // In a string of `json`, {{N}} stands for the Nth value; the string "={{N}}" is replaced with its quotes.
    explicit ObjectTemplate(const QByteArray &json = {});
    QByteArray filled(const QList<QByteArray> &values) const;

private:
    QList<QByteArray> m_text; // around the places: one more than those
    QList<int> m_places;
};

class ReplayServer
{
public:
    explicit ReplayServer(const ReplaySize &size);
    int port() const { return m_server->port(); }

private:
    struct Kind
    {
        QByteArray listKind;
        QByteArray apiVersion;
        QList<QByteArray> items;
    };
    void fill();
    void addKind(const QByteArray &groupVersion, const QByteArray &resource, const QByteArray &kind, bool isNamespaced,
                 const QList<QByteArray> &items = {});
    QByteArray pod(int index, int generation, bool isReady, qint64 stamp, int version) const;
    void answer(Exchange &exchange);
    void answerList(Exchange &exchange, const Kind &kind, const QHash<QByteArray, QByteArray> &query);
    void replay(Exchange &exchange);
    bool sendChanges(Exchange &exchange, int perSecond, int count, qint64 base);

    const ReplaySize m_size;
    ObjectTemplate m_pod;
    QHash<QByteArray, QByteArray> m_documents; // discovery, by path
    QHash<QByteArray, QByteArray> m_resources; // "apps/v1" -> the entries of its APIResourceList
    QHash<QByteArray, Kind> m_kinds;           // by path
    std::atomic<int> m_perSecond = 0;
    std::atomic<int> m_count = 0; // still to be sent
    std::atomic<qint64> m_base = 0;
    QList<int> m_generations; // by pod: how often it was replaced
    int m_next = 0;           // change
    std::unique_ptr<FaultServer> m_server;
};

// Serves in this process until standard input ends; prints "port N". For main() when its first argument is "--serve".
int serveReplay(int argc, char **argv);

// A replay server in a process of its own: the same program, started with --serve.
class ReplayProcess
{
public:
    explicit ReplayProcess(const ReplaySize &size);
    ~ReplayProcess();
    bool isRunning() const { return m_port > 0; }
    QString kubeconfig() const { return m_folder.filePath(QStringLiteral("kubeconfig")); }
    // Pods change from now on. Each change carries the microseconds since `base` (of the steady clock, ns) in the first
    // container's restartCount. Every tenth pod is replaced by a new one, which counts as two changes.
    bool replay(int perSecond, int count, qint64 base);

private:
    QProcess m_process;
    QTemporaryDir m_folder;
    int m_port = 0;
};

} // namespace signalbox::test

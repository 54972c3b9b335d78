#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <memory>

class QProcess;
class QTemporaryDir;

// Real servers for tests, started by the scripts in tests/lab. Loopback only; stopped by their process ids.
namespace signalbox::test
{

// A real Kubernetes control plane (tests/lab/kubernetes/README.md lists its contexts and what its pods can be asked to
// do), or the practice world's, so that one suite runs on both with the same expectations.
class LabCluster
{
public:
    // The one all tests of a ctest run share (environment SIGNALBOX_LAB_DIR, set by the CTest fixture); outside ctest
    // one that is started now and stopped with this object. Use a namespace of your own in it. With
    // SIGNALBOX_LAB_TARGET=sandbox the smaller cluster of a `signalbox sandbox` (the program SIGNALBOX_PROGRAM) that
    // runs as long as this object, with the custom resources of tests/lab. Null: `error` says why.
    static std::unique_ptr<LabCluster> shared(QString *error);
    // The practice world knows one operator who may do everything (contexts lab-cert and lab-token), and it forgets
    // everything when it stops: tests of other people's rights and of restarts are for the real server alone.
    bool isSandbox() const { return m_sandbox != nullptr; }
    int nodes() const;
    // One of this test's own, for tests that kill it or compact its store. `options` go to start.sh ("--nodes", "2").
    static std::unique_ptr<LabCluster> own(const QStringList &options, QString *error);
    ~LabCluster();

    QString directory() const { return m_directory; }
    QString kubeconfig() const { return m_directory + QStringLiteral("/kubeconfig"); }
    int port() const { return m_port; } // of the API server; etcd's client port is the next one
    QString server() const;             // "https://127.0.0.1:PORT"

    struct Output
    {
        int status = -1;
        QByteArray out;
        QByteArray err;
        bool isGood() const { return status == 0; }
    };
    // kubectl as the administrator (or another context by --context in `arguments`), waited for.
    Output kubectl(const QStringList &arguments, const QByteArray &input = {}) const;
    // Creates a namespace that no other test uses and returns its name; empty when it failed.
    QString makeNamespace(const QString &prefix) const;
    Output apply(const QByteArray &yaml, const QString &ns = {}) const;

    // kill -9 and start again, with the data kept. Only for own().
    bool killServer();
    bool restart(QString *error);

private:
    LabCluster() = default;
    bool start(const QStringList &options, QString *error);
    static std::unique_ptr<LabCluster> practice(QString *error);
    bool startPractice(QString *error);
    std::unique_ptr<QProcess> m_sandbox;
    std::unique_ptr<QTemporaryDir> m_folder; // of the sandbox's kubeconfig
    QString m_directory;
    int m_port = 0;
    bool m_isOwned = false;
};

// Runs a program to its end (tests only). Status -1: could not start or took longer than `seconds`.
LabCluster::Output runProgram(const QString &program, const QStringList &arguments, const QByteArray &input = {},
                              int seconds = 60, const QStringList &environment = {}); // "NAME=value"
// A TCP port on loopback that was free a moment ago, with the `count - 1` next ones free too.
int freePorts(int count = 1);

} // namespace signalbox::test

#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <QUrl>

#include <memory>

namespace signalbox::test
{

// A `signalbox sandbox` (the program that the environment's SIGNALBOX_PROGRAM names) of this test's own. It runs as
// long as this object.
class PracticeProgram
{
public:
    static std::unique_ptr<PracticeProgram> start(QString *error);
    ~PracticeProgram();

    QByteArray kubeconfig() const;        // its text: contexts practice-prod and practice-lab, one operator
    QUrl cluster(const char *name) const; // of its API server
    QUrl prometheus() const { return m_prometheus; }
    QUrl registry() const { return m_registry; }
    QByteArray token() const { return m_token; }
    QByteArray caPem() const { return m_caPem; }
    QString caFile() const { return m_places + QStringLiteral("/ca.pem"); }

private:
    PracticeProgram() = default;
    bool readPlaces(const QByteArray &json);
    static QByteArray fileText(const QString &name);

    QTemporaryDir m_data;
    QProcess m_process;
    QString m_places; // the sandbox's own folder
    QUrl m_prometheus;
    QUrl m_registry;
    QByteArray m_token;
    QByteArray m_caPem;
};

} // namespace signalbox::test

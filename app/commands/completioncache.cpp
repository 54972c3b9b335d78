#include "app/commands/completioncache.h"

#include "app/paths.h"
#include "app/wiring/demo.h"
#include "app/wiring/session.h"
#include "services/adapters/kubernetes/kubeconfig.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QTimer>

namespace signalbox::commands
{

namespace
{

constexpr int maxAgeSeconds = 600;
constexpr int questionMs = 1500;

QString effectiveWorkspace(const SourceOptions &options)
{
    if (!options.workspace.isEmpty() || !options.kubeconfig.isEmpty())
        return options.workspace;
    return qEnvironmentVariable("SIGNALBOX_WORKSPACE");
}

QString cacheFile(const SourceOptions &options)
{
    if (options.demo) // always the same names
        return dataFolder() + QStringLiteral("/completion/practice.json");
    const QString workspace = effectiveWorkspace(options);
    QStringList files;
    if (!workspace.isEmpty())
        files = {workspace};
    else if (!options.kubeconfig.isEmpty())
        files = {options.kubeconfig};
    else
        files = kubernetes::defaultKubeConfigFiles();
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QString &file : files) {
        const QFileInfo info(file);
        // Another current context is another source.
        hash.addData(
            (info.absoluteFilePath() + QLatin1Char('\n') + QString::number(info.lastModified().toMSecsSinceEpoch()))
                .toUtf8());
    }
    hash.addData(options.context.toUtf8());
    return dataFolder() + QStringLiteral("/completion/") + QString::fromLatin1(hash.result().toHex().left(24)) +
           QStringLiteral(".json");
}

QList<KnownPlace> readCache(const QString &path)
{
    QFile file(path);
    QList<KnownPlace> places;
    if (!file.open(QIODevice::ReadOnly))
        return places;
    const QJsonArray all = QJsonDocument::fromJson(file.readAll()).array();
    for (const QJsonValue &value : all) {
        KnownPlace place{
            value[QStringLiteral("application")].toString(), value[QStringLiteral("environment")].toString(), {}};
        for (const QJsonValue &track : value[QStringLiteral("tracks")].toArray())
            place.tracks.append(track.toString());
        places.append(place);
    }
    return places;
}

// A file nobody has completed from for a month belongs to a kubeconfig that has changed since.
void dropOldFiles(const QDir &folder)
{
    const QDateTime monthAgo = QDateTime::currentDateTimeUtc().addDays(-30);
    for (const QFileInfo &info : folder.entryInfoList({QStringLiteral("*.json")}, QDir::Files)) {
        if (info.lastModified() < monthAgo)
            QFile::remove(info.absoluteFilePath());
    }
}

void askCluster(const SourceOptions &options)
{
    SourceOptions started = options;
    const auto demo = startDemo(started);
    const auto sources = demo ? findSources(started) : Result<Sources>(demo.error());
    if (!sources || sources->clusters.isEmpty())
        return;
    Session session(Session::Options{});
    QObject::connect(&session, &Session::listingChanged, &session, [&session] {
        if (session.listing() != Session::Listing::Loading)
            QCoreApplication::quit();
    });
    QTimer::singleShot(questionMs, &session, &QCoreApplication::quit);
    session.open(*sources);
    QCoreApplication::exec();
    if (session.listing() == Session::Listing::Complete)
        rememberNames(options, session.deployed().all());
}

} // namespace

void rememberNames(const SourceOptions &options, const QList<Deployed> &deployed)
{
    QJsonArray all;
    for (const Deployed &one : deployed) {
        QJsonArray tracks;
        for (const Track &track : one.tracks) {
            if (!track.name.isEmpty())
                tracks.append(track.name);
        }
        all.append(QJsonObject{{QStringLiteral("application"), one.application},
                               {QStringLiteral("environment"), one.environment},
                               {QStringLiteral("tracks"), tracks}});
    }
    const QString path = cacheFile(options);
    QDir().mkpath(QFileInfo(path).absolutePath());
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) // completion is a comfort, never a reason to fail
        return;
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(QJsonDocument(all).toJson(QJsonDocument::Compact));
    file.commit();
    dropOldFiles(QFileInfo(path).dir());
}

QList<KnownPlace> rememberedNames(const SourceOptions &options)
{
    const QString path = cacheFile(options);
    const QFileInfo info(path);
    if (!info.exists() || info.lastModified().secsTo(QDateTime::currentDateTime()) > maxAgeSeconds)
        askCluster(options);
    return readCache(path);
}

QStringList contextNames(const SourceOptions &options)
{
    QStringList names;
    if (const QString workspace = effectiveWorkspace(options); !workspace.isEmpty()) {
        if (const auto file = WorkspaceFile::load(workspace)) {
            for (const WorkspaceConnection &connection : file->workspace().connections) {
                if (connection.kind == WorkspaceConnection::Kind::Kubernetes)
                    names.append(connection.id);
            }
        }
        return names;
    }
    const auto config = kubernetes::loadKubeConfig(options.kubeconfig.isEmpty() ? kubernetes::defaultKubeConfigFiles()
                                                                                : QStringList{options.kubeconfig});
    if (config) {
        for (const auto &entry : config->contexts)
            names.append(entry.name);
    }
    return names;
}

} // namespace signalbox::commands

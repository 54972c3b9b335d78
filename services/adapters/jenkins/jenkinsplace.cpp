#include "services/adapters/jenkins/jenkinsplace.h"

#include <QStringList>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

// The names that follow `keyword` again and again: /job/A/job/B. What is left stands in `rest`.
QStringList namesBehind(const QStringList &segments, const QStringList &keywords, qsizetype from, QStringList *rest)
{
    QStringList names;
    qsizetype at = from;
    while (at + 1 < segments.size() && keywords.contains(segments.at(at))) {
        names.append(QUrl::fromPercentEncoding(segments.at(at + 1).toUtf8()));
        at += 2;
    }
    *rest = segments.mid(at);
    return names;
}

QStringList segmentsOf(const QString &address)
{
    QUrl url(address, QUrl::StrictMode);
    const QString path = url.isValid() ? url.path(QUrl::FullyEncoded) : address;
    return path.split(u'/', Qt::SkipEmptyParts);
}

} // namespace

QByteArray encoded(const QString &segment)
{
    return QUrl::toPercentEncoding(segment);
}

QByteArray jobPath(const QString &project)
{
    QByteArray path;
    for (const QString &name : project.split(u'/', Qt::SkipEmptyParts))
        path += "/job/" + encoded(name);
    return path;
}

QByteArray runPath(const QString &project, const QString &number)
{
    return jobPath(project) + '/' + encoded(number);
}

QByteArray bluePath(const QString &organization, const QString &project, bool isBranch)
{
    QByteArray path = "/blue/rest/organizations/" + encoded(organization);
    const QStringList names = project.split(u'/', Qt::SkipEmptyParts);
    for (qsizetype i = 0; i < names.size(); ++i) {
        const bool isLast = i + 1 == names.size();
        path += (isBranch && isLast ? "/branches/" : "/pipelines/") + encoded(names.at(i));
    }
    return path;
}

std::optional<Place> placeOf(const QString &address)
{
    const QStringList segments = segmentsOf(address);
    const qsizetype first = segments.indexOf(QStringLiteral("job"));
    if (first < 0)
        return std::nullopt;
    QStringList rest;
    const QStringList names = namesBehind(segments, {QStringLiteral("job")}, first, &rest);
    if (names.isEmpty())
        return std::nullopt;
    Place place{names.join(u'/'), {}};
    if (!rest.isEmpty() && isBuildNumber(rest.first()))
        place.number = rest.first();
    return place;
}

std::optional<Place> bluePlaceOf(const QString &address)
{
    const QStringList segments = segmentsOf(address);
    const qsizetype first = segments.indexOf(QStringLiteral("pipelines"));
    if (first < 0)
        return std::nullopt;
    QStringList rest;
    const QStringList names =
        namesBehind(segments, {QStringLiteral("pipelines"), QStringLiteral("branches")}, first, &rest);
    if (names.isEmpty() || rest.size() < 2 || rest.at(0) != QLatin1String("runs") || !isBuildNumber(rest.at(1)))
        return std::nullopt;
    return Place{names.join(u'/'), rest.at(1)};
}

QString lastName(const QString &project)
{
    return project.section(u'/', -1);
}

QString parentOf(const QString &project)
{
    return project.section(u'/', 0, -2);
}

QString branchNameOf(const QString &project)
{
    return QUrl::fromPercentEncoding(lastName(project).toUtf8());
}

QString queueRunId(qint64 item)
{
    return QStringLiteral("queue-%1").arg(item);
}

std::optional<qint64> queueItemOf(const QString &runId)
{
    bool isNumber = false;
    const qint64 item = runId.startsWith(QLatin1String("queue-")) ? runId.mid(6).toLongLong(&isNumber) : 0;
    return isNumber ? std::optional(item) : std::nullopt;
}

bool isBuildNumber(const QString &runId)
{
    return !runId.isEmpty() && std::all_of(runId.begin(), runId.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
}

} // namespace signalbox::jenkins

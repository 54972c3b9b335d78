#include "services/promotions/gitopsrevisions.h"

#include "models/policy/records.h"
#include "services/promotions/imagetext.h"

#include <QRegularExpression>
#include <QSet>

namespace signalbox
{

namespace
{

constexpr qsizetype shortestCommitName = 5; // of a commit

QSet<QString> revertedBy(const QString &message)
{
    static const QRegularExpression form(QStringLiteral("This reverts commit ([0-9a-f]{40})"));
    QSet<QString> commits;
    for (auto found = form.globalMatch(message); found.hasNext();)
        commits.insert(found.next().captured(1));
    return commits;
}

GitopsRevision revisionOf(const git::FileVersion &version, const ImageInText &place)
{
    GitopsRevision one;
    one.commit = version.commit;
    one.image = place.version;
    const qsizetype digest = place.version.indexOf(QLatin1String("sha256:"));
    one.digest = digest < 0 ? QString() : place.version.mid(digest);
    one.tag = digest < 0 ? place.version : place.version.left(digest);
    if (one.tag.endsWith(u'@'))
        one.tag.chop(1);
    one.author = version.author;
    one.subject = version.message.section(u'\n', 0, 0);
    one.line = place.before;
    return one;
}

} // namespace

bool GitopsRevision::isNamed(const QString &text) const
{
    return text.size() >= shortestCommitName && commit.startsWith(text, Qt::CaseInsensitive);
}

QString GitopsRevision::version() const
{
    return !tag.isEmpty() ? tag : !digest.isEmpty() ? policy::shortDigest(digest) : image;
}

Result<QList<GitopsRevision>> gitopsRevisions(const QList<git::FileVersion> &versions, const QString &image)
{
    QList<GitopsRevision> revisions;
    QSet<QString> reverted;
    QStringList newer; // commits that changed the image, of those looked at
    for (qsizetype i = 0; i < versions.size(); ++i) {
        const git::FileVersion &version = versions.at(i);
        const auto place = findImage(version.content.value_or(QByteArray()), image, {}, {});
        if (!place && i == 0)
            return place.error();
        reverted += revertedBy(version.message);
        if (!place)
            break; // what was before it named the image is no release to go back to
        // What the next older version names tells whether it was this commit that changed it.
        const bool hasOlder = i + 1 < versions.size();
        const auto before = hasOlder ? findImage(versions.at(i + 1).content.value_or(QByteArray()), image, {}, {})
                                     : Result<ImageInText>(Error{});
        if (before && before->version == place->version)
            continue;
        GitopsRevision one = revisionOf(version, *place);
        one.isUndone = reverted.contains(one.commit);
        one.undo = newer;
        revisions.append(one);
        newer.append(one.commit);
    }
    return revisions;
}

std::optional<qsizetype> suggestedRevision(const QList<GitopsRevision> &revisions)
{
    for (qsizetype i = 1; i < revisions.size(); ++i) {
        if (!revisions.at(i).isUndone && revisions.at(i).image != revisions.first().image)
            return i;
    }
    return std::nullopt;
}

} // namespace signalbox

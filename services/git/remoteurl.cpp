#include "services/git/remote.h"

#include "services/git/gittext.h"

#include <QDir>
#include <QRegularExpression>

namespace signalbox::git
{

namespace
{

Error invalid(const QString &message)
{
    return {ErrorKind::Invalid, message, {}};
}

bool hasControl(const QString &text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
}

Error passwordInside(const QString &host)
{
    return invalid(GitText::tr("The address of the repository at %1 holds a password. Take it out and name the secret "
                               "under \"auth\" instead.")
                       .arg(host));
}

Result<RemoteUrl> overWeb(const QString &text)
{
    RemoteUrl remote;
    remote.kind = RemoteUrl::Kind::Https;
    remote.url = QUrl(text, QUrl::StrictMode);
    if (!remote.url.password().isEmpty() || remote.url.userInfo().contains(QLatin1Char(':')))
        return passwordInside(remote.url.host());
    if (!remote.url.isValid() || remote.url.host().isEmpty())
        return invalid(GitText::tr("The address of a repository cannot be read. Expected for example "
                                   "https://git.example.com/team/app.git."));
    if (remote.url.hasQuery() || remote.url.hasFragment())
        return invalid(
            GitText::tr("The address of the repository at %1 holds \"?\" or \"#\", which git addresses do not.")
                .arg(remote.url.host()));
    remote.user = remote.url.userName(QUrl::FullyDecoded);
    remote.url.setUserInfo({});
    QString path = remote.url.path(QUrl::FullyEncoded);
    while (path.size() > 1 && path.endsWith(QLatin1Char('/')))
        path.chop(1);
    if (path.size() < 2)
        return invalid(GitText::tr("The address %1 names no repository, only its host.")
                           .arg(remote.url.toString(QUrl::FullyEncoded)));
    remote.url.setPath(path, QUrl::StrictMode);
    remote.shown = remote.url.toString(QUrl::FullyEncoded);
    return remote;
}

// What a shell or ssh could take for something else than a name is refused, not escaped.
Result<RemoteUrl> checkedSsh(RemoteUrl remote)
{
    static const QRegularExpression hostForm(QStringLiteral("^[A-Za-z0-9_\\[\\]:%][A-Za-z0-9_.\\[\\]:%-]*\\z"));
    static const QRegularExpression userForm(QStringLiteral("^[A-Za-z0-9_.][^\\s@:/'\"\\\\$`;&|<>()]*\\z"));
    if (!hostForm.match(remote.host).hasMatch())
        return invalid(
            GitText::tr("\"%1\" is no name of a host that ssh could be asked for.").arg(remote.host.left(60)));
    if (!remote.user.isEmpty() && !userForm.match(remote.user).hasMatch())
        return invalid(
            GitText::tr("\"%1\" is no name of a user that ssh could be asked for.").arg(remote.user.left(60)));
    if (remote.path.isEmpty() || remote.path == QLatin1String("/"))
        return invalid(GitText::tr("The address of the repository at %1 names no path.").arg(remote.host));
    if (remote.path.startsWith(QLatin1Char('-')) || hasControl(remote.path))
        return invalid(GitText::tr("The path of the repository at %1 begins with \"-\" or holds a control character, "
                                   "which git there could take for something else.")
                           .arg(remote.host));
    return remote;
}

Result<RemoteUrl> overSsh(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    RemoteUrl remote;
    remote.kind = RemoteUrl::Kind::Ssh;
    if (!url.password().isEmpty())
        return passwordInside(url.host());
    if (!url.isValid())
        return invalid(GitText::tr("The address of a repository cannot be read. Expected for example "
                                   "ssh://git@git.example.com/team/app.git."));
    remote.user = url.userName(QUrl::FullyDecoded);
    remote.host = url.host(QUrl::FullyDecoded);
    remote.port = url.port(0);
    remote.path = url.path(QUrl::FullyDecoded);
    if (remote.path.startsWith(QLatin1String("/~"))) // a home folder over there
        remote.path.remove(0, 1);
    remote.shown = url.toString(QUrl::RemovePassword);
    return checkedSsh(std::move(remote));
}

Result<RemoteUrl> scpLike(const QString &text, qsizetype colon)
{
    RemoteUrl remote;
    remote.kind = RemoteUrl::Kind::Ssh;
    const QString place = text.left(colon);
    const auto at = place.lastIndexOf(QLatin1Char('@'));
    remote.user = at < 0 ? QString() : place.left(at);
    remote.host = place.mid(at + 1);
    remote.path = text.mid(colon + 1);
    remote.shown = text;
    if (remote.user.contains(QLatin1Char(':')))
        return passwordInside(remote.host);
    return checkedSsh(std::move(remote));
}

Result<RemoteUrl> onDisk(const QString &path)
{
    RemoteUrl remote;
    remote.path =
        path == QLatin1String("~") || path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path;
    remote.path = QDir::cleanPath(QDir().absoluteFilePath(remote.path));
    remote.shown = QDir::toNativeSeparators(remote.path);
    return remote;
}

} // namespace

Result<RemoteUrl> parseRemoteUrl(const QString &text)
{
    if (text.isEmpty() || hasControl(text) || text.startsWith(QLatin1Char('-')))
        return invalid(
            GitText::tr("The address of a repository is empty, begins with \"-\" or holds a control character."));
    static const QRegularExpression schemeForm(QStringLiteral("^([A-Za-z][A-Za-z0-9+.-]*)://"));
    if (const auto match = schemeForm.match(text); match.hasMatch()) {
        const QString scheme = match.captured(1).toLower();
        if (scheme == QLatin1String("https") || scheme == QLatin1String("http"))
            return overWeb(text);
        if (scheme == QLatin1String("ssh") || scheme == QLatin1String("git+ssh"))
            return overSsh(text);
        if (scheme == QLatin1String("file")) {
            const QUrl url(text);
            if (!url.host().isEmpty() && url.host() != QLatin1String("localhost"))
                return invalid(GitText::tr("%1 names a file on another machine.").arg(text));
            return onDisk(url.toLocalFile());
        }
        return invalid(GitText::tr("Signalbox reaches repositories over https, ssh and on disk, not over \"%1\".")
                           .arg(scheme.left(20)));
    }
    const auto colon = text.indexOf(QLatin1Char(':'));
    const auto slash = text.indexOf(QLatin1Char('/'));
    const bool isDrive = colon == 1 && text[0].isLetter() &&
                         (text.size() == 2 || text[2] == QLatin1Char('/') || text[2] == QLatin1Char('\\'));
    if (text.mid(colon, 2) == QLatin1String("::") && (slash < 0 || colon < slash))
        return invalid(
            GitText::tr("Signalbox does not start git's helpers (\"%1\").").arg(text.left(colon + 2).left(20)));
    if (colon > 0 && !isDrive && (slash < 0 || colon < slash))
        return scpLike(text, colon);
    return onDisk(text);
}

} // namespace signalbox::git

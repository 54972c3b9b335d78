#include "services/adapters/github/githubdeploymentanswer.h"

#include "services/adapters/github/githubfields.h"

#include <QRegularExpression>

#include <algorithm>

namespace signalbox::github
{

Result<QStringList> parseEnvironments(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of environments");
    return reading<QStringList>(body, what, [&](const Json &json) -> Result<QStringList> {
        QStringList names;
        for (const Json &one : listOf(json, "environments")) {
            const QString name = textOf(one, "name");
            if (name.isEmpty())
                return notReadable(what);
            names.append(name);
        }
        return names;
    });
}

Result<QList<DeploymentSaid>> parseDeployments(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of deployments");
    return reading<QList<DeploymentSaid>>(body, what, [&](const Json &json) -> Result<QList<DeploymentSaid>> {
        if (!json.is_array())
            return notReadable(what);
        QList<DeploymentSaid> all;
        for (const Json &one : json) {
            const DeploymentSaid said{idOf(one),
                                      textOf(one, "environment"),
                                      textOf(one, "ref"),
                                      textOf(one, "sha"),
                                      textOf(objectOf(one, "creator"), "login"),
                                      timeOf(one, "created_at")};
            if (said.id.isEmpty())
                return notReadable(what);
            all.append(said);
        }
        return all;
    });
}

Result<QList<DeploymentStatusSaid>> parseDeploymentStatuses(const QByteArray &body)
{
    const QString what = GitHubText::tr("list of a deployment's statuses");
    return reading<QList<DeploymentStatusSaid>>(
        body, what, [&](const Json &json) -> Result<QList<DeploymentStatusSaid>> {
            if (!json.is_array())
                return notReadable(what);
            QList<DeploymentStatusSaid> all;
            for (const Json &one : json) {
                QString page = textOf(one, "log_url");
                if (page.isEmpty())
                    page = textOf(one, "target_url"); // of older servers
                const DeploymentStatusSaid said{idOf(one), textOf(one, "state"), textOf(one, "description"),
                                                timeOf(one, "created_at"), QUrl(page)};
                if (said.id.isEmpty())
                    return notReadable(what);
                all.append(said);
            }
            std::stable_sort(all.begin(), all.end(),
                             [](const auto &a, const auto &b) { return b.id.toLongLong() < a.id.toLongLong(); });
            return all;
        });
}

JobPage jobOfPage(const QUrl &page)
{
    static const QRegularExpression form(
        QStringLiteral("/actions/runs/([0-9]+)(?:/(?:attempts/[0-9]+/)?job/([0-9]+))?"));
    const auto match = form.match(page.path());
    return match.hasMatch() ? JobPage{match.captured(1), match.captured(2)} : JobPage{};
}

} // namespace signalbox::github

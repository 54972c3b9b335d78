#include "app/commands/deploymentstext.h"

#include "app/commands/documentjson.h"
#include "app/commands/render.h"

#include <QCoreApplication>

namespace signalbox::commands
{

namespace
{

struct DeploymentsCommandText
{
    Q_DECLARE_TR_FUNCTIONS(DeploymentsCommand)
};

Json deploymentJson(const EnvironmentDeployment &one)
{
    return {{"id", utf8(one.id)},
            {"state", utf8(runStateName(one.state))},
            {"reason", orNull(one.reason)},
            {"live", one.isLive},
            {"ref", orNull(one.ref)},
            {"commit", orNull(one.commit)},
            {"title", orNull(one.title)},
            {"who", orNull(one.who)},
            {"createdAt", orNull(one.at)},
            {"finishedAt", orNull(one.finishedAt)},
            {"run", orNull(one.run.id)},
            {"job", orNull(one.job)},
            {"jobName", orNull(one.jobName)},
            {"page", orNull(one.page.toString())},
            {"canGoBack", one.whyNot.isEmpty()},
            {"whyNot", orNull(one.whyNot)}};
}

QString dashIfNone(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("-") : text;
}

} // namespace

QString deploymentsText(const FoundPipeline &of, const QList<EnvironmentDeployments> &environments)
{
    if (environments.isEmpty())
        return DeploymentsCommandText::tr("%1 has no environment.").arg(of.pipeline.ref.project) + u'\n';
    QString text;
    for (const EnvironmentDeployments &environment : environments) {
        text += environment.environment + u'\n';
        if (environment.all.isEmpty()) {
            text += DeploymentsCommandText::tr("  nothing was deployed to it") + u'\n';
            continue;
        }
        QList<QStringList> rows{{DeploymentsCommandText::tr("DEPLOYMENT"), DeploymentsCommandText::tr("STATE"),
                                 DeploymentsCommandText::tr("REF"), DeploymentsCommandText::tr("COMMIT"),
                                 DeploymentsCommandText::tr("MADE"), DeploymentsCommandText::tr("BY"),
                                 DeploymentsCommandText::tr("RUN")}};
        for (const EnvironmentDeployment &one : environment.all) {
            const QString state = runStateLabel(one.state);
            rows.append({one.id, one.isLive ? DeploymentsCommandText::tr("%1, live").arg(state) : state,
                         dashIfNone(one.ref), dashIfNone(one.commit.left(8)), dashIfNone(utcText(one.at)),
                         dashIfNone(one.who), dashIfNone(one.run.id)});
        }
        text += tableText(rows);
    }
    return text + DeploymentsCommandText::tr("read at %1").arg(utcText(environments.first().readAt)) + u'\n';
}

QString deploymentsJson(const FoundPipeline &of, const QList<EnvironmentDeployments> &environments)
{
    Json list = Json::array();
    for (const EnvironmentDeployments &environment : environments) {
        Json deployments = Json::array();
        for (const EnvironmentDeployment &one : environment.all)
            deployments.push_back(deploymentJson(one));
        list.push_back({{"name", utf8(environment.environment)}, {"deployments", deployments}});
    }
    return document({{"schema", "signalbox.deployments/1"},
                     {"readAt", environments.isEmpty() ? Json(nullptr) : orNull(environments.first().readAt)},
                     {"connection", utf8(of.pipeline.ref.connection)},
                     {"vendor", utf8(of.pipeline.vendor)},
                     {"project", utf8(of.pipeline.ref.project)},
                     {"application", orNull(of.application)},
                     {"environments", list}});
}

} // namespace signalbox::commands

#include "services/sandbox/practicepipelines.h"

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/ci/github/githubapi.h"
#include "services/sandbox/ci/gitlab/gitlabapi.h"
#include "services/sandbox/ci/jenkins/jenkinsapi.h"
#include "services/sandbox/ci/travis/travisapi.h"
#include "services/sandbox/http/loopbackserver.h"

#include <mutex>

namespace signalbox::sandbox
{

namespace
{

using Answers = std::function<LoopbackReply(const LoopbackRequest &)>;

struct Vendor
{
    ci::Vendor vendor = ci::Vendor::Jenkins;
    LoopbackReply unauthorized;
    std::function<bool(const LoopbackRequest &)> isAuthorized;
    std::function<Answers(ci::CiWorld &)> make;
};

template <typename Api>
Answers answersOf(std::shared_ptr<Api> api)
{
    return [api](const LoopbackRequest &request) { return api->answer(request); };
}

template <typename Api>
Vendor vendorOf(ci::Vendor vendor, const std::string &token)
{
    return {vendor, Api::unauthorized(),
            [token](const LoopbackRequest &request) { return Api::isAuthorized(request, token); },
            [](ci::CiWorld &world) { return answersOf(std::make_shared<Api>(world)); }};
}

// Protected as GitLab does it by itself.
Vendor gitLab(const std::string &token)
{
    Vendor vendor = vendorOf<ci::GitLabApi>(ci::Vendor::GitLab, token);
    vendor.make = [](ci::CiWorld &world) {
        ci::GitLabApi::Options options;
        options.protectedRefs = {{"main"}, {"v*", true}};
        return answersOf(std::make_shared<ci::GitLabApi>(world, options));
    };
    return vendor;
}

// In the status bar, beside each other: short.
QByteArray titleOf(ci::Vendor vendor)
{
    switch (vendor) {
    case ci::Vendor::Jenkins:
        return "Jenkins";
    case ci::Vendor::GitHub:
        return "GitHub";
    case ci::Vendor::GitLab:
        return "GitLab";
    case ci::Vendor::Travis:
        break;
    }
    return "Travis";
}

std::vector<Vendor> vendors(const std::string &token)
{
    return {vendorOf<ci::GitHubApi>(ci::Vendor::GitHub, token), gitLab(token),
            vendorOf<ci::JenkinsApi>(ci::Vendor::Jenkins, token), vendorOf<TravisApi>(ci::Vendor::Travis, token)};
}

} // namespace

struct PracticePipelines::Private
{
    struct Face
    {
        ci::Vendor vendor = ci::Vendor::Jenkins;
        std::unique_ptr<LoopbackServer> server;
    };

    ci::CiWorld &world();
    Result<void> serve(Vendor vendor);

    Options options;
    std::once_flag isMade;
    ci::CiPlans plans; // with the sources' commits
    std::unique_ptr<ci::CiWorld> made;
    std::vector<Face> faces; // last made, first gone
};

ci::CiWorld &PracticePipelines::Private::world()
{
    std::call_once(isMade, [this] {
        plans = ci::builtInPlans();
        for (ci::PipelinePlan &plan : plans.pipelines) {
            for (ci::PastRelease &release : plan.releases) {
                if (options.commitOf)
                    release.commit = options.commitOf(plan.application, release.tag);
            }
        }
        made = std::make_unique<ci::CiWorld>(plans, options.nowMs);
        made->setDeployListener(options.deploy);
    });
    return *made;
}

// The face is made with the world: by the first request.
Result<void> PracticePipelines::Private::serve(Vendor vendor)
{
    struct Lazy
    {
        std::once_flag isMade;
        Answers answers;
    };
    LoopbackServer::Options serving;
    serving.certificate = options.certificate;
    serving.token = options.token;
    serving.isAuthorized = std::move(vendor.isAuthorized);
    serving.unauthorized = std::move(vendor.unauthorized);
    serving.handler = [this, make = std::move(vendor.make),
                       lazy = std::make_shared<Lazy>()](const LoopbackRequest &request) {
        std::call_once(lazy->isMade, [&] { lazy->answers = make(world()); });
        return lazy->answers(request);
    };
    auto server = LoopbackServer::start(std::move(serving));
    if (!server)
        return server.error();
    faces.push_back({vendor.vendor, std::move(*server)});
    return {};
}

PracticePipelines::PracticePipelines()
    : d(std::make_unique<Private>())
{}

PracticePipelines::~PracticePipelines()
{
    stop();
}

Result<std::unique_ptr<PracticePipelines>> PracticePipelines::start(Options options)
{
    std::unique_ptr<PracticePipelines> made(new PracticePipelines);
    made->d->options = std::move(options);
    const std::string token = made->d->options.token;
    for (Vendor &vendor : vendors(token)) {
        if (const auto served = made->d->serve(std::move(vendor)); !served)
            return served.error();
    }
    return made;
}

void PracticePipelines::stop()
{
    for (Private::Face &face : d->faces)
        face.server->stop();
}

std::vector<PracticePipelines::Server> PracticePipelines::servers() const
{
    std::vector<Server> all;
    for (const Private::Face &face : d->faces) {
        const std::string kind(ci::vendorName(face.vendor));
        all.push_back({"practice-" + kind, kind, face.server->url(), face.server->threadCount()});
    }
    return all;
}

QByteArray PracticePipelines::connections(const QString &tokenFile) const
{
    QByteArray text;
    const QByteArray secret = "\"file:" + tokenFile.toUtf8() + '"';
    for (const Private::Face &face : d->faces) {
        const QByteArray kind = QByteArray::fromStdString(std::string(ci::vendorName(face.vendor)));
        text += "- id: practice-" + kind + "\n  kind: " + kind + "\n  title: " + titleOf(face.vendor) +
                "\n  url: " + QByteArray::fromStdString(face.server->url()) + "\n  caFile: ca.pem\n  auth:\n";
        if (face.vendor == ci::Vendor::Jenkins)
            text += "    basic:\n      user: " + QByteArray::fromStdString(ci::builtInPlans().me) +
                    "\n      password: " + secret + '\n';
        else
            text += "    bearer: " + secret + '\n';
        QByteArrayList projects;
        for (const ci::PipelinePlan &plan : ci::builtInPlans().pipelines) {
            const QByteArray project = QByteArray::fromStdString(plan.project);
            if (plan.vendor == face.vendor && !projects.contains(project))
                projects.append(project);
        }
        text += "  projects: [" + projects.join(", ") + "]\n";
    }
    return text;
}

ci::CiWorld &PracticePipelines::world()
{
    return d->world();
}

} // namespace signalbox::sandbox

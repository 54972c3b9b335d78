#pragma once

#include "services/adapters/jenkins/jenkinsjson.h"

#include <QStringList>

namespace signalbox::jenkins
{

// The commit that a run is about. A run may have checked out libraries as well (Pipeline: Groovy Libraries), each with
// a BuildData of its own, often before its own repository and often of a branch with the same name. Sources: what is
// exported of jenkinsci/scm-api-plugin's SCMRevisionAction (JENKINS-50777) and of git-plugin's util.BuildData
// ("lastBuiltRevision", "remoteUrls"), GitSCM and UserRemoteConfig.
struct Revision
{
    QString commit; // empty: there is none, or it cannot be told
    QString branch;
    QString whyNot;        // for people: why it cannot be told
    bool isOfMany = false; // other repositories were checked out too
};
// `ownBranch` is what the job would build, were it a branch's; `ownRemotes` the job's, empty where it does not say.
Revision revisionOf(const Json &actions, const QString &ownBranch, const QStringList &ownRemotes);

// "https://me:token@Git.example.com:8443/acme/cart.git" and "git@git.example.com:acme/cart" alike:
// "git.example.com/acme/cart". Never who asks.
QString plainRemote(const QString &address);
// Of a job that has its repository in its configuration; pipelines do not tell theirs.
QStringList remotesOf(const Json &job);

} // namespace signalbox::jenkins

#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"

#include <QByteArray>

// Of the core's and the JUnit plugin's answers: tests, who we are, what the executors do. Any thread.
namespace signalbox::jenkins
{

QByteArray testTree();
Result<TestReport> parseTests(const QByteArray &body);

struct Myself
{
    QString name;
    QStringList authorities;
    bool isAnonymous = false;
};
Result<Myself> parseWhoAmI(const QByteArray &body);

// Builds under way: of executors of all machines.
QByteArray computerTree();
struct UnderWay
{
    QString project;
    QString number;
    bool isPipeline = false; // others have no input steps
    bool operator==(const UnderWay &) const = default;
};
Result<QList<UnderWay>> parseUnderWay(const QByteArray &body);

} // namespace signalbox::jenkins

#include "services/adapters/jenkins/jenkinsreports.h"

#include "services/adapters/jenkins/jenkinsparameters.h"
#include "services/adapters/jenkins/jenkinsplace.h"

namespace signalbox::jenkins
{

namespace
{

constexpr qsizetype mostPassedCases = 2000;

TestCase caseOf(const Json &one, const QString &suite)
{
    TestCase test;
    test.suite = textOf(one, "className");
    if (test.suite.isEmpty())
        test.suite = suite;
    test.name = textOf(one, "name");
    const QString status = textOf(one, "status");
    if (status == QLatin1String("FAILED") || status == QLatin1String("REGRESSION"))
        test.state = TestCase::State::Failed;
    else if (status == QLatin1String("SKIPPED"))
        test.state = TestCase::State::Skipped;
    const Json &duration = memberOf(one, "duration"); // seconds
    if (duration.is_number())
        test.took = std::chrono::milliseconds(static_cast<qint64>(duration.get<double>() * 1000.0 + 0.5));
    test.message = textOf(one, "errorDetails");
    test.trace = textOf(one, "errorStackTrace");
    return test;
}

void readSuites(const Json &result, TestReport &report, qsizetype &others)
{
    for (const Json &suite : listOf(result, "suites")) {
        for (const Json &one : listOf(suite, "cases")) {
            const TestCase test = caseOf(one, textOf(suite, "name"));
            if (test.state != TestCase::State::Failed && ++others > mostPassedCases)
                report.isCut = true;
            else
                report.cases.append(test);
        }
    }
}

} // namespace

QByteArray testTree()
{
    const QByteArray suites = "suites[name,cases[className,name,status,duration,errorDetails,errorStackTrace]]";
    return "failCount,passCount,skipCount,totalCount," + suites + ",childReports[result[" + suites + "]]";
}

Result<TestReport> parseTests(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<TestReport> {
        if (!json.is_object() || !json.contains("failCount"))
            return unexpected();
        TestReport report;
        report.failed = static_cast<int>(numberOf(json, "failCount"));
        report.skipped = static_cast<int>(numberOf(json, "skipCount"));
        // The report of a maven or matrix job (childReports) has a total instead of what passed.
        report.passed = static_cast<int>(
            numberOf(json, "passCount", numberOf(json, "totalCount") - report.failed - report.skipped));
        qsizetype others = 0;
        readSuites(json, report, others);
        for (const Json &child : listOf(json, "childReports"))
            readSuites(memberOf(child, "result"), report, others);
        return report;
    });
}

Result<Myself> parseWhoAmI(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<Myself> {
        if (!json.is_object() || textOf(json, "name").isEmpty())
            return unexpected();
        Myself me;
        me.name = textOf(json, "name");
        me.isAnonymous = flagOf(json, "anonymous");
        for (const Json &authority : listOf(json, "authorities"))
            me.authorities.append(plainValue(authority));
        return me;
    });
}

QByteArray computerTree()
{
    return "computer[executors[currentExecutable[_class,url]],oneOffExecutors[currentExecutable[_class,url]]]";
}

Result<QList<UnderWay>> parseUnderWay(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QList<UnderWay>> {
        if (!memberOf(json, "computer").is_array())
            return unexpected();
        QList<UnderWay> builds;
        for (const Json &computer : listOf(json, "computer")) {
            for (const char *kind : {"executors", "oneOffExecutors"}) {
                for (const Json &executor : listOf(computer, kind)) {
                    const Json &executable = memberOf(executor, "currentExecutable");
                    const auto place = placeOf(textOf(executable, "url"));
                    if (!place || place->number.isEmpty())
                        continue;
                    const UnderWay one{place->project, place->number,
                                       classOf(executable).endsWith(QLatin1String("WorkflowRun"))};
                    if (!builds.contains(one))
                        builds.append(one);
                }
            }
        }
        return builds;
    });
}

} // namespace signalbox::jenkins

#include "services/adapters/gitlab/gitlabfields.h"

#include <algorithm>
#include <cmath>

// Test reports of a pipeline.
namespace signalbox::gitlab
{

namespace
{

TestCase testCaseFrom(const Json &json, const QString &suite)
{
    TestCase test;
    const QString className = textOf(json, "classname");
    test.suite = className.isEmpty() ? suite : className;
    test.name = textOf(json, "name");
    const QString status = textOf(json, "status");
    test.state = status == QLatin1String("success")   ? TestCase::State::Passed
                 : status == QLatin1String("skipped") ? TestCase::State::Skipped
                                                      : TestCase::State::Failed;
    test.took = std::chrono::milliseconds(std::llround(realOf(json, "execution_time").value_or(0) * 1000));
    test.message = textOf(json, "system_output");
    test.trace = textOf(json, "stack_trace");
    if (const Json *output = memberOf(json, "system_output"); output && output->is_object())
        test.message = textOf(*output, "message"); // of some JUnit files
    return test;
}

int countOf(const Json &json, const char *key)
{
    return static_cast<int>(std::clamp<qint64>(numberOf(json, key), 0, 1'000'000'000));
}

// A file that could not be read: GitLab counts nothing then.
TestCase brokenFile(const Json &suite)
{
    const QString name = textOf(suite, "name");
    return {name, name, TestCase::State::Failed, {}, textOf(suite, "suite_error"), {}};
}

} // namespace

Result<TestReport> parseTestSummary(const QByteArray &body)
{
    return readObject<TestReport>(body, GitLabText::tr("test report"), [](const Json &json) -> Result<TestReport> {
        const Json total = partOf(json, "total");
        // A file that could not be read is counted nowhere, but named (doc/api/pipelines.md, "suite_error").
        TestReport report;
        const Json *suites = memberOf(json, "test_suites");
        for (const Json &suite : suites && suites->is_array() ? *suites : Json::array()) {
            if (!textOf(suite, "suite_error").isEmpty())
                report.cases.append(brokenFile(suite));
        }
        if (numberOf(total, "count") <= 0 && report.cases.isEmpty())
            return Error{ErrorKind::NotFound, GitLabText::tr("This run reports no tests."), {}};
        report.passed = countOf(total, "success");
        report.failed = countOf(total, "failed") + countOf(total, "error");
        report.skipped = countOf(total, "skipped");
        report.isCut = true;
        return report;
    });
}

Result<TestReport> parseTestReport(const QByteArray &body)
{
    return readObject<TestReport>(body, GitLabText::tr("test report"), [](const Json &json) -> Result<TestReport> {
        TestReport report;
        report.passed = countOf(json, "success_count");
        report.failed = countOf(json, "failed_count") + countOf(json, "error_count");
        report.skipped = countOf(json, "skipped_count");
        const Json *suites = memberOf(json, "test_suites");
        if (!suites || !suites->is_array())
            return malformed(GitLabText::tr("test report"), QStringLiteral("test_suites"));
        for (const Json &suite : *suites) {
            const QString name = textOf(suite, "name");
            if (!textOf(suite, "suite_error").isEmpty())
                report.cases.append(brokenFile(suite));
            const Json *cases = memberOf(suite, "test_cases");
            if (!cases || !cases->is_array())
                continue;
            for (const Json &one : *cases)
                report.cases.append(testCaseFrom(one, name));
        }
        return report;
    });
}

} // namespace signalbox::gitlab

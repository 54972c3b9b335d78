#include "services/sandbox/ci/cilog.h"

#include "services/sandbox/world/chance.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace signalbox::sandbox::ci
{

namespace
{

constexpr const char *red = "\x1b[31m";
constexpr const char *green = "\x1b[32m";
constexpr const char *yellow = "\x1b[33m";
constexpr const char *bold = "\x1b[1m";
constexpr const char *plainAgain = "\x1b[0m";

struct Words
{
    LogLine::Kind kind = LogLine::Kind::Text;
    std::string text;
};

template <typename... Values>
std::string worded(const char *format, Values... values)
{
    std::array<char, 300> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

bool mentions(std::string text, std::string_view word)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text.find(word) != std::string::npos;
}

std::string packageOf(const PipelinePlan &plan)
{
    std::string name = plan.project.substr(plan.project.rfind('/') + 1);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::vector<Words> checkout(const LogSubject &subject)
{
    const RunRecord &run = subject.run;
    const std::string reference = run.tag.empty() ? "refs/heads/" + run.branch : "refs/tags/" + run.tag;
    return {{LogLine::Kind::Command, "git fetch --depth=1 origin " + run.commit},
            {LogLine::Kind::Text, "From https://git.example.org/" + run.project},
            {LogLine::Kind::Text, " * branch            " + run.commit + " -> FETCH_HEAD"},
            {LogLine::Kind::Command, "git checkout --force " + run.commit},
            {LogLine::Kind::Text, "HEAD is now at " + run.commit.substr(0, 7) + ' ' + run.subject},
            {LogLine::Kind::Text, "Reference: " + reference}};
}

std::vector<Words> compile(const LogSubject &subject)
{
    static constexpr std::array<const char *, 14> folders = {"kernels", "graph", "io",    "scoring", "cache",
                                                             "rpc",     "text",  "tests", "metrics", "tensor",
                                                             "tokens",  "pool",  "ann",   "config"};
    static constexpr std::array<const char *, 10> files = {"batch", "index", "arena",  "merge",   "reader",
                                                           "plan",  "queue", "decode", "session", "status"};
    const std::string package = packageOf(subject.plan);
    const int count = std::clamp(subject.job.seconds * 5, 40, 1200);
    std::vector<Words> lines = {
        {LogLine::Kind::Command, "cmake --preset release"},
        {LogLine::Kind::Text, "-- The CXX compiler identification is GNU 12.2.0"},
        {LogLine::Kind::Text, "-- Detecting CXX compile features - done"},
        {LogLine::Kind::Text,
         "-- Found CUDAToolkit: /usr/local/cuda/targets/x86_64-linux/include (found version 12.4)"},
        {LogLine::Kind::Text, "-- Build files have been written to: /workspace/" + package + "/build/release"},
        {LogLine::Kind::Command, "ninja -C build/release"}};
    for (int i = 1; i <= count; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        const char *folder = folders[static_cast<std::size_t>(hashOf("folder", number) % folders.size())];
        const char *file = files[static_cast<std::size_t>(hashOf("file", number) % files.size())];
        lines.push_back(
            {LogLine::Kind::Text, worded("[%d/%d] Building CXX object src/%s/CMakeFiles/%s_%s.dir/%s_%d.cpp.o", i,
                                         count, folder, package.c_str(), folder, file, i)});
        if (chance(subject.seed, "compiler", number) < 0.008) {
            const std::string place = worded("src/%s/%s_%d.cpp:%d:21: ", folder, file, i, 20 + i % 300);
            lines.push_back({LogLine::Kind::Warning, bold + place + "\x1b[35mwarning: " + plainAgain +
                                                         "comparison of integer expressions of different signedness: "
                                                         "'int' and 'std::size_t' [-Wsign-compare]"});
            lines.push_back(
                {LogLine::Kind::Text, worded("%5d |     for (int i = 0; i < rows.size(); ++i)", 20 + i % 300)});
            lines.push_back({LogLine::Kind::Text,
                             std::string("      |                     ") + green + "~~^~~~~~~~~~~~~" + plainAgain});
        }
    }
    lines.push_back(
        {LogLine::Kind::Text, worded("[%d/%d] Linking CXX shared module lib%s.so", count, count, package.c_str())});
    return lines;
}

std::vector<Words> install(const LogSubject &subject)
{
    static constexpr std::array<const char *, 12> packages = {"numpy==2.1.3",
                                                              "httpx==0.27.2",
                                                              "pydantic==2.9.2",
                                                              "torch==2.5.1",
                                                              "fastapi==0.115.4",
                                                              "onnxruntime==1.20.0",
                                                              "prometheus-client==0.21.0",
                                                              "pytest==8.3.3",
                                                              "pytest-cov==6.0.0",
                                                              "orjson==3.10.11",
                                                              "uvloop==0.21.0",
                                                              "tokenizers==0.20.3"};
    std::vector<Words> lines = {{LogLine::Kind::Command, "python -m pip install --require-hashes -r requirements.txt"}};
    for (const char *package : packages) {
        lines.push_back({LogLine::Kind::Text, worded("Collecting %s (from -r requirements.txt)", package)});
        lines.push_back({LogLine::Kind::Text, worded("  Using cached %s-py3-none-any.whl (%d kB)", package,
                                                     static_cast<int>(hashOf(package) % 4000) + 20)});
    }
    lines.push_back({LogLine::Kind::Text, "Installing collected packages: " + std::to_string(packages.size())});
    if (chance(subject.seed, "pip") < 0.5)
        lines.push_back(
            {LogLine::Kind::Warning, std::string(yellow) + "[notice] A new release of pip is available" + plainAgain});
    lines.push_back({LogLine::Kind::Text, "Successfully installed " + std::to_string(packages.size()) + " packages"});
    return lines;
}

std::vector<Words> testRun(const LogSubject &subject)
{
    std::vector<Words> lines = {
        {LogLine::Kind::Command, "python -m pytest --junitxml=report.xml --cov=" + packageOf(subject.plan)},
        {LogLine::Kind::Text,
         std::string(bold) +
             "============================= test session starts =============================" + plainAgain},
        {LogLine::Kind::Text, "platform linux -- Python 3.12.7, pytest-8.3.3, pluggy-1.5.0"},
        {LogLine::Kind::Text, "rootdir: /workspace/" + packageOf(subject.plan)},
        {LogLine::Kind::Text, worded("collected %d items", static_cast<int>(subject.tests.size()))},
        {LogLine::Kind::Text, {}}};
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    int done = 0;
    std::vector<Words> failures;
    for (const TestResult &test : subject.tests) {
        const bool isBad = test.state == TestResult::State::Failed;
        const bool isSkipped = test.state == TestResult::State::Skipped;
        const char *colour = isBad ? red : isSkipped ? yellow : green;
        const char *word = isBad ? "FAILED" : isSkipped ? "SKIPPED" : "PASSED";
        ++(isBad ? failed : isSkipped ? skipped : passed);
        ++done;
        lines.push_back(
            {LogLine::Kind::Text, worded("%s::%s %s%s%s [%3d%%]", test.file.c_str(), test.name.c_str(), colour, word,
                                         plainAgain, done * 100 / static_cast<int>(subject.tests.size()))});
        if (!isBad)
            continue;
        failures.push_back({LogLine::Kind::Text, std::string(red) + "____________________ " + test.name +
                                                     " ____________________" + plainAgain});
        std::size_t from = 0;
        while (from < test.trace.size()) {
            const std::size_t end = std::min(test.trace.find('\n', from), test.trace.size());
            failures.push_back({LogLine::Kind::Text, test.trace.substr(from, end - from)});
            from = end + 1;
        }
        failures.push_back({LogLine::Kind::Error, test.file + "::" + test.name + " - " + test.message});
    }
    if (!failures.empty())
        lines.push_back(
            {LogLine::Kind::Text, "=================================== FAILURES ==================================="});
    lines.insert(lines.end(), failures.begin(), failures.end());
    const char *colour = failed > 0 ? red : green;
    lines.push_back(
        {LogLine::Kind::Text, worded("%s=========== %d failed, %d passed, %d skipped in %.2fs ===========%s", colour,
                                     failed, passed, skipped, static_cast<double>(subject.fullMs) / 2000, plainAgain)});
    return lines;
}

std::vector<Words> image(const LogSubject &subject)
{
    const std::string name = subject.plan.repository.empty() ? subject.plan.project : subject.plan.repository;
    const std::string tag = subject.run.tag.empty() ? subject.run.commit.substr(0, 12) : subject.run.tag.substr(1);
    std::vector<Words> lines = {
        {LogLine::Kind::Command, "docker buildx build --push --provenance=true --tag " + name + ':' + tag + " ."},
        {LogLine::Kind::Text, "#1 [internal] load build definition from Dockerfile"},
        {LogLine::Kind::Text, "#1 transferring dockerfile: 1.42kB done"},
        {LogLine::Kind::Text, "#2 [internal] load metadata for registry.example.org/base/python:3.12-cuda12"}};
    static constexpr std::array<const char *, 5> layers = {
        "RUN apt-get update && apt-get install -y --no-install-recommends libgomp1", "COPY requirements.txt /app/",
        "RUN pip install --no-cache-dir --require-hashes -r /app/requirements.txt", "COPY src /app/src",
        "RUN python -m compileall -q /app/src"};
    int number = 3;
    for (const char *layer : layers) {
        lines.push_back({LogLine::Kind::Text, worded("#%d [%d/%d] %s", number, number - 2, 5, layer)});
        for (int i = 1; i <= 6; ++i)
            lines.push_back({LogLine::Kind::Text,
                             worded("#%d %.3f  %s", number, i * 0.42 + number, i == 6 ? "done" : "extracting")});
        lines.push_back({LogLine::Kind::Text, worded("#%d DONE %.1fs", number, 2.4 + number)});
        ++number;
    }
    lines.push_back({LogLine::Kind::Text, worded("#%d exporting to image", number)});
    lines.push_back(
        {LogLine::Kind::Text, worded("#%d pushing manifest for %s:%s done", number, name.c_str(), tag.c_str())});
    return lines;
}

std::vector<Words> deployment(const LogSubject &subject)
{
    const std::string name = subject.plan.application.empty() ? subject.plan.project : subject.plan.application;
    const std::string ns = subject.job.environment.empty() ? "dev" : subject.job.environment;
    const std::string tag = subject.run.tag.empty() ? subject.run.commit.substr(0, 12) : subject.run.tag.substr(1);
    std::vector<Words> lines = {
        {LogLine::Kind::Command, "deploy --namespace " + ns + " --application " + name + " --version " + tag},
        {LogLine::Kind::Text, "deployment.apps/" + name + " image updated"}};
    constexpr int replicas = 12;
    for (int i = 0; i < replicas; ++i)
        lines.push_back(
            {LogLine::Kind::Text, worded("Waiting for deployment \"%s\" rollout to finish: %d out of %d new "
                                         "replicas have been updated...",
                                         name.c_str(), i, replicas)});
    lines.push_back(
        {LogLine::Kind::Text, std::string(green) + "deployment \"" + name + "\" successfully rolled out" + plainAgain});
    return lines;
}

std::vector<Words> other(const LogSubject &subject, const std::string &step)
{
    std::vector<Words> lines = {{LogLine::Kind::Command, "./ci/run \"" + step + '"'}};
    const int count = std::clamp(subject.job.seconds / 3, 4, 60);
    for (int i = 1; i <= count; ++i)
        lines.push_back(
            {LogLine::Kind::Text, worded("%s: part %d of %d, %.1f ms", step.c_str(), i, count,
                                         20 + 300 * chance(subject.seed, step, static_cast<std::uint64_t>(i)))});
    return lines;
}

std::vector<Words> wordsOf(const LogSubject &subject, const std::string &step)
{
    if (mentions(step, "checkout") || mentions(step, "set up") || mentions(step, "get sources"))
        return checkout(subject);
    if (mentions(step, "install") || mentions(step, "depend"))
        return install(subject);
    if (mentions(step, "test") && !subject.tests.empty())
        return testRun(subject);
    if (subject.job.log == "cpp" && mentions(step, "build"))
        return compile(subject);
    if (subject.job.log == "docker" && (mentions(step, "image") || mentions(step, "build") || mentions(step, "push")))
        return image(subject);
    if (subject.job.log == "deploy" && (mentions(step, "deploy") || mentions(step, "roll")))
        return deployment(subject);
    return other(subject, step);
}

} // namespace

std::vector<LogLine> writeLog(const LogSubject &subject)
{
    std::vector<LogLine> lines;
    const JobRun &seen = subject.seen;
    const std::int64_t lastMs = seen.finishedMs ? seen.finishedMs : subject.nowMs;
    for (std::size_t i = 0; i < seen.steps.size(); ++i) {
        const StepRun &step = seen.steps[i];
        if (!step.startedMs)
            continue;
        const int number = static_cast<int>(i);
        const std::vector<Words> words = wordsOf(subject, step.name);
        lines.push_back({step.startedMs, LogLine::Kind::GroupBegin, number, step.name});
        const std::int64_t beginMs = i == 0 ? seen.startedMs : subject.stepEndMs[i - 1];
        const std::int64_t took = subject.stepEndMs[i] - beginMs;
        const auto count = static_cast<std::int64_t>(words.size()) + 1;
        for (std::size_t k = 0; k < words.size(); ++k) {
            const std::int64_t atMs = beginMs + took * static_cast<std::int64_t>(k + 1) / count;
            if (atMs > lastMs)
                break;
            lines.push_back({atMs, words[k].kind, number, words[k].text});
        }
        if (!step.finishedMs)
            break;
        if (step.phase == Phase::Failed)
            lines.push_back({step.finishedMs, LogLine::Kind::Error, number, "Process completed with exit code 1."});
        if (step.phase == Phase::Cancelled)
            lines.push_back({step.finishedMs, LogLine::Kind::Error, number, seen.reason});
        lines.push_back({step.finishedMs, LogLine::Kind::GroupEnd, number, step.name});
    }
    return lines;
}

} // namespace signalbox::sandbox::ci

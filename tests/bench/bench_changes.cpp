// Changes between two releases 1,000 commits apart, against `git log` of the same range (DESIGN, "Budgets").
#include "services/git/history.h"
#include "tests/bench/limits.h"
#include "tests/support/gitservers.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// The best of several: what others do on this machine meanwhile is not ours to measure.
double best(int times, const std::function<bool()> &work)
{
    std::vector<double> taken;
    for (int i = 0; i < times; ++i) {
        QElapsedTimer timer;
        timer.start();
        if (!work())
            return -1;
        taken.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    return *std::min_element(taken.begin(), taken.end());
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("large.git"));
    RealGit git(path);
    const auto word = [](const char *text) { return QString::fromLatin1(text); };
    if (!RealGit::init(path, true) || !git.grow(word("main"), 4000, 1) ||
        !git.run({word("tag"), word("v1")}).isGood() || !git.grow(word("main"), 1000, 2) ||
        !git.run({word("tag"), word("v2")}).isGood()) {
        std::puts("changes: the repository could not be made");
        return 1;
    }
    const auto parse = [&](const git::History &history) {
        const auto from = history.resolve(word("v1"));
        const auto to = history.resolve(word("v2"));
        if (!from || !to)
            return Result<ChangeSet>(from ? to.error() : from.error());
        return history.changes(*from, *to, defaultIssuePatterns({}), 20000, {});
    };
    std::vector<Result<git::History>> opened;
    qsizetype commits = 0;
    QStringList ids;
    if (!git::History::open(path)) // starts libgit2
        return 1;
    const double ours = best(25, [&] {
        opened.push_back(git::History::open(path)); // as the first look at it; it stays open for the next one
        const auto &history = opened.back();
        const auto set = history ? parse(*history) : Result<ChangeSet>(history.error());
        if (!set)
            return false;
        commits = set->commits.size();
        ids.clear();
        for (const ChangeCommit &commit : set->commits)
            ids.append(commit.id);
        return true;
    });
    const double theirs = best(25, [&] {
        return git.run({word("log"), word("--format=%H %P %an %ae %at %ct%n%B"), word("v1..v2")}).isGood();
    });
    const double empty = best(25, [&] { return git.run({word("version")}).isGood(); });
    const double lines = best(7, [&] {
        const auto history = git::History::open(path);
        return history && std::all_of(ids.cbegin(), ids.cend(),
                                      [&](const QString &id) { return history->lineCounts(id).has_value(); });
    });
    const double numstat = best(7, [&] {
        return git.run({word("log"), word("--format=%H"), word("--numstat"), word("v1..v2")}).isGood();
    });
    std::printf("changes, %lld commits        list %7.1f ms   git log           %7.1f ms (of it %.1f ms to start it), "
                "limit %.1f ms  %s\n",
                static_cast<long long>(commits), ours, theirs, empty, theirs, verdict(ours >= 0 && ours <= theirs));
    std::printf("                             lines %6.1f ms   git log --numstat %7.1f ms\n", lines, numstat);
    return ours < 0 || lines < 0 ? 1 : 0;
}

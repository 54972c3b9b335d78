#include "services/feeds/flowreading.h"

#include "services/async/chain.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>

namespace signalbox
{

namespace
{

struct ChangesText
{
    Q_DECLARE_TR_FUNCTIONS(Changes)
};

constexpr qsizetype mostBranches = 20;

const BranchState *firstOf(const QList<BranchState> &branches, BranchKind kind)
{
    const auto found =
        std::find_if(branches.cbegin(), branches.cend(), [kind](const BranchState &one) { return one.kind == kind; });
    return found == branches.cend() ? nullptr : &*found;
}

int countOf(const FlowReading &flow, BranchKind kind)
{
    return static_cast<int>(std::count_if(flow.branches.cbegin(), flow.branches.cend(),
                                          [kind](const BranchStanding &one) { return one.branch.kind == kind; }));
}

// What a branch of this kind owes develop once main has it.
QString notBack(const BranchStanding &one, const FlowReading &flow)
{
    return ChangesText::tr("%1 is not merged back to %2: %n commit(s)", nullptr, one.ofDevelop->ahead)
        .arg(one.branch.name, flow.develop);
}

} // namespace

QFuture<Result<FlowReading>> readFlow(QObject *context, SourceRepository &repository, const StopToken &stop)
{
    const QPointer<SourceRepository> source(&repository);
    return after(context, repository.refs(stop), [=](const RepositoryRefs &refs) {
        FlowReading flow;
        flow.flow = refs.flow;
        const BranchState *main = firstOf(refs.branches, BranchKind::Main);
        if (!main) {
            const auto standard = std::find_if(refs.branches.cbegin(), refs.branches.cend(),
                                               [](const BranchState &one) { return one.isDefault; });
            main = standard == refs.branches.cend() ? nullptr : &*standard;
        }
        const BranchState *develop = firstOf(refs.branches, BranchKind::Develop);
        flow.main = main ? main->name : QString();
        flow.develop = develop ? develop->name : QString();
        QList<QFuture<Result<Distance>>> asked;
        const auto ask = [&](const BranchState *from, const QString &to) {
            asked.append(from && source ? source->distance(from->commit, to, stop)
                                        : ready(Result<Distance>(Error{ErrorKind::NotFound, {}, {}})));
        };
        for (const BranchState &branch : refs.branches) {
            flow.features += branch.kind == BranchKind::Feature ? 1 : 0;
            const bool isWanted = branch.kind == BranchKind::Release || branch.kind == BranchKind::Hotfix;
            if (!isWanted || flow.branches.size() >= mostBranches)
                continue;
            flow.branches.append({branch, {}, {}});
            ask(main, branch.commit);
            ask(develop, branch.commit);
        }
        ask(develop ? main : nullptr, develop ? develop->commit : QString());
        return after(context, gathered(context, asked), [flow](const QList<Result<Distance>> &answers) {
            FlowReading whole = flow;
            const auto known = [&answers](qsizetype at) {
                return answers.at(at) ? std::optional(*answers.at(at)) : std::nullopt;
            };
            for (qsizetype i = 0; i < whole.branches.size(); ++i) {
                whole.branches[i].ofMain = known(2 * i);
                whole.branches[i].ofDevelop = known(2 * i + 1);
            }
            whole.developOfMain = known(answers.size() - 1);
            return ready(Result<FlowReading>(whole));
        });
    });
}

QString flowTitle(const FlowReading &flow)
{
    QStringList parts;
    for (const QString &name : {flow.main, flow.develop}) {
        if (!name.isEmpty())
            parts.append(name);
    }
    if (const int count = countOf(flow, BranchKind::Release); count > 0)
        parts.append(ChangesText::tr("%n release branch(es)", nullptr, count));
    if (const int count = countOf(flow, BranchKind::Hotfix); count > 0)
        parts.append(ChangesText::tr("%n hotfix branch(es)", nullptr, count));
    if (flow.features > 0)
        parts.append(ChangesText::tr("%n feature branch(es)", nullptr, flow.features));
    const QString name =
        flow.flow == BranchingFlow::GitFlow ? ChangesText::tr("Git Flow") : ChangesText::tr("GitHub Flow");
    return parts.isEmpty() ? name : QStringLiteral("%1: %2").arg(name, parts.join(QStringLiteral(", ")));
}

QStringList flowSentences(const FlowReading &flow)
{
    QStringList sentences;
    for (const BranchStanding &one : flow.branches) {
        if (one.ofMain && one.ofMain->ahead > 0 && one.ofMain->behind > 0)
            sentences.append(ChangesText::tr("%1 is %2 ahead of %3 and %4 behind it")
                                 .arg(one.branch.name)
                                 .arg(one.ofMain->ahead)
                                 .arg(flow.main)
                                 .arg(one.ofMain->behind));
        else if (one.ofMain && one.ofMain->ahead > 0)
            sentences.append(
                ChangesText::tr("%1 is %2 ahead of %3").arg(one.branch.name).arg(one.ofMain->ahead).arg(flow.main));
        if (one.ofDevelop && one.ofDevelop->ahead > 0)
            sentences.append(notBack(one, flow));
    }
    if (flow.developOfMain && flow.developOfMain->ahead > 0)
        sentences.append(
            ChangesText::tr("%1 is %2 ahead of %3").arg(flow.develop).arg(flow.developOfMain->ahead).arg(flow.main));
    if (flow.developOfMain && flow.developOfMain->behind > 0)
        sentences.append(
            ChangesText::tr("%1 lacks %2 of %3").arg(flow.develop).arg(flow.developOfMain->behind).arg(flow.main));
    return sentences;
}

} // namespace signalbox

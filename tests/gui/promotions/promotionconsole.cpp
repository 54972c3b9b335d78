#include "tests/gui/promotions/promotionconsole.h"

namespace signalbox::test
{

using policy::PathPlace;
using policy::PromotionBoard;
using policy::PromotionCard;
using policy::Rule;
using policy::RuleResult;

const QString PromotionConsole::support = QStringLiteral("01HQZX3T7Y00000000000SUPPORT");
const QString PromotionConsole::store = QStringLiteral("01HQZX3T7Y0000000000000STORE");
const QString PromotionConsole::gateway = QStringLiteral("01HQZX3T7Y00000000000GATEWAY");

QString hex(const char *start, int length)
{
    QString text = QString::fromLatin1(start);
    while (text.size() < length)
        text += QString::fromLatin1(start).left(length - text.size());
    return text;
}

namespace
{

QString digestOf(const char *start)
{
    return QStringLiteral("sha256:") + hex(start, 64);
}

RuleResult rule(Rule which, RuleResult::State state, const char *text, const char *wayOut = "")
{
    return {which, state, QString::fromUtf8(text), QString::fromUtf8(wayOut), true};
}

PathPlace place(const char *environment, PathPlace::State state, const char *version, const char *digest,
                const QDateTime &since)
{
    PathPlace made;
    made.environment = QString::fromLatin1(environment);
    made.state = state;
    made.version = QString::fromLatin1(version);
    made.digest = digestOf(digest);
    made.image = QStringLiteral("registry.example/smart-support:") + made.version;
    made.since = since;
    return made;
}

ChangeCommit commit(const char *id, const char *subject, const char *author, const QDateTime &at)
{
    ChangeCommit made;
    made.id = hex(id, 40);
    made.parents = {hex("9d", 40)};
    made.subject = QString::fromUtf8(subject);
    made.authorName = QString::fromLatin1(author);
    made.authorEmail = made.authorName + QStringLiteral("@example.com");
    made.authoredAt = made.committedAt = at;
    return made;
}

const char *const exampleDiff = "diff --git a/src/cache.py b/src/cache.py\n"
                                "index 1..2 100644\n"
                                "--- a/src/cache.py\n"
                                "+++ b/src/cache.py\n"
                                "@@ -1,4 +1,5 @@ class Cache\n"
                                " def load(self):\n"
                                "-    size = 4\n"
                                "+    size = 6\n"
                                "+    shared = True\n"
                                "     return size\n"
                                " \n"
                                "@@ -20,3 +21,3 @@ def close\n"
                                " a\n"
                                "-last\n"
                                "\\ No newline at end of file\n"
                                "+last word\n"
                                "\\ No newline at end of file\n";

} // namespace

PromotionConsole::PromotionConsole()
{
    m_board.ledger = QStringLiteral("/srv/ledger.git");
    m_board.tip = hex("c0ffee", 40);
    m_board.policyCommit = hex("b0", 40);
    m_board.me = {QStringLiteral("carol"),
                  QStringLiteral("Carol"),
                  QStringLiteral("SHA256:Hq3abcdefghijklmnopqrstuvx0A"),
                  {},
                  false};
    m_board.ledgerFreshness = {Freshness::State::Live, now, now, std::nullopt};
    m_board.worldFreshness = m_board.ledgerFreshness;
    m_board.readAt = now;
    m_board.open = {
        makeCard(support, QStringLiteral("smart-support"), QStringLiteral("8.1.9"), QStringLiteral("production")),
        makeCard(store, QStringLiteral("feature-store"), QStringLiteral("0.98.1"), QStringLiteral("production")),
        makeCard(gateway, QStringLiteral("edge-gateway"), QStringLiteral("5.0.1"), QStringLiteral("staging"))};
    m_board.open[1].requestedAt = now.addSecs(-3600);
    m_board.open[2].requestedAt = now.addSecs(-180);
    m_board.open[2].mayApprove = {false, QStringLiteral("You asked for it: somebody else has to approve.")};
    PromotionCard done = makeCard(QStringLiteral("01HQZX3T7Y0000000000000DONE1"), QStringLiteral("image-classifier"),
                                  QStringLiteral("2.15.0-rc.2"), QStringLiteral("production"));
    done.state = PromotionCard::State::Done;
    done.mayApprove = done.mayReject = {false, QStringLiteral("It was carried out already: done.")};
    done.endedAt = now.addSecs(-31 * 60);
    PromotionCard rejected = makeCard(QStringLiteral("01HQZX3T7Y0000000000000DONE2"), QStringLiteral("recommender"),
                                      QStringLiteral("1.43.9"), QStringLiteral("production"));
    rejected.state = PromotionCard::State::Rejected;
    rejected.mayApprove = {false, QStringLiteral("You have rejected it.")};
    rejected.mayReject = {false, QStringLiteral("You have rejected it.")};
    rejected.decision.standing.vetoes = {
        {QStringLiteral("e9"), QStringLiteral("dave"), now.addDays(-1), {}, QStringLiteral("missing migration")}};
    rejected.endedAt = now.addDays(-1);
    m_board.decided = {done, rejected};
    desk.planOf = [this](const SeenPromotion &seen) { return startPlan(seen); };
    desk.put(m_board);
    fillSource();
    context->promotions = &desk;
    context->sources = &sources;
}

PromotionCard PromotionConsole::makeCard(const QString &id, const QString &application, const QString &version,
                                         const QString &environment) const
{
    PromotionCard card;
    card.id = id;
    card.state = PromotionCard::State::Waiting;
    card.request.subject = {application, environment, digestOf("77b0e41c"), hex("9e1c2f7", 40)};
    card.request.version = version;
    card.request.fromEnvironment = QStringLiteral("staging");
    card.request.replacesDigest = digestOf("1f0a9be2");
    card.request.replacesCommit = hex("5eed", 40);
    card.request.reason = QStringLiteral("faster replies");
    card.requester = QStringLiteral("ana");
    card.requestedAt = now.addSecs(-38 * 60);
    card.executes = QStringLiteral("sets the image by digest");
    card.path = {place("staging", PathPlace::State::Runs, "8.1.9", "77b0e41c", now.addSecs(-38 * 60)),
                 place("production", PathPlace::State::Other, "8.1.7", "1f0a9be2", now.addDays(-6))};
    card.path[0].isSource = true;
    card.path[1].isTarget = true;
    policy::Decision &decision = card.decision;
    decision.promotion = id;
    decision.subject = card.request.subject;
    decision.requester = card.requester;
    decision.policyCommit = m_board.policyCommit;
    decision.text = QStringLiteral("1 more of approvers: carol or dave, not ana (asked for it).");
    decision.rules = {
        rule(Rule::Request, RuleResult::State::Pass, "asked for by ana, from staging"),
        rule(Rule::Artifact, RuleResult::State::Pass, "sha256:77b0…e41c, 9e1c2f7"),
        rule(Rule::Approvals, RuleResult::State::Waiting, "1 more of approvers: carol or dave"),
        rule(Rule::Authors, RuleResult::State::Pass, "ana, ben"),
        rule(Rule::SameDigest, RuleResult::State::Pass, "sha256:77b0…e41c runs in staging"),
        rule(Rule::Soak, RuleResult::State::Pass, "38 m of 30 m in staging"),
        rule(Rule::OneAtATime, RuleResult::State::Pass, "nothing else is on its way there"),
        rule(Rule::Window, RuleResult::State::Pass, "inside Mon-Thu 09:00-17:00 Asia/Shanghai"),
        rule(Rule::Alerts, RuleResult::State::Unknown, "Alerts were last read 4 m ago.",
             "Look whether Prometheus can be reached."),
    };
    policy::QuorumLine line;
    line.asked = {2, {QStringLiteral("approvers")}};
    line.given = {QStringLiteral("bob")};
    line.eligible = {QStringLiteral("carol"), QStringLiteral("dave")};
    line.excluded = {QStringLiteral("ana (asked for it)")};
    line.missing = 1;
    decision.standing.lines = {line};
    decision.standing.approvals = {{QStringLiteral("e1"), QStringLiteral("bob"), now.addSecs(-20 * 60), now.addDays(1),
                                    QStringLiteral("looks good")}};
    card.votes = {{QStringLiteral("e1"),
                   policy::Vote::Kind::Approval,
                   QStringLiteral("bob"),
                   now.addSecs(-20 * 60),
                   now.addDays(1),
                   QStringLiteral("looks good"),
                   true,
                   {}},
                  {QStringLiteral("e0"),
                   policy::Vote::Kind::Approval,
                   QStringLiteral("eve"),
                   now.addSecs(-50 * 60),
                   {},
                   {},
                   false,
                   QStringLiteral("given for another digest: sha256:1f0a…9be2")}};
    card.risk.probability = 0.18;
    card.risk.text = QStringLiteral("0.18: of a hundred promotions like this one, 18 failed");
    card.risk.reasons = {{policy::RiskFactor::Size, 2.06, QStringLiteral("302 lines in 18 files")},
                         {policy::RiskFactor::NoTests, 0.5, QStringLiteral("no test changed")}};
    card.risk.history = 64;
    card.risk.brier = 0.112;
    card.risk.baseBrier = 0.15;
    card.risk.tried = 54;
    card.mayApprove = {true, {}};
    card.mayReject = {true, {}};
    card.mayStart = {false, decision.text};
    card.mayBreakGlass = {false, QStringLiteral("Only oncall may act alone.")};
    return card;
}

void PromotionConsole::change(const std::function<void(PromotionBoard &)> &edit)
{
    edit(m_board);
    desk.put(m_board);
}

PromotionCard &PromotionConsole::card(PromotionBoard &board, const QString &id) const
{
    for (QList<PromotionCard> *cards : {&board.open, &board.decided}) {
        for (PromotionCard &one : *cards) {
            if (one.id == id)
                return one;
        }
    }
    qFatal("no such promotion");
}

void PromotionConsole::makeReady(const QString &id)
{
    change([&](PromotionBoard &board) {
        PromotionCard &one = card(board, id);
        one.state = PromotionCard::State::Ready;
        one.decision.isMet = one.decision.isOpen = one.decision.mayStart = true;
        one.decision.standing.isMet = true;
        one.decision.standing.lines.first().given.append(QStringLiteral("carol"));
        one.decision.standing.lines.first().missing = 0;
        one.mayApprove = {false, QStringLiteral("You have approved it.")};
        one.mayStart = {true, {}};
    });
}

void PromotionConsole::goStale(PromotionBoard &board, const QString &why)
{
    board.ledgerFreshness.state = Freshness::State::Stale;
    board.ledgerFreshness.error = Error{ErrorKind::Unreachable, why, {}};
}

policy::BoardStop PromotionConsole::holdOn(const QDateTime &since, bool mayLift)
{
    policy::BoardStop stop;
    stop.application = QStringLiteral("smart-support");
    stop.environment = QStringLiteral("production");
    stop.stop = {QStringLiteral("e7"), QStringLiteral("dave"), since, {}, QStringLiteral("rolled back by hand")};
    stop.mayLift =
        mayLift ? policy::Permission{true, {}} : policy::Permission{false, QStringLiteral("Only admins may.")};
    return stop;
}

policy::BoardDebt PromotionConsole::debt(const QDateTime &at, bool maySign)
{
    policy::BoardDebt made;
    made.glass.entry = QStringLiteral("e8");
    made.glass.who = QStringLiteral("dave");
    made.glass.subject = {QStringLiteral("edge-gateway"), QStringLiteral("production"), {}, {}};
    made.glass.reason = QStringLiteral("payments were down");
    made.glass.at = at;
    made.glass.owed = 2;
    made.text = QStringLiteral("2 countersignatures are owed for what dave did alone.");
    made.mayCountersign =
        maySign ? policy::Permission{true, {}} : policy::Permission{false, QStringLiteral("You did it yourself.")};
    return made;
}

Plan PromotionConsole::startPlan(const SeenPromotion &seen) const
{
    RollbackOrder order;
    order.application = seen.subject.application;
    order.environment = seen.subject.environment;
    order.workload = classifier().tracks.first().workloads.first();
    order.workload.name = QStringLiteral("smart-support");
    order.to = QStringLiteral("c07d9aa11");
    Plan plan = rollback->planOf(order);
    plan.kind = OperationKind::Promote;
    plan.direction = Direction::Forward;
    plan.from = QStringLiteral("8.1.7 (sha256:1f0a…9be2)");
    plan.to = QStringLiteral("8.1.9 (sha256:77b0…e41c)");
    plan.effect = QStringLiteral("12 pods");
    for (PlanStep &step : plan.steps)
        step.diff = {{DiffLine::Kind::Removed,
                      QStringLiteral("image registry.example/smart-support@%1").arg(digestOf("1f0a9be2"))},
                     {DiffLine::Kind::Added,
                      QStringLiteral("image registry.example/smart-support@%1").arg(digestOf("77b0e41c"))}};
    return plan;
}

void PromotionConsole::fillSource()
{
    auto made = std::make_unique<FakeSource>(QStringLiteral("shop"));
    source = made.get();
    source->releases = {{hex("9e1c2f7", 40), hex("9e1c2f7", 40)},
                        {hex("5eed", 40), hex("5eed", 40)},
                        {QStringLiteral("8.1.9"), hex("9e1c2f7", 40)},
                        {QStringLiteral("8.1.7"), hex("5eed", 40)}};
    ChangeCommit revert = commit("b40d7aa", "Revert \"Fix reply order\"", "dev-b", now.addDays(-1));
    revert.reverts = {hex("71c9e02", 40)};
    ChangeCommit reverted = commit("71c9e02", "Fix reply order", "dev-b", now.addDays(-2));
    reverted.revertedBy = revert.id;
    ChangeCommit merge = commit("e0c44f2", "Merge branch 'feature/workers'", "release-bot", now.addDays(-3));
    merge.parents = {hex("9d", 40), hex("8d", 40)};
    merge.mergedBranch = QStringLiteral("feature/workers");
    merge.lines = LineCounts{};
    ChangeCommit share = commit("9e1c2f7", "Share tokenizer cache", "dev-a", now.addSecs(-7200));
    share.body = QStringLiteral("Closes #12.");
    share.issues = {{QStringLiteral("#12"), QStringLiteral("https://git.example/shop/issues/12")},
                    {QStringLiteral("SHOP-7"), QStringLiteral("javascript:alert(1)")}};
    source->set.commits = {share, revert, reverted, merge};
    source->set.authors = {{QStringLiteral("dev-a"), QStringLiteral("dev-a@example.com"), 1},
                           {QStringLiteral("dev-b"), QStringLiteral("dev-b@example.com"), 2}};
    source->lines = {{share.id, {12, 214, 88}}, {revert.id, {3, 41, 17}}, {reverted.id, {1, 1, 1}}};
    FileChange changed{FileChange::Status::Modified, QStringLiteral("src/cache.py"), {}, 3, 2, false};
    FileChange added{FileChange::Status::Added, QStringLiteral("docs/a.md"), {}, 40, 0, false};
    FileChange moved{
        FileChange::Status::Renamed, QStringLiteral("src/new.py"), QStringLiteral("src/old.py"), 0, 0, false};
    FileChange binary{FileChange::Status::Modified, QStringLiteral("logo.png"), {}, 0, 0, true};
    source->fileList = {changed, added, moved, binary};
    FileDiff diff;
    diff.file = changed;
    diff.text = exampleDiff;
    source->diffs.insert(changed.path, diff);
    diff = {};
    diff.file = added;
    diff.text = "diff --git a/docs/a.md b/docs/a.md\nnew file mode 100644\n--- /dev/null\n+++ b/docs/a.md\n@@ -0,0 +1 "
                "@@\n+hello\n";
    source->diffs.insert(added.path, diff);
    diff = {};
    diff.file = moved;
    diff.text =
        "diff --git a/src/old.py b/src/new.py\nsimilarity index 100%\nrename from src/old.py\nrename to src/new.py\n";
    source->diffs.insert(moved.path, diff);
    diff = {};
    diff.file = binary;
    diff.oldSize = 2048;
    diff.newSize = 4096;
    source->diffs.insert(binary.path, diff);
    Distance ahead;
    ahead.ahead = 4;
    ahead.oldestAt = now.addDays(-3);
    source->distances.insert(hex("5eed", 40) + QStringLiteral("..") + hex("9e1c2f7", 40), ahead);
    sources.add(std::move(made));
    sources.setRepositoryOf([](const QString &application) {
        return application == QLatin1String("smart-support") ? QStringLiteral("shop") : QString();
    });
}

} // namespace signalbox::test

#include "tests/unit/models/policy/policyworld.h"

#include <QTest>

#include <functional>
#include <random>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

using World = PolicyWorld;
using Change = std::function<void(World &)>;
using State = RuleResult::State;

namespace
{

const Subject elsewhere{text("cart"), text("production"), text("sha256:8888"), text("8888")};

OperationRecord rollback(OutcomeKind outcome = OutcomeKind::Done)
{
    return {OperationKind::Rollback, Direction::Back, text("cart"), text("production"), outcome, {}};
}

Schedule officeHours()
{
    Schedule window;
    window.name = text("office");
    window.zone = "Europe/Berlin";
    window.days = {1, 2, 3};
    window.fromMinute = 9 * 60;
    window.toMinute = 17 * 60;
    return window;
}

Schedule calendarOf(const char *name)
{
    Schedule schedule;
    schedule.kind = Schedule::Kind::Calendar;
    schedule.name = text(name);
    schedule.zone = "UTC";
    return schedule;
}

void freezeNow(World &world, const char *application, const char *environment)
{
    Freeze freeze;
    freeze.schedule = calendarOf("year end");
    freeze.applications = {text(application)};
    freeze.environments = {text(environment)};
    freeze.reason = text("books");
    world.policy.freezes = {freeze};
    world.facts.schedules[text("year end")] = {{policyNoon().addSecs(-10), policyNoon().addSecs(3600)}};
}

// By erin, for good, from so many seconds after noon on. Gives the entry's id.
QString freezeAgain(World &world, int after = -3600)
{
    FreezeOrder freeze{text("cart"), text("production"), policyNoon().addSecs(after), FreezeOrder::endless(),
                       text("nights")};
    freeze.repeat = FreezeRepeat{text("FREQ=DAILY"), "UTC", std::chrono::hours(1)};
    return world.add(text("erin"), freeze);
}

void row(const char *name, Rule rule, State state, const char *words, Change change)
{
    QTest::newRow(name) << rule << state << QString::fromUtf8(words) << std::move(change);
}

void peopleRows()
{
    row("enough", Rule::Approvals, State::Pass, "2 of 2: bob, carol", [](World &) {});
    row("one is missing", Rule::Approvals, State::Waiting,
        "1 of 2; 1 more of release-managers: carol, not alice (asked for it)",
        [](World &w) { w.remove(text("entry-3")); });
    row("nobody has approved", Rule::Approvals, State::Waiting, "2 more of release-managers: bob or carol",
        [](World &w) {
            w.remove(text("entry-2"));
            w.remove(text("entry-3"));
        });
    row("the same person twice", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        w.remove(text("entry-3"));
        w.approve(text("bob"));
    });
    row("the requester", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        w.remove(text("entry-3"));
        w.approve(text("alice"));
    });
    row("the requester, where it may be", Rule::Approvals, State::Pass, "2 of 2: alice, bob", [](World &w) {
        w.remove(text("entry-3"));
        w.approve(text("alice"));
        w.rules().notRequester = false;
    });
    row("an author", Rule::Approvals, State::Block, "not alice (asked for it) or carol (wrote part of it)",
        [](World &w) { w.facts.authors->append(text("Carol@Shop.Example")); });
    row("an author, where it may be", Rule::Approvals, State::Pass, "2 of 2", [](World &w) {
        w.facts.authors->append(text("carol@shop.example"));
        w.rules().notAuthor = false;
    });
    row("somebody of another role", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        w.remove(text("entry-3"));
        w.approve(text("dave"));
    });
    row("somebody nobody knows", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        w.remove(text("entry-3"));
        w.approve(text("mallory"));
    });
    row("somebody who has left the role", Rule::Approvals, State::Block, "1 of 2", [](World &w) {
        w.policy.roles[1].members = {text("alice"), text("bob")};
    });
    row("none is needed", Rule::Approvals, State::Pass, "none is needed", [](World &w) {
        w.rules().approvals.clear();
        w.entries = {w.entries.first()};
    });
    row("a rejection takes the own approval back", Rule::Approvals, State::Waiting, "1 of 2",
        [](World &w) { w.reject(text("bob")); });
    row("an approval after the own rejection", Rule::Approvals, State::Pass, "2 of 2", [](World &w) {
        w.reject(text("bob"));
        w.approve(text("bob"));
    });
    row("an approval older than the own rejection, later in the chain", Rule::Approvals, State::Waiting, "1 of 2",
        [](World &w) {
            w.remove(text("entry-2"));
            w.reject(text("bob"), policyNoon().addSecs(-600));
            w.approve(text("bob"), policyNoon().addSecs(-601));
        });
    row("of another promotion", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        std::get<Approval>(std::get<Record>(w.entry(text("entry-3")).body)).promotion = text("entry-9");
    });
    row("the tag moved", Rule::Approvals, State::Waiting, "0 of 2",
        [](World &w) { w.facts.digest = elsewhere.digest; });
    row("a new commit", Rule::Approvals, State::Waiting, "0 of 2", [](World &w) { w.facts.commit = elsewhere.commit; });
    row("approved again after the tag moved", Rule::Approvals, State::Pass, "2 of 2", [](World &w) {
        w.facts.digest = elsewhere.digest;
        w.subject.digest = elsewhere.digest;
        w.approve(text("bob"));
        w.approve(text("carol"));
    });
    row("for another environment", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        std::get<Approval>(std::get<Record>(w.entry(text("entry-3")).body)).subject.environment = text("staging");
    });
    row("the policy has changed", Rule::Approvals, State::Waiting, "0 of 2",
        [](World &w) { w.facts.policyCommit = text("p2"); });
    row("about to expire", Rule::Approvals, State::Pass, "2 of 2",
        [](World &w) { w.entry(text("entry-2")).at = policyNoon().addSecs(-24 * 3600).addMSecs(1); });
    row("expires now", Rule::Approvals, State::Waiting, "1 of 2",
        [](World &w) { w.entry(text("entry-2")).at = policyNoon().addSecs(-24 * 3600); });
    row("expired, where none does", Rule::Approvals, State::Pass, "2 of 2", [](World &w) {
        w.entry(text("entry-2")).at = policyNoon().addYears(-1);
        w.rules().approvalsExpire = std::chrono::seconds(0);
    });
    row("over a leap day", Rule::Approvals, State::Waiting, "1 of 2", [](World &w) {
        w.facts.now = QDateTime(QDate(2028, 3, 1), QTime(12, 0), Qt::UTC);
        w.entry(text("entry-2")).at = QDateTime(QDate(2028, 2, 29), QTime(12, 0), Qt::UTC);
        w.entry(text("entry-3")).at = QDateTime(QDate(2028, 2, 29), QTime(12, 1), Qt::UTC);
    });
    row("a clock that is a little fast", Rule::Approvals, State::Pass, "2 of 2",
        [](World &w) { w.entry(text("entry-3")).at = policyNoon().addSecs(300); });
    row("dated in the future", Rule::Approvals, State::Waiting, "1 of 2",
        [](World &w) { w.entry(text("entry-3")).at = policyNoon().addSecs(301); });
    row("two lines, each person for one", Rule::Approvals, State::Waiting, "2 of 3; 1 more of sre: dave", [](World &w) {
        w.rules().approvals.append({1, {text("sre")}});
    });
    row("two lines, seated so that it fits", Rule::Approvals, State::Pass, "3 of 3", [](World &w) {
        w.rules().approvals = {
            {1, {text("sre"), text("release-managers")}}, {1, {text("sre")}}, {1, {text("release-managers")}}};
        w.approve(text("dave"));
    });

    row("nobody who may approve wrote it", Rule::Authors, State::Pass, "by nobody", [](World &) {});
    row("nothing is new there", Rule::Authors, State::Pass, "no commit that does not run there already",
        [](World &w) { w.facts.authors->clear(); });
    row("it is not known who wrote it", Rule::Authors, State::Unknown, "not known whom the commits are by",
        [](World &w) { w.facts.authors.reset(); });
    row("somebody nobody knows wrote it", Rule::Authors, State::Block, "does not say who commits as x@y.example",
        [](World &w) { w.facts.authors->append(text("x@y.example")); });

    row("nobody objects", Rule::Veto, State::Pass, "nobody", [](World &) {});
    row("a veto against the quorum", Rule::Veto, State::Block, "dave rejected it: missing migration",
        [](World &w) { w.reject(text("dave")); });
    row("a veto that was taken back", Rule::Veto, State::Pass, "nobody", [](World &w) {
        w.reject(text("dave"));
        w.approve(text("dave"));
    });
    row("an approval older than the veto, later in the chain", Rule::Veto, State::Block, "dave rejected it",
        [](World &w) {
            w.reject(text("dave"), policyNoon().addSecs(-600));
            w.approve(text("dave"), policyNoon().addSecs(-1200)); // from a laptop that was offline
        });
    row("an approval behind the veto, dated a second before it", Rule::Veto, State::Block, "dave rejected it",
        [](World &w) {
            w.reject(text("dave"), policyNoon().addSecs(-600));
            w.approve(text("dave"), policyNoon().addSecs(-601));
        });
    row("a rejection older than the approval, later in the chain", Rule::Veto, State::Block, "dave rejected it",
        [](World &w) {
            w.approve(text("dave"), policyNoon().addSecs(-600));
            w.reject(text("dave"), policyNoon().addSecs(-1200));
        });
    row("a veto of a role that has none", Rule::Veto, State::Pass, "nobody", [](World &w) { w.reject(text("erin")); });
    row("a veto stays when the tag moves", Rule::Veto, State::Block, "dave rejected it", [](World &w) {
        w.reject(text("dave"));
        w.facts.digest = elsewhere.digest;
    });
}

void artifactRows()
{
    row("as it was asked for", Rule::Artifact, State::Pass, "sha256:7777, commit 9999", [](World &) {});
    row("the digest is not known", Rule::Artifact, State::Unknown, "which digest",
        [](World &w) { w.facts.digest.reset(); });
    row("the commit is not known", Rule::Artifact, State::Unknown, "which commit",
        [](World &w) { w.facts.commit.reset(); });
    const auto serves = [](const char *asked, const char *now) {
        return [asked, now](World &w) {
            const auto model = [](const char *version) {
                return version ? ServedModel{text("fraud-net"), text(version)} : ServedModel();
            };
            std::get<PromotionRequest>(std::get<Record>(w.entry(text("entry-1")).body)).model = model(asked);
            if (now)
                w.facts.model = model(now);
        };
    };
    row("the model that was asked for", Rule::Artifact, State::Pass, "sha256:7777", serves("7", "7"));
    row("another model behind the same image", Rule::Artifact, State::Block,
        "staging serves the model fraud-net 8 now; it was asked for with fraud-net 7", serves("7", "8"));
    row("nobody says which model is served", Rule::Artifact, State::Pass, "sha256:7777", serves("7", nullptr));
    row("asked for without a model", Rule::Artifact, State::Pass, "sha256:7777", serves(nullptr, "8"));
    row("it moved", Rule::Artifact, State::Pass, "it was asked for as sha256:7777",
        [](World &w) { w.facts.digest = elsewhere.digest; });

    row("asked for", Rule::Request, State::Pass, "asked for by alice, from staging", [](World &) {});
    row("no such promotion", Rule::Request, State::Block, "no promotion entry-9",
        [](World &w) { w.question.promotion = text("entry-9"); });
    row("the entry is no request", Rule::Request, State::Block, "no promotion entry-2",
        [](World &w) { w.question.promotion = text("entry-2"); });
    row("asked for by nobody known", Rule::Request, State::Block, "gives to nobody",
        [](World &w) { w.entry(text("entry-1")).signer = text("mallory@x"); });
    row("no rule for it", Rule::Request, State::Block, "no rule for cart in production",
        [](World &w) { w.rules().applications = {text("pay*")}; });
    row("no path to it", Rule::Request, State::Block, "No promotion path of cart leads to production",
        [](World &w) { w.policy.paths.clear(); });
    row("from the wrong place", Rule::Request, State::Block, "goes to production from qa, not from staging",
        [](World &w) {
            w.policy.paths[0].environments = {text("staging"), text("qa"), text("production")};
        });
    row("carried out already", Rule::Request, State::Block, "already: done", [](World &w) {
        const QString claim = w.claim(text("alice"));
        w.add(text("alice"),
              PromotionOutcome{w.question.promotion, claim, w.subject, OutcomeKind::Done, {}, {}, {}, policyNoon()});
    });
    row("a stranger says that it ended", Rule::Request, State::Pass, "asked for", [](World &w) {
        const QString claim = w.claim(text("alice"));
        w.add(text("carol"),
              PromotionOutcome{w.question.promotion, claim, w.subject, OutcomeKind::Done, {}, {}, {}, policyNoon()});
    });

    row("a later one was carried out", Rule::Request, State::Block, "A later promotion took its place",
        [](World &w) { w.promoted(text("bob"), elsewhere, policyNoon().addSecs(-60)); });
    row("a later one failed", Rule::Request, State::Pass, "asked for by alice", [](World &w) {
        const QString end = w.promoted(text("bob"), elsewhere, policyNoon().addSecs(-60));
        std::get<PromotionOutcome>(std::get<Record>(w.entry(end).body)).kind = OutcomeKind::Failed;
    });
    row("a stranger says that a later one was carried out", Rule::Request, State::Pass, "asked for by alice",
        [](World &w) {
            const QString end = w.promoted(text("alice"), elsewhere, policyNoon().addSecs(-60));
            w.entry(end).signer = text("dave@shop.example");
        });

    row("same as tested", Rule::SameDigest, State::Pass, "staging runs", [](World &) {});
    row("another one was tested", Rule::SameDigest, State::Block, "staging runs sha256:8888, this is sha256:7777",
        [](World &w) { w.facts.before->digest = elsewhere.digest; });
    row("what was tested is not known", Rule::SameDigest, State::Unknown, "not known what staging runs",
        [](World &w) { w.facts.before.reset(); });
    row("what was tested is stale", Rule::SameDigest, State::Unknown, "not known what staging runs",
        [](World &w) { w.facts.before->isLive = false; });

    row("soaked", Rule::Soak, State::Pass, "2 h of 30 m in staging", [](World &) {});
    row("soaked, to the instant", Rule::Soak, State::Pass, "30 m of 30 m",
        [](World &w) { w.facts.before->since = policyNoon().addSecs(-1800); });
    row("soaks", Rule::Soak, State::Waiting, "29 m 59 s of 30 m",
        [](World &w) { w.facts.before->since = policyNoon().addSecs(-1799); });
    const auto traffic = [](OutcomeKind outcome, int before, const char *environment = "staging") {
        return [=](World &w) {
            w.facts.before->since = policyNoon().addDays(-10);
            w.addOperation(
                text("carol"),
                {OperationKind::TrafficSwitch, Direction::Forward, text("cart"), text(environment), outcome, {}},
                policyNoon().addSecs(-before));
        };
    };
    row("its pods waited without traffic until a minute ago", Rule::Soak, State::Waiting, "1 m of 30 m",
        traffic(OutcomeKind::Done, 60));
    row("nobody knows whether traffic came a minute ago", Rule::Soak, State::Waiting, "1 m of 30 m",
        traffic(OutcomeKind::Unknown, 60));
    row("its traffic came half an hour ago", Rule::Soak, State::Pass, "30 m of 30 m", traffic(OutcomeKind::Done, 1800));
    row("traffic was taken back at once", Rule::Soak, State::Pass, "10 d of 30 m", traffic(OutcomeKind::Abandoned, 60));
    row("traffic moved elsewhere", Rule::Soak, State::Pass, "10 d of 30 m",
        traffic(OutcomeKind::Done, 60, "production"));
    row("traffic moved before its pods were there", Rule::Soak, State::Pass, "10 d of 30 m",
        traffic(OutcomeKind::Done, 20 * 86400));
    // Several tracks: what the ledger's last shift says, against what is observed. `before`: seconds; 0: there is none.
    const auto serving = [](const char *shares, int before, std::optional<double> share, int seen, bool isBegun,
                            bool isSeen = true) {
        return [=](World &w) {
            w.facts.before->since = policyNoon().addDays(-10);
            const QDateTime since = seen > 0 ? policyNoon().addSecs(-seen) : QDateTime();
            w.facts.before->serving = Serving{text("green"), share, since, isBegun, isSeen};
            if (before > 0)
                w.addOperation(text("carol"),
                               {OperationKind::TrafficShift,
                                Direction::Forward,
                                text("cart"),
                                text("staging"),
                                OutcomeKind::Done,
                                {},
                                text(shares)},
                               policyNoon().addSecs(-before));
        };
    };
    row("the ledger moved traffic to it", Rule::Soak, State::Pass, "40 m of 30 m",
        serving("blue 0 %, green 100 %", 2400, 1.0, 60, false));
    row("the ledger moved traffic to it just now", Rule::Soak, State::Waiting, "1 m of 30 m",
        serving("blue 75 %, green 25 %", 60, 0.25, 60, true));
    row("the ledger moved traffic away from it, and it has some", Rule::Soak, State::Unknown,
        "traffic was moved by another tool at or before 2026-03-04 11:59 UTC",
        serving("blue 100 %, green 0 %", 86400, 1.0, 60, false));
    row("another tool moved it, as was seen", Rule::Soak, State::Waiting, "10 m of 30 m",
        serving("blue 100 %, green 0 %", 86400, 1.0, 600, true));
    row("it went away and came back, as was seen", Rule::Soak, State::Waiting, "10 m of 30 m",
        serving("blue 0 %, green 100 %", 86400, 1.0, 600, true));
    row("another tool moved it, and it was looked at for long enough", Rule::Soak, State::Pass, "30 m of 30 m",
        serving("blue 100 %, green 0 %", 86400, 1.0, 1800, false));
    row("the ledger tells of no shift", Rule::Soak, State::Unknown, "it had some at 2026-03-04 11:59 UTC",
        serving("", 0, 1.0, 60, false));
    row("a shift that says nothing of this track", Rule::Soak, State::Unknown, "it had some at",
        serving("weights of old", 2400, 1.0, 60, false));
    row("its pods have no traffic", Rule::Soak, State::Block, "without any traffic",
        serving("blue 0 %, green 100 %", 2400, 0.0, 0, false));
    row("its share is not known, and the ledger moved traffic to it", Rule::Soak, State::Pass, "40 m of 30 m",
        serving("blue 0 %, green 100 %", 2400, std::nullopt, 0, false));
    row("its share is not known, and it was seen to come back later", Rule::Soak, State::Waiting, "10 m of 30 m",
        serving("blue 0 %, green 100 %", 2400, std::nullopt, 600, true));
    row("nobody sees what is there now, and the ledger moved traffic to it once", Rule::Soak, State::Unknown,
        "nothing says how much traffic", serving("blue 0 %, green 100 %", 86400, std::nullopt, 0, false, false));
    row("nobody sees what is there now, and it was seen to come before", Rule::Soak, State::Unknown,
        "nothing says how much traffic", serving("blue 0 %, green 100 %", 86400, std::nullopt, 600, true, false));
    row("its share is not known, and the ledger moved traffic away", Rule::Soak, State::Unknown,
        "nothing says how much traffic", serving("blue 100 %, green 0 %", 2400, std::nullopt, 0, false));
    row("its share is not known, and the ledger tells of no shift", Rule::Soak, State::Unknown,
        "nothing says how much traffic", serving("", 0, std::nullopt, 600, true));
    row("since when is not known", Rule::Soak, State::Unknown, "since when",
        [](World &w) { w.facts.before->since = {}; });
    row("not there", Rule::Soak, State::Block, "staging does not run it",
        [](World &w) { w.facts.before->digest = elsewhere.digest; });
    row("soaking is not known", Rule::Soak, State::Unknown, "not known what staging runs",
        [](World &w) { w.facts.before.reset(); });
}

void worldRows()
{
    row("nothing else", Rule::OneAtATime, State::Pass, "nothing else", [](World &) {});
    row("something is deployed", Rule::OneAtATime, State::Waiting, "something is being deployed",
        [](World &w) { w.facts.isBusy = true; });
    row("why it is not known what is deployed", Rule::OneAtATime, State::Unknown, "The track blue does not answer.",
        [](World &w) {
            w.facts.isBusy.reset();
            w.facts.busyProblem = text("The track blue does not answer.");
        });
    row("not known what is deployed", Rule::OneAtATime, State::Unknown, "not known",
        [](World &w) { w.facts.isBusy.reset(); });
    const auto other = [](World &w) {
        PromotionRequest request;
        request.subject = elsewhere;
        request.fromEnvironment = text("staging");
        const QString promotion = w.add(text("bob"), request);
        return std::pair(promotion, w.add(text("bob"), Claim{promotion, elsewhere, w.facts.policyCommit}));
    };
    row("another promotion is claimed", Rule::OneAtATime, State::Waiting, "bob carries out another promotion",
        [other](World &w) { other(w); });
    row("another promotion has ended", Rule::OneAtATime, State::Pass, "nothing else", [other](World &w) {
        const auto [promotion, claim] = other(w);
        w.add(text("bob"), PromotionOutcome{promotion, claim, elsewhere, OutcomeKind::Failed, {}, {}, {}, {}});
    });
    row("another promotion was cleaned up by an admin", Rule::OneAtATime, State::Pass, "nothing else",
        [other](World &w) {
            const auto [promotion, claim] = other(w);
            w.add(text("erin"), PromotionOutcome{promotion, claim, elsewhere, OutcomeKind::Unknown, {}, {}, {}, {}});
        });
    row("the own claim", Rule::OneAtATime, State::Pass, "nothing else", [](World &w) { w.claim(text("alice")); });

    row("within the window", Rule::Window, State::Pass,
        "office (Mon-Wed 09:00-17:00 Europe/Berlin), until 2026-03-04 16:00",
        [](World &w) { w.rules().windows = {officeHours()}; });
    row("the window opens now", Rule::Window, State::Pass, "until", [](World &w) {
        w.rules().windows = {officeHours()};
        w.facts.now = QDateTime(QDate(2026, 3, 4), QTime(8, 0), Qt::UTC);
    });
    row("the window closes now", Rule::Window, State::Waiting, "opens 2026-03-09 08:00 UTC", [](World &w) {
        w.rules().windows = {officeHours()};
        w.facts.now = QDateTime(QDate(2026, 3, 4), QTime(16, 0), Qt::UTC);
    });
    row("the window in summer", Rule::Window, State::Waiting, "opens 2026-03-30 07:00 UTC", [](World &w) {
        w.rules().windows = {officeHours()};
        w.facts.now = QDateTime(QDate(2026, 3, 28), QTime(12, 0), Qt::UTC);
    });
    row("one of two windows", Rule::Window, State::Pass, "office", [](World &w) {
        w.rules().windows = {calendarOf("unknown"), officeHours()};
    });
    row("a window that cannot be told", Rule::Window, State::Unknown, "cannot be told",
        [](World &w) { w.rules().windows = {calendarOf("unknown")}; });
    row("a window that is over for good", Rule::Window, State::Block, "does not open again", [](World &w) {
        w.rules().windows = {calendarOf("once")};
        w.facts.schedules[text("once")] = {{policyNoon().addSecs(-60), policyNoon()}};
    });

    row("no freeze", Rule::Freeze, State::Pass, "no freeze", [](World &) {});
    row("frozen", Rule::Freeze, State::Block, "year end, until 2026-03-04 13:00 UTC: books",
        [](World &w) { freezeNow(w, "c*", "*"); });
    row("another application is frozen", Rule::Freeze, State::Pass, "no freeze",
        [](World &w) { freezeNow(w, "pay", "*"); });
    row("another environment is frozen", Rule::Freeze, State::Pass, "no freeze",
        [](World &w) { freezeNow(w, "*", "staging"); });
    row("a freeze that cannot be told", Rule::Freeze, State::Unknown, "whether year end holds", [](World &w) {
        freezeNow(w, "*", "*");
        w.facts.schedules.clear();
    });
    row("a freeze was ordered", Rule::Freeze, State::Block,
        "erin ordered a freeze until 2026-03-04 13:00 UTC: incident", [](World &w) {
            w.add(text("erin"),
                  FreezeOrder{text("*"), text("prod*"), policyNoon(), policyNoon().addSecs(3600), text("incident")});
        });
    row("an ordered freeze ends now", Rule::Freeze, State::Pass, "no freeze", [](World &w) {
        w.add(text("erin"),
              FreezeOrder{text("*"), text("*"), policyNoon().addSecs(-60), policyNoon(), text("incident")});
    });
    row("a freeze ordered by nobody who may", Rule::Freeze, State::Pass, "no freeze", [](World &w) {
        w.add(text("carol"),
              FreezeOrder{text("*"), text("*"), policyNoon(), policyNoon().addSecs(3600), text("incident")});
    });
    row("an ordered freeze was lifted", Rule::Freeze, State::Pass, "no freeze", [](World &w) {
        const QString id = w.add(text("erin"), FreezeOrder{text("*"), text("*"), policyNoon(),
                                                           policyNoon().addSecs(3600), text("incident")});
        w.add(text("bob"), Lift{id, {}});
    });

    row("a freeze that begins later", Rule::Freeze, State::Pass, "no freeze", [](World &w) {
        w.add(text("erin"), FreezeOrder{text("*"), text("*"), policyNoon().addSecs(60), policyNoon().addSecs(3600),
                                        text("incident")});
    });
    row("a freeze came again", Rule::Freeze, State::Block,
        "erin ordered a freeze that repeats, this time until 2026-03-04 13:00 UTC: nights", [](World &w) {
            w.facts.schedules[freezeAgain(w)] = {{policyNoon(), policyNoon().addSecs(3600)}};
        });
    row("between two times of a freeze", Rule::Freeze, State::Pass, "no freeze", [](World &w) {
        w.facts.schedules[freezeAgain(w)] = {{policyNoon().addSecs(-60), policyNoon()},
                                             {policyNoon().addSecs(1), policyNoon().addSecs(60)}};
    });
    row("a freeze that repeats, nobody knows when", Rule::Freeze, State::Unknown, "the freeze that erin ordered (",
        [](World &w) { freezeAgain(w); });
    row("a freeze that will repeat, nobody knows when", Rule::Freeze, State::Pass, "no freeze",
        [](World &w) { freezeAgain(w, 60); });
    row("a freeze that repeats was lifted", Rule::Freeze, State::Pass, "no freeze", [](World &w) {
        const QString id = freezeAgain(w);
        w.facts.schedules[id] = {{policyNoon(), policyNoon().addSecs(3600)}};
        w.add(text("bob"), Lift{id, {}});
    });

    row("not held", Rule::Hold, State::Pass, "not held", [](World &) {});
    row("held", Rule::Hold, State::Block, "by carol: looking", [](World &w) {
        w.add(text("carol"), Hold{text("cart"), text("production"), text("looking"), {}});
    });
    row("held elsewhere", Rule::Hold, State::Pass, "not held", [](World &w) {
        w.add(text("carol"), Hold{text("cart"), text("staging"), text("looking"), {}});
    });
    row("rolled back", Rule::Hold, State::Block, "it was rolled back",
        [](World &w) { w.addOperation(text("bob"), rollback()); });
    row("rolled back, lifted", Rule::Hold, State::Pass, "not held", [](World &w) {
        const QString id = w.addOperation(text("bob"), rollback());
        w.add(text("erin"), Lift{id, {}});
    });
    row("rolled back, lifted by nobody who may", Rule::Hold, State::Block, "rolled back", [](World &w) {
        const QString id = w.addOperation(text("bob"), rollback());
        w.add(text("carol"), Lift{id, {}});
    });
    row("rolled back again after a lift", Rule::Hold, State::Block, "rolled back", [](World &w) {
        const QString id = w.addOperation(text("bob"), rollback());
        w.add(text("erin"), Lift{id, {}});
        w.addOperation(text("bob"), rollback());
    });
    row("a rollback of long ago that came to the chain after a promotion", Rule::Hold, State::Pass, "not held",
        [](World &w) {
            w.promoted(text("bob"), elsewhere, policyNoon().addDays(-1));
            w.addOperation(text("bob"), rollback(), policyNoon().addDays(-20));
        });
    row("a rollback of long ago, and nothing went there since", Rule::Hold, State::Block, "rolled back",
        [](World &w) { w.addOperation(text("bob"), rollback(), policyNoon().addDays(-20)); });
    row("a rollback of long ago, and a stranger says that something went there since", Rule::Hold, State::Block,
        "rolled back", [](World &w) {
            w.entry(w.promoted(text("alice"), elsewhere, policyNoon().addDays(-1))).signer = text("dave@shop.example");
            w.addOperation(text("bob"), rollback(), policyNoon().addDays(-20));
        });
    row("a rollback by a clock that is a little slow", Rule::Hold, State::Block, "rolled back", [](World &w) {
        w.promoted(text("bob"), elsewhere, policyNoon().addSecs(-3600));
        w.addOperation(text("bob"), rollback(), policyNoon().addSecs(-3900));
    });
    row("rolled back, and promoted by one who acted alone", Rule::Hold, State::Block, "rolled back", [](World &w) {
        w.addOperation(text("bob"), rollback(), policyNoon().addSecs(-3600));
        w.promoted(text("bob"), elsewhere, policyNoon().addSecs(-1800));
    });
    row("an older rollback that came late, after the newer one was lifted", Rule::Hold, State::Pass, "not held",
        [](World &w) {
            const QString id = w.addOperation(text("bob"), rollback(), policyNoon().addSecs(-3600));
            w.add(text("erin"), Lift{id, {}});
            w.addOperation(text("bob"), rollback(), policyNoon().addDays(-20));
        });
    row("a rollback that changed nothing", Rule::Hold, State::Pass, "not held",
        [](World &w) { w.addOperation(text("bob"), rollback(OutcomeKind::Refused)); });
    row("a rollback whose end is unknown", Rule::Hold, State::Block, "rolled back",
        [](World &w) { w.addOperation(text("bob"), rollback(OutcomeKind::Unknown)); });
    row("rolled back, where that holds nothing", Rule::Hold, State::Pass, "not held", [](World &w) {
        w.policy.stops.holdAfterRollback = false;
        w.addOperation(text("bob"), rollback());
    });

    row("no alert", Rule::Alerts, State::Pass, "no alert", [](World &) {});
    row("an alert fires", Rule::Alerts, State::Block, "firing: HighErrorRate",
        [](World &w) { w.facts.alerts->firing = {text("HighErrorRate")}; });
    row("alerts are not known", Rule::Alerts, State::Unknown, "not known", [](World &w) { w.facts.alerts.reset(); });
    row("alerts are stale", Rule::Alerts, State::Unknown, "not known",
        [](World &w) { w.facts.alerts->isLive = false; });
    row("alerts just new enough", Rule::Alerts, State::Pass, "no alert",
        [](World &w) { w.facts.alerts->readAt = policyNoon().addSecs(-120); });
    row("alerts too old", Rule::Alerts, State::Unknown, "2 m 1 s old, 2 m is allowed",
        [](World &w) { w.facts.alerts->readAt = policyNoon().addSecs(-121); });
}

} // namespace

class TestDecision : public QObject
{
    Q_OBJECT

private slots:
    void everythingMetMayStart()
    {
        World world;
        const Decision decision = world.decide();
        QVERIFY2(decision.isMet && decision.mayStart, qPrintable(decision.text));
        QCOMPARE(decision.requester, text("alice"));
        QCOMPARE(decision.text, text("The policy is met for sha256:7777, commit 9999."));
        QCOMPARE(decision.changesAt, policyNoon().addSecs(121)); // when what is known of alerts is too old
        QVERIFY(decision.standing.setAside.isEmpty());
    }

    void eachRule_data()
    {
        QTest::addColumn<Rule>("rule");
        QTest::addColumn<State>("state");
        QTest::addColumn<QString>("words");
        QTest::addColumn<Change>("change");
        peopleRows();
        artifactRows();
        worldRows();
    }
    void eachRule()
    {
        QFETCH(Rule, rule);
        QFETCH(State, state);
        QFETCH(QString, words);
        QFETCH(Change, change);
        World world;
        change(world);
        const Decision decision = world.decide();
        const RuleResult *result = decision.rule(rule);
        QVERIFY2(result, qPrintable(decision.text));
        QVERIFY2(result->state == state, qPrintable(ruleStateName(result->state) + text(": ") + result->text));
        QVERIFY2(result->text.contains(words), qPrintable(result->text));
        if (state != State::Pass) {
            QVERIFY(!decision.isMet && !decision.mayStart);
            QVERIFY2(decision.text.contains(result->text), qPrintable(decision.text));
        }
    }

    void goingBackIsHeldUpByNothing_data() { eachRule_data(); }
    void goingBackIsHeldUpByNothing()
    {
        QFETCH(Change, change);
        World world;
        change(world);
        world.question.direction = Direction::Back;
        const Decision decision = world.decide();
        QVERIFY2(decision.mayStart, qPrintable(decision.text));
        for (const RuleResult &result : decision.rules)
            QVERIFY(!result.counts);
        for (const Check &check : checksOf(decision, Direction::Back))
            QVERIFY2(check.state != CheckState::Block, qPrintable(check.text));
    }

    void timeAloneBringsTheNextFreeze()
    {
        World world;
        world.facts.schedules[freezeAgain(world)] = {{policyNoon().addSecs(5), policyNoon().addSecs(10)}};
        QCOMPARE(world.decide().changesAt, policyNoon().addSecs(5));
        world.facts.now = policyNoon().addSecs(5);
        QVERIFY(!world.decide().isOpen);
        QCOMPARE(world.decide().changesAt, policyNoon().addSecs(10));
        world.facts.now = policyNoon().addSecs(10);
        QVERIFY(world.decide().isOpen);
    }

    void whatIsNotKnownNeverPasses()
    {
        World world;
        world.facts = Facts{};
        world.facts.now = policyNoon();
        world.rules().windows = {calendarOf("w")};
        freezeNow(world, "*", "*");
        world.facts.schedules.clear();
        const Decision decision = world.decide();
        for (const Rule rule : {Rule::Artifact, Rule::Authors, Rule::SameDigest, Rule::Soak, Rule::OneAtATime,
                                Rule::Window, Rule::Freeze, Rule::Alerts}) {
            QVERIFY(decision.rule(rule));
            QCOMPARE(decision.rule(rule)->state, State::Unknown);
        }
        QVERIFY(!decision.isMet && !decision.mayStart);
    }

    void noOrderOfEntriesChangesIt()
    {
        std::mt19937 random(7);
        for (int round = 0; round < 200; ++round) {
            World world;
            randomEntries(world, random);
            const Decision expected = world.decide();
            std::shuffle(world.entries.begin(), world.entries.end(), random);
            const Decision decision = world.decide();
            QVERIFY2(decision == expected, qPrintable(decision.text + text(" / ") + expected.text));
        }
    }

    void removingAnApprovalNeverMeetsIt()
    {
        std::mt19937 random(11);
        int met = 0;
        int removed = 0;
        for (int round = 0; round < 600; ++round) {
            World world;
            randomEntries(world, random);
            const Decision before = world.decide();
            met += before.isMet ? 1 : 0;
            for (const SignedRecord &one : Entries(world.entries)) {
                if (!one.as<Approval>())
                    continue;
                World less = world;
                less.remove(one.id);
                const Decision after = less.decide();
                QVERIFY2(!after.isMet || before.isMet, qPrintable(before.text));
                QVERIFY2(!after.mayStart || before.mayStart, qPrintable(before.text));
                ++removed;
            }
        }
        QVERIFY2(met > 20 && removed > 300, qPrintable(QString::number(met))); // both sides were tried
    }

    void firstClaimWins()
    {
        World world;
        world.question.asker = text("alice");
        QVERIFY(world.decide().mayStart);
        QCOMPARE(world.decide().claim, QString());
        const QString first = world.claim(text("ci"));
        world.claim(text("alice"));
        const Decision decision = world.decide();
        QCOMPARE(decision.claim, first);
        QCOMPARE(decision.claimant, text("ci"));
        QVERIFY(decision.isMet && !decision.mayStart);
        world.question.asker = text("ci");
        QVERIFY(world.decide().mayStart);
        world.question.asker = text("dave");
        QVERIFY(!world.decide().mayStart);
    }

    // It was rightful when it was written, which the chain's verifier says; what it began goes on.
    void aClaimOutlivesItsClaimantsRole()
    {
        World world;
        const QString claim = world.claim(text("carol"));
        world.policy.roles[1].members.removeAll(text("carol"));
        world.approve(text("alice"));
        world.question.asker = text("bob");
        const Decision decision = world.decide();
        QCOMPARE(decision.claim, claim);
        QCOMPARE(decision.claimant, text("carol"));
        QVERIFY(!decision.mayStart); // or it would be carried out twice
        world.add(
            text("carol"),
            PromotionOutcome{world.question.promotion, claim, world.subject, OutcomeKind::Failed, {}, {}, {}, {}});
        QVERIFY(promotionEnd(world.policy, world.entries, world.question.promotion));
    }

    void whoMayClaim()
    {
        const World world;
        const auto may = [&](const char *who) {
            return mayClaim(world.policy, text("cart"), text("production"), text("erin"), text(who));
        };
        QVERIFY(may("erin")); // asked for it
        QVERIFY(may("bob"));  // may approve
        QVERIFY(may("ci"));   // is named
        QVERIFY(!may("dave"));
        QVERIFY(!may(""));
        QVERIFY(!mayClaim(world.policy, text("cart"), text("moon"), text("erin"), text("erin")));
    }

    void aClaimForWhatItWasBeforeIsNone()
    {
        World world;
        world.claim(text("alice"));
        world.facts.digest = elsewhere.digest;
        world.subject.digest = elsewhere.digest;
        world.approve(text("bob"));
        world.approve(text("carol"));
        const Decision decision = world.decide();
        QCOMPARE(decision.claim, QString());
        QCOMPARE(decision.rule(Rule::OneAtATime)->state, State::Waiting); // what was claimed may be under way
    }

    void breakGlassSetsAsideWhatOneMayDecide()
    {
        World world;
        world.remove(text("entry-2"));
        world.reject(text("dave"));
        freezeNow(world, "*", "*");
        world.addOperation(text("bob"), rollback());
        world.facts.alerts->firing = {text("HighErrorRate")};
        world.facts.authors.reset();
        QVERIFY(!world.decide().mayStart);
        world.add(text("carol"), BreakGlass{{}, world.subject, world.facts.policyCommit, text("payments are down")},
                  policyNoon().addSecs(-3599));
        Decision decision = world.decide();
        QVERIFY(!decision.isMet); // it is not the policy that is met
        QVERIFY2(decision.mayStart, qPrintable(decision.text));
        QVERIFY(decision.text.contains(text("carol acts alone (payments are down)")));
        QCOMPARE(decision.debt.size(), 1);
        QCOMPARE(decision.debt.first().owed, 2);

        world.facts.isBusy = true; // not hers to set aside
        QVERIFY(!world.decide().mayStart);
        world.facts.isBusy = false;
        world.facts.digest.reset();
        QVERIFY(!world.decide().mayStart);
        world.facts.digest = elsewhere.digest; // not what she said
        QVERIFY(!world.decide().mayStart);
        world.facts.digest = world.subject.digest;
        world.facts.now = policyNoon().addSecs(1); // an hour after
        QVERIFY(!world.decide().mayStart);
    }

    // Whoever moved the traffic: that is a reason against going on alone.
    void trafficOfAnotherToolNeverStandsInTheWayBack()
    {
        World world;
        world.facts.before->serving = Serving{text("green"), 1.0, policyNoon(), false};
        QCOMPARE(world.decide().rule(Rule::Soak)->state, State::Unknown);
        QVERIFY(!world.decide().mayStart);
        world.question.direction = signalbox::Direction::Back;
        QVERIFY(world.decide().mayStart);
        for (const signalbox::Check &check : checksOf(world.decide(), signalbox::Direction::Back))
            QVERIFY(check.state != signalbox::CheckState::Block);
    }

    void breakGlassOfNobodyWhoMayDoesNothing()
    {
        World world;
        world.remove(text("entry-2"));
        world.add(text("alice"), BreakGlass{{}, world.subject, world.facts.policyCommit, text("hurry")});
        const Decision decision = world.decide();
        QVERIFY(!decision.mayStart && !decision.glass);
        QVERIFY(decision.debt.isEmpty());
    }

    void aGateReadsTheLedgerAlone()
    {
        World world;
        world.facts.before.reset();
        world.facts.alerts.reset();
        world.facts.isBusy.reset();
        world.facts.commit.reset();
        world.question.by = Question::By::Digest;
        world.question.isLedgerOnly = true;
        QCOMPARE(world.decide().rule(Rule::Soak)->state, State::Unknown);
        EnvironmentPolicy rules;
        rules.environment = text("staging");
        world.policy.environments.append(rules);
        PromotionRequest request;
        request.subject = world.subject;
        request.subject.environment = text("staging");
        const QDateTime begun = policyNoon().addSecs(-1900);
        const QString earlier = world.add(text("carol"), request, begun);
        const QString claim = world.add(text("carol"), Claim{earlier, request.subject, {}}, begun);
        const PromotionOutcome seen{
            earlier, claim, request.subject, OutcomeKind::Done, {}, {}, {}, policyNoon().addSecs(-1800)};
        const QString invented = world.add(text("bob"), [&] {
            PromotionOutcome other = seen;
            other.claim = text("entry-0");
            return other;
        }());
        QCOMPARE(world.decide().rule(Rule::Soak)->state, State::Unknown); // nobody claimed that
        world.remove(invented);
        const QString outcome = world.add(text("carol"), seen);
        Decision decision = world.decide();
        QVERIFY2(decision.isMet, qPrintable(decision.text));
        QCOMPARE(decision.leftOut, QList<Rule>{Rule::Alerts});
        QVERIFY(!decision.rule(Rule::Alerts));

        OperationRecord back = rollback();
        back.environment = text("staging");
        const QString rolledBack = world.addOperation(text("bob"), back);
        QCOMPARE(world.decide().rule(Rule::SameDigest)->state, State::Unknown);
        world.remove(rolledBack);
        // One of long before, which came to the chain late.
        const QString imported = world.addOperation(text("bob"), back, policyNoon().addDays(-30));
        QCOMPARE(world.decide().rule(Rule::SameDigest)->state, State::Pass);
        world.remove(imported);
        world.facts.digest = elsewhere.digest; // the commit of that one is nobody's word
        QCOMPARE(world.decide().rule(Rule::Artifact)->state, State::Unknown);
        world.remove(outcome);
    }

    void aHookKnowsTheCommitAlone()
    {
        World world;
        world.facts.digest.reset();
        world.question.by = Question::By::Commit;
        QVERIFY2(world.decide().isMet, qPrintable(world.decide().text));
        world.facts.commit = elsewhere.commit;
        const Decision decision = world.decide();
        QCOMPARE(decision.rule(Rule::Approvals)->state, State::Waiting);
        QVERIFY(decision.text.contains(text("bob or carol")));
    }

    void aGateFindsItsPromotions()
    {
        World world;
        const auto found = [&world](const Subject &subject, const char *application = "cart") {
            return promotionsFor(world.entries, text(application), text("production"), subject.digest, subject.commit);
        };
        const Subject byDigest{{}, {}, world.subject.digest, {}};
        const Subject byCommit{{}, {}, {}, world.subject.commit};
        const QString first = text("entry-1");
        QCOMPARE(found(byDigest), QStringList{first});
        QCOMPARE(found(byCommit), QStringList{first});
        QCOMPARE(found(elsewhere), QStringList());
        QCOMPARE(found(byDigest, "pay"), QStringList());
        world.add(text("bob"), Approval{first, elsewhere, {}, {}}); // after the tag moved
        QCOMPARE(found(elsewhere), QStringList{first});
        PromotionRequest again;
        again.subject = world.subject;
        const QString newer = world.add(text("bob"), again);
        world.add(text("dave"), Approval{text("entry-99"), world.subject, {}, {}}); // never asked for
        QCOMPARE(found(byDigest), (QStringList{newer, first, text("entry-99")}));
        world.add(text("bob"), PromotionOutcome{newer, {}, world.subject, OutcomeKind::Failed, {}, {}, {}, {}});
        QCOMPARE(found(byDigest), (QStringList{first, text("entry-99"), newer}));
    }

    void anOperationIsHeldToWhatConcernsThePlace()
    {
        World world;
        world.question = {};
        world.question.application = text("cart");
        world.question.environment = text("production");
        Decision decision = world.decide();
        QVERIFY2(decision.mayStart, qPrintable(decision.text));
        QVERIFY(!decision.rule(Rule::Approvals) && !decision.rule(Rule::Soak));
        freezeNow(world, "*", "*");
        world.facts.alerts->firing = {text("HighErrorRate")};
        decision = world.decide();
        QVERIFY(!decision.mayStart);
        int blocking = 0;
        for (const Check &check : checksOf(decision, Direction::Forward)) {
            if (check.state == CheckState::Block) {
                QVERIFY(check.id == CheckId::FreezeWindow || check.id == CheckId::FiringAlerts);
                ++blocking;
            }
        }
        QCOMPARE(blocking, 2);
    }

private:
    // Approvals, rejections, claims and break-glass of anybody, for this or something else, old or new.
    static void randomEntries(World &world, std::mt19937 &random)
    {
        const char *const people[] = {"alice", "bob", "carol", "dave", "erin", "ci", "mallory"};
        const auto below = [&random](unsigned n) { return static_cast<int>(random() % n); };
        world.entries = {world.entries.first()};
        const int count = 2 + below(8);
        for (int i = 0; i < count; ++i) {
            const QString who = text(people[below(7)]);
            const QDateTime at = policyNoon().addSecs(-below(30 * 3600));
            Subject subject = below(5) == 0 ? elsewhere : world.subject;
            const QString policyCommit = below(8) == 0 ? text("p0") : world.facts.policyCommit;
            switch (below(10)) {
            case 0:
                world.add(who, Rejection{world.question.promotion, subject, policyCommit, {}}, at);
                break;
            case 1:
                world.add(who, Claim{world.question.promotion, subject, policyCommit}, at);
                break;
            case 2:
                if (below(4) == 0)
                    world.add(who, BreakGlass{{}, subject, policyCommit, text("down")}, at);
                break;
            default:
                world.add(who, Approval{world.question.promotion, subject, policyCommit, {}}, at);
            }
        }
        if (below(2) == 0)
            world.rules().approvals = {{1, {text("release-managers")}}, {1, {text("sre"), text("admins")}}};
        if (below(3) == 0)
            world.rules().notRequester = false;
        world.question.asker = text(people[below(7)]);
    }
};

QTEST_GUILESS_MAIN(TestDecision)
#include "test_decision.moc"

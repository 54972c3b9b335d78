#include "services/sandbox/ci/ciworldstate.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

namespace
{

Outcome refused(Outcome::Kind kind, std::string text, std::int64_t run = 0)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.text = std::move(text);
    outcome.run = run;
    return outcome;
}

Outcome unknown(const char *what)
{
    return refused(Outcome::Kind::NoSuch, std::string("There is no such ") + what + '.');
}

Outcome done(std::int64_t run, std::int64_t job = 0)
{
    Outcome outcome;
    outcome.run = run;
    outcome.job = job;
    return outcome;
}

bool isAmong(const std::vector<Decider> &deciders, const std::string &who)
{
    if (deciders.empty())
        return true;
    return std::any_of(deciders.begin(), deciders.end(), [&](const Decider &one) {
        return one.isGroup ? std::find(one.members.begin(), one.members.end(), who) != one.members.end()
                           : one.name == who;
    });
}

// What is wrong with it; empty: nothing.
std::string problemOf(const std::vector<InputPlan> &inputs, const Parameters &given)
{
    for (const auto &[name, value] : given) {
        const auto found =
            std::find_if(inputs.begin(), inputs.end(), [&](const InputPlan &one) { return one.name == name; });
        if (found == inputs.end())
            return "Unexpected input: " + name;
        if (found->kind == InputPlan::Kind::Choice &&
            std::find(found->choices.begin(), found->choices.end(), value) == found->choices.end())
            return "Input " + name + " is not one of its choices: " + value;
        if (found->kind == InputPlan::Kind::Flag && value != "true" && value != "false")
            return "Input " + name + " is neither true nor false: " + value;
    }
    for (const InputPlan &input : inputs) {
        if (input.isRequired && input.value.empty() && parameterOf(given, input.name).empty())
            return "Required input is missing: " + input.name;
    }
    return {};
}

} // namespace

Outcome CiWorld::Private::again(Record &record, std::vector<int> jobs, const std::string &who, std::int64_t now)
{
    if (record.attempts() >= mostAttempts)
        return refused(Outcome::Kind::NotNow, "This run was started again too often.", record.id);
    record.more().attempts.push_back({now, who, std::move(jobs), false, ++nextId});
    changed(record);
    return done(record.id);
}

void CiWorld::Private::note(const JobPlace &place, GateEvent::Kind kind, Decision decision, Parameters answers)
{
    place.record->more().events.push_back({kind, place.tried, place.index, std::move(decision), std::move(answers)});
    changed(*place.record);
}

void CiWorld::Private::stop(Record &record, const std::string &who, std::int64_t now)
{
    if (courses.endOf(record).finishedMs <= now)
        return;
    for (const ChildRun &child : record.more().children) {
        if (Record *one = find(child.run))
            stop(*one, who, now);
    }
    record.more().cancels.push_back({record.attempts(), now, who});
    changed(record);
}

Outcome CiWorld::start(const StartOrder &order)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    int index = -1;
    for (std::size_t i = 0; i < d->plans.pipelines.size() && index < 0; ++i) {
        const PipelinePlan &plan = d->plans.pipelines[i];
        if (plan.vendor == order.vendor && plan.project == order.project &&
            (order.pipeline.empty() ? !plan.isChild : plan.name == order.pipeline))
            index = static_cast<int>(i);
    }
    if (index < 0)
        return unknown("pipeline");
    const PipelinePlan &plan = d->plans.pipelines[static_cast<std::size_t>(index)];
    if (plan.isChild)
        return refused(Outcome::Kind::NotAllowed, "Only jobs of its project start this pipeline.");
    const std::string branch = order.tag.empty() && order.branch.empty() ? plan.defaultBranch : order.branch;
    const auto known = std::find(plan.branches.begin(), plan.branches.end(), branch);
    const auto release = std::find_if(plan.releases.begin(), plan.releases.end(),
                                      [&](const PastRelease &one) { return one.tag == order.tag; });
    const bool isNewTag = order.cause == Cause::Tag && !order.tag.empty();
    if (order.tag.empty() ? known == plan.branches.end() : release == plan.releases.end() && !isNewTag)
        return unknown(order.tag.empty() ? "branch" : "tag");
    if (const std::string problem = problemOf(plan.inputs, order.parameters); !problem.empty())
        return refused(Outcome::Kind::Wrong, problem);
    Arrival arrival;
    arrival.atMs = now;
    arrival.plan = index;
    arrival.cause = order.cause;
    arrival.branch = order.tag.empty() ? static_cast<int>(known - plan.branches.begin()) : -1;
    if (!order.tag.empty() && release != plan.releases.end())
        arrival.release = static_cast<int>(release - plan.releases.begin());
    Record &record = d->add(arrival);
    RecordExtra &extra = record.more();
    extra.who = order.who;
    extra.commit = order.commit;
    extra.tag = order.tag;
    extra.parameters = filled(plan.inputs, order.parameters);
    return done(record.id);
}

Outcome CiWorld::rerun(std::int64_t id, bool failedOnly, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    Record *record = d->find(id);
    if (!record)
        return unknown("run");
    const RunRecord seen = d->courses.seen(*record, record->attempts(), now);
    if (!isEnded(seen.phase))
        return refused(Outcome::Kind::NotNow, "This run is still going on.", id);
    std::set<int> jobs;
    const std::vector<JobCourse> courses = d->courses.of(*record, record->attempts());
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const Phase end = courses[i].end;
        const bool isBad = end == Phase::Failed || end == Phase::Cancelled || end == Phase::Unstable;
        if (!failedOnly || isBad)
            jobs.insert(static_cast<int>(i));
    }
    if (jobs.empty())
        return refused(Outcome::Kind::NotNow, "No job of this run failed.", id);
    return d->again(*record, withDependents(d->courses.planOf(*record), std::move(jobs)), who, now);
}

Outcome CiWorld::retryJob(std::int64_t job, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    if (!isEnded(seen.phase) || seen.phase == Phase::Skipped || place->attempt != place->record->attempts())
        return refused(Outcome::Kind::NotNow, "This job cannot be tried again now.", place->record->id);
    Outcome outcome =
        d->again(*place->record, withDependents(d->courses.planOf(*place->record), {place->index}), who, now);
    if (outcome)
        outcome.job = jobIdOf(d->courses.planOf(*place->record).vendor, place->record->id, place->record->attempts(),
                              place->index);
    return outcome;
}

Outcome CiWorld::playJob(std::int64_t job, const std::string &who, const Parameters &answers)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    const GatePlan &gate = d->courses.planOf(*place->record).jobs[static_cast<std::size_t>(place->index)].gate;
    const auto approvals =
        std::count_if(seen.decisions.begin(), seen.decisions.end(), [](const Decision &one) { return one.approves; });
    const std::int64_t run = place->record->id;
    if (!seen.isManual)
        return refused(Outcome::Kind::NotNow, "This job starts by itself.", run);
    if (!seen.playedBy.empty()) {
        Outcome outcome = refused(Outcome::Kind::Settled, "This job was started by " + seen.playedBy + '.', run);
        outcome.who = seen.playedBy;
        outcome.approved = true;
        return outcome;
    }
    if (seen.phase != Phase::Waiting || place->attempt != place->record->attempts())
        return refused(Outcome::Kind::NotNow, "This job does not wait.", run);
    if (approvals < gate.approvals)
        return refused(Outcome::Kind::NotNow, "This job waits for approvals.", run);
    if (gate.approvals == 0 && !isAmong(gate.deciders, who))
        return refused(Outcome::Kind::NotAllowed, who + " may not start this job.", run);
    if (const std::string problem = problemOf(gate.inputs, answers); !problem.empty())
        return refused(Outcome::Kind::Wrong, problem, run);
    d->note(*place, GateEvent::Kind::Play, {who, true, {}, now}, filled(gate.inputs, answers));
    return done(run, job);
}

Outcome CiWorld::cancel(std::int64_t id, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    Record *record = d->find(id);
    if (!record)
        return unknown("run");
    if (isEnded(d->courses.seen(*record, record->attempts(), now).phase))
        return refused(Outcome::Kind::NotNow, "This run has ended.", id);
    d->stop(*record, who, now);
    return done(id);
}

Outcome CiWorld::cancelJob(std::int64_t job, const std::string &who)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    if (isEnded(seen.phase))
        return refused(Outcome::Kind::NotNow, "This job has ended.", place->record->id);
    if (Record *child = seen.childRun ? d->find(seen.childRun) : nullptr)
        d->stop(*child, who, now);
    d->note(*place, GateEvent::Kind::Cancel, {who, false, {}, now}, {});
    return done(place->record->id, job);
}

Outcome CiWorld::decide(std::int64_t job, const Decision &decision, const Parameters &answers)
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return unknown("job");
    const JobRun seen = d->jobAt(*place, now);
    const GatePlan &gate = d->courses.planOf(*place->record).jobs[static_cast<std::size_t>(place->index)].gate;
    const std::int64_t run = place->record->id;
    if (gate.approvals == 0)
        return refused(Outcome::Kind::NotNow, "This job waits for nobody's approval.", run);
    const auto approvals =
        std::count_if(seen.decisions.begin(), seen.decisions.end(), [](const Decision &one) { return one.approves; });
    const auto own = std::find_if(seen.decisions.begin(), seen.decisions.end(),
                                  [&](const Decision &one) { return one.who == decision.who; });
    const bool isSettled = approvals >= gate.approvals || (!seen.decisions.empty() && !seen.decisions.back().approves);
    if (isSettled || own != seen.decisions.end()) {
        const Decision &last = isSettled ? seen.decisions.back() : *own;
        Outcome outcome = refused(Outcome::Kind::Settled,
                                  last.who + (last.approves ? " has approved this." : " has rejected this."), run);
        outcome.who = last.who;
        outcome.approved = last.approves;
        return outcome;
    }
    if (seen.phase != Phase::Waiting || place->attempt != place->record->attempts())
        return refused(Outcome::Kind::NotNow, "This job does not wait for approval.", run);
    if (!isAmong(gate.deciders, decision.who))
        return refused(Outcome::Kind::NotAllowed, decision.who + " may not decide this.", run);
    const std::string problem = decision.approves ? problemOf(gate.inputs, answers) : std::string();
    if (!problem.empty())
        return refused(Outcome::Kind::Wrong, problem, run);
    d->note(*place, GateEvent::Kind::Decision, {decision.who, decision.approves, decision.comment, now},
            decision.approves ? filled(gate.inputs, answers) : Parameters());
    return done(run, job);
}

bool CiWorld::remove(std::int64_t id)
{
    const std::lock_guard lock(d->mutex);
    d->advance();
    const Record *record = d->find(id);
    if (!record)
        return false;
    d->live.erase(id);
    d->records.erase(d->records.begin() +
                     (std::lower_bound(d->records.begin(), d->records.end(), id,
                                       [](const Record &one, std::int64_t value) { return one.id < value; }) -
                      d->records.begin()));
    return true;
}

} // namespace signalbox::sandbox::ci

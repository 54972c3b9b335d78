#include "app/cli/grammar_p.h"

namespace signalbox::cli
{

namespace
{

QList<OptionSpec> choosePipeline()
{
    return {valued(QStringLiteral("pipeline"), QStringLiteral("NAME"),
                   tr("the pipeline, where there are several: its title, a workflow's file, or a branch that has one")),
            valued(QStringLiteral("connection"), QStringLiteral("ID"), tr("only this connection of the workspace"))};
}

} // namespace

CommandSpec runsCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("runs");
    command.positionals = {{QStringLiteral("APP"), ValueKind::Application, true}};
    command.summary = tr("Show the newest runs of pipelines: Jenkins, GitHub, GitLab, Travis CI.");
    command.description =
        tr("Asks every server with pipelines that the workspace names, and no cluster. APP is an application, as the "
           "workspace's \"pipelines\" and the projects' names tell, or a project as its server names it. Status 3 with "
           "what could be read: a server could not be asked.");
    command.options =
        QList<OptionSpec>{valued(QStringLiteral("branch"), QStringLiteral("NAME"), tr("only runs of this branch")),
                          valued(QStringLiteral("limit"), QStringLiteral("N"), tr("how many, 1 to 200 (default 20)"))} +
        choosePipeline();
    command.examples = {tr("signalbox runs  # of everything the workspace names"),
                        tr("signalbox runs cart --branch main --json  # one application, for a script")};
    command.json = tr("schema: \"signalbox.runs/1\"\n"
                      "exitStatus, readAt, complete (false: a server could not be asked)\n"
                      "problems[]: connection, kind, message\n"
                      "runs[]: connection, vendor, project, pipeline, title, application (null: nothing says so), id, "
                      "number, attempt, state (notStarted, queued, running, waiting, passed, unstable, failed, "
                      "cancelled, skipped, unknown), reason, trigger (kind: push, tag, pullRequest, schedule, manual, "
                      "api, upstream, unknown; who, why, cron), branch, tag, commit, createdAt, startedAt, finishedAt, "
                      "durationMs, queueMs, estimateMs (null: not told), page");
    return command;
}

CommandSpec runCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("run");
    command.positionals = {{QStringLiteral("WHAT"),
                            ValueKind::Choice,
                            false,
                            {QStringLiteral("show"), QStringLiteral("log"), QStringLiteral("rerun"),
                             QStringLiteral("cancel"), QStringLiteral("trigger"), QStringLiteral("play"),
                             QStringLiteral("deployments"), QStringLiteral("redeploy")}},
                           {QStringLiteral("APP"), ValueKind::Application, true},
                           {QStringLiteral("RUN|ENV"), ValueKind::Text, true}};
    command.summary =
        tr("Show one run, print its log, run it again, cancel it, start a new one, or a manual job of it; list what a "
           "vendor's environments got, and go back.");
    command.description =
        tr("RUN is a number as \"signalbox runs\" shows it; without it the newest run is meant. Where APP has several "
           "pipelines, a RUN that one of them alone has needs no --pipeline. show prints its jobs, "
           "what they need, its tests and artifacts. log prints the log of a job as the vendor has it; with --follow "
           "until the job ends. rerun, cancel and trigger are operations like every other: planned, shown, confirmed, "
           "and done when the vendor itself says so. What runs on the default branch or on a tag may release, so it "
           "asks for the application's name, or for --confirm. play starts a job that waits to be started by hand, as "
           "\"signalbox approve\" does it by its gate's name: what the policy asks for must be met. deployments lists "
           "what GitLab or GitHub deployed to ENV, or to all environments. redeploy goes back to one of them: the job "
           "that made it is run again, and it is "
           "done when the vendor says that its commit is live there.");
    OptionSpec set = valued(QStringLiteral("set"), QStringLiteral("NAME=VALUE"),
                            tr("trigger: a parameter of the new run; may be given several times"));
    set.isRepeatable = true;
    command.options =
        choosePipeline() +
        QList<OptionSpec>{valued(QStringLiteral("job"), QStringLiteral("NAME"),
                                 tr("log: of which job; rerun: only this one; play: this one, by its name or its id")),
                          flag(QStringLiteral("follow"), tr("log: go on until the job ends")),
                          valued(QStringLiteral("attempt"), QStringLiteral("N"),
                                 tr("show, log: of a run that was run again an earlier attempt, counted from 1; "
                                    "without it the newest (GitHub keeps them one by one)")),
                          flag(QStringLiteral("failed"), tr("rerun: only what failed")),
                          valued(QStringLiteral("branch"), QStringLiteral("NAME"),
                                 tr("trigger: the branch or tag; without it the default branch")),
                          set,
                          valued(QStringLiteral("to"), QStringLiteral("DEPLOYMENT"),
                                 tr("redeploy: a deployment's number, 5 digits or more of its commit, or its tag")),
                          flag(QStringLiteral("dry-run"),
                               tr("rerun, cancel, trigger, play, redeploy: plan and check; write nothing")),
                          valued(QStringLiteral("confirm"), QStringLiteral("APP"),
                                 tr("the application's name once more: needed when nobody can be asked"),
                                 ValueKind::Application),
                          valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why, for the record"))};
    command.examples = {
        tr("signalbox run show cart 412  # its jobs, tests and artifacts"),
        tr("signalbox run log cart 412 --job \"Unit tests\" --follow  # until it ends"),
        tr("signalbox run log cart 412 --job \"Unit tests\" --attempt 1  # before it was run again"),
        tr("signalbox run rerun cart 412 --failed --confirm cart  # what failed, once more"),
        tr("signalbox run rerun cart 412 --job \"Unit tests\" --dry-run  # one job alone: what that would do"),
        tr("signalbox run trigger cart --branch main --set level=full  # a new run"),
        tr("signalbox run play cart 412 --job \"Deploy dev\" --confirm cart  # a manual job of it"),
        tr("signalbox run deployments cart production  # what was deployed there"),
        tr("signalbox run redeploy cart production --to 7c2f91e --dry-run  # what going back would do")};
    command.json = tr(
        "show: schema \"signalbox.run/1\"\n"
        "readAt, the fields of one of runs[] of \"signalbox runs\", canRerun, canRerunFailed, canRerunJob, canCancel, "
        "attempts (how many of the run the server keeps one by one; \"attempt\" below it: an earlier one, which can do "
        "nothing any more), graphNote, note, releases[], tests (passed, failed, skipped: null where coverage alone is "
        "reported; coveragePercent, failures[]: suite, name, tookMs, message; null: none), noTests (why), usualMs and "
        "leftMs (as earlier runs tell; null: they do not, or it has ended)\n"
        "jobs[]: id, name, stage, needs[] (ids), state, reason, mayFail, hasLog, startedAt, finishedAt, "
        "runner, environment, steps[] (id, name, state, startedAt, finishedAt), downstream (the run it started: "
        "connection, project, pipeline, id; null: none)\n"
        "artifacts[]: name, bytes, digest, expiresAt\n"
        "decisions[]: who, approves, environment, at (null: not told)\n"
        "annotations[]: level (notice, warning, failure), job (id; null: of the run), title, text, file, line\n"
        "deployments: schema \"signalbox.deployments/1\"\n"
        "readAt, connection, vendor, project, application\n"
        "environments[]: name, deployments[] (newest first): id, state (as of runs), reason, live, ref, commit, "
        "title, who, createdAt, finishedAt, run, job, jobName, page, canGoBack, whyNot\n"
        "rerun, cancel, trigger, play, redeploy: schema \"signalbox.operation/1\", as \"signalbox help rollback\" has "
        "it; "
        "body is "
        "null\n"
        "When it failed: schema \"signalbox.error/1\", error.kind, error.message, exitStatus.");
    return command;
}

} // namespace signalbox::cli

#include "app/cli/grammar.h"

#include "app/cli/grammar_p.h"

namespace signalbox::cli
{

namespace
{

QList<OptionSpec> generalOptions()
{
    OptionSpec level =
        valued(QStringLiteral("log-level"), QStringLiteral("LEVEL"),
               tr("debug, info, warning or error: what goes into the log; with it the log is shown on standard "
                  "error as well"),
               ValueKind::Choice);
    level.choices = {QStringLiteral("debug"), QStringLiteral("info"), QStringLiteral("warning"),
                     QStringLiteral("error")};
    OptionSpec help = flag(QStringLiteral("help"), tr("this help"));
    help.letter = QLatin1Char('h');
    return {level, help, flag(QStringLiteral("version"), tr("the version"))};
}

QList<OptionSpec> sourceOptions()
{
    OptionSpec workspace = workspaceOption(tr("a workspace file (YAML or JSON) that names the connections"));
    return {
        workspace,
        valued(QStringLiteral("kubeconfig"), QStringLiteral("FILE"),
               tr("a kubeconfig file; without it and without -w: KUBECONFIG, else ~/.kube/config, else the service "
                  "account "
                  "of the pod it runs in"),
               ValueKind::File),
        valued(QStringLiteral("context"), QStringLiteral("NAME"),
               tr("a context of the kubeconfig instead of its current one; with -w: only this connection"),
               ValueKind::Context),
        valued(QStringLiteral("prometheus"), QStringLiteral("URL"),
               tr("a Prometheus beside the kubeconfig, for the window and \"signalbox status APP\"; with -w the "
                  "workspace names it")),
        demoOption(),
        valued(QStringLiteral("timeout"), QStringLiteral("TIME"),
               tr("how long to wait for the first complete answer, for example 10s or 2m (default 30s)")),
        flag(QStringLiteral("json"), tr("print the result as one JSON document")),
    };
}

CommandSpec sandboxCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("sandbox");
    command.summary = tr("Keep a practice world open, for kubectl and everything else, until Ctrl+C.");
    command.description = tr(
        "Two clusters, a Prometheus, an image registry and four CI servers on this machine only, behind a token made "
        "for this start: applications of several teams in dev, staging and production, with traffic, metrics and a "
        "month of releases. Prints the lines that lead a shell to it. Nothing of it is left when it ends.");
    command.options = {valued(QStringLiteral("kubeconfig-out"), QStringLiteral("FILE"),
                              tr("write the kubeconfig here as well, a new file; it is removed at the end"),
                              ValueKind::File),
                       flag(QStringLiteral("json"), tr("print where everything is as one JSON document"))};
    command.examples = {
        tr("signalbox sandbox  # then, elsewhere, what it printed and: kubectl get pods -n production"),
        tr("signalbox sandbox --kubeconfig-out practice.yaml  # kubectl --kubeconfig practice.yaml get nodes")};
    command.json = tr("schema: \"signalbox.sandbox/1\"\n"
                      "kubeconfig, workspace: files\n"
                      "clusters[], pipelines[]: name, url; prometheus, registry: url");
    command.takesSource = false;
    return command;
}

CommandSpec tourCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("tour");
    command.summary = tr("Let a scripted operator work in the window, and take a picture of every screen.");
    command.description =
        tr("On a practice world of its own, with keys and mouse alone: sees a release waiting, shifts traffic to it in "
           "steps, sees it fail, rolls back, sees the recovery. Prints each step with its time. Pictures are dark and "
           "light, at 1440 x 900 and 1100 x 700. Takes some six minutes; status 1 when a step failed, with what was "
           "seen instead. Without a display the window is drawn off screen.");
    command.options = {
        valued(QStringLiteral("out"), QStringLiteral("DIR"), tr("where the pictures go"), ValueKind::Folder),
        flag(QStringLiteral("readme"), tr("only the pictures that README.md shows"))};
    command.examples = {tr("signalbox tour --out pictures  # every screen, four times"),
                        tr("signalbox tour --readme --out resources/pictures  # the README's")};
    command.takesSource = false;
    return command;
}

CommandSpec drillCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("drill");
    command.positionals = {{QStringLiteral("NAME"), ValueKind::Drill, true}};
    command.summary = tr("Fire drills in a practice world: list them, or play one.");
    command.description = tr(
        "Without NAME, lists the drills with the last and the best result. With NAME, opens the window on a new "
        "practice world, at the drill's briefing. With --terminal it is played in this terminal, and whatever reaches "
        "the practice world counts: signalbox and kubectl in another terminal alike. The clock runs from the first "
        "bad sample. Debriefs are kept on this machine, in drills.git of the data folder, never in a team's ledger. "
        "Status 0: passed; 1: not, or with a mistake.");
    command.options = {flag(QStringLiteral("terminal"), tr("play it here, without a window")),
                       flag(QStringLiteral("history"), tr("show the attempts so far, newest first")),
                       flag(QStringLiteral("json"), tr("print the list, or the debrief, as one JSON document"))};
    command.examples = {tr("signalbox drill  # which there are, and how it went"),
                        tr("signalbox drill full-shift  # in the window"),
                        tr("signalbox drill full-shift --terminal  # here; act from a second terminal"),
                        tr("signalbox drill --history  # whether you are getting faster")};
    command.json =
        tr("schema: \"signalbox.drills/1\"\n"
           "drills[]: name, title, briefing, task, application, namespace, connection, limitSeconds, last, best "
           "(ids of attempts; null: none)\n"
           "attempts[]: id, drill, startedAt, tookMs, verdict (passed, mistaken, failed, abandoned), words, "
           "detectMs, restoreMs (from the first bad sample; null: not seen, not restored), mistakes[], "
           "fasterPath, moments[] (kind, atMs, text, mark: none, right, wrong, noHelp)\n"
           "With --terminal: schema \"signalbox.debrief/1\", exitStatus, and the fields of one attempt.");
    command.takesSource = false;
    return command;
}

CommandSpec completionCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("completion");
    command.positionals = {{QStringLiteral("SHELL"), ValueKind::Choice, false}};
    command.summary = tr("Print the completion script for bash, zsh or fish.");
    command.description =
        tr("Completes commands, options, contexts, applications and environments. The names come from the last "
           "answer of the cluster, or from a short question when there is none yet.");
    command.examples = {tr("source <(signalbox completion bash)  # this shell; or into "
                           "~/.local/share/bash-completion/completions/signalbox"),
                        tr("signalbox completion zsh > ~/.zfunc/_signalbox  # a folder of $fpath"),
                        tr("signalbox completion fish > ~/.config/fish/completions/signalbox.fish")};
    command.takesSource = false;
    return command;
}

CommandSpec helpCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("help");
    command.positionals = {{QStringLiteral("COMMAND"), ValueKind::Command, true}};
    command.summary = tr("All about one command.");
    command.description = tr("Without COMMAND, the overview.");
    command.takesSource = false;
    return command;
}

CommandSpec completeCommand()
{
    CommandSpec command;
    command.name = QStringLiteral("__complete");
    command.isHidden = true;
    command.takesSource = false;
    return command;
}

Grammar makeGrammar()
{
    Grammar all;
    all.general = generalOptions();
    all.source = sourceOptions();
    all.commands = {
        statusCommand(),
        logsCommand(),
        changesCommand(),
        gateCommand(),
        promoteCommand(),
        approvalsCommand(),
        decideCommand(true),
        decideCommand(false),
        breakGlassCommand(),
        countersignCommand(),
        closeClaimCommand(),
        stopCommand(true),
        freezeCommand(),
        stopCommand(false),
        trafficCommand(),
        rollbackCommand(),
        rehearseCommand(),
        scaleCommand(),
        workloadCommand(QStringLiteral("restart"), tr("Replace all pods, one after the other, by the same version."),
                        tr("As kubectl rollout restart; done when every pod is a new one and ready.")),
        workloadCommand(
            QStringLiteral("pause"), tr("Stop a roll-out where it is."),
            tr("Changes of the pod template are kept but not rolled out until resumed. Going back from it writes the "
               "template and offers to resume.")),
        resumeCommand(),
        runsCommand(),
        runCommand(),
        sandboxCommand(),
        drillCommand(),
        ledgerCommand(),
        tourCommand(),
        completionCommand(),
        helpCommand(),
        completeCommand(),
    };
    return all;
}

} // namespace

const Grammar &grammar()
{
    static const Grammar all = makeGrammar();
    return all;
}

} // namespace signalbox::cli

#include "ui/pages/screenhelp.h"

#include "ui/pages/operation/trackverdict.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct ScreenHelpText
{
    Q_DECLARE_TR_FUNCTIONS(ScreenHelp)
};

HelpSign sign(Health health, const QString &what)
{
    return {health, {}, what};
}

HelpSign word(const QString &badge, const QString &what)
{
    return {Health::Unknown, badge, what};
}

HelpSign blue()
{
    return word(QStringLiteral("BLUE"),
                ScreenHelpText::tr("A track, always named as well as coloured; its share of live traffic "
                                   "is the length of its bar."));
}

ScreenHelp overview()
{
    return {
        ScreenHelpText::tr(
            "Every application in every environment: the version that gets the traffic, since when, and how "
            "it is. Below stands what needs attention now, and the traffic of the last environment. Nothing "
            "here is older than the line at the bottom says."),
        {sign(Health::Ok, ScreenHelpText::tr("All pods that should be are ready.")),
         sign(Health::InProgress, ScreenHelpText::tr("Something moves: a roll-out, or traffic between two tracks.")),
         sign(Health::Warning, ScreenHelpText::tr("Works, but not as it should: the second line says why.")),
         sign(Health::Failing, ScreenHelpText::tr("Failing. Enter opens its way back.")),
         sign(Health::Waiting, ScreenHelpText::tr("Waits for people.")),
         sign(Health::NotStarted, ScreenHelpText::tr("Not there, or not started.")),
         sign(Health::Unknown, ScreenHelpText::tr("Cannot be told: the source was not heard.")), blue(),
         word(ScreenHelpText::tr("way back"),
              ScreenHelpText::tr("The light of the way back: rehearsed, and it would work. ▲ with a "
                                 "reservation, ✖ not, ◌ not known. Its tool tip says why.")),
         word(QStringLiteral("▸ 3"),
              ScreenHelpText::tr("So many commits it is ahead of what the next environment runs; ◂ behind, = the "
                                 "same.")),
         word(ScreenHelpText::tr("key figures"),
              ScreenHelpText::tr("Counted from proven entries of the ledger. Enter on one leads to how it is "
                                 "counted."))}};
}

ScreenHelp pipelines()
{
    return {
        ScreenHelpText::tr(
            "Every run of every pipeline, whoever's server it is, newest first. The chosen one shows its stages as "
            "what needs what, each with its time; below stand these times against earlier runs, its tests with new "
            "failures "
            "first, and the log of the chosen stage, followed as it grows. Cancel, Rerun and Trigger show their plan "
            "before anything is sent, and are done when the server itself says so."),
        {sign(Health::Ok, ScreenHelpText::tr("Passed.")),
         sign(Health::InProgress, ScreenHelpText::tr("Runs, or waits for a machine.")),
         sign(Health::Waiting, ScreenHelpText::tr("Waits for people: a gate.")),
         sign(Health::Warning,
              ScreenHelpText::tr("Passed with failures that are allowed; of a time: much longer than usual.")),
         sign(Health::Failing, ScreenHelpText::tr("Failed.")),
         sign(Health::NotStarted, ScreenHelpText::tr("Not started, or left out. A grey square: cancelled.")),
         sign(Health::Unknown, ScreenHelpText::tr("The server says a word that this version does not know.")),
         word(ScreenHelpText::tr("Gates"),
              ScreenHelpText::tr("A run that waits at one is decided on Promotions, under Gates at vendors: approved "
                                 "or rejected there, with a plan, and pressed at the vendor.")),
         word(ScreenHelpText::tr("attempt 1 of 2"),
              ScreenHelpText::tr("A run that was run again: the button chooses which attempt is shown. An earlier one "
                                 "is shown as it ended, and nothing can be done with it; choose the newest to act.")),
         word(ScreenHelpText::tr("flaky"),
              ScreenHelpText::tr("A test that passed and failed on one commit, or keeps changing."))}};
}

ScreenHelp promotions()
{
    return {
        ScreenHelpText::tr(
            "Releases that wait to go on, what each would change, and what the policy says to it. Approving and "
            "rejecting are signed with your key, bound to exactly the digest that is shown, and kept in the "
            "ledger. Hold the button to do it. Nothing can be decided on what is not live: each promotion says "
            "which place that is. What you ask for can start by itself once it is approved, while this window is "
            "open, as exactly the plan that you saw."),
        {sign(Health::Ok, ScreenHelpText::tr("A check that passes; in the path: this release runs there.")),
         sign(Health::Waiting,
              ScreenHelpText::tr("Waits for people or for time: the line says for whom, or how long.")),
         sign(Health::Unknown, ScreenHelpText::tr("Not known, hence not passed.")),
         sign(Health::Failing,
              ScreenHelpText::tr("Stands against it, with the way out. In the list: rejected, or it did not "
                                 "work.")),
         sign(Health::InProgress, ScreenHelpText::tr("Under way.")),
         word(ScreenHelpText::tr("RISK 0.18"),
              ScreenHelpText::tr("Of a hundred promotions like this one 18 failed here. A figure to look "
                                 "at, never a gate; its reasons stand under Risk.")),
         word(ScreenHelpText::tr("Break glass"),
              ScreenHelpText::tr("Under More, for whom the policy lets: act alone, with a reason, on exactly the "
                                 "digest that is shown. Others have to countersign it in time.")),
         word(ScreenHelpText::tr("Gates at vendors"),
              ScreenHelpText::tr("Runs that wait there for people. Enter opens one: approve or reject, once the "
                                 "policy lets exactly its commit through.")),
         word(QStringLiteral("- +"), ScreenHelpText::tr("What goes, what comes: in the cluster, and in the files."))}};
}

ScreenHelp traffic()
{
    return {ScreenHelpText::tr(
                "How live traffic is divided between the tracks of one application, and the lever that moves it. "
                "Choose a share, or steps with a wait after each; the plan, its checks and the very call that "
                "will be sent are shown before anything happens. Hold the button to do it; All back is always at "
                "its right."),
            {blue(),
             word(QStringLiteral("GREEN"),
                  ScreenHelpText::tr(
                      "The track that traffic is to be moved to stands at the right of the bar. The dashed line is "
                      "what is live, the handle what is wanted.")),
             sign(Health::Ok, ScreenHelpText::tr("A check that passed.")),
             sign(Health::Warning, ScreenHelpText::tr("A check that warns: it can be done all the same.")),
             sign(Health::Failing, ScreenHelpText::tr("A check that blocks, with the way out.")),
             sign(Health::Unknown, ScreenHelpText::tr("Nothing confirms it: written is not yet in force.")),
             word(verdictWord(Health::Failing),
                  ScreenHelpText::tr("On a chart: over the limit of its panel. Where that has none, the limit is three "
                                     "times the figure of the track that has had traffic for longest, and of errors "
                                     "at least one point more. Half the way there is worth a look.")),
             word(ScreenHelpText::tr("too few"),
                  ScreenHelpText::tr("On a chart: so few requests in the last five minutes that a single failed one "
                                     "would be over the limit. It is no pass.")),
             word(ScreenHelpText::tr("Break glass..."),
                  ScreenHelpText::tr("Offered where a freeze, a hold, a window or an alert stops what cannot wait, "
                                     "to whom the policy lets: act alone, with a reason, on what runs there. Others "
                                     "have to countersign it. Going back never needs it.")),
             word(QStringLiteral("- +"),
                  ScreenHelpText::tr("In Next change: what goes, what comes. It is written only if the "
                                     "object is still the one shown."))}};
}

ScreenHelp rollback()
{
    return {
        ScreenHelpText::tr(
            "Where one can go back to, the best choice first, and what going back would do: its steps, checks "
            "and the difference. The plan was tried by the server's own dry run. Hold the button for 0.4 s; "
            "done means that the effect was observed. Going back is never blocked by what only warns."),
        {word(QStringLiteral("LIVE"), ScreenHelpText::tr("What gets live traffic now; red where it fails.")),
         word(QStringLiteral("SUGGESTED"), ScreenHelpText::tr("The newest version that was healthy and is ready.")),
         sign(Health::Ok, ScreenHelpText::tr("The way back is ready: rehearsed with a dry run.")),
         sign(Health::Warning, ScreenHelpText::tr("It would work, but: the line below says what to know.")),
         sign(Health::Failing, ScreenHelpText::tr("It would not work, and what to mend.")),
         word(QStringLiteral("00:00"),
              ScreenHelpText::tr("In the red band: the time since the first bad sample, or since the failure was first "
                                 "seen."))}};
}

ScreenHelp cluster()
{
    return {
        ScreenHelpText::tr(
            "The pods of one cluster, live: a square each, grouped by node, namespace or workload. Below stand the "
            "workloads and the events; a chosen pod shows its containers and its log, followed as it grows."),
        {sign(Health::Ok, ScreenHelpText::tr("Ready. The brighter, the more it works, where usage is measured.")),
         sign(Health::InProgress, ScreenHelpText::tr("Starting, or on its way out.")),
         sign(Health::Warning, ScreenHelpText::tr("Not ready, or restarted.")),
         sign(Health::Failing, ScreenHelpText::tr("Failing: crash loop, image that cannot be pulled, out of memory.")),
         sign(Health::Unknown, ScreenHelpText::tr("Its node is not heard.")),
         word(QStringLiteral("..."),
              ScreenHelpText::tr(
                  "What can be done with a workload: restart, scale, pause. What cannot be done says why."))}};
}

ScreenHelp metrics()
{
    return {
        ScreenHelpText::tr(
            "What the metric source knows of one application, one chart a question, all over the same time. "
            "Charts are found by themselves; queries of your own can be added and are kept."),
        {blue(),
         word(ScreenHelpText::tr("marker"),
              ScreenHelpText::tr("A dashed upright line: a roll-out or an operation, named at its top.")),
         word(ScreenHelpText::tr("limit"), ScreenHelpText::tr("A dashed level line: the limit that the panel names.")),
         sign(Health::Warning, ScreenHelpText::tr("Stale: drawn from what was heard last, and greyed.")),
         word(ScreenHelpText::tr("no data"),
              ScreenHelpText::tr("The source has no samples. It is never taken for zero."))}};
}

ScreenHelp ledgerPage()
{
    return {
        ScreenHelpText::tr(
            "The signed record of what was asked, approved, done and seen. Every entry is judged: its signature, who "
            "might sign at that time and as what, and that nothing was changed, removed or slipped in. Choose a "
            "stretch of the time line, an application, a person or a kind; Enter reads an entry and leads to what "
            "belongs to it. The DORA figures are counted from proven entries alone."),
        {sign(Health::Ok, ScreenHelpText::tr("Proven: signed by who might, and in its place.")),
         sign(Health::Waiting,
              ScreenHelpText::tr("A change of the policy that waits for a second admin; not in force.")),
         sign(Health::Unknown,
              ScreenHelpText::tr("Not signed: from before the ledger was; nothing proves who wrote it.")),
         sign(Health::Failing, ScreenHelpText::tr("Not to be trusted; the second line says why.")),
         sign(Health::InProgress, ScreenHelpText::tr("Listed already, but not checked yet."))}};
}

ScreenHelp drills()
{
    return {ScreenHelpText::tr(
                "Practice for the day it goes wrong, in the practice world: a fault is injected, the clock runs "
                "from the first bad sample, and the debrief shows when the metrics first showed it, what you did, and "
                "what a faster path was. Nothing real is touched."),
            {sign(Health::NotStarted, ScreenHelpText::tr("Not tried yet.")),
             sign(Health::InProgress, ScreenHelpText::tr("Under way: act as you would in earnest.")),
             sign(Health::Ok, ScreenHelpText::tr("Restored.")),
             sign(Health::Failing, ScreenHelpText::tr("Not restored in time, or made worse.")),
             sign(Health::Warning, ScreenHelpText::tr("Restored, with something to learn."))}};
}

ScreenHelp connections()
{
    return {
        ScreenHelpText::tr(
            "The remote systems that this window works on: clusters by the contexts of your kubeconfig, metric "
            "sources by their address. Each is tested step by step before it is added. Credentials stay where "
            "they are; the workspace file names only where to find them."),
        {sign(Health::Ok, ScreenHelpText::tr("Live: changes arrive as they happen.")),
         sign(Health::InProgress, ScreenHelpText::tr("Being read for the first time, or a step of a test under way.")),
         sign(Health::Warning,
              ScreenHelpText::tr("Stale: not heard for the time it says; it is tried again by itself.")),
         sign(Health::Failing, ScreenHelpText::tr("Cannot be used: the sentence says what, and what to do.")),
         sign(Health::NotStarted, ScreenHelpText::tr("A step of a test that comes later."))}};
}

ScreenHelp settings()
{
    return {ScreenHelpText::tr(
                "How this window looks and behaves for you: theme, motion, time zone, how often metrics are asked, "
                "whether a question stands in for holding a key. Changes take effect at once and are kept on this "
                "machine; nothing here changes a cluster."),
            {word(QStringLiteral("System"), ScreenHelpText::tr("Follows the desktop, while the program runs as well.")),
             word(QStringLiteral("Ask"),
                  ScreenHelpText::tr(
                      "For screen readers and remote desktops, where a key cannot be held: going on takes the "
                      "application's name, going back one question."))}};
}

} // namespace

ScreenHelp screenHelp(const QString &page)
{
    static const std::pair<const char *, ScreenHelp (*)()> all[] = {
        {"overview", overview}, {"pipelines", pipelines},     {"promotions", promotions}, {"traffic", traffic},
        {"rollback", rollback}, {"cluster", cluster},         {"metrics", metrics},       {"ledger", ledgerPage},
        {"drills", drills},     {"connections", connections}, {"settings", settings},
    };
    for (const auto &[id, make] : all) {
        if (page == QLatin1String(id))
            return make();
    }
    return {};
}

} // namespace signalbox

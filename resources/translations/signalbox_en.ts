<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Changes</name>
    <message numerus="yes">
        <source>%1 is not merged back to %2: %n commit(s)</source>
        <translation>
            <numerusform>%1 is not merged back to %2: %n commit</numerusform>
            <numerusform>%1 is not merged back to %2: %n commits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n release branch(es)</source>
        <translation>
            <numerusform>%n release branch</numerusform>
            <numerusform>%n release branches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hotfix branch(es)</source>
        <translation>
            <numerusform>%n hotfix branch</numerusform>
            <numerusform>%n hotfix branches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n feature branch(es)</source>
        <translation>
            <numerusform>%n feature branch</numerusform>
            <numerusform>%n feature branches</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GitHub</name>
    <message numerus="yes">
        <source>%n job(s) are not in the file.</source>
        <translation>
            <numerusform>%n job is not in the file.</numerusform>
            <numerusform>%n jobs are not in the file.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It waits for %n minute(s).</source>
        <translation>
            <numerusform>It waits for %n minute.</numerusform>
            <numerusform>It waits for %n minutes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>After the decision it waits until %n minute(s) are over.</source>
        <translation>
            <numerusform>After the decision it waits until %n minute is over.</numerusform>
            <numerusform>After the decision it waits until %n minutes are over.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The run %1 of %2 has no attempt %3: it has %n attempt(s), counted from 1.</source>
        <translation>
            <numerusform>The run %1 of %2 has no attempt %3: it has %n attempt, counted from 1.</numerusform>
            <numerusform>The run %1 of %2 has no attempt %3: it has %n attempts, counted from 1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GitLab</name>
    <message numerus="yes">
        <source>The job stays blocked: %n approval(s) of others are missing</source>
        <translation>
            <numerusform>The job stays blocked: %n approval of others is missing</numerusform>
            <numerusform>The job stays blocked: %n approvals of others are missing</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The deployment waits: %n approval(s) are missing</source>
        <translation>
            <numerusform>The deployment waits: %n approval is missing</numerusform>
            <numerusform>The deployment waits: %n approvals are missing</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) again</source>
        <translation>
            <numerusform>%n job again</numerusform>
            <numerusform>%n jobs again</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) failed or were cancelled</source>
        <translation>
            <numerusform>%n job failed or was cancelled</numerusform>
            <numerusform>%n jobs failed or were cancelled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) will not run</source>
        <translation>
            <numerusform>%n job will not run</numerusform>
            <numerusform>%n jobs will not run</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) end, of them running: %1</source>
        <translation>
            <numerusform>%n job ends, of them running: %1</numerusform>
            <numerusform>%n jobs end, of them running: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) are not done</source>
        <translation>
            <numerusform>%n job is not done</numerusform>
            <numerusform>%n jobs are not done</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n job(s) have a new attempt</source>
        <translation>
            <numerusform>%1 of %n job has a new attempt</numerusform>
            <numerusform>%1 of %n jobs have a new attempt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) still go on</source>
        <translation>
            <numerusform>%n job still goes on</numerusform>
            <numerusform>%n jobs still go on</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Yours was shown as the last approval, but %n are missing by now. Look at it again.</source>
        <translation>
            <numerusform>Yours was shown as the last approval, but %n is missing by now. Look at it again.</numerusform>
            <numerusform>Yours was shown as the last approval, but %n are missing by now. Look at it again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Wait for %n approval(s) of others</source>
        <translation>
            <numerusform>Wait for %n approval of others</numerusform>
            <numerusform>Wait for %n approvals of others</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The job starts once %n other(s) approved it, too</source>
        <translation>
            <numerusform>The job starts once %n other approved it, too</numerusform>
            <numerusform>The job starts once %n others approved it, too</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Policy</name>
    <message numerus="yes">
        <source>The request lists no commits, and this brings %n: %1.</source>
        <translation>
            <numerusform>The request lists no commits, and this brings %n: %1.</numerusform>
            <numerusform>The request lists no commits, and this brings %n: %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The request leaves out %n commit(s) of what this brings: %1.</source>
        <translation>
            <numerusform>The request leaves out %n commit of what this brings: %1.</numerusform>
            <numerusform>The request leaves out %n commits of what this brings: %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 or %n other(s)</source>
        <translation>
            <numerusform>%1 or %n other</numerusform>
            <numerusform>%1 or %n others</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The ledger %1 was rewound, rewritten or replaced: its newest commit was %2, and %n of the proven entries that it had then are gone. Nothing is decided by it. Ask who did that; to go on with what is there now, start this program again.</source>
        <translation>
            <numerusform>The ledger %1 was rewound, rewritten or replaced: its newest commit was %2, and %n of the proven entries that it had then is gone. Nothing is decided by it. Ask who did that; to go on with what is there now, start this program again.</numerusform>
            <numerusform>The ledger %1 was rewound, rewritten or replaced: its newest commit was %2, and %n of the proven entries that it had then are gone. Nothing is decided by it. Ask who did that; to go on with what is there now, start this program again.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Promotions</name>
    <message numerus="yes">
        <source>and more, in %n file(s) altogether</source>
        <translation>
            <numerusform>and more, in %n file altogether</numerusform>
            <numerusform>and more, in %n files altogether</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the commits changed %n other file(s), which stay as they are; only the line with the image is put back</source>
        <translation>
            <numerusform>the commits changed %n other file, which stays as it is; only the line with the image is put back</numerusform>
            <numerusform>the commits changed %n other files, which stay as they are; only the line with the image is put back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s) can be undone as they are</source>
        <translation>
            <numerusform>%n commit can be undone as it is</numerusform>
            <numerusform>%n commits can be undone as they are</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) of %1; the cluster follows by itself</source>
        <translation>
            <numerusform>%n file of %1; the cluster follows by itself</numerusform>
            <numerusform>%n files of %1; the cluster follows by itself</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) of %1; the cluster follows by itself</source>
        <translation>
            <numerusform>%n line of %1; the cluster follows by itself</numerusform>
            <numerusform>%n lines of %1; the cluster follows by itself</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) change</source>
        <translation>
            <numerusform>%n line changes</numerusform>
            <numerusform>%n lines change</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n approval(s) of others are missing at the vendor</source>
        <translation>
            <numerusform>%n approval of others is missing at the vendor</numerusform>
            <numerusform>%n approvals of others are missing at the vendor</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StageBoxes</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Travis</name>
    <message numerus="yes">
        <source>%n job(s) run again; their logs begin anew</source>
        <translation>
            <numerusform>%n job runs again; its log begins anew</numerusform>
            <numerusform>%n jobs run again; their logs begin anew</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) of %1 stop</source>
        <translation>
            <numerusform>%n job of %1 stops</numerusform>
            <numerusform>%n jobs of %1 stop</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::ChangesDialog</name>
    <message numerus="yes">
        <source>%1 is %n commit(s) ahead of %2</source>
        <translation>
            <numerusform>%1 is %n commit ahead of %2</numerusform>
            <numerusform>%1 is %n commits ahead of %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 is %n commit(s) behind %2</source>
        <translation>
            <numerusform>%1 is %n commit behind %2</numerusform>
            <numerusform>%1 is %n commits behind %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::ChangesPresenter</name>
    <message numerus="yes">
        <source>more than %n commit(s)</source>
        <translation>
            <numerusform>more than %n commit</numerusform>
            <numerusform>more than %n commits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s)</source>
        <translation>
            <numerusform>%n commit</numerusform>
            <numerusform>%n commits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n author(s)</source>
        <translation>
            <numerusform>%n author</numerusform>
            <numerusform>%n authors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s) go away</source>
        <translation>
            <numerusform>%n commit goes away</numerusform>
            <numerusform>%n commits go away</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::ClusterDifference</name>
    <message numerus="yes">
        <source>... and %n more line(s)</source>
        <translation>
            <numerusform>... and %n more line</numerusform>
            <numerusform>... and %n more lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::CommitDelegate</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::CommitsModel</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::ConnectionProbe</name>
    <message numerus="yes">
        <source>It answers and shows %n pipeline(s).</source>
        <translation>
            <numerusform>It answers and shows %n pipeline.</numerusform>
            <numerusform>It answers and shows %n pipelines.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::JobLogLines</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::LogCard</name>
    <message numerus="yes">
        <source>Cut at %n line(s) since %1.</source>
        <translation>
            <numerusform>Cut at %n line since %1.</numerusform>
            <numerusform>Cut at %n lines since %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::MainWindow</name>
    <message numerus="yes">
        <source>Signalbox: %n decision(s) wait for you</source>
        <translation>
            <numerusform>Signalbox: %n decision waits for you</numerusform>
            <numerusform>Signalbox: %n decisions wait for you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the gates of %n server(s) are not known now</source>
        <translation>
            <numerusform>the gates of %n server are not known now</numerusform>
            <numerusform>the gates of %n servers are not known now</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::Operation</name>
    <message numerus="yes">
        <source>%1 of %n step(s) took effect and stay so.</source>
        <translation>
            <numerusform>%1 of %n step took effect and stays so.</numerusform>
            <numerusform>%1 of %n steps took effect and stay so.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stopped at step %1 of %n: %2</source>
        <translation>
            <numerusform>Stopped at step %1 of %n: %2</numerusform>
            <numerusform>Stopped at step %1 of %n: %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The program ended during this. Step %1 of %n is in place and stays, what comes after it is not: %2.</source>
        <translation>
            <numerusform>The program ended during this. Step %1 of %n is in place and stays, what comes after it is not: %2.</numerusform>
            <numerusform>The program ended during this. Step %1 of %n is in place and stays, what comes after it is not: %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::OverviewPage</name>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::PathGraph</name>
    <message numerus="yes">
        <source>%n ahead</source>
        <translation>
            <numerusform>%n ahead</numerusform>
            <numerusform>%n ahead</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n behind</source>
        <translation>
            <numerusform>%n behind</numerusform>
            <numerusform>%n behind</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::PolicyChangesCard</name>
    <message numerus="yes">
        <source>Takes along the changes that wait before it: %n.</source>
        <translation>
            <numerusform>Takes along the changes that wait before it: %n.</numerusform>
            <numerusform>Takes along the changes that wait before it: %n.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionsInbox</name>
    <message numerus="yes">
        <source>%n debt(s)</source>
        <translation>
            <numerusform>%n debt</numerusform>
            <numerusform>%n debts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionsPage</name>
    <message numerus="yes">
        <source>%n entry(ies) of yours are not in the shared ledger yet.</source>
        <translation>
            <numerusform>%n entry of yours is not in the shared ledger yet.</numerusform>
            <numerusform>%n entries of yours are not in the shared ledger yet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n entry(ies) of the ledger are not proven and do not count.</source>
        <translation>
            <numerusform>%n entry of the ledger is not proven and does not count.</numerusform>
            <numerusform>%n entries of the ledger are not proven and do not count.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n promotion(s) cannot be decided now: each says why.</source>
        <translation>
            <numerusform>%n promotion cannot be decided now: it says why.</numerusform>
            <numerusform>%n promotions cannot be decided now: each says why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::RequestDialog</name>
    <message numerus="yes">
        <source>%n commit(s)</source>
        <translation>
            <numerusform>%n commit</numerusform>
            <numerusform>%n commits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::RiskView</name>
    <message numerus="yes">
        <source>Brier score %1 on %n promotion(s) of this ledger; 0 is perfect.</source>
        <translation>
            <numerusform>Brier score %1 on %n promotion of this ledger; 0 is perfect.</numerusform>
            <numerusform>Brier score %1 on %n promotions of this ledger; 0 is perfect.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Brier score %1 on %n promotion(s) of this ledger, better than always saying the share that failed (%2); 0 is perfect.</source>
        <translation>
            <numerusform>Brier score %1 on %n promotion of this ledger, better than always saying the share that failed (%2); 0 is perfect.</numerusform>
            <numerusform>Brier score %1 on %n promotions of this ledger, better than always saying the share that failed (%2); 0 is perfect.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Brier score %1 on %n promotion(s) of this ledger, no better than always saying the share that failed (%2): do not lean on it.</source>
        <translation>
            <numerusform>Brier score %1 on %n promotion of this ledger, no better than always saying the share that failed (%2): do not lean on it.</numerusform>
            <numerusform>Brier score %1 on %n promotions of this ledger, no better than always saying the share that failed (%2): do not lean on it.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::RulesList</name>
    <message numerus="yes">
        <source>%n passed</source>
        <translation>
            <numerusform>%n passed</numerusform>
            <numerusform>%n passed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not known</source>
        <translation>
            <numerusform>%n not known</numerusform>
            <numerusform>%n not known</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n blocking</source>
        <translation>
            <numerusform>%n blocking</numerusform>
            <numerusform>%n blocking</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::RunsModel</name>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%n second</numerusform>
            <numerusform>%n seconds</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %n run(s)</source>
        <translation>
            <numerusform>%1, %n run</numerusform>
            <numerusform>%1, %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::TestsCard</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::TimesCard</name>
    <message numerus="yes">
        <source>%1, %n run(s) known</source>
        <translation>
            <numerusform>%1, %n run known</numerusform>
            <numerusform>%1, %n runs known</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>failed and passed on %n commit(s)</source>
        <translation>
            <numerusform>failed and passed on %n commit</numerusform>
            <numerusform>failed and passed on %n commits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>changed %n time(s)</source>
        <translation>
            <numerusform>changed %n time</numerusform>
            <numerusform>changed %n times</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %n earlier report(s)</source>
        <translation>
            <numerusform>of %n earlier report</numerusform>
            <numerusform>of %n earlier reports</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>None both failed and passed on one commit, or changed its outcome at least %n time(s) on a branch.</source>
        <translation>
            <numerusform>None both failed and passed on one commit, or changed its outcome at least %n time on a branch.</numerusform>
            <numerusform>None both failed and passed on one commit, or changed its outcome at least %n times on a branch.</numerusform>
        </translation>
    </message>
</context>
</TS>

#include "app/cli/completion.h"
#include "app/cli/grammar.h"
#include "app/cli/help.h"
#include "app/cli/nearest.h"
#include "app/exitstatus.h"
#include "models/domain/duration.h"

#include <QProcess>
#include <QTest>
#include <QTranslator>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::cli;

class TestArguments : public QObject
{
    Q_OBJECT
private slots:
    void takesOptionsAnywhere()
    {
        const auto parsed = parse({QStringLiteral("--kubeconfig"), QStringLiteral("k.yaml"), QStringLiteral("traffic"),
                                   QStringLiteral("cart"), QStringLiteral("--set=green=25"), QStringLiteral("--set"),
                                   QStringLiteral("blue=75"), QStringLiteral("-wteam.yaml"), QStringLiteral("--"),
                                   QStringLiteral("-prod")},
                                  grammar());
        QVERIFY2(parsed, parsed ? "" : qPrintable(parsed.error().message));
        QCOMPARE(parsed->command->name, QStringLiteral("traffic"));
        QCOMPARE(parsed->positionals, (QStringList{QStringLiteral("cart"), QStringLiteral("-prod")}));
        QCOMPARE(parsed->value(QStringLiteral("kubeconfig")), QStringLiteral("k.yaml"));
        QCOMPARE(parsed->value(QStringLiteral("workspace")), QStringLiteral("team.yaml"));
        QCOMPARE(parsed->options.value(QStringLiteral("set")),
                 (QStringList{QStringLiteral("green=25"), QStringLiteral("blue=75")}));
    }

    void aCommandsNameMayBeAnApplications()
    {
        const auto parsed = parse({QStringLiteral("status"), QStringLiteral("status")}, grammar());
        QVERIFY(parsed);
        QCOMPARE(parsed->positionals, QStringList{QStringLiteral("status")});
    }

    void findsTheNearestName_data()
    {
        QTest::addColumn<QString>("given");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("letters swapped") << QStringLiteral("catr") << QStringList{QStringLiteral("cart")};
        QTest::newRow("beginning") << QStringLiteral("pay") << QStringList{QStringLiteral("payments")};
        QTest::newRow("part") << QStringLiteral("front") << QStringList{QStringLiteral("storefront")};
        QTest::newRow("case") << QStringLiteral("CART") << QStringList{QStringLiteral("cart")};
        QTest::newRow("nothing like it") << QStringLiteral("zebra") << QStringList{};
        QTest::newRow("empty") << QString() << QStringList{};
    }
    void findsTheNearestName()
    {
        QFETCH(QString, given);
        QFETCH(QStringList, expected);
        QCOMPARE(nearest(given, {QStringLiteral("cart"), QStringLiteral("payments"), QStringLiteral("storefront")}),
                 expected);
    }

    void readsLengthsOfTime_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("ms"); // -1: refused
        QTest::newRow("seconds") << QStringLiteral("90s") << qint64(90000);
        QTest::newRow("minutes") << QStringLiteral("2m") << qint64(120000);
        QTest::newRow("both") << QStringLiteral("1h30m") << qint64(5400000);
        QTest::newRow("milliseconds") << QStringLiteral("500ms") << qint64(500);
        QTest::newRow("zero") << QStringLiteral("0") << qint64(0);
        QTest::newRow("no unit") << QStringLiteral("90") << qint64(-1);
        QTest::newRow("empty") << QString() << qint64(-1);
        QTest::newRow("words") << QStringLiteral("soon") << qint64(-1);
        QTest::newRow("negative") << QStringLiteral("-5s") << qint64(-1);
    }
    void readsLengthsOfTime()
    {
        QFETCH(QString, text);
        QFETCH(qint64, ms);
        const auto parsed = parseDuration(text);
        QCOMPARE(parsed.has_value(), ms >= 0);
        if (parsed)
            QCOMPARE(qint64(parsed->count()), ms);
    }

    void writesLengthsOfTime()
    {
        QCOMPARE(durationText(std::chrono::seconds(0)), QStringLiteral("0s"));
        QCOMPARE(durationText(std::chrono::seconds(90)), QStringLiteral("1m30s"));
        QCOMPARE(durationText(std::chrono::seconds(7200)), QStringLiteral("2h"));
        QCOMPARE(durationText(std::chrono::seconds(90061)), QStringLiteral("1d1h1m1s"));
        QCOMPARE(spacedDurationText(std::chrono::seconds(0)), QStringLiteral("0 s"));
        QCOMPARE(spacedDurationText(std::chrono::minutes(216)), QStringLiteral("3 h 36 m"));
        QCOMPARE(spacedDurationText(std::chrono::seconds(90061)), QStringLiteral("1 d 1 h 1 m 1 s"));
    }

    void lengthsOfTimeAreInTheOperatorsLanguage()
    {
        class Words : public QTranslator
        {
        public:
            QString translate(const char *context, const char *source, const char *, int) const override
            {
                if (qstrcmp(context, "Duration") != 0)
                    return {};
                if (qstrcmp(source, "%1h") == 0)
                    return QStringLiteral("%1 小时");
                return qstrcmp(source, "%1m") == 0 ? QStringLiteral("%1 分") : QString();
            }
            bool isEmpty() const override { return false; }
        } words;
        QVERIFY(QCoreApplication::installTranslator(&words));
        const QString text = durationText(std::chrono::minutes(216));
        QCoreApplication::removeTranslator(&words);
        QCOMPARE(text, QStringLiteral("3 小时36 分"));
        QCOMPARE(durationText(std::chrono::minutes(216)), QStringLiteral("3h36m"));
    }

    void aPausedDeploymentIsRolledBackAllTheSame()
    {
        const QList<CommandSpec> all = grammar().commands;
        const auto pause = std::find_if(
            all.begin(), all.end(), [](const CommandSpec &command) { return command.name == QLatin1String("pause"); });
        QVERIFY(pause != all.end());
        QVERIFY(!pause->description.contains(QLatin1String("cannot be rolled back")));
        QVERIFY(pause->description.contains(QLatin1String("offers to resume")));
    }

    void everyCommandHasItsHelp()
    {
        const QString overview = generalHelp(grammar(), 100);
        for (const CommandSpec &command : grammar().commands) {
            if (command.isHidden)
                continue;
            QVERIFY2(overview.contains(QStringLiteral("\n  ") + command.name), qPrintable(command.name));
            const QString help = commandHelp(grammar(), command, 80);
            QVERIFY(help.contains(command.summary.left(20)));
            for (const OptionSpec &option : grammar().optionsOf(&command)) {
                QVERIFY2(help.contains(QStringLiteral("--") + option.name), qPrintable(option.name));
                QVERIFY2(!option.help.isEmpty(), qPrintable(option.name));
            }
            QVERIFY(help.contains(QStringLiteral("Exit status:")));
            QVERIFY2(command.json.isEmpty() || help.contains(QStringLiteral("schema")), qPrintable(command.name));
            // Every example of the help is a command line the parser takes.
            for (const QString &example : command.examples) {
                const QString line = example.section(QStringLiteral("  # "), 0, 0).trimmed();
                if (!line.startsWith(QStringLiteral("signalbox ")) || line.contains(QLatin1Char('>')))
                    continue;
                const auto parsed = parse(QProcess::splitCommand(line).mid(1), grammar());
                QVERIFY2(parsed, qPrintable(line + (parsed ? QString() : parsed.error().message)));
            }
        }
        for (const QString &line : overview.split(QLatin1Char('\n')))
            QVERIFY2(line.size() <= 110, qPrintable(line));
    }

    void completes_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QStringList>("expected");
        const auto list = [](const char *words) { return QString::fromUtf8(words).split(QLatin1Char(' ')); };
        QTest::newRow("commands") << list("res") << list("restart resume");
        QTest::newRow("options") << list("rollback --re") << list("--reason");
        QTest::newRow("options of their command only") << list("restart --re") << list("--reason");
        QTest::newRow("no option twice") << list("status --json --js") << QStringList{};
        QTest::newRow("application") << list("rollback c") << list("cart catalog");
        QTest::newRow("environment of the application") << list("rollback cart ") << list("production staging");
        QTest::newRow("after an option with a value") << list("rollback --to 3 cart st") << list("staging");
        QTest::newRow("confirm names an application")
            << list("rollback cart production --confirm c") << list("cart catalog");
        QTest::newRow("context") << list("status --context k") << list("kind-a kind-b");
        QTest::newRow("context behind =") << list("status --context=k") << list("--context=kind-a --context=kind-b");
        QTest::newRow("files") << list("status -w ") << list(":files");
        QTest::newRow("log level") << list("status --log-level d") << list("debug");
        QTest::newRow("shells") << list("completion ") << list("bash zsh fish");
        QTest::newRow("help") << list("help sta") << list("status");
        QTest::newRow("too many words") << list("rollback cart production x") << QStringList{};
    }
    void completes()
    {
        QFETCH(QStringList, words);
        QFETCH(QStringList, expected);
        const NamesOf names = [](ValueKind kind, const Arguments &given) -> QStringList {
            if (kind == ValueKind::Application)
                return {QStringLiteral("cart"), QStringLiteral("catalog")};
            if (kind == ValueKind::Environment && given.positionals.value(0) == QLatin1String("cart"))
                return {QStringLiteral("production"), QStringLiteral("staging")};
            if (kind == ValueKind::Context)
                return {QStringLiteral("kind-a"), QStringLiteral("kind-b")};
            return {};
        };
        QStringList values;
        for (const Candidate &candidate : complete(words, grammar(), names))
            values.append(candidate.value);
        QCOMPARE(values, expected);
    }

    void everyOutcomeHasItsStatus_data()
    {
        QTest::addColumn<OutcomeKind>("kind");
        QTest::addColumn<ErrorKind>("error");
        QTest::addColumn<int>("status");
        QTest::newRow("done") << OutcomeKind::Done << ErrorKind::Internal << 0;
        QTest::newRow("dry run") << OutcomeKind::DryRun << ErrorKind::Internal << 0;
        QTest::newRow("not effective") << OutcomeKind::NotEffective << ErrorKind::Internal << 1;
        QTest::newRow("refused by a check") << OutcomeKind::Refused << ErrorKind::Refused << 1;
        QTest::newRow("the remote refuses the call") << OutcomeKind::Refused << ErrorKind::Forbidden << 3;
        QTest::newRow("remote gone before the call") << OutcomeKind::Refused << ErrorKind::Unreachable << 3;
        QTest::newRow("cancelled") << OutcomeKind::Cancelled << ErrorKind::Cancelled << 1;
        QTest::newRow("abandoned") << OutcomeKind::Abandoned << ErrorKind::Internal << 1;
        QTest::newRow("pre-empted") << OutcomeKind::Preempted << ErrorKind::Internal << 1;
        QTest::newRow("unknown") << OutcomeKind::Unknown << ErrorKind::OutcomeUnknown << 4;
        QTest::newRow("failed: no connection") << OutcomeKind::Failed << ErrorKind::Unreachable << 3;
        QTest::newRow("failed: who are you") << OutcomeKind::Failed << ErrorKind::Unauthorized << 3;
        QTest::newRow("failed: timed out") << OutcomeKind::Failed << ErrorKind::TimedOut << 4;
        QTest::newRow("failed: refused body") << OutcomeKind::Failed << ErrorKind::Invalid << 1;
        QTest::newRow("conflict") << OutcomeKind::Conflict << ErrorKind::Conflict << 5;
    }
    void everyOutcomeHasItsStatus()
    {
        QFETCH(OutcomeKind, kind);
        QFETCH(ErrorKind, error);
        Outcome outcome;
        outcome.kind = kind;
        outcome.errorKind = error;
        QTEST(static_cast<int>(exitStatusOf(outcome)), "status");
    }
};

QTEST_GUILESS_MAIN(TestArguments)
#include "test_arguments.moc"

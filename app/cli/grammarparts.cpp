#include "app/cli/grammar_p.h"

namespace signalbox::cli
{

OptionSpec flag(const QString &name, const QString &help)
{
    OptionSpec option;
    option.name = name;
    option.help = help;
    return option;
}

OptionSpec valued(const QString &name, const QString &valueName, const QString &help, ValueKind kind)
{
    OptionSpec option = flag(name, help);
    option.valueName = valueName;
    option.kind = kind;
    return option;
}

OptionSpec workspaceOption(const QString &help)
{
    OptionSpec option = valued(QStringLiteral("workspace"), QStringLiteral("FILE"), help, ValueKind::File);
    option.letter = QLatin1Char('w');
    return option;
}

OptionSpec demoOption()
{
    return flag(QStringLiteral("demo"),
                tr("a practice world inside the program, new at every start: no cluster is needed or touched"));
}

OptionSpec choice(const QString &name, const QString &valueName, const QString &help, const QStringList &choices)
{
    OptionSpec option = valued(name, valueName, help, ValueKind::Choice);
    option.choices = choices;
    return option;
}

QList<PositionalSpec> appAndEnv(bool isOptional)
{
    return {{QStringLiteral("APP"), ValueKind::Application, isOptional},
            {QStringLiteral("ENV"), ValueKind::Environment, isOptional}};
}

QList<OptionSpec> changeOptions()
{
    return {
        flag(QStringLiteral("dry-run"), tr("plan, check and ask the cluster's own dry run; write nothing")),
        valued(QStringLiteral("confirm"), QStringLiteral("APP"),
               tr("the application's name once more: needed on a protected environment when nobody can be asked"),
               ValueKind::Application),
        valued(QStringLiteral("reason"), QStringLiteral("TEXT"), tr("why, for the record")),
    };
}

OptionSpec pauseReconciliation()
{
    return flag(
        QStringLiteral("pause-reconciliation"),
        tr("first pause the Argo CD or Flux object that would undo it (stays paused until \"signalbox resume APP "
           "ENV --reconciliation\")"));
}

QList<OptionSpec> workloadOptions()
{
    return {
        valued(QStringLiteral("track"), QStringLiteral("NAME"),
               tr("the track to act on, where the application has several"), ValueKind::Track),
        valued(QStringLiteral("workload"), QStringLiteral("NAME"),
               tr("the workload to act on, where the track has several: NAME or KIND/NAME")),
    };
}

} // namespace signalbox::cli

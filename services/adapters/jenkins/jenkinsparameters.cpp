#include "services/adapters/jenkins/jenkinsparameters.h"

namespace signalbox::jenkins
{

QString plainValue(const Json &value)
{
    if (value.is_string())
        return QString::fromStdString(value.get_ref<const std::string &>());
    if (value.is_boolean())
        return value.get<bool>() ? QStringLiteral("true") : QStringLiteral("false");
    if (value.is_number())
        return QString::fromStdString(value.dump());
    return {};
}

RunParameter parameterOf(const Json &definition, const Json &defaultValue, const Json &choices)
{
    RunParameter parameter;
    parameter.name = textOf(definition, "name");
    parameter.about = textOf(definition, "description");
    const QString type = textOf(definition, "type");
    if (type.contains(QLatin1String("Password"))) {
        parameter.kind = RunParameter::Kind::Hidden;
        return parameter;
    }
    if (type.startsWith(QLatin1String("Boolean")))
        parameter.kind = RunParameter::Kind::Flag;
    for (const Json &choice : choices)
        parameter.choices.append(plainValue(choice));
    if (!parameter.choices.isEmpty())
        parameter.kind = RunParameter::Kind::Choice;
    parameter.value = plainValue(defaultValue);
    return parameter;
}

} // namespace signalbox::jenkins

#include "services/workspace/yamlcomplaints.h"

#include "services/workspace/workspacetext.h"

namespace signalbox
{

namespace
{

constexpr int maxProblems = 20;

} // namespace

std::optional<Error> YamlComplaints::complaints() const
{
    if (m_problems.isEmpty())
        return std::nullopt;
    const auto count = m_problems.size();
    QStringList shown = m_problems.mid(0, maxProblems);
    if (count > maxProblems)
        shown.append(WorkspaceText::tr("... and %1 more.").arg(count - maxProblems));
    return Error{ErrorKind::Invalid, shown.join(QLatin1Char('\n')), {}};
}

void YamlComplaints::complain(const YamlValue &where, const QString &expected, const QString &found,
                              const QString &advice)
{
    m_problems.append(where.problem(expected, found, advice).message.trimmed());
}

void YamlComplaints::complain(const Error &problem)
{
    m_problems.append(problem.message);
}

QString YamlComplaints::shown(const YamlValue &value)
{
    return value.isText() && !value.text().isEmpty() ? QStringLiteral("\"%1\"").arg(value.text().left(60))
                                                     : value.shape();
}

QString YamlComplaints::text(const YamlValue &map, const char *key)
{
    const YamlValue value = map[QString::fromLatin1(key)];
    if (!value.exists())
        return {};
    if (value.isText() && !value.text().isEmpty())
        return value.text();
    complain(value, WorkspaceText::tr("a text"), value.shape(),
             WorkspaceText::tr("Write one value, or leave the key out."));
    return {};
}

QString YamlComplaints::requiredText(const YamlValue &map, const char *key, const QString &advice)
{
    const YamlValue value = map[QString::fromLatin1(key)];
    if (value.exists())
        return text(map, key);
    complain(value, WorkspaceText::tr("a text"), WorkspaceText::tr("nothing"), advice);
    return {};
}

bool YamlComplaints::flag(const YamlValue &map, const char *key, bool absent)
{
    const YamlValue value = map[QString::fromLatin1(key)];
    if (!value.exists())
        return absent;
    if (value.isText() && !value.isQuoted() && value.text() == QLatin1String("true"))
        return true;
    if (value.isText() && !value.isQuoted() && value.text() == QLatin1String("false"))
        return false;
    complain(value, WorkspaceText::tr("true or false, without quotes"), shown(value));
    return absent;
}

QList<YamlValue> YamlComplaints::list(const YamlValue &map, const char *key)
{
    const YamlValue value = map[QString::fromLatin1(key)];
    if (!value.exists() || value.isList())
        return value.items();
    complain(value, WorkspaceText::tr("a list"), value.shape(), WorkspaceText::tr("Begin each entry with \"- \"."));
    return {};
}

QStringList YamlComplaints::texts(const YamlValue &map, const char *key)
{
    QStringList all;
    for (const YamlValue &value : list(map, key)) {
        if (value.isText() && !value.text().isEmpty())
            all.append(value.text());
        else
            complain(value, WorkspaceText::tr("a text"), value.shape());
    }
    return all;
}

bool YamlComplaints::isMap(const YamlValue &value)
{
    if (value.isMap())
        return true;
    complain(value, WorkspaceText::tr("a map"), value.shape());
    return false;
}

void YamlComplaints::versionOne(const YamlValue &root)
{
    const YamlValue value = root[QStringLiteral("version")];
    if (!value.exists())
        complain(value, QStringLiteral("1"), WorkspaceText::tr("nothing"),
                 WorkspaceText::tr("Begin the file with \"version: 1\"."));
    else if (!value.isText() || value.isQuoted() || value.text() != QLatin1String("1"))
        complain(value, WorkspaceText::tr("1, without quotes"), shown(value),
                 WorkspaceText::tr("This version of Signalbox reads version 1 of the file."));
}

} // namespace signalbox

#include "services/sandbox/story/storybook.h"

#include "services/sandbox/world/json.h"

#include <QCoreApplication>
#include <QFile>

#include <stdexcept>

// A static library's resources are not registered by themselves; the macro must stand outside of any namespace.
static void initResources()
{
    Q_INIT_RESOURCE(story);
}

namespace signalbox::sandbox
{

namespace
{

QString textOf(const Json &tree, const char *word)
{
    return QString::fromStdString(tree.at(word).get<std::string>());
}

QStringList textsOf(const Json &tree, const char *word)
{
    QStringList texts;
    for (const Json &one : tree.at(word))
        texts.append(QString::fromStdString(one.get<std::string>()));
    return texts;
}

SourcePlan sourcePlanOf(const Json &tree)
{
    SourcePlan plan{textOf(tree, "package"), textOf(tree, "issue"), textOf(tree, "model"), {}, textsOf(tree, "work")};
    for (const Json &one : tree.at("earlier"))
        plan.earlier.append(
            {textOf(one, "tag"), one.at("daysAgo").get<double>(), textOf(one, "cause"), one.value("failed", false)});
    if (plan.work.isEmpty())
        throw std::runtime_error("\"work\" of " + plan.package.toStdString() + " is empty");
    return plan;
}

Storybook storybookOf(const Json &tree)
{
    if (tree.at("version").get<int>() != 1)
        throw std::runtime_error("\"version\" is not 1");
    Storybook book;
    for (const Json &one : tree.at("people"))
        book.people.append({textOf(one, "name"), textOf(one, "title"), textOf(one, "team"), textsOf(one, "roles")});
    book.chores = textsOf(tree, "chores");
    for (const auto &[application, one] : tree.at("sources").items())
        book.sources.insert(QString::fromStdString(application), sourcePlanOf(one));
    return book;
}

} // namespace

const Person *Storybook::person(const QString &name) const
{
    for (const Person &one : people) {
        if (one.name == name)
            return &one;
    }
    return nullptr;
}

QList<const Person *> Storybook::team(const QString &team) const
{
    QList<const Person *> all;
    for (const Person &one : people) {
        if (one.team == team)
            all.append(&one);
    }
    return all;
}

QList<const Person *> Storybook::with(const QString &role) const
{
    QList<const Person *> all;
    for (const Person &one : people) {
        if (one.has(role))
            all.append(&one);
    }
    return all;
}

Result<Storybook> parseStorybook(const QByteArray &json, const QString &fileName)
{
    try {
        return storybookOf(Json::parse(json.begin(), json.end()));
    } catch (const std::exception &problem) { // nlohmann's and our own
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate("Sandbox", "%1 does not tell a practice story: %2.")
                         .arg(fileName, QString::fromStdString(problem.what())),
                     {}};
    }
}

const Storybook &builtInStorybook()
{
    static const Storybook book = [] {
        initResources();
        QFile file(QStringLiteral(":/signalbox/sandbox/story.json"));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("the practice world's story is not linked in");
        auto parsed = parseStorybook(file.readAll(), QStringLiteral("resources/sandbox-story.json"));
        if (!parsed)
            qFatal("%s", qUtf8Printable(parsed.error().message));
        return std::move(*parsed);
    }();
    return book;
}

} // namespace signalbox::sandbox

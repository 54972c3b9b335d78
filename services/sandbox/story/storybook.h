#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QList>
#include <QMap>
#include <QString>
#include <QStringList>

// Who works in the practice world, and on what, as resources/sandbox-story.json tells it. Data only.
namespace signalbox::sandbox
{

struct Person
{
    QString name; // of the principal, and before the @ of the address
    QString title;
    QString team;
    QStringList roles;

    QString email() const { return name + QStringLiteral("@example.org"); }
    bool has(const QString &role) const { return roles.contains(role); }
};

// A release from before the clusters' history.
struct EarlierRelease
{
    QString tag;
    double daysAgo = 0; // when it reached production
    QString cause;
    bool hasFailed = false;
};

struct SourcePlan
{
    QString package;
    QString issue; // key of its tracker
    QString model; // empty: none
    QList<EarlierRelease> earlier;
    QStringList work; // titles of pull requests
};

struct Storybook
{
    QList<Person> people;
    QStringList chores;
    QMap<QString, SourcePlan> sources; // by application

    const Person *person(const QString &name) const; // null: nobody
    QList<const Person *> team(const QString &team) const;
    QList<const Person *> with(const QString &role) const;
};

// Strict about what is missing: the error names it.
Result<Storybook> parseStorybook(const QByteArray &json, const QString &fileName);
const Storybook &builtInStorybook();

} // namespace signalbox::sandbox

#pragma once

#include "services/git/repository.h"
#include "services/sandbox/story/storybook.h"

#include <QList>
#include <QMap>

#include <cstdint>

namespace signalbox::sandbox
{

// The files of one application's source as its team changes them, commit by commit: small Python modules that look as
// such, their tests, the model that is served, settings. Everything comes from the seed. Each function answers with the
// files it changed.
class SourceFiles
{
public:
    using Changed = QList<git::FileContent>;

    SourceFiles(const SourcePlan &plan, QString application, std::uint64_t seed);

    Changed begin();
    Changed code();  // a module
    Changed tests(); // of the module that code() changed last
    Changed chore(); // settings, requirements, the image
    Changed model(int version);
    Changed release(const QString &tag, const QString &cause);
    Changed undoChore(); // the last one

    const QMap<QString, QByteArray> &all() const { return m_files; } // by path

private:
    struct Function
    {
        QString verb;
        QString noun;
        int limit = 100;
        int threshold = 10; // hundredths
        int shape = 0;
    };
    std::uint64_t next();
    int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
    Function newFunction();
    QByteArray moduleText(int module) const;
    QByteArray testText(int module) const;
    QByteArray settingsText() const;
    Changed set(const QString &path, const QByteArray &content);

    SourcePlan m_plan;
    QString m_application;
    std::uint64_t m_state;
    QList<QList<Function>> m_modules;
    int m_lastModule = 0;
    QMap<QByteArray, int> m_settings;
    QMap<QByteArray, int> m_settingsBefore; // the last chore
    QByteArray m_changelog;
    QMap<QString, QByteArray> m_files;
};

} // namespace signalbox::sandbox

#pragma once

#include "models/domain/error.h"
#include "services/workspace/yamldocument.h"

#include <QStringList>

#include <optional>

namespace signalbox
{

// What decoders of our own files share: they read on after a mistake and tell all of them at once, one sentence a line
// (file, line, path, expected, found). A field that is wrong gives what an absent one gives.
class YamlComplaints
{
protected:
    std::optional<Error> complaints() const; // of kind Invalid; none: all is well

    void complain(const YamlValue &where, const QString &expected, const QString &found, const QString &advice = {});
    void complain(const Error &problem);
    static QString shown(const YamlValue &value); // "\"text\"" or the shape; never for what may be a secret

    QString text(const YamlValue &map, const char *key);
    QString requiredText(const YamlValue &map, const char *key, const QString &advice);
    bool flag(const YamlValue &map, const char *key, bool absent = false);
    QList<YamlValue> list(const YamlValue &map, const char *key);
    QStringList texts(const YamlValue &map, const char *key);
    bool isMap(const YamlValue &value);
    void versionOne(const YamlValue &root); // the file says "version: 1"

private:
    QStringList m_problems;
};

} // namespace signalbox

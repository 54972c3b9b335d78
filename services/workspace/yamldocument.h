#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

// Configuration as people write it, YAML or JSON (which is YAML), read into an ordered nlohmann::json together with the
// line of each value, so that every complaint can name file, line and path. No exception leaves.
namespace signalbox
{

struct YamlLimits
{
    qint64 bytes = 4 * 1024 * 1024;
    int depth = 64;
    int values = 200'000; // after aliases (*name) were replaced by what they stand for
};

// One document. Every scalar is a string with the text as written (1.10 stays "1.10", true is "true"), but for an
// unquoted null, ~ or nothing, which is null; isQuoted() tells "true" from true. Merge keys (<<) are carried out. A key
// given twice, a second document, control characters and anything beyond the limits are errors. A value.
class YamlDocument
{
public:
    // `file` is only named in errors.
    static Result<YamlDocument> parse(const QByteArray &bytes, const QString &file, const YamlLimits &limits = {});
    // NotFound: there is no such file; Invalid: everything else. Reads at most limits.bytes.
    static Result<YamlDocument> load(const QString &file, const YamlLimits &limits = {});

    const nlohmann::ordered_json &root() const { return m_root; } // null for an empty document
    QString file() const { return m_file; }

    // Of a JSON pointer ("/users/3/user"); for one that is not there, of the nearest place above it. First line is 1.
    int lineOf(const QString &pointer) const;
    bool isQuoted(const QString &pointer) const;

    // Error of kind Invalid: "FILE:LINE: PATH: expected EXPECTED, found FOUND. ADVICE" (the path as
    // users[3].user.token).
    Error problem(const QString &pointer, const QString &expected, const QString &found, const QString &advice) const;
    // The same place, in free words: "FILE:LINE: PATH: SENTENCE".
    Error problem(const QString &pointer, const QString &sentence) const;

private:
    friend class YamlBuilder;
    struct Place
    {
        int line = 1;
        bool isQuoted = false;
    };
    QString m_file;
    nlohmann::ordered_json m_root;
    QHash<QString, Place> m_places;
};

// A place in a document, there or not. Cheap to copy; the document must outlive it.
class YamlValue
{
public:
    explicit YamlValue(const YamlDocument &document);

    bool exists() const { return m_value != nullptr; }
    bool isNull() const; // nothing there, or an explicit null
    bool isMap() const;
    bool isList() const;
    bool isText() const;

    YamlValue operator[](const QString &key) const;
    QList<YamlValue> items() const; // of a list; else empty
    QStringList keys() const;       // of a map, in the order written; else empty
    QString text() const;           // of a scalar; else empty

    int line() const { return m_document->lineOf(m_pointer); }
    QString pointer() const { return m_pointer; }
    const YamlDocument &document() const { return *m_document; }
    bool isQuoted() const { return m_document->isQuoted(m_pointer); }
    // What stands there, without its text (which may be a secret): "nothing", "a text", "a list", "a map".
    QString shape() const;

    Error problem(const QString &expected, const QString &found, const QString &advice) const;
    Error problem(const QString &sentence) const;

private:
    const YamlDocument *m_document;
    const nlohmann::ordered_json *m_value;
    QString m_pointer;
};

// Reads fields and keeps the first complaint, so that a decoder reads straight through and looks at error() once.
// A field that is absent or null gives the default.
class YamlReader
{
public:
    const std::optional<Error> &error() const { return m_error; }
    void fail(Error error); // kept if it is the first

    QString text(const YamlValue &map, const QString &key, const QString &absent = {});
    QString requiredText(const YamlValue &map, const QString &key, const QString &advice); // there and not empty
    bool flag(const YamlValue &map, const QString &key, bool absent = false); // true, false, yes, no, on, off
    qint64 number(const YamlValue &map, const QString &key, qint64 absent, qint64 least, qint64 most);
    QStringList texts(const YamlValue &map, const QString &key);
    QList<YamlValue> list(const YamlValue &map, const QString &key, const QString &advice = {});
    YamlValue map(const YamlValue &parent, const QString &key, const QString &advice = {}); // may be absent

private:
    std::optional<Error> m_error;
};

// "/users/3/user/a.b" as people write it: users[3].user["a.b"].
QString readablePath(const QString &pointer);
// One step of a JSON pointer (RFC 6901).
QString pointerStep(const QString &key);

} // namespace signalbox

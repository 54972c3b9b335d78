#pragma once

#include <nlohmann/json.hpp>

#include <QDateTime>
#include <QString>
#include <QStringList>

#include <string>

// How the documents of --json are written: what is not there is null, times are UTC with milliseconds.
namespace signalbox::commands
{

using Json = nlohmann::ordered_json;

std::string utf8(const QString &text);
Json orNull(const QString &text);
Json orNull(const QDateTime &time);
Json listJson(const QStringList &texts);
// With its line end. What is not UTF-8 is replaced, never an exception.
QString document(const Json &json);

// "2026-03-04T12:00:00Z": to the second, for people and where a document has promised no more. Empty: unknown.
QString utcText(const QDateTime &time);

} // namespace signalbox::commands

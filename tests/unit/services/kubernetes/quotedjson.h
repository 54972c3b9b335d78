#pragma once

#include <nlohmann/json.hpp>

#include <QByteArray>

namespace signalbox::test
{

inline nlohmann::json json(const char *text) // with ' for "
{
    return nlohmann::json::parse(QByteArray(text).replace('\'', '"').toStdString());
}

} // namespace signalbox::test

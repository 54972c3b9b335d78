#include "app/commands/documentjson.h"

namespace signalbox::commands
{

std::string utf8(const QString &text)
{
    return text.toStdString();
}

Json orNull(const QString &text)
{
    return text.isEmpty() ? Json(nullptr) : Json(utf8(text));
}

Json orNull(const QDateTime &time)
{
    return time.isValid() ? Json(utf8(time.toUTC().toString(Qt::ISODateWithMs))) : Json(nullptr);
}

Json listJson(const QStringList &texts)
{
    Json list = Json::array();
    for (const QString &text : texts)
        list.push_back(utf8(text));
    return list;
}

QString document(const Json &json)
{
    return QString::fromStdString(json.dump(2, ' ', false, Json::error_handler_t::replace)) + QLatin1Char('\n');
}

QString utcText(const QDateTime &time)
{
    return time.toUTC().toString(Qt::ISODate);
}

} // namespace signalbox::commands

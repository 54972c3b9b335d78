#include "services/sandbox/ci/jenkins/jenkinsreplies.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <algorithm>
#include <cstdlib>

namespace signalbox::sandbox::ci::jenkins
{

namespace
{

std::string escapedText(const std::string &text)
{
    return QString::fromStdString(text).toHtmlEscaped().toStdString();
}

} // namespace

LoopbackReply json(const Json &value)
{
    LoopbackReply reply;
    reply.contentType = "application/json;charset=utf-8";
    reply.body = value.dump();
    reply.headers.emplace_back("X-Jenkins", "2.452.3");
    return reply;
}

LoopbackReply page(int status, const std::string &title, const std::string &words)
{
    LoopbackReply reply;
    reply.status = status;
    reply.contentType = "text/html;charset=utf-8";
    reply.body = "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1><p>" +
                 escapedText(words) + "</p></body></html>";
    reply.headers.emplace_back("X-Jenkins", "2.452.3");
    return reply;
}

LoopbackReply notFound()
{
    return page(404, "Not Found", "The requested resource is not available.");
}

LoopbackReply postNeeded()
{
    LoopbackReply reply = page(405, "Method Not Allowed", "This URL requires POST.");
    reply.headers.emplace_back("Allow", "POST");
    return reply;
}

LoopbackReply failure(const std::string &words)
{
    return page(400, "Error", words);
}

Names segments(const std::string &rawPath)
{
    Names names;
    for (const QByteArray &part : QByteArray::fromStdString(rawPath).split('/')) {
        if (!part.isEmpty())
            names.push_back(QByteArray::fromPercentEncoding(part).toStdString());
    }
    return names;
}

Names after(const Names &names, std::size_t count)
{
    return {names.begin() + static_cast<std::ptrdiff_t>(std::min(count, names.size())), names.end()};
}

bool isApi(const Names &rest)
{
    return rest.size() == 2 && rest[0] == "api" && rest[1] == "json";
}

bool isNumber(const std::string &text)
{
    return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string fieldOf(const LoopbackRequest &request, const std::string &name)
{
    for (const auto &[key, value] : request.form) {
        if (key == name)
            return value;
    }
    return request.value(name.c_str());
}

LoopbackReply progressive(const LoopbackRequest &request, const std::string &text, bool goesOn)
{
    std::size_t start = static_cast<std::size_t>(std::strtoull(request.value("start").c_str(), nullptr, 10));
    if (start > text.size())
        start = 0; // "text rolled over"
    LoopbackReply reply;
    reply.contentType = "text/plain;charset=utf-8";
    reply.body = text.substr(start);
    reply.headers.emplace_back("X-Text-Size", std::to_string(text.size()));
    if (goesOn)
        reply.headers.emplace_back("X-More-Data", "true");
    return reply;
}

} // namespace signalbox::sandbox::ci::jenkins

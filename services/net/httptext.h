#pragma once

#include <QCoreApplication>

namespace signalbox
{

// One translation context for the sentences of this folder.
struct HttpClientText
{
    Q_DECLARE_TR_FUNCTIONS(HttpClient)
};

} // namespace signalbox

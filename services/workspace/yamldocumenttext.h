#pragma once

#include <QCoreApplication>

namespace signalbox
{

// Translates the texts of this folder that no class owns.
struct YamlDocumentText
{
    Q_DECLARE_TR_FUNCTIONS(YamlDocument)
};

} // namespace signalbox

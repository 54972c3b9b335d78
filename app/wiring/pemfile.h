#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QString>

namespace signalbox
{

// The certificates in a CA file of the workspace; what the error says is for people.
Result<QByteArray> pemFile(const QString &path);

} // namespace signalbox

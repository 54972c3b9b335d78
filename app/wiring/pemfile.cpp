#include "app/wiring/pemfile.h"

#include "app/wiring/sourcestext.h"

#include <QFile>

namespace signalbox
{

namespace
{

constexpr qint64 mostCaBytes = 4 * 1024 * 1024;

}

Result<QByteArray> pemFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ErrorKind::Invalid,
                     SourcesText::tr("The CA file %1 cannot be read: %2.").arg(path, file.errorString()),
                     {}};
    QByteArray pem = file.read(mostCaBytes);
    if (!pem.contains("-----BEGIN CERTIFICATE-----"))
        return Error{
            ErrorKind::Invalid,
            SourcesText::tr("The CA file %1 holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\").")
                .arg(path),
            {}};
    pem.squeeze(); // read() keeps room for all it might have got: 8 MB a connection
    return pem;
}

} // namespace signalbox

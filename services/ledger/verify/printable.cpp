#include "services/ledger/verify/printable.h"

namespace signalbox::ledger
{

QString printable(const QByteArray &text, qsizetype most)
{
    QString safe = QString::fromUtf8(text.left(most));
    for (QChar &c : safe) {
        if (!c.isPrint())
            c = QLatin1Char('?');
    }
    return safe;
}

} // namespace signalbox::ledger

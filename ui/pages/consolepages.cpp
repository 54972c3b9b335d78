#include "ui/pages/consolepages.h"

#include "ui/pages/overview/overviewpage.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

template <typename T>
PageEntry entry(const QString &id, const QString &title, int number)
{
    return {id, title, number,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new T(context, parent); }};
}

QString translate(const char *text)
{
    return QCoreApplication::translate("ConsolePages", text);
}

} // namespace

QList<PageEntry> consolePages()
{
    return {
        entry<OverviewPage>(QStringLiteral("overview"), translate("Overview"), 1),
    };
}

} // namespace signalbox

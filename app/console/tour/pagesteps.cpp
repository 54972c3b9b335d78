#include "app/console/tour/pagesteps.h"

#include "app/console/tour/tourtext.h"

#include <algorithm>

namespace signalbox
{

const PageEntry *pageNamed(const QList<PageEntry> &pages, const QString &id)
{
    const auto found = std::find_if(pages.begin(), pages.end(), [&id](const PageEntry &each) { return each.id == id; });
    return found == pages.end() ? nullptr : &*found;
}

TourStep::Act byItsKey(const PageEntry &entry)
{
    return [entry](TourOperator &who) -> TourOperator::Doubt {
        if (entry.number <= 0)
            return who.click(QStringLiteral("nav-") + entry.id);
        who.press(Qt::Key_0 + entry.number);
        return std::nullopt;
    };
}

TourOperator::Doubt allIsRead(const TourOperator &who)
{
    return who.isAnyPanelLoading() ? TourText::tr("something is still being read") : TourOperator::Doubt();
}

} // namespace signalbox

#pragma once

#include "services/feeds/sourceset.h"
#include "tests/gui/operations/operationconsole.h"
#include "tests/gui/promotions/fakedesk.h"
#include "tests/support/fakesource.h"

namespace signalbox::test
{

// smart-support 8.1.9 waits for a second approval to go from staging to production; two others and two decided ones
// beside it, a hold and a debt where asked for.
class PromotionConsole : public OperationConsole
{
public:
    PromotionConsole();

    static const QString support; // ids of promotions
    static const QString store;
    static const QString gateway;

    policy::PromotionBoard board() const { return m_board; }
    void change(const std::function<void(policy::PromotionBoard &)> &edit);
    policy::PromotionCard &card(policy::PromotionBoard &board, const QString &id) const;
    void makeReady(const QString &id); // the last approval is there: it may start
    static void goStale(policy::PromotionBoard &board, const QString &why);
    static policy::BoardStop holdOn(const QDateTime &since, bool mayLift);
    static policy::BoardDebt debt(const QDateTime &at, bool maySign);
    Plan startPlan(const SeenPromotion &seen) const;

    FakeDesk desk;
    SourceSet sources;
    FakeSource *source = nullptr;

private:
    policy::PromotionCard makeCard(const QString &id, const QString &application, const QString &version,
                                   const QString &environment) const;
    void fillSource();
    policy::PromotionBoard m_board;
};

QString hex(const char *start, int length); // `start`, filled up with letters of its own

} // namespace signalbox::test

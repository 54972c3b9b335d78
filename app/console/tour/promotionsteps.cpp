#include "app/console/tour/promotionsteps.h"

#include "app/console/tour/pagesteps.h"
#include "app/console/tour/tourtext.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/widgets/holdbutton.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>

namespace signalbox
{

namespace
{

using namespace std::chrono_literals;
using Doubt = TourOperator::Doubt;

// What waits for the operator in the practice world (services/sandbox/story).
const QString promoted = QStringLiteral("embedding-api");
const QString page = QStringLiteral("promotions");
const QString emergency = QStringLiteral("Search answers nothing, and this is the fix");
const QString comment = QStringLiteral("Read the changes, staging looks well");

QString words(const TourOperator &who, const char *name)
{
    const auto *label = who.find<QLabel>(QString::fromLatin1(name));
    return label == nullptr ? QString() : label->text().simplified();
}

QString title(const TourOperator &who)
{
    return words(who, "promotionTitle");
}

Doubt isShown(const TourOperator &who)
{
    if (const Doubt doubt = who.isOnPage(page))
        return doubt;
    if (const Doubt doubt = allIsRead(who))
        return doubt;
    return title(who).contains(promoted) ? Doubt() : TourText::tr("the promotion on screen is: %1").arg(title(who));
}

// The row of what waits; invalid: not listed.
QModelIndex rowOf(const QAbstractItemView *inbox)
{
    return rowWhere(inbox, [](const QModelIndex &index) { return index.data().toString().startsWith(promoted); });
}

TourStep opensThePage(const PageEntry &entry)
{
    TourStep step;
    step.title = TourText::tr("Promotions: what waits for you, for others, for time");
    step.limit = 40s;
    step.act = byItsKey(entry);
    step.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.isOnPage(page))
            return doubt;
        return rowOf(who.find<QListView>(QStringLiteral("promotionsInbox"))).isValid()
                   ? Doubt()
                   : TourText::tr("%1 is not listed").arg(promoted);
    };
    return step;
}

TourStep choosesIt()
{
    TourStep step;
    step.title = TourText::tr("Chooses the one that lacks nothing but your word");
    step.limit = 40s;
    step.act = [](TourOperator &who) -> Doubt {
        auto *inbox = who.find<QListView>(QStringLiteral("promotionsInbox"));
        return who.clickCell(inbox, rowOf(inbox));
    };
    step.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = isShown(who))
            return doubt;
        const auto *commits = who.find<QListView>(QStringLiteral("promotionCommits"));
        if (commits == nullptr || commits->model() == nullptr || commits->model()->rowCount() == 0)
            return TourText::tr("what changes is still being read");
        const auto *approve = who.find<HoldButton>(QStringLiteral("approveButton"));
        if (approve == nullptr || approve->fingerprint().isEmpty())
            return approve == nullptr ? TourText::tr("there is no button to approve") : approve->toolTip();
        return std::nullopt;
    };
    step.tell = title;
    step.picture = page;
    return step;
}

QList<TourStep> readsTheChanges()
{
    TourStep open;
    open.title = TourText::tr("Reads what changes, line by line");
    open.act = [](TourOperator &who) { return who.click(QStringLiteral("openDiff")); };
    open.look = [](const TourOperator &who) -> Doubt {
        if (who.find(QStringLiteral("approveButton")) != nullptr)
            return TourText::tr("the changes are not open");
        return allIsRead(who);
    };
    open.picture = QStringLiteral("promotion-changes");

    TourStep back;
    back.title = TourText::tr("Esc goes back");
    back.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Escape);
        return std::nullopt;
    };
    back.look = [](const TourOperator &who) -> Doubt {
        return who.find(QStringLiteral("approveButton")) != nullptr ? isShown(who) : TourText::tr("it is still open");
    };
    return {open, back};
}

// What stands behind "More...": asked for with its reason, and not done.
QList<TourStep> looksAtTheGlass()
{
    TourStep more;
    more.title = TourText::tr("More: what else can be decided here");
    more.act = [](TourOperator &who) { return who.click(QStringLiteral("decisionMore")); };
    more.look = [](const TourOperator &who) -> Doubt {
        return who.find(QStringLiteral("decisionMenu")) != nullptr ? Doubt() : TourText::tr("nothing opens");
    };

    TourStep ask;
    ask.title = TourText::tr("Break glass is the first: it asks for a reason, and says what follows");
    ask.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Down);
        who.press(Qt::Key_Return);
        return std::nullopt;
    };
    ask.look = [](const TourOperator &who) -> Doubt {
        return who.question() != nullptr && who.find<QLineEdit>(QStringLiteral("text")) != nullptr
                   ? Doubt()
                   : TourText::tr("nothing opens");
    };

    TourStep write;
    write.title = TourText::tr("Writes why it could not wait");
    write.act = [](TourOperator &who) -> Doubt {
        who.type(emergency);
        return std::nullopt;
    };
    write.look = [](const TourOperator &who) -> Doubt {
        const auto *field = who.find<QLineEdit>(QStringLiteral("text"));
        return field != nullptr && field->text() == emergency ? Doubt() : TourText::tr("the words are not there");
    };
    write.picture = QStringLiteral("break-glass");

    TourStep leave;
    leave.title = TourText::tr("It can wait: Esc, and nothing was signed");
    leave.act = [](TourOperator &who) -> Doubt {
        who.press(Qt::Key_Escape);
        return std::nullopt;
    };
    leave.look = [](const TourOperator &who) -> Doubt {
        return who.question() == nullptr ? isShown(who) : TourText::tr("it is still open");
    };
    return {more, ask, write, leave};
}

QList<TourStep> approves()
{
    TourStep write;
    write.title = TourText::tr("Writes why");
    write.act = [](TourOperator &who) -> Doubt {
        if (const Doubt doubt = who.click(QStringLiteral("decisionComment")))
            return doubt;
        who.type(comment);
        who.press(Qt::Key_Return); // on to the button
        return std::nullopt;
    };
    write.look = [](const TourOperator &who) -> Doubt {
        const auto *field = who.find<QLineEdit>(QStringLiteral("decisionComment"));
        if (field == nullptr || field->text() != comment)
            return TourText::tr("the words are not there");
        const auto *approve = who.find<HoldButton>(QStringLiteral("approveButton"));
        return approve != nullptr && approve->hasFocus() ? Doubt()
                                                         : TourText::tr("the button does not have the keyboard");
    };

    TourStep hold;
    hold.title = TourText::tr("Holds Enter: the approval is signed");
    hold.limit = 40s;
    hold.act = [](TourOperator &who) -> Doubt {
        const auto *approve = who.find<HoldButton>(QStringLiteral("approveButton"));
        if (approve == nullptr || approve->fingerprint().isEmpty())
            return approve == nullptr ? TourText::tr("there is no button to approve") : approve->toolTip();
        who.hold(Qt::Key_Return);
        return std::nullopt;
    };
    hold.look = [](const TourOperator &who) -> Doubt {
        if (const Doubt doubt = isShown(who))
            return doubt;
        return who.box() == nullptr ? words(who, "decisionText") : who.canHold();
    };
    hold.letsGo = true;
    hold.tell = [](const TourOperator &who) { return who.boxText(); };
    hold.picture = QStringLiteral("promotion-approved");

    return {write, hold};
}

} // namespace

QList<TourStep> stepsApprove(const QList<PageEntry> &pages)
{
    const PageEntry *entry = pageNamed(pages, page);
    return entry
               ? QList<TourStep>{opensThePage(*entry), choosesIt()} + readsTheChanges() + looksAtTheGlass() + approves()
               : QList<TourStep>();
}

QList<TourStep> stepsObserved(const QList<PageEntry> &pages)
{
    QList<TourStep> steps;
    if (const PageEntry *entry = pageNamed(pages, page)) {
        TourStep done;
        done.title = TourText::tr("Promotions: carried out, and observed");
        done.limit = 180s;
        done.act = byItsKey(*entry);
        done.look = [](const TourOperator &who) -> Doubt {
            if (const Doubt doubt = who.isOnPage(page))
                return doubt;
            return who.isDone();
        };
        done.tell = [](const TourOperator &who) { return who.boxText(); };
        done.picture = QStringLiteral("promotion-done");
        steps << done;
    }
    if (const PageEntry *entry = pageNamed(pages, QStringLiteral("ledger"))) {
        TourStep ledger;
        ledger.title = TourText::tr("Ledger: every word of it, signed and proven");
        ledger.limit = 40s;
        ledger.act = byItsKey(*entry);
        ledger.look = [](const TourOperator &who) -> Doubt {
            if (const Doubt doubt = who.isOnPage(QStringLiteral("ledger")))
                return doubt;
            return allIsRead(who);
        };
        ledger.picture = QStringLiteral("ledger");
        steps << ledger;
    }
    return steps;
}

} // namespace signalbox

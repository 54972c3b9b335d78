#pragma once

#include "models/domain/operation.h"
#include "services/async/stoptoken.h"
#include "services/ports/promotiondesk.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <chrono>

namespace signalbox
{

class Operation;
class OperationCenter;

// What a plan would do in the words that people are shown, its claim, the others it waits for and the promotion's id
// left out: two plans that say the same do the same.
enum class Votes { Count, LeftOut };
QString planWords(const Plan &plan, Votes votes = Votes::Count);
// The same, or the same without a vote of ours: others have given all that it took.
bool doesWhatWasShown(const Plan &seen, const Plan &now);
// What is not as it was when `seen` was shown, in words: it would do something else, or a check warns that neither
// warned (of as much or more) nor stood against it then. Empty: nothing.
QString whatChanged(const Plan &seen, const Plan &now);

// Promotions that start by themselves once the policy is met, for as long as this program runs: the requester asked for
// that with the plan on screen. What is carried out is exactly that plan, or it is left to the operator, who is told
// why. So it is when somebody rejects or holds it or orders a freeze meanwhile, even if that is taken back later.
//
//   add() --the policy is met--> planned again --says the same--> an operation, confirmed: its first step claims it
//
// GUI thread.
class SelfStarts : public QObject
{
    Q_OBJECT
public:
    SelfStarts(PromotionDesk &desk, OperationCenter *operations, QObject *parent = nullptr); // borrowed
    ~SelfStarts() override;

    void add(const QString &promotion, const Plan &seen);
    bool has(const QString &promotion) const { return m_wishes.contains(promotion); }
    void remove(const QString &promotion); // nothing once it is being carried out

signals:
    void changed();
    void left(const QString &promotion, const QString &why); // it does not start by itself any more

private:
    struct Wish
    {
        Plan seen;
        bool isPlanning = false;
        bool isCarriedOut = false; // an operation has it: nothing is taken back any more
    };

    static constexpr std::chrono::seconds every{10}; // whether it was approved where the ledger is shared

    void look();
    void look(const QString &promotion);
    static QString whyNotAnyMore(const policy::PromotionCard &card);
    void begin(const policy::PromotionCard &card);
    void take(const QString &promotion, const Plan &plan);
    void follow(const QString &promotion, Operation *operation, const QList<Check> &warned); // as it was seen
    void leave(const QString &promotion, const QString &why); // empty: nothing needs to be said

    PromotionDesk &m_desk;
    OperationCenter *m_operations;
    QHash<QString, Wish> m_wishes;
    QTimer m_tick;            // while something waits to start
    bool m_isLooking = false; // one look after the other, however long the ledger takes
    StopSource m_gone;
};

} // namespace signalbox

#pragma once

#include "models/domain/health.h"

#include <QObject>

#include <functional>

class QPushButton;
class QWidget;

namespace signalbox
{

class PromotionsPresenter;
struct ConsoleContext;

// What is done seldom on the Promotions screen, each with a question before it is signed: breaking the glass, a hold, a
// freeze, closing a claim, countersigning, lifting, and asking for a promotion. GUI thread.
class PromotionQuestions : public QObject
{
    Q_OBJECT
public:
    // Asks over `page`, which owns it.
    PromotionQuestions(ConsoleContext &context, PromotionsPresenter &presenter, QWidget *page);

    void openMore(QPushButton *at); // the menu of the chosen promotion, above that button
    void askForPromotion();
    void askToFreeze();
    void askToCountersign(const QString &entry, const QString &what);
    void askToLift(const QString &entry, const QString &what);

signals:
    void noticed(const QString &text, signalbox::Health kind);

private:
    void askReason(const QString &title, const QString &text, const QString &accept, bool isDangerous,
                   std::function<void(const QString &reason)> answer);

    ConsoleContext &m_context;
    PromotionsPresenter &m_presenter;
    QWidget *m_page;
};

} // namespace signalbox

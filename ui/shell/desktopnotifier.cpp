#include "ui/shell/desktopnotifier.h"

#include "services/ports/promotiondesk.h"
#include "ui/shell/consolesettings.h"

namespace signalbox
{

namespace
{

QString wantedChoice()
{
    return QStringLiteral("notify/promotions");
}

} // namespace

DesktopNotifier::DesktopNotifier(PromotionDesk &desk, ConsoleSettings &settings, std::function<bool()> isInFront,
                                 QObject *parent)
    : QObject(parent)
    , m_desk(desk)
    , m_settings(settings)
    , m_isInFront(std::move(isInFront))
{
    connect(&desk, &PromotionDesk::waitsForMe, this, &DesktopNotifier::tell);
}

void DesktopNotifier::open()
{
    if (!m_last.isEmpty())
        emit opened(m_last);
}

bool DesktopNotifier::isWanted(const ConsoleSettings &settings)
{
    return settings.choice(wantedChoice(), QStringLiteral("on")) == QLatin1String("on");
}

void DesktopNotifier::setWanted(ConsoleSettings &settings, bool wants)
{
    settings.setChoice(wantedChoice(), wants ? QStringLiteral("on") : QStringLiteral("off"));
}

void DesktopNotifier::tell(const QString &promotion)
{
    const policy::PromotionCard *const card = m_desk.board().find(promotion);
    if (!card || !isWanted(m_settings) || m_isInFront())
        return;
    m_last = promotion;
    const policy::Subject &subject = card->request.subject;
    const QString version =
        card->request.version.isEmpty() ? policy::shortDigest(subject.digest) : card->request.version;
    emit told(tr("%1 %2 waits for you").arg(subject.application, version),
              tr("%1 asks that it may go to %2.").arg(card->requester, subject.environment));
}

} // namespace signalbox

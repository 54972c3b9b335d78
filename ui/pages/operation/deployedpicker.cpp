#include "ui/pages/operation/deployedpicker.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"

#include <QHBoxLayout>

#include <algorithm>

namespace signalbox
{

DeployedPicker::DeployedPicker(DeployedStore &store, std::function<bool(const Deployed &)> accepts, QWidget *parent)
    : QWidget(parent)
    , m_store(store)
    , m_accepts(std::move(accepts))
    , m_application(new ChipButton(tr("application"), this))
    , m_environment(new ChipButton(tr("environment"), this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    m_application->setObjectName(QStringLiteral("pickApplication"));
    m_environment->setObjectName(QStringLiteral("pickEnvironment"));
    layout->addWidget(m_application);
    layout->addWidget(m_environment);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    connect(m_application, &ChipButton::chosenChanged, this, [this](const QString &application) {
        // The same environment of the other application, where there is one.
        const Deployed *const now = m_store.find(m_key);
        const QString environment = now ? now->environment : QString();
        QString best;
        for (const Deployed &item : candidates()) {
            if (item.application == application && (best.isEmpty() || item.environment == environment))
                best = item.key();
        }
        if (!best.isEmpty() && best != m_key)
            emit picked(best);
    });
    connect(m_environment, &ChipButton::chosenChanged, this, [this](const QString &key) {
        if (key != m_key)
            emit picked(key);
    });
    connect(&m_store, &DeployedStore::changed, this, &DeployedPicker::refresh);
    refresh();
}

void DeployedPicker::setChosen(const QString &key)
{
    m_key = key;
    refresh();
}

QList<Deployed> DeployedPicker::candidates() const
{
    QList<Deployed> all = m_store.all();
    if (m_accepts)
        all.removeIf([this](const Deployed &item) { return item.key() != m_key && !m_accepts(item); });
    return all;
}

void DeployedPicker::refresh()
{
    const Deployed *const now = m_store.find(m_key);
    QList<ChipButton::Choice> applications;
    QList<ChipButton::Choice> environments;
    for (const Deployed &item : candidates()) {
        const bool known = std::any_of(applications.begin(), applications.end(),
                                       [&item](const ChipButton::Choice &c) { return c.id == item.application; });
        if (!known)
            applications << ChipButton::Choice{item.application, item.application};
        if (now && item.application == now->application)
            environments << ChipButton::Choice{item.key(), item.environment};
    }
    m_application->setChoices(applications);
    m_environment->setChoices(environments);
    m_application->setChosen(now ? now->application : QString());
    m_environment->setChosen(m_key);
    m_environment->setEnabled(!environments.isEmpty());
}

} // namespace signalbox

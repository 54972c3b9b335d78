#pragma once

#include "models/stores/deployedstore.h"

#include <QWidget>

#include <functional>

namespace signalbox
{

class ChipButton;

// Chooses an application in one of its environments. Follows the store; keeps what is chosen while it is there.
class DeployedPicker : public QWidget
{
    Q_OBJECT
public:
    // `accepts` empty: every application.
    DeployedPicker(DeployedStore &store, std::function<bool(const Deployed &)> accepts, QWidget *parent = nullptr);

    void setChosen(const QString &key); // Deployed::key()
    QString chosen() const { return m_key; }

signals:
    void picked(const QString &key); // by the operator only

private:
    void refresh();
    QList<Deployed> candidates() const;

    DeployedStore &m_store;
    std::function<bool(const Deployed &)> m_accepts;
    QString m_key;
    ChipButton *m_application = nullptr;
    ChipButton *m_environment = nullptr;
};

} // namespace signalbox

#pragma once

#include <QPushButton>

namespace signalbox
{

class PipelinesPresenter;

// Lets the chosen job go on that waits for people: a manual job is played, any other gate is decided. Hidden while the
// job waits for nobody; disabled, with the reason, as long as its gate cannot be opened.
class PlayButton : public QPushButton
{
    Q_OBJECT
public:
    explicit PlayButton(PipelinesPresenter &presenter, QWidget *parent = nullptr);

signals:
    void gateWanted(const QString &key); // of a gate in the store

private:
    void refresh();

    PipelinesPresenter &m_presenter;
};

} // namespace signalbox

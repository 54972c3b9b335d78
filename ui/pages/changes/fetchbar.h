#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace signalbox
{

class AgeLabel;
class ChangesPresenter;
class StateSign;

// How old what is read of a repository is, how far fetching it is, and the button that starts or stops it.
class FetchBar : public QWidget
{
    Q_OBJECT
public:
    explicit FetchBar(ChangesPresenter &presenter, QWidget *parent = nullptr);

private:
    void refresh();

    ChangesPresenter &m_presenter;
    StateSign *m_sign = nullptr;
    AgeLabel *m_age = nullptr;
    QLabel *m_text = nullptr;
    QProgressBar *m_progress = nullptr;
    QPushButton *m_button = nullptr;
};

} // namespace signalbox

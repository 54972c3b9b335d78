#pragma once

#include "services/ports/drillyard.h"

class QAbstractItemView;
class QModelIndex;
class QPaintEvent;

namespace signalbox
{

// Tells the yard what the windows paint of the application that is practised with, while a drill is running and not at
// all otherwise: only what was on screen could be seen. The yard must outlive it.
class DrillEye : public QObject
{
    Q_OBJECT
public:
    explicit DrillEye(DrillYard &yard, QObject *parent = nullptr);
    ~DrillEye() override;

    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void followDrill();
    void lookAt(const QAbstractItemView &view, const QPaintEvent &event);
    void tell(const QAbstractItemView &view, const QPaintEvent &event, const QModelIndex &index);

    DrillYard &m_yard;
    bool m_isOpen = false;
    QString m_key; // Deployed::key() of whom it is about
};

} // namespace signalbox

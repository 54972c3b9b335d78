#pragma once

#include "models/items/keyedrows.h"
#include "services/ports/requestmonitor.h"

#include <QTimer>
#include <QWidget>

namespace signalbox
{

class Panel;
class TableView;

struct RequestRow
{
    RequestInfo info;
    qint64 elapsedMs = 0;

    QString id() const { return QString::number(info.id); }
    bool operator==(const RequestRow &other) const;
};

class RequestsModel : public KeyedRows<RequestRow>
{
    Q_OBJECT
public:
    enum Column { State, Method, Target, Status, Duration, Received, Connection, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

// What is being asked of whom right now, and what was: for the operator who wonders what takes so long.
class RequestsPanel : public QWidget
{
    Q_OBJECT
public:
    explicit RequestsPanel(RequestMonitor &monitor, QWidget *parent = nullptr);
    QSize sizeHint() const override { return {800, 220}; }

signals:
    void closeRequested();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void refresh();

    RequestMonitor &m_monitor;
    RequestsModel *m_model = nullptr;
    Panel *m_panel = nullptr;
    TableView *m_table = nullptr;
    QTimer m_tick;
};

} // namespace signalbox

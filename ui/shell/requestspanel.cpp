#include "ui/shell/requestspanel.h"

#include "models/domain/health.h"
#include "models/items/roles.h"
#include "ui/delegates/celldelegate.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QHeaderView>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

Health healthOf(const RequestInfo &info)
{
    if (info.durationMs < 0)
        return Health::InProgress;
    return info.state == QLatin1String("failed") || info.status >= 400 ? Health::Failing : Health::Ok;
}

} // namespace

bool RequestRow::operator==(const RequestRow &other) const
{
    return info.id == other.info.id && info.state == other.info.state && info.status == other.info.status &&
           info.bytesReceived == other.info.bytesReceived && info.durationMs == other.info.durationMs &&
           elapsedMs == other.elapsedMs && info.error == other.info.error && info.attempt == other.info.attempt;
}

int RequestsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RequestsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const RequestInfo &info = row(index.row()).info;
    const qint64 duration = info.durationMs >= 0 ? info.durationMs : row(index.row()).elapsedMs;
    switch (role) {
    case Qt::DisplayRole: {
        const QString attempt = info.attempt > 1 ? tr(" (attempt %1)").arg(info.attempt) : QString();
        const QString texts[] = {info.state + attempt,
                                 info.method,
                                 info.target,
                                 info.status > 0 ? QString::number(info.status) : QString(),
                                 duration < 1000 ? tr("%1 ms").arg(duration) : durationText(duration),
                                 QLocale(QLocale::English).formattedDataSize(info.bytesReceived),
                                 info.connection};
        return texts[index.column()];
    }
    case Qt::ToolTipRole:
        return info.error.isEmpty() ? info.method + QLatin1Char(' ') + info.target : info.error;
    case HealthRole:
        return index.column() == State ? QVariant(static_cast<int>(healthOf(info))) : QVariant();
    case TimeRole:
        return index.column() == Duration ? QVariant(info.startedAt) : QVariant();
    case IdRole:
        return QString::number(info.id);
    default:
        return {};
    }
}

QVariant RequestsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("State"), tr("Method"),   tr("Asked"),     tr("Status"),
                              tr("Time"),  tr("Received"), tr("Connection")};
    return titles[section];
}

RequestsPanel::RequestsPanel(RequestMonitor &monitor, QWidget *parent)
    : QWidget(parent)
    , m_monitor(monitor)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, 0, space::xl, space::m);
    m_panel = new Panel(tr("Running requests"), this);
    auto *close = new IconButton(QStringLiteral("close"), tr("Close the panel of running requests"), m_panel);
    connect(close, &QPushButton::clicked, this, &RequestsPanel::closeRequested);
    m_panel->addHeaderWidget(close);
    m_model = new RequestsModel(this);
    m_table = new TableView(m_panel);
    m_table->setObjectName(QStringLiteral("requestsTable"));
    m_table->setAccessibleName(tr("Running requests"));
    m_table->setRowHeight(28);
    m_table->setModel(m_model);
    using Style = CellDelegate::Style;
    const Style styles[] = {Style::Name,   Style::Plain,  Style::Figure, Style::Figure,
                            Style::Figure, Style::Figure, Style::Soft};
    const int widths[] = {150, 90, 0, 80, 110, 110, 150};
    for (int column = 0; column < RequestsModel::ColumnCount; ++column) {
        m_table->setItemDelegateForColumn(column, new CellDelegate(styles[column], m_table));
        if (widths[column] > 0)
            m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(RequestsModel::Target);
    m_panel->setContent(m_table);
    layout->addWidget(m_panel);
    m_tick.setInterval(1000); // running ones get older
    connect(&m_tick, &QTimer::timeout, this, &RequestsPanel::refresh);
    connect(&monitor, &RequestMonitor::changed, this, [this] {
        if (isVisible())
            refresh();
    });
}

void RequestsPanel::refresh()
{
    const QDateTime now = AgeTicker::now();
    QList<RequestRow> rows;
    int open = 0;
    for (const RequestInfo &info : m_monitor.requests()) {
        RequestRow row;
        row.info = info;
        if (info.durationMs < 0) {
            row.elapsedMs = std::max<qint64>(0, info.startedAt.msecsTo(now)) / 1000 * 1000;
            ++open;
        }
        rows.append(row);
    }
    m_model->setRows(rows);
    m_panel->setSubtitle(tr("%1 open · %2 shown").arg(open).arg(rows.size()));
    if (rows.isEmpty())
        m_panel->showEmpty(tr("Nothing was asked yet"), tr("Requests appear here as soon as a connection is in use."));
    else
        m_panel->showContent();
}

void RequestsPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
    m_tick.start();
}

void RequestsPanel::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_tick.stop();
}

} // namespace signalbox

#pragma once

#include "services/async/latestonly.h"
#include "services/ports/connections.h"
#include "ui/shell/page.h"

#include <QTimer>

class QPushButton;

namespace signalbox
{

class Banner;
class ConnectionForm;
class ConnectionsModel;
class Panel;
class ProbeList;
class TableView;

// The remote systems of the workspace: how each stands; adding, editing, testing, removing.
class ConnectionsPage : public Page
{
    Q_OBJECT
public:
    explicit ConnectionsPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~ConnectionsPage() override;

    void open(const NavigationTarget &target) override;
    bool goBack() override;
    NavigationTarget current() const override;
    QList<KeyHelp> keys() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    Panel *buildList();
    void refresh();
    void refreshSoon();
    void refreshButtons();
    void watchClusters();
    std::optional<ConnectionConfig> chosen() const;
    void editChosen();
    void testChosen();
    void removeChosen();
    void menu(const QPoint &at);

    ConsoleContext &m_context;
    ConnectionsModel *m_model = nullptr;
    Banner *m_problem = nullptr;
    Banner *m_undo = nullptr;
    Panel *m_list = nullptr;
    TableView *m_table = nullptr;
    QPushButton *m_edit = nullptr;
    QPushButton *m_test = nullptr;
    QPushButton *m_remove = nullptr;
    Panel *m_testPanel = nullptr;
    ProbeList *m_probe = nullptr;
    ConnectionForm *m_form = nullptr;
    QTimer m_soon;
    LatestOnly m_removing;
    LatestOnly m_restoring;
};

} // namespace signalbox

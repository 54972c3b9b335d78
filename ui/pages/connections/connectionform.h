#pragma once

#include "services/async/latestonly.h"
#include "services/ports/connections.h"
#include "ui/widgets/panel.h"

#include <QSet>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QStackedWidget;

namespace signalbox
{

class ProbeList;
class ServerFields;
class Prompter;

// Adding and editing at the right of the list: contexts to import, a cluster, a Prometheus, a server with pipelines.
// Nothing is saved untested unless the operator insists.
class ConnectionForm : public Panel
{
    Q_OBJECT
public:
    ConnectionForm(ConnectionsService &service, Prompter &prompter, QWidget *parent = nullptr);
    ~ConnectionForm() override;

    void importContexts(const QStringList &moreFiles = {});
    void addPrometheus();
    void addServer(); // with pipelines
    void edit(const ConnectionConfig &config);
    void closeForm();

signals:
    void saved(const QString &title);
    void closed();
    void failed(const QString &sentence);

private:
    QWidget *buildImport();
    QWidget *buildKubernetes();
    QWidget *buildPrometheus();
    QWidget *buildFoot();
    void showContexts(const QList<ContextInfo> &contexts);
    void importNext();
    ConnectionConfig entered() const;
    void test();
    void save();
    void refreshButtons();

    enum class Mode { Import, Kubernetes, Prometheus, Server };

    ConnectionsService &m_service;
    Prompter &m_prompter;
    Mode m_mode = Mode::Import;
    ConnectionConfig m_config;
    QStringList m_moreFiles;
    QList<ContextInfo> m_contexts;
    QList<ConnectionConfig> m_toImport;
    QStackedWidget *m_pages = nullptr;
    QListWidget *m_contextList = nullptr;
    QLabel *m_contextHint = nullptr;
    QLineEdit *m_clusterTitle = nullptr;
    QLineEdit *m_clusterFile = nullptr;
    QLineEdit *m_clusterContext = nullptr;
    QLineEdit *m_clusterNamespaces = nullptr;
    QLineEdit *m_promTitle = nullptr;
    QLineEdit *m_promAddress = nullptr;
    QLineEdit *m_promCredential = nullptr;
    QLineEdit *m_promCa = nullptr;
    QCheckBox *m_promInsecure = nullptr;
    ServerFields *m_server = nullptr;
    QLabel *m_problem = nullptr;
    ProbeList *m_probe = nullptr;
    QPushButton *m_test = nullptr;
    QPushButton *m_save = nullptr;
    QPushButton *m_cancel = nullptr;
    LatestOnly m_question;
    LatestOnly m_saving;
};

} // namespace signalbox

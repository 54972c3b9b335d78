#include "ui/pages/connections/connectionform.h"

#include "ui/dialogs/prompter.h"
#include "ui/pages/connections/probelist.h"
#include "ui/pages/connections/serverfields.h"
#include "ui/theme/tokens.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

QLabel *explanation(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setProperty("role", QStringLiteral("faint"));
    return label;
}

QVBoxLayout *column(QWidget *page)
{
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::xs);
    return layout;
}

} // namespace

ConnectionForm::ConnectionForm(ConnectionsService &service, Prompter &prompter, QWidget *parent)
    : Panel(tr("Add a cluster"), parent)
    , m_service(service)
    , m_prompter(prompter)
{
    setObjectName(QStringLiteral("connectionForm"));
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(space::l, space::m, space::l, space::l);
    layout->setSpacing(space::m);
    m_pages = new QStackedWidget(content);
    m_pages->addWidget(buildImport());
    m_pages->addWidget(buildKubernetes());
    m_pages->addWidget(buildPrometheus());
    m_server = new ServerFields(content);
    connect(m_server, &ServerFields::changed, this, &ConnectionForm::refreshButtons);
    m_pages->addWidget(m_server);
    m_problem = new QLabel(content);
    m_problem->setObjectName(QStringLiteral("formProblem"));
    m_problem->setProperty("role", QStringLiteral("error"));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->hide();
    m_probe = new ProbeList(content);
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_probe);
    layout->addWidget(m_problem);
    layout->addWidget(buildFoot());
    setContent(content);
    connect(m_probe, &ProbeList::finished, this, [this](const ProbeReport &report) {
        if (m_mode == Mode::Import && !m_toImport.isEmpty()) {
            if (report.isUsable) {
                save();
                return;
            }
            const QString title = m_toImport.first().title;
            m_toImport.clear();
            m_problem->setText(
                tr("%1 was not added: %2").arg(title, report.error ? report.error->message : tr("its test failed.")));
            m_problem->show();
        }
        refreshButtons();
    });
}

ConnectionForm::~ConnectionForm() = default;

QWidget *ConnectionForm::buildImport()
{
    auto *page = new QWidget(this);
    auto *layout = column(page);
    layout->addWidget(explanation(
        tr("The contexts of your kubeconfig files. Each one chosen becomes a connection; it is tested first."), page));
    m_contextList = new QListWidget(page);
    m_contextList->setObjectName(QStringLiteral("contextList"));
    m_contextList->setAccessibleName(tr("Contexts"));
    m_contextList->setStyleSheet(QStringLiteral("QListWidget::item { padding: 6px 2px; }"));
    m_contextList->setWordWrap(true);
    m_contextList->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_contextHint = explanation({}, page);
    m_contextHint->setObjectName(QStringLiteral("contextHint"));
    layout->addWidget(m_contextList, 1);
    layout->addWidget(m_contextHint);
    auto *more = new QPushButton(tr("Another kubeconfig file..."), page);
    more->setObjectName(QStringLiteral("anotherFile"));
    layout->addWidget(more, 0, Qt::AlignLeft);
    connect(more, &QPushButton::clicked, this, [this] {
        m_prompter.askFile(this, tr("Open a kubeconfig file"), tr("All files (*)"), [this](const QString &path) {
            if (!path.isEmpty())
                importContexts(m_moreFiles + QStringList{path});
        });
    });
    connect(m_contextList, &QListWidget::itemChanged, this, &ConnectionForm::refreshButtons);
    return page;
}

QWidget *ConnectionForm::buildKubernetes()
{
    auto *page = new QWidget(this);
    auto *layout = column(page);
    m_clusterTitle = formField(layout, page, tr("Name"), tr("As it is shown"), QStringLiteral("clusterTitle"));
    m_clusterContext =
        formField(layout, page, tr("Context"), tr("Empty: the current one"), QStringLiteral("clusterContext"));
    m_clusterFile =
        formField(layout, page, tr("Kubeconfig file"), tr("Empty: where kubectl looks"), QStringLiteral("clusterFile"));
    m_clusterNamespaces = formField(layout, page, tr("Namespaces"), tr("Empty: all that you may read"),
                                    QStringLiteral("clusterNamespaces"));
    layout->addWidget(
        explanation(tr("Credentials stay in the kubeconfig. Names of namespaces are separated by spaces."), page));
    layout->addStretch();
    for (QLineEdit *input : {m_clusterTitle, m_clusterContext, m_clusterFile, m_clusterNamespaces})
        connect(input, &QLineEdit::textChanged, this, &ConnectionForm::refreshButtons);
    return page;
}

QWidget *ConnectionForm::buildPrometheus()
{
    auto *page = new QWidget(this);
    auto *layout = column(page);
    m_promAddress = formField(layout, page, tr("Address"), QStringLiteral("http://prometheus.example:9090"),
                              QStringLiteral("promAddress"));
    m_promTitle = formField(layout, page, tr("Name"), tr("Empty: its host"), QStringLiteral("promTitle"));
    m_promCredential =
        formField(layout, page, tr("Credential"), tr("env:NAME, file:/path or keychain:name; empty: none"),
                  QStringLiteral("promCredential"));
    m_promCa =
        formField(layout, page, tr("Certificate authority file"), tr("Empty: the system's"), QStringLiteral("promCa"));
    m_promInsecure = new QCheckBox(tr("Do not verify its TLS certificate"), page);
    m_promInsecure->setObjectName(QStringLiteral("promInsecure"));
    layout->addWidget(m_promInsecure);
    layout->addWidget(
        explanation(tr("A credential is named, never typed here: the secret itself stays where it is."), page));
    layout->addStretch();
    for (QLineEdit *input : {m_promAddress, m_promTitle, m_promCredential, m_promCa})
        connect(input, &QLineEdit::textChanged, this, &ConnectionForm::refreshButtons);
    return page;
}

QWidget *ConnectionForm::buildFoot()
{
    auto *foot = new QWidget(this);
    auto *row = new QHBoxLayout(foot);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    m_cancel = new QPushButton(tr("Cancel"), foot);
    m_cancel->setObjectName(QStringLiteral("formCancel"));
    m_test = new QPushButton(tr("Test"), foot);
    m_test->setObjectName(QStringLiteral("formTest"));
    m_save = new QPushButton(tr("Save"), foot);
    m_save->setObjectName(QStringLiteral("formSave"));
    m_save->setProperty("variant", QStringLiteral("primary"));
    row->addWidget(m_test);
    row->addStretch();
    row->addWidget(m_cancel);
    row->addWidget(m_save);
    connect(m_cancel, &QPushButton::clicked, this, &ConnectionForm::closeForm);
    connect(m_test, &QPushButton::clicked, this, &ConnectionForm::test);
    connect(m_save, &QPushButton::clicked, this, [this] {
        if (m_mode == Mode::Import)
            importNext();
        else
            save();
    });
    return foot;
}

void ConnectionForm::importContexts(const QStringList &moreFiles)
{
    m_mode = Mode::Import;
    m_moreFiles = moreFiles;
    m_toImport.clear();
    setTitle(tr("Add clusters"));
    m_pages->setCurrentIndex(0);
    m_probe->stop();
    m_probe->hide();
    m_problem->hide();
    showLoading(5);
    QWidget::show();
    m_question.run(
        this, [&](const StopToken &stop) { return m_service.contexts(moreFiles, stop); },
        [this](const Result<QList<ContextInfo>> &contexts) {
            if (contexts)
                showContexts(*contexts);
            else
                showError(tr("The kubeconfig could not be read"), contexts.error(), {},
                          [this] { importContexts(m_moreFiles); });
        });
}

void ConnectionForm::showContexts(const QList<ContextInfo> &contexts)
{
    showContent();
    m_contexts = contexts;
    m_contextList->clear();
    for (const ContextInfo &context : contexts) {
        QString text = context.name + QStringLiteral("\n") + context.server + QStringLiteral(" · ") + context.user;
        if (context.isImported)
            text += QStringLiteral(" · ") + tr("added already");
        else if (!context.problem.isEmpty())
            text += QStringLiteral("\n") + context.problem;
        else if (context.skipsTlsVerification)
            text += QStringLiteral(" · ") + tr("TLS is not verified");
        auto *item = new QListWidgetItem(text, m_contextList);
        const bool isUsable = !context.isImported && context.problem.isEmpty();
        item->setFlags(isUsable ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable
                                : Qt::ItemIsSelectable);
        item->setCheckState(context.isImported || (isUsable && context.isCurrent) ? Qt::Checked : Qt::Unchecked);
        item->setToolTip(context.kubeconfig);
    }
    m_contextHint->setText(contexts.isEmpty()
                               ? tr("No kubeconfig was found. kubectl looks in the files named in KUBECONFIG, then in "
                                    "~/.kube/config; open another file below.")
                               : tr("%1 contexts found").arg(contexts.size()));
    refreshButtons();
    if (!contexts.isEmpty())
        m_contextList->setFocus();
}

void ConnectionForm::importNext()
{
    if (m_toImport.isEmpty()) {
        for (int row = 0; row < m_contextList->count(); ++row) {
            const QListWidgetItem *item = m_contextList->item(row);
            const ContextInfo &context = m_contexts[row];
            if (context.isImported || !context.problem.isEmpty() || item->checkState() != Qt::Checked)
                continue;
            ConnectionConfig config;
            config.kind = ConnectionConfig::Kind::Kubernetes;
            config.title = context.name;
            config.context = context.name;
            config.kubeconfig = m_moreFiles.contains(context.kubeconfig) ? context.kubeconfig : QString();
            config.skipsTlsVerification = context.skipsTlsVerification;
            m_toImport.append(config);
        }
    }
    if (m_toImport.isEmpty())
        return;
    m_problem->hide();
    m_probe->run(m_service.probe(m_toImport.first()));
    refreshButtons();
}

void ConnectionForm::addPrometheus()
{
    ConnectionConfig config;
    config.kind = ConnectionConfig::Kind::Prometheus;
    edit(config);
}

void ConnectionForm::addServer()
{
    ConnectionConfig config;
    config.kind = ConnectionConfig::Kind::Jenkins;
    edit(config);
}

void ConnectionForm::edit(const ConnectionConfig &config)
{
    m_config = config;
    const bool isServer = hasPipelines(config.kind);
    const bool isPrometheus = config.kind == ConnectionConfig::Kind::Prometheus;
    m_mode = isServer ? Mode::Server : isPrometheus ? Mode::Prometheus : Mode::Kubernetes;
    m_pages->setCurrentIndex(isServer ? 3 : isPrometheus ? 2 : 1);
    setTitle(!config.id.isEmpty() ? tr("Edit %1").arg(config.title)
             : isServer           ? tr("Add a server with pipelines")
                                  : tr("Add a Prometheus"));
    if (isServer)
        m_server->fill(config);
    m_clusterTitle->setText(config.title);
    m_clusterContext->setText(config.context);
    m_clusterFile->setText(config.kubeconfig);
    m_clusterNamespaces->setText(config.namespaces.join(QLatin1Char(' ')));
    m_promTitle->setText(config.title);
    m_promAddress->setText(config.address);
    m_promCredential->setText(config.credential);
    m_promCa->setText(config.caFile);
    m_promInsecure->setChecked(config.skipsTlsVerification);
    m_probe->stop();
    m_probe->hide();
    m_problem->hide();
    showContent();
    QWidget::show();
    refreshButtons();
    if (isServer)
        m_server->focusFirst();
    else
        (isPrometheus ? m_promAddress : m_clusterTitle)->setFocus();
}

ConnectionConfig ConnectionForm::entered() const
{
    ConnectionConfig config = m_config;
    config.isDiscovered = false;
    if (m_mode == Mode::Server) {
        m_server->write(config);
    } else if (m_mode == Mode::Prometheus) {
        config.address = m_promAddress->text().trimmed();
        config.title = m_promTitle->text().trimmed();
        if (config.title.isEmpty())
            config.title = QUrl(config.address).host();
        config.credential = m_promCredential->text().trimmed();
        config.caFile = m_promCa->text().trimmed();
        config.skipsTlsVerification = m_promInsecure->isChecked();
    } else {
        config.title = m_clusterTitle->text().trimmed();
        config.context = m_clusterContext->text().trimmed();
        config.kubeconfig = m_clusterFile->text().trimmed();
        config.namespaces = m_clusterNamespaces->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    }
    return config;
}

void ConnectionForm::test()
{
    m_problem->hide();
    m_probe->run(m_service.probe(entered()));
    refreshButtons();
}

void ConnectionForm::save()
{
    const bool isImport = m_mode == Mode::Import;
    const ConnectionConfig config = isImport ? m_toImport.first() : entered();
    m_save->setEnabled(false);
    m_saving.run(
        this, [&](const StopToken &) { return m_service.save(config); },
        [this, isImport, title = config.title](const Result<QString> &result) {
            if (!result) {
                m_toImport.clear();
                m_problem->setText(result.error().message);
                m_problem->show();
                refreshButtons();
                emit failed(result.error().message);
                return;
            }
            emit saved(title);
            if (isImport) {
                m_toImport.removeFirst();
                if (!m_toImport.isEmpty()) {
                    importNext();
                    return;
                }
            }
            closeForm();
        });
}

void ConnectionForm::refreshButtons()
{
    const bool isBusy = m_probe->isRunning();
    m_test->setVisible(m_mode != Mode::Import);
    if (m_mode == Mode::Import) {
        int chosen = 0;
        for (int row = 0; row < std::min<int>(m_contextList->count(), static_cast<int>(m_contexts.size())); ++row) {
            const ContextInfo &context = m_contexts[row];
            chosen += !context.isImported && context.problem.isEmpty() &&
                              m_contextList->item(row)->checkState() == Qt::Checked
                          ? 1
                          : 0;
        }
        m_save->setText(chosen > 1 ? tr("Test and add %1").arg(chosen) : tr("Test and add"));
        m_save->setEnabled(chosen > 0 && !isBusy);
        return;
    }
    m_save->setText(tr("Save"));
    bool isComplete = true;
    if (m_mode == Mode::Server) {
        const QString missing = m_server->problem();
        isComplete = missing.isEmpty();
        m_test->setToolTip(missing);
        m_save->setToolTip(missing);
    } else if (m_mode == Mode::Prometheus) {
        const QUrl url(m_promAddress->text().trimmed(), QUrl::StrictMode);
        isComplete = (url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https")) &&
                     !url.host().isEmpty() && url.userInfo().isEmpty();
        m_promAddress->setToolTip(
            isComplete ? QString() : tr("Expected http://host:port or https://host, without a password in it"));
    }
    m_test->setEnabled(isComplete && !isBusy);
    m_save->setEnabled(isComplete && !isBusy);
}

void ConnectionForm::closeForm()
{
    m_question.cancel();
    m_probe->stop();
    hide();
    emit closed();
}

} // namespace signalbox

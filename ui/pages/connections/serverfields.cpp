#include "ui/pages/connections/serverfields.h"

#include "ui/theme/tokens.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

using Kind = ConnectionConfig::Kind;

constexpr Kind serverKinds[] = {Kind::Jenkins, Kind::GitHub, Kind::GitLab, Kind::Travis};

// Where the vendor's own service is; empty: there is none.
QString publicAddress(Kind kind)
{
    switch (kind) {
    case Kind::GitHub:
        return QStringLiteral("https://api.github.com");
    case Kind::GitLab:
        return QStringLiteral("https://gitlab.com");
    case Kind::Travis:
        return QStringLiteral("https://api.travis-ci.com");
    default:
        return {};
    }
}

} // namespace

QLineEdit *formField(QVBoxLayout *layout, QWidget *parent, const QString &label, const QString &placeholder,
                     const QString &name)
{
    auto *title = new QLabel(label, parent);
    title->setProperty("role", QStringLiteral("soft"));
    auto *input = new QLineEdit(parent);
    input->setObjectName(name);
    input->setPlaceholderText(placeholder);
    input->setAccessibleName(label);
    title->setBuddy(input);
    layout->addWidget(title);
    layout->addWidget(input);
    layout->addSpacing(space::s);
    return input;
}

ServerFields::ServerFields(QWidget *parent)
    : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::xs);
    auto *kindLabel = new QLabel(tr("Kind"), this);
    kindLabel->setProperty("role", QStringLiteral("soft"));
    m_kind = new QComboBox(this);
    m_kind->setObjectName(QStringLiteral("serverKind"));
    m_kind->setAccessibleName(tr("Kind"));
    kindLabel->setBuddy(m_kind);
    for (Kind one : serverKinds)
        m_kind->addItem(connectionKindLabel(one), static_cast<int>(one));
    layout->addWidget(kindLabel);
    layout->addWidget(m_kind);
    layout->addSpacing(space::s);
    m_address = formField(layout, this, tr("Address"), QStringLiteral("https://jenkins.example.com"),
                          QStringLiteral("serverAddress"));
    m_title = formField(layout, this, tr("Name"), tr("Empty: its host"), QStringLiteral("serverTitle"));
    m_userRow = new QWidget(this);
    auto *userLayout = new QVBoxLayout(m_userRow);
    userLayout->setContentsMargins(0, 0, 0, 0);
    userLayout->setSpacing(space::xs);
    m_user = formField(userLayout, m_userRow, tr("User"), tr("Whose API token it is"), QStringLiteral("serverUser"));
    layout->addWidget(m_userRow);
    m_credential = formField(layout, this, tr("Token"), tr("env:NAME, file:/path or keychain:name; empty: none"),
                             QStringLiteral("serverCredential"));
    m_projects = formField(layout, this, tr("Projects"), {}, QStringLiteral("serverProjects"));
    m_ca = formField(layout, this, tr("Certificate authority file"), tr("Empty: the system's"),
                     QStringLiteral("serverCa"));
    m_insecure = new QCheckBox(tr("Do not verify its TLS certificate"), this);
    m_insecure->setObjectName(QStringLiteral("serverInsecure"));
    layout->addWidget(m_insecure);
    m_projectsHint = new QLabel(this);
    m_projectsHint->setWordWrap(true);
    m_projectsHint->setProperty("role", QStringLiteral("faint"));
    layout->addWidget(m_projectsHint);
    layout->addStretch();
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        showKind();
        emit changed();
    });
    for (QLineEdit *input : {m_address, m_title, m_user, m_credential, m_projects, m_ca})
        connect(input, &QLineEdit::textChanged, this, &ServerFields::changed);
    showKind();
}

ConnectionConfig::Kind ServerFields::kind() const
{
    return static_cast<Kind>(m_kind->currentData().toInt());
}

void ServerFields::showKind()
{
    const bool isJenkins = kind() == Kind::Jenkins;
    m_userRow->setVisible(isJenkins);
    const QString own = publicAddress(kind());
    m_address->setPlaceholderText(own.isEmpty() ? QStringLiteral("https://jenkins.example.com")
                                                : tr("Empty: %1").arg(own));
    m_projects->setPlaceholderText(isJenkins ? tr("Empty: all jobs that may be read")
                                             : QStringLiteral("acme/cart acme/search"));
    m_projectsHint->setText(
        isJenkins ? tr("Projects are paths of jobs, multibranch projects or folders, as team/cart, separated by "
                       "spaces. The token is named, never typed here: the secret itself stays where it is.")
                  : tr("Projects as the server names them, separated by spaces. The token is named, never typed here: "
                       "the secret itself stays where it is."));
}

void ServerFields::fill(const ConnectionConfig &config)
{
    m_kind->setCurrentIndex(std::max(m_kind->findData(static_cast<int>(config.kind)), 0));
    m_kind->setEnabled(config.id.isEmpty());
    m_address->setText(config.address);
    m_title->setText(config.title);
    m_user->setText(config.user);
    m_credential->setText(config.credential);
    m_projects->setText(config.projects.join(u' '));
    m_ca->setText(config.caFile);
    m_insecure->setChecked(config.skipsTlsVerification);
    showKind();
}

void ServerFields::write(ConnectionConfig &config) const
{
    config.kind = kind();
    config.address = m_address->text().trimmed();
    if (config.address.isEmpty())
        config.address = publicAddress(config.kind);
    config.title = m_title->text().trimmed();
    if (config.title.isEmpty())
        config.title = QUrl(config.address).host();
    config.user = config.kind == Kind::Jenkins ? m_user->text().trimmed() : QString();
    config.credential = m_credential->text().trimmed();
    config.projects = m_projects->text().split(QRegularExpression(QStringLiteral("[\\s,]+")), Qt::SkipEmptyParts);
    config.caFile = m_ca->text().trimmed();
    config.skipsTlsVerification = m_insecure->isChecked();
}

QString ServerFields::problem() const
{
    ConnectionConfig config;
    write(config);
    const QUrl url(config.address, QUrl::StrictMode);
    const bool isWeb = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!isWeb || url.host().isEmpty() || !url.userInfo().isEmpty())
        return tr("Expected http://host:port or https://host, without a password in it");
    if (config.projects.isEmpty() && config.kind != Kind::Jenkins)
        return tr("Name the projects to follow");
    if (config.kind == Kind::Jenkins && config.user.isEmpty() != config.credential.isEmpty())
        return tr("A Jenkins wants the user and the API token together");
    return {};
}

void ServerFields::focusFirst()
{
    (m_kind->isEnabled() ? static_cast<QWidget *>(m_kind) : m_address)->setFocus();
}

} // namespace signalbox

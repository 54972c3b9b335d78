#include "services/adapters/kubernetes/kubeconfig.h"

#include "services/adapters/kubernetes/incluster.h"
#include "services/adapters/kubernetes/kubeconfigtext.h"
#include "services/workspace/yamldocument.h"

#include <QDir>
#include <QFileInfo>
#include <QUrl>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

QString placeOf(const YamlValue &value)
{
    const QString path = readablePath(value.pointer());
    return QStringLiteral("%1:%2%3")
        .arg(value.document().file())
        .arg(value.line())
        .arg(path.isEmpty() ? path : QStringLiteral(": ") + path);
}

template <typename Entry>
const Entry *named(const QList<Entry> &entries, const QString &name)
{
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&name](const Entry &entry) { return entry.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

// As other programs read YAML: plain true, false and numbers are no texts. Depth is limited by the document.
nlohmann::ordered_json typed(const YamlValue &value)
{
    if (value.isMap()) {
        auto object = nlohmann::ordered_json::object();
        for (const QString &key : value.keys())
            object[key.toStdString()] = typed(value[key]);
        return object;
    }
    if (value.isList()) {
        auto list = nlohmann::ordered_json::array();
        for (const YamlValue &item : value.items())
            list.push_back(typed(item));
        return list;
    }
    if (!value.isText())
        return nullptr;
    const std::string text = value.text().toStdString();
    const auto plain =
        value.isQuoted() ? nlohmann::ordered_json() : nlohmann::ordered_json::parse(text, nullptr, false);
    return plain.is_boolean() || plain.is_number() ? plain : nlohmann::ordered_json(text);
}

// Decodes one entry's fields; the first complaint becomes the entry's problem.
class EntryDecoder
{
public:
    EntryDecoder(YamlValue body, QString folder)
        : m_body(std::move(body))
        , m_folder(std::move(folder))
    {}

    void decode(KubeCluster &cluster);
    void decode(KubeUser &user);
    void decode(KubeContext &context);
    const std::optional<Error> &error() const { return m_reader.error(); }

private:
    static QString key(const char *name) { return QString::fromLatin1(name); }
    QString absolute(const QString &name) const
    {
        return name.isEmpty() ? name : QDir::cleanPath(QDir(m_folder).absoluteFilePath(name));
    }
    PemSource pem(const QString &fileKey, const QString &what);
    void checkServer(const QString &server);
    void checkProxy(const QString &proxy);
    void refuseLogins();
    void decodeImpersonation(KubeUser &user);
    ExecPlugin exec(const YamlValue &value, const QString &user);
    void execEnvironment(const YamlValue &value, ExecPlugin &plugin);
    void execInteraction(const YamlValue &value, ExecPlugin &plugin);
    void checkMethods(const KubeUser &user);

    YamlValue m_body;
    QString m_folder;
    YamlReader m_reader;
};

void EntryDecoder::decode(KubeContext &context)
{
    context.cluster = m_reader.requiredText(m_body, key("cluster"), KubeConfigText::tr("Name one of the clusters."));
    context.user = m_reader.text(m_body, key("user"));
    context.ns = m_reader.text(m_body, key("namespace"));
}

// "X-data" inline in base64, or "X" as a file; not both.
PemSource EntryDecoder::pem(const QString &fileKey, const QString &what)
{
    const QString dataKey = fileKey + QStringLiteral("-data");
    const YamlValue data = m_body[dataKey];
    const QString inlineText = m_reader.text(m_body, dataKey);
    PemSource source;
    source.file = absolute(m_reader.text(m_body, fileKey));
    source.place = placeOf(source.file.isEmpty() ? data : m_body[fileKey]);
    if (inlineText.isEmpty())
        return source;
    if (!source.file.isEmpty()) {
        m_reader.fail(data.problem(
            KubeConfigText::tr("%1 is given as well as %2. Remove one of the two.").arg(dataKey, fileKey)));
        return source;
    }
    QByteArray packed = inlineText.toLatin1();
    packed.removeIf([](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
    const auto decoded =
        QByteArray::fromBase64Encoding(packed, QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded) {
        m_reader.fail(
            data.problem(KubeConfigText::tr("base64"), KubeConfigText::tr("other characters"),
                         KubeConfigText::tr("Copy the value again in one piece, or name a file by %1.").arg(fileKey)));
    } else if (!(*decoded).contains("-----BEGIN ")) {
        m_reader.fail(data.problem(KubeConfigText::tr("%1 in PEM form, packed in base64").arg(what),
                                   KubeConfigText::tr("something else in base64"),
                                   KubeConfigText::tr("Pack the whole file, from -----BEGIN to -----END.")));
    } else {
        source.inlinePem = Secret(*decoded);
    }
    return source;
}

void EntryDecoder::decode(KubeCluster &cluster)
{
    cluster.server = m_reader.requiredText(m_body, key("server"),
                                           KubeConfigText::tr("Write the API server's address, as https://HOST:PORT."));
    cluster.ca = pem(key("certificate-authority"), KubeConfigText::tr("a certificate"));
    cluster.insecureSkipVerify = m_reader.flag(m_body, key("insecure-skip-tls-verify"));
    cluster.tlsServerName = m_reader.text(m_body, key("tls-server-name"));
    cluster.proxy = m_reader.text(m_body, key("proxy-url"));
    checkServer(cluster.server);
    checkProxy(cluster.proxy);
    m_reader.flag(m_body, key("disable-compression")); // known, without a meaning here
    if (cluster.insecureSkipVerify && !cluster.ca.isEmpty()) {
        m_reader.fail(m_body[key("insecure-skip-tls-verify")].problem(KubeConfigText::tr(
            "a certificate authority is given and verification is switched off; only one can be meant. Remove "
            "this line to "
            "verify the server.")));
    }
    for (const YamlValue &extension : m_reader.list(m_body, key("extensions"))) {
        if (extension[key("name")].text() == u"client.authentication.k8s.io/exec" &&
            extension[key("extension")].isMap())
            cluster.execConfig = QByteArray::fromStdString(typed(extension[key("extension")]).dump());
    }
}

void EntryDecoder::checkServer(const QString &server)
{
    if (server.isEmpty())
        return;
    const QUrl url = serverUrl(server, true);
    const YamlValue value = m_body[key("server")];
    const QString expected = KubeConfigText::tr("the API server's address, as https://HOST:PORT");
    if (!url.isValid() || url.host().isEmpty() || url.hasQuery() || url.hasFragment()) {
        m_reader.fail(
            value.problem(expected, KubeConfigText::tr("something else"), KubeConfigText::tr("Correct the address.")));
    } else if (url.scheme() != u"https" && url.scheme() != u"http") {
        m_reader.fail(value.problem(expected, KubeConfigText::tr("an address beginning with %1:").arg(url.scheme()),
                                    KubeConfigText::tr("Correct the address.")));
    } else if (!url.userInfo().isEmpty()) {
        m_reader.fail(value.problem(expected, KubeConfigText::tr("an address with a user name in it"),
                                    KubeConfigText::tr("Take it out and give credentials under users.")));
    }
}

void EntryDecoder::checkProxy(const QString &proxy)
{
    if (proxy.isEmpty())
        return;
    const QUrl url(proxy, QUrl::StrictMode);
    static const QStringList schemes{key("http"), key("https"), key("socks5"), key("socks5h")};
    if (!url.isValid() || url.host().isEmpty() || !schemes.contains(url.scheme())) {
        m_reader.fail(m_body[key("proxy-url")].problem(
            KubeConfigText::tr("a proxy's address, as http://HOST:PORT, https:// or socks5://"),
            KubeConfigText::tr("something else"), KubeConfigText::tr("Correct the address.")));
    }
}

// What kubectl knows or knew and we do not do, each with a reason and a way out.
void EntryDecoder::refuseLogins()
{
    for (const QString &name : {key("username"), key("password")}) {
        if (!m_reader.text(m_body, name).isEmpty()) {
            m_reader.fail(
                m_body[name].problem(KubeConfigText::tr("a user name with a password is not supported: Kubernetes "
                                                        "removed it in 1.19. Use a token, a client certificate "
                                                        "or an exec plugin.")));
        }
    }
    const YamlValue provider = m_reader.map(m_body, key("auth-provider"),
                                            KubeConfigText::tr("Take it out and use an exec plugin or a token."));
    if (!provider.isNull()) {
        const QString name = provider[key("name")].text();
        const QString hint = name == u"gcp"     ? KubeConfigText::tr("Use gke-gcloud-auth-plugin as exec plugin.")
                             : name == u"azure" ? KubeConfigText::tr("Use kubelogin as exec plugin.")
                             : name == u"oidc"  ? KubeConfigText::tr("Use kubectl oidc-login as exec plugin.")
                                                : KubeConfigText::tr("Use an exec plugin or a token.");
        m_reader.fail(
            provider.problem(KubeConfigText::tr("the auth-provider \"%1\" is not supported: kubectl gave such "
                                                "providers up in favour of exec plugins. %2")
                                 .arg(name, hint)));
    }
}

void EntryDecoder::decodeImpersonation(KubeUser &user)
{
    user.impersonate = m_reader.text(m_body, key("as"));
    user.impersonateUid = m_reader.text(m_body, key("as-uid"));
    user.impersonateGroups = m_reader.texts(m_body, key("as-groups"));
    const YamlValue extra = m_reader.map(m_body, key("as-user-extra"));
    for (const QString &name : extra.keys()) {
        for (const QString &value : m_reader.texts(extra, name))
            user.impersonateExtra.emplaceBack(name, value);
    }
    const bool asksForMore =
        !user.impersonateUid.isEmpty() || !user.impersonateGroups.isEmpty() || !user.impersonateExtra.isEmpty();
    if (user.impersonate.isEmpty() && asksForMore) {
        m_reader.fail(m_body[key("as")].problem(
            KubeConfigText::tr("a user name"), m_body[key("as")].shape(),
            KubeConfigText::tr("Groups can only be taken on together with a user: add \"as\".")));
    }
}

void EntryDecoder::decode(KubeUser &user)
{
    refuseLogins();
    user.certificate = pem(key("client-certificate"), KubeConfigText::tr("a certificate"));
    user.key = pem(key("client-key"), KubeConfigText::tr("a private key"));
    user.token = Secret(m_reader.text(m_body, key("token")).toUtf8());
    user.tokenFile.file = absolute(m_reader.text(m_body, key("tokenFile")));
    user.tokenFile.place = placeOf(m_body[key("tokenFile")]);
    const QByteArray &token = user.token.reveal();
    if (std::any_of(token.begin(), token.end(), [](char c) { return c <= ' ' || c > '~'; })) {
        m_reader.fail(m_body[key("token")].problem(KubeConfigText::tr("a token in one piece"),
                                                   KubeConfigText::tr("one with blanks or other signs in it"),
                                                   KubeConfigText::tr("Copy it again.")));
    }
    decodeImpersonation(user);
    const YamlValue execValue =
        m_reader.map(m_body, key("exec"), KubeConfigText::tr("Write apiVersion, command and args below it."));
    if (!execValue.isNull())
        user.exec = exec(execValue, user.name);
    checkMethods(user);
}

void EntryDecoder::checkMethods(const KubeUser &user)
{
    if (!user.certificate.isEmpty() && user.key.isEmpty()) {
        m_reader.fail(m_body.problem(KubeConfigText::tr("client-key or client-key-data beside the client certificate"),
                                     KubeConfigText::tr("neither"),
                                     KubeConfigText::tr("Add the certificate's private key.")));
    }
    if (user.certificate.isEmpty() && !user.key.isEmpty()) {
        m_reader.fail(
            m_body.problem(KubeConfigText::tr("client-certificate or client-certificate-data beside the client key"),
                           KubeConfigText::tr("neither"), KubeConfigText::tr("Add the certificate.")));
    }
}

ExecPlugin EntryDecoder::exec(const YamlValue &value, const QString &user)
{
    ExecPlugin plugin;
    plugin.user = user;
    plugin.place = placeOf(value);
    plugin.apiVersion =
        m_reader.requiredText(value, key("apiVersion"), KubeConfigText::tr("Write client.authentication.k8s.io/v1."));
    if (!plugin.apiVersion.isEmpty() && plugin.apiVersion != u"client.authentication.k8s.io/v1" &&
        plugin.apiVersion != u"client.authentication.k8s.io/v1beta1") {
        m_reader.fail(
            value[key("apiVersion")].problem(KubeConfigText::tr("client.authentication.k8s.io/v1 or .../v1beta1"),
                                             QStringLiteral("\"%1\"").arg(plugin.apiVersion.left(60)),
                                             KubeConfigText::tr("Update the plugin and write the version it speaks.")));
    }
    plugin.command = m_reader.requiredText(value, key("command"),
                                           KubeConfigText::tr("Name the program that hands out credentials."));
    if (plugin.command.contains(u'/') || plugin.command.contains(QDir::separator()))
        plugin.command = absolute(plugin.command);
    plugin.arguments = m_reader.texts(value, key("args"));
    plugin.installHint = m_reader.text(value, key("installHint"));
    plugin.provideClusterInfo = m_reader.flag(value, key("provideClusterInfo"));
    execEnvironment(value, plugin);
    execInteraction(value, plugin);
    return plugin;
}

void EntryDecoder::execEnvironment(const YamlValue &value, ExecPlugin &plugin)
{
    for (const YamlValue &variable :
         m_reader.list(value, key("env"), KubeConfigText::tr("Write name and value pairs, each after a dash."))) {
        const QString name =
            m_reader.requiredText(variable, key("name"), KubeConfigText::tr("Name the environment variable."));
        plugin.environment.emplaceBack(name, Secret(m_reader.text(variable, key("value")).toUtf8()));
    }
}

void EntryDecoder::execInteraction(const YamlValue &value, ExecPlugin &plugin)
{
    const QString mode = m_reader.text(value, key("interactiveMode"));
    if (mode == u"Never") {
        plugin.interaction = ExecPlugin::Interaction::Never;
    } else if (mode == u"Always") {
        plugin.interaction = ExecPlugin::Interaction::Always;
    } else if (mode.isEmpty() && plugin.apiVersion.endsWith(u"/v1")) {
        // v1beta1 has a default, v1 has none
        m_reader.fail(value[key("interactiveMode")].problem(
            KubeConfigText::tr("Never, IfAvailable or Always"), KubeConfigText::tr("nothing"),
            KubeConfigText::tr("Version v1 of the interface requires one of them.")));
    } else if (!mode.isEmpty() && mode != u"IfAvailable") {
        m_reader.fail(value[key("interactiveMode")].problem(KubeConfigText::tr("Never, IfAvailable or Always"),
                                                            QStringLiteral("\"%1\"").arg(mode.left(40)),
                                                            KubeConfigText::tr("Write one of the three.")));
    }
}

// clusters, users or contexts: a list of {name, BODY: {...}}.
template <typename Entry>
void decodeList(const YamlValue &root, const QString &listKey, const QString &bodyKey, const QString &folder,
                YamlReader &reader, QList<Entry> &entries)
{
    QHash<QString, int> lines;
    for (const YamlValue &item : reader.list(root, listKey, KubeConfigText::tr("Write one entry each after a dash."))) {
        if (!item.isMap()) {
            reader.fail(item.problem(KubeConfigText::tr("a map with name and %1").arg(bodyKey), item.shape(),
                                     KubeConfigText::tr("Indent both below the dash.")));
            continue;
        }
        Entry entry;
        entry.name = reader.requiredText(item, QStringLiteral("name"), KubeConfigText::tr("Give the entry a name."));
        entry.place = placeOf(item);
        if (const int first = lines.value(entry.name)) {
            reader.fail(item[QStringLiteral("name")].problem(
                KubeConfigText::tr("the name \"%1\" is given twice, first in line %2. Rename one of them.")
                    .arg(entry.name)
                    .arg(first)));
        }
        lines.insert(entry.name, item.line());
        const YamlValue body = item[bodyKey];
        if (!body.isNull() && !body.isMap()) {
            entry.problem = body.problem(KubeConfigText::tr("a map"), body.shape(),
                                         KubeConfigText::tr("Write its fields below it, indented."));
        } else if (body.isNull() && bodyKey != u"user") {
            entry.problem = body.problem(KubeConfigText::tr("a map"), body.shape(),
                                         KubeConfigText::tr("Write its fields below it, indented."));
        } else {
            EntryDecoder decoder(body, folder);
            decoder.decode(entry);
            entry.problem = decoder.error();
        }
        entries.append(std::move(entry));
    }
}

Result<KubeConfig> decodeDocument(const YamlDocument &document)
{
    const YamlValue root(document);
    KubeConfig config;
    config.files = {document.file()};
    if (root.isNull()) // an empty file is an empty configuration
        return config;
    if (!root.isMap())
        return root.problem(KubeConfigText::tr("a kubeconfig (a map with clusters, contexts and users)"), root.shape(),
                            KubeConfigText::tr("Is this the right file?"));
    const QString kind = root[QStringLiteral("kind")].text();
    if (!kind.isEmpty() && kind != u"Config") {
        return root[QStringLiteral("kind")].problem(
            QStringLiteral("Config"), QStringLiteral("\"%1\"").arg(kind.left(60)),
            KubeConfigText::tr("This is another kind of file: name a kubeconfig."));
    }
    const QString version = root[QStringLiteral("apiVersion")].text();
    if (!version.isEmpty() && version != u"v1") {
        return root[QStringLiteral("apiVersion")].problem(
            QStringLiteral("v1"), QStringLiteral("\"%1\"").arg(version.left(60)),
            KubeConfigText::tr("There is only that version of kubeconfig files."));
    }
    const QString folder = QFileInfo(document.file()).absolutePath();
    YamlReader reader;
    config.currentContext = reader.text(root, QStringLiteral("current-context"));
    decodeList(root, QStringLiteral("clusters"), QStringLiteral("cluster"), folder, reader, config.clusters);
    decodeList(root, QStringLiteral("users"), QStringLiteral("user"), folder, reader, config.users);
    decodeList(root, QStringLiteral("contexts"), QStringLiteral("context"), folder, reader, config.contexts);
    if (reader.error())
        return *reader.error();
    return config;
}

template <typename Entry>
void addMissing(QList<Entry> &to, const QList<Entry> &from)
{
    for (const Entry &entry : from) {
        if (!named(to, entry.name))
            to.append(entry);
    }
}

} // namespace

QUrl serverUrl(const QString &server, bool hasTls)
{
    const QString text = server.contains(QStringLiteral("://"))
                             ? server
                             : (hasTls ? QStringLiteral("https://") : QStringLiteral("http://")) + server;
    QUrl url(text, QUrl::StrictMode);
    while (url.path().endsWith(u'/'))
        url.setPath(url.path().chopped(1));
    return url;
}

const KubeContext *KubeConfig::context(const QString &name) const
{
    return named(contexts, name);
}

const KubeCluster *KubeConfig::cluster(const QString &name) const
{
    return named(clusters, name);
}

const KubeUser *KubeConfig::user(const QString &name) const
{
    return named(users, name);
}

QStringList defaultKubeConfigFiles()
{
    const QString listed = qEnvironmentVariable("KUBECONFIG");
    if (listed.isEmpty())
        return {QDir::homePath() + QStringLiteral("/.kube/config")};
    QStringList files = listed.split(QDir::listSeparator(), Qt::SkipEmptyParts);
    files.removeDuplicates();
    return files;
}

Result<KubeConfig> parseKubeConfig(const QByteArray &text, const QString &file)
{
    const auto document = YamlDocument::parse(text, file);
    return document ? decodeDocument(*document) : document.error();
}

Result<KubeConfig> loadKubeConfig(const QStringList &files, const QString &serviceAccount)
{
    KubeConfig merged;
    for (const QString &file : files) {
        const auto document = YamlDocument::load(QFileInfo(file).absoluteFilePath());
        if (!document && document.error().kind == ErrorKind::NotFound)
            continue;
        if (!document)
            return document.error();
        const auto config = decodeDocument(*document);
        if (!config)
            return config.error();
        merged.files += config->files;
        addMissing(merged.clusters, config->clusters);
        addMissing(merged.users, config->users);
        addMissing(merged.contexts, config->contexts);
        if (merged.currentContext.isEmpty())
            merged.currentContext = config->currentContext;
    }
    // Files that were named, here or by KUBECONFIG, are meant: nothing else takes their place.
    if (merged.files.isEmpty() && qEnvironmentVariableIsEmpty("KUBECONFIG") && files == defaultKubeConfigFiles()) {
        if (auto own = inClusterConfig(serviceAccount))
            return *own;
    }
    if (merged.files.isEmpty()) {
        return Error{ErrorKind::NotFound,
                     KubeConfigText::tr("There is no kubeconfig: looked for %1.")
                         .arg(files.isEmpty() ? KubeConfigText::tr("none (KUBECONFIG names no file)")
                                              : files.join(QStringLiteral(", "))),
                     noKubeConfigFound};
    }
    return merged;
}

} // namespace signalbox::kubernetes

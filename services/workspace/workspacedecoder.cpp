#include "services/workspace/workspacedecoder.h"

#include "models/domain/duration.h"
#include "services/workspace/workspacetext.h"
#include "services/workspace/yamlcomplaints.h"

#include <QRegularExpression>
#include <QSet>

#include <cmath>

namespace signalbox
{

namespace
{

using std::chrono::seconds;

// Names under which people put secrets; a literal there is refused even where the key is not known.
bool soundsSecret(const QString &key)
{
    static const QRegularExpression words(
        QStringLiteral("(token|password|passwd|secret|api-?_?key|private-?_?key|credential)"),
        QRegularExpression::CaseInsensitiveOption);
    return words.match(key).hasMatch();
}

class Decoder : private YamlComplaints
{
public:
    explicit Decoder(const YamlDocument &document)
        : m_document(document)
    {}

    Result<Workspace> run()
    {
        const YamlValue root(m_document);
        if (!root.isMap()) {
            complain(root, WorkspaceText::tr("a map with \"version\" and \"connections\""), root.shape(),
                     WorkspaceText::tr("See resources/workspace.schema.json."));
            return result();
        }
        known(root, {QStringLiteral("$schema"), QStringLiteral("version"), QStringLiteral("name"),
                     QStringLiteral("connections"), QStringLiteral("applications"), QStringLiteral("metrics"),
                     QStringLiteral("preferences"), QStringLiteral("repositories"), QStringLiteral("registries"),
                     QStringLiteral("ledger")});
        versionOne(root);
        m_workspace.name = text(root, "name");
        for (const YamlValue &value : list(root, "connections"))
            connection(value);
        for (const YamlValue &value : list(root, "repositories"))
            repository(value);
        for (const YamlValue &value : list(root, "registries"))
            registry(value);
        for (const YamlValue &value : list(root, "applications"))
            application(value);
        metrics(root[QStringLiteral("metrics")]);
        preferences(root[QStringLiteral("preferences")]);
        ledger(root[QStringLiteral("ledger")]);
        return result();
    }

private:
    Result<Workspace> result()
    {
        if (auto error = complaints())
            return *error;
        return m_workspace;
    }

    void known(const YamlValue &map, const QStringList &keys)
    {
        for (const QString &key : map.keys()) {
            if (keys.contains(key))
                continue;
            const YamlValue value = map[key];
            if (soundsSecret(key) && value.isText() && !parseSecretReference(value.text()))
                complain(value.problem(parseSecretReference(value.text()).error().message));
            else
                m_workspace.warnings.append(
                    value.problem(WorkspaceText::tr("This version does not know this key; it is kept.")).message);
        }
    }

    void connection(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        WorkspaceConnection connection;
        connection.line = value.line();
        connection.id = requiredText(value, "id", WorkspaceText::tr("Give each connection a short name of its own."));
        static const QRegularExpression idForm(QStringLiteral("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\\z"));
        const YamlValue id = value[QStringLiteral("id")];
        if (!connection.id.isEmpty() && !idForm.match(connection.id).hasMatch())
            complain(id, WorkspaceText::tr("letters, digits, dots, dashes and underscores, at most 63"), shown(id));
        else if (!connection.id.isEmpty() && m_ids.contains(connection.id))
            complain(id, WorkspaceText::tr("a name no other connection has"), shown(id),
                     WorkspaceText::tr("It is taken in line %1.").arg(m_ids.value(connection.id)));
        m_ids.insert(connection.id, id.line());
        connection.title = text(value, "title");

        const YamlValue kind = value[QStringLiteral("kind")];
        const QString name = kind.text();
        if (name == QLatin1String("kubernetes")) {
            kubernetes(value, connection);
        } else if (name == QLatin1String("prometheus")) {
            prometheus(value, connection);
        } else if (const auto server = pipelineKind(name)) {
            connection.kind = *server;
            pipelines(value, connection);
        } else {
            complain(kind, WorkspaceText::tr("kubernetes, prometheus, jenkins, github, gitlab or travis"), shown(kind),
                     WorkspaceText::tr("This version knows no other kind."));
            return;
        }
        m_workspace.connections.append(connection);
    }

    void kubernetes(const YamlValue &value, WorkspaceConnection &connection)
    {
        connection.kind = WorkspaceConnection::Kind::Kubernetes;
        known(value, {QStringLiteral("id"), QStringLiteral("kind"), QStringLiteral("title"),
                      QStringLiteral("kubeconfig"), QStringLiteral("context"), QStringLiteral("namespaces")});
        const YamlValue files = value[QStringLiteral("kubeconfig")];
        if (files.isList())
            connection.kubeconfig = texts(value, "kubeconfig");
        else if (const QString file = text(value, "kubeconfig"); !file.isEmpty())
            connection.kubeconfig = {file};
        connection.context = text(value, "context");
        connection.namespaces = texts(value, "namespaces");
    }

    void prometheus(const YamlValue &value, WorkspaceConnection &connection)
    {
        connection.kind = WorkspaceConnection::Kind::Prometheus;
        known(value, {QStringLiteral("id"), QStringLiteral("kind"), QStringLiteral("title"), QStringLiteral("url"),
                      QStringLiteral("auth"), QStringLiteral("caFile"), QStringLiteral("insecureSkipTlsVerify")});
        connection.url = webAddress(
            value, "url", WorkspaceText::tr("Give the address, for example https://prometheus.example:9090."));
        auth(value[QStringLiteral("auth")], connection);
        connection.caFile = text(value, "caFile");
        connection.insecureSkipTlsVerify = flag(value, "insecureSkipTlsVerify");
    }

    static std::optional<WorkspaceConnection::Kind> pipelineKind(const QString &name)
    {
        using Kind = WorkspaceConnection::Kind;
        for (Kind kind : {Kind::Jenkins, Kind::GitHub, Kind::GitLab, Kind::Travis}) {
            if (workspaceKindName(kind) == name)
                return kind;
        }
        return std::nullopt;
    }

    void pipelines(const YamlValue &value, WorkspaceConnection &connection)
    {
        using Kind = WorkspaceConnection::Kind;
        known(value, {QStringLiteral("id"), QStringLiteral("kind"), QStringLiteral("title"), QStringLiteral("url"),
                      QStringLiteral("auth"), QStringLiteral("caFile"), QStringLiteral("insecureSkipTlsVerify"),
                      QStringLiteral("projects")});
        const QString home = connection.kind == Kind::GitHub   ? QStringLiteral("https://api.github.com")
                             : connection.kind == Kind::GitLab ? QStringLiteral("https://gitlab.com")
                             : connection.kind == Kind::Travis ? QStringLiteral("https://api.travis-ci.com")
                                                               : QString();
        if (home.isEmpty() || value[QStringLiteral("url")].exists()) {
            connection.url = webAddress(
                value, "url", WorkspaceText::tr("Give the address, for example https://jenkins.example.com."));
        } else {
            connection.url = QUrl(home);
        }
        auth(value[QStringLiteral("auth")], connection);
        connection.caFile = text(value, "caFile");
        connection.insecureSkipTlsVerify = flag(value, "insecureSkipTlsVerify");
        connection.projects = texts(value, "projects");
        static const QRegularExpression form(QStringLiteral("^[^\\s/?#]+(/[^\\s/?#]+)*\\z"));
        for (const YamlValue &project : list(value, "projects")) {
            if (project.isText() && !form.match(project.text()).hasMatch())
                complain(project, WorkspaceText::tr("a project as the server names it, for example acme/cart"),
                         shown(project));
        }
        if (connection.projects.isEmpty() && connection.kind != Kind::Jenkins)
            complain(value[QStringLiteral("projects")],
                     WorkspaceText::tr("the projects to follow, for example [acme/cart]"),
                     value[QStringLiteral("projects")].shape(),
                     WorkspaceText::tr("Only a Jenkins may be followed as a whole."));
    }

    QUrl webAddress(const YamlValue &map, const char *key, const QString &example)
    {
        const QString written = requiredText(map, key, example);
        const YamlValue where = map[QString::fromLatin1(key)];
        if (written.isEmpty())
            return {};
        const QUrl url(written, QUrl::StrictMode);
        const bool isWeb = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
        if (!url.userInfo().isEmpty() || url.authority().contains(QLatin1Char('@')))
            complain(
                where.problem(WorkspaceText::tr("The address holds a user name or password. Take it out and name the "
                                                "secret under \"auth\".")));
        else if (!url.isValid() || !isWeb || url.host().isEmpty())
            complain(where, WorkspaceText::tr("an address that begins with http:// or https://"), shown(where));
        else if (url.hasQuery() || url.hasFragment())
            complain(where, WorkspaceText::tr("an address without \"?\" and \"#\""), shown(where));
        return url;
    }

    void registry(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value,
              {QStringLiteral("id"), QStringLiteral("url"), QStringLiteral("imageHosts"), QStringLiteral("auth"),
               QStringLiteral("tokenServer"), QStringLiteral("caFile"), QStringLiteral("insecureSkipTlsVerify")});
        WorkspaceRegistry one;
        one.line = value.line();
        one.id = requiredText(value, "id", WorkspaceText::tr("Give each registry a short name of its own."));
        const YamlValue id = value[QStringLiteral("id")];
        for (const WorkspaceRegistry &other : std::as_const(m_workspace.registries)) {
            if (!one.id.isEmpty() && other.id == one.id)
                complain(id, WorkspaceText::tr("a name no other registry has"), shown(id));
        }
        one.url =
            webAddress(value, "url", WorkspaceText::tr("Give the address, for example https://registry.example.com."));
        const YamlValue url = value[QStringLiteral("url")];
        if (one.url.path().size() > 1)
            complain(url, WorkspaceText::tr("an address without a path"), shown(url),
                     WorkspaceText::tr("The images' names are below it."));
        one.imageHosts = texts(value, "imageHosts");
        if (value[QStringLiteral("tokenServer")].exists())
            one.tokenServer = webAddress(value, "tokenServer", {});
        WorkspaceConnection secrets;
        auth(value[QStringLiteral("auth")], secrets);
        one.bearer = secrets.bearer;
        one.basicUser = secrets.basicUser;
        one.basicPassword = secrets.basicPassword;
        one.caFile = text(value, "caFile");
        one.insecureSkipTlsVerify = flag(value, "insecureSkipTlsVerify");
        m_workspace.registries.append(one);
    }

    void auth(const YamlValue &value, WorkspaceConnection &connection)
    {
        if (!value.exists())
            return;
        const YamlValue bearer = value[QStringLiteral("bearer")];
        const YamlValue basic = value[QStringLiteral("basic")];
        if (!value.isMap() || bearer.exists() == basic.exists()) {
            complain(value, WorkspaceText::tr("either \"bearer\" or \"basic\""),
                     value.isMap() && bearer.exists() ? WorkspaceText::tr("both")
                     : value.isMap()                  ? WorkspaceText::tr("neither")
                                                      : value.shape(),
                     WorkspaceText::tr("For example bearer: env:PROMETHEUS_TOKEN."));
            return;
        }
        known(value, {QStringLiteral("bearer"), QStringLiteral("basic")});
        if (bearer.exists()) {
            connection.bearer = reference(bearer);
            return;
        }
        if (!isMap(basic))
            return;
        known(basic, {QStringLiteral("user"), QStringLiteral("password")});
        connection.basicUser = requiredText(basic, "user", WorkspaceText::tr("Name the user."));
        connection.basicPassword = reference(basic[QStringLiteral("password")]);
    }

    std::optional<SecretReference> reference(const YamlValue &value)
    {
        if (!value.isText() || value.text().isEmpty()) {
            complain(value, WorkspaceText::tr("a reference to a secret"), value.shape(),
                     WorkspaceText::tr("Write keychain:SERVICE/ACCOUNT, env:NAME or file:PATH."));
            return std::nullopt;
        }
        const auto parsed = parseSecretReference(value.text());
        if (parsed)
            return *parsed;
        complain(value.problem(parsed.error().message));
        return std::nullopt;
    }

    void application(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value, {QStringLiteral("name"), QStringLiteral("team"), QStringLiteral("environments"),
                      QStringLiteral("repository"), QStringLiteral("image"), QStringLiteral("pipelines")});
        WorkspaceApplication application;
        application.name = requiredText(value, "name", WorkspaceText::tr("Name the application."));
        application.team = text(value, "team");
        application.repository = text(value, "repository");
        application.image = text(value, "image");
        static const QRegularExpression imageForm(QStringLiteral("^[^\\s/@:]+(:[0-9]+)?(/[a-z0-9._-]+)+\\z"));
        if (!application.image.isEmpty() && !imageForm.match(application.image).hasMatch())
            complain(value[QStringLiteral("image")],
                     WorkspaceText::tr(
                         "an image with its registry, without tag and digest, as registry.example.com/team/app"),
                     shown(value[QStringLiteral("image")]));
        checkRepository(value, application.repository);
        for (const YamlValue &environment : list(value, "environments")) {
            if (!isMap(environment))
                continue;
            known(environment, {QStringLiteral("name"), QStringLiteral("connection"), QStringLiteral("namespace")});
            WorkspaceEnvironment one;
            one.name = requiredText(environment, "name", WorkspaceText::tr("Name the environment."));
            one.ns = requiredText(environment, "namespace", WorkspaceText::tr("Name its namespace."));
            one.connection = requiredText(environment, "connection", WorkspaceText::tr("Name the cluster it is in."));
            checkConnection(environment, one.connection, WorkspaceConnection::Kind::Kubernetes);
            application.environments.append(one);
        }
        for (const YamlValue &pipeline : list(value, "pipelines")) {
            if (!isMap(pipeline))
                continue;
            known(pipeline, {QStringLiteral("connection"), QStringLiteral("project")});
            WorkspacePipeline one;
            one.connection = requiredText(pipeline, "connection", WorkspaceText::tr("Name the server it is on."));
            one.project = requiredText(pipeline, "project", WorkspaceText::tr("Name its project there."));
            const WorkspaceConnection *server = m_workspace.connection(one.connection);
            if (!one.connection.isEmpty() && (!server || !hasPipelines(server->kind)))
                complain(pipeline[QStringLiteral("connection")],
                         WorkspaceText::tr("the id of a connection to a server with pipelines"),
                         shown(pipeline[QStringLiteral("connection")]));
            application.pipelines.append(one);
        }
        m_workspace.applications.append(application);
    }

    void repository(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value, {QStringLiteral("id"), QStringLiteral("url"), QStringLiteral("auth"), QStringLiteral("caFile"),
                      QStringLiteral("insecureSkipTlsVerify"), QStringLiteral("issues")});
        WorkspaceRepository one;
        one.line = value.line();
        one.id = requiredText(value, "id", WorkspaceText::tr("Give each repository a short name of its own."));
        const YamlValue id = value[QStringLiteral("id")];
        if (!one.id.isEmpty() && m_workspace.repository(one.id))
            complain(id, WorkspaceText::tr("a name no other repository has"), shown(id));
        one.url = requiredText(
            value, "url",
            WorkspaceText::tr("Give the address, for example git@git.example.com:team/app.git, or a path."));
        repositoryAccess(value, one);
        for (const YamlValue &issue : list(value, "issues")) {
            if (!isMap(issue))
                continue;
            known(issue, {QStringLiteral("pattern"), QStringLiteral("link")});
            IssuePattern pattern;
            pattern.pattern = requiredText(issue, "pattern", WorkspaceText::tr("For example \"SHOP-[0-9]+\"."));
            pattern.link = text(issue, "link");
            const YamlValue where = issue[QStringLiteral("pattern")];
            if (const QRegularExpression expression(pattern.pattern); !expression.isValid())
                complain(where, WorkspaceText::tr("a regular expression"), shown(where), expression.errorString());
            one.issues.append(pattern);
        }
        m_workspace.repositories.append(one);
    }

    void repositoryAccess(const YamlValue &value, WorkspaceRepository &one)
    {
        static const QRegularExpression password(QStringLiteral("^([A-Za-z][A-Za-z0-9+.-]*://)?[^/@]*:[^/@]*@"));
        if (password.match(one.url).hasMatch())
            complain(value[QStringLiteral("url")].problem(
                WorkspaceText::tr("The address holds a password. Take it out and name the secret under \"auth\".")));
        repositoryAuth(value[QStringLiteral("auth")], one);
        one.caFile = text(value, "caFile");
        one.insecureSkipTlsVerify = flag(value, "insecureSkipTlsVerify");
    }

    // Tokens stand where the password does; which user goes with them is the host's to say.
    void repositoryAuth(const YamlValue &value, WorkspaceRepository &one)
    {
        if (!value.exists())
            return;
        const YamlValue basic = value[QStringLiteral("basic")];
        if (!value.isMap() || !basic.exists()) {
            complain(value, WorkspaceText::tr("\"basic\" with a user and a password"),
                     value.isMap() ? WorkspaceText::tr("none") : value.shape(),
                     WorkspaceText::tr("For example basic: {user: ana, password: env:GIT_TOKEN}."));
            return;
        }
        known(value, {QStringLiteral("basic")});
        if (!isMap(basic))
            return;
        known(basic, {QStringLiteral("user"), QStringLiteral("password")});
        one.basicUser = requiredText(basic, "user", WorkspaceText::tr("Name the user."));
        one.basicPassword = reference(basic[QStringLiteral("password")]);
    }

    void ledger(const YamlValue &value)
    {
        if (!value.exists() || !isMap(value))
            return;
        known(value, {QStringLiteral("url"), QStringLiteral("auth"), QStringLiteral("caFile"),
                      QStringLiteral("insecureSkipTlsVerify"), QStringLiteral("firstAdmin"), QStringLiteral("signing"),
                      QStringLiteral("fetchEvery")});
        WorkspaceLedger one;
        one.line = value.line();
        one.remote.id = QStringLiteral("ledger");
        one.remote.line = one.line;
        one.remote.url = text(value, "url");
        repositoryAccess(value, one.remote);
        one.firstAdmin = text(value, "firstAdmin");
        static const QRegularExpression keyForm(
            QStringLiteral("^(SHA256:[A-Za-z0-9+/]{43}|(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?)\\z"));
        const YamlValue admin = value[QStringLiteral("firstAdmin")];
        if (!one.firstAdmin.isEmpty() && !keyForm.match(one.firstAdmin).hasMatch())
            complain(admin, WorkspaceText::tr("a key's fingerprint (SHA256:...) or the line of its .pub file"),
                     shown(admin),
                     WorkspaceText::tr(
                         "\"ssh-keygen -l -f KEY.pub\" prints the fingerprint; quote a line that holds \": \"."));
        one.signing = signing(value[QStringLiteral("signing")]);
        one.fetchEvery = fetchEvery(value, one.fetchEvery);
        m_workspace.ledger = one;
    }

    SigningChoice signing(const YamlValue &value)
    {
        using Kind = SigningChoice::Kind;
        const QString text = value.text();
        const QString rest = text.section(QLatin1Char(':'), 1);
        if (!value.exists() || text == QLatin1String("git"))
            return {};
        if (text == QLatin1String("agent") || (text.startsWith(QLatin1String("agent:")) && !rest.isEmpty()))
            return {Kind::Agent, rest, std::nullopt};
        if (text.startsWith(QLatin1String("file:")) && !rest.isEmpty())
            return {Kind::File, rest, std::nullopt};
        if (text.startsWith(QLatin1String("keychain:"))) {
            const auto parsed = parseSecretReference(text);
            if (parsed)
                return {Kind::Keychain, {}, *parsed};
            complain(value.problem(parsed.error().message));
            return {};
        }
        complain(
            value, WorkspaceText::tr("git, agent, agent:KEY, file:PATH or keychain:SERVICE/ACCOUNT"),
            value.isText() && !soundsPrivate(text) ? shown(value) : value.shape(),
            WorkspaceText::tr("git is the key that git signs with; KEY is a fingerprint, a comment or a public key."));
        return {};
    }

    static bool soundsPrivate(const QString &text) { return text.contains(QLatin1String("PRIVATE KEY")); }

    seconds fetchEvery(const YamlValue &map, seconds usual)
    {
        const QString written = text(map, "fetchEvery");
        if (written.isEmpty())
            return usual;
        const auto parsed = parseDuration(written);
        if (parsed && *parsed >= seconds(5))
            return std::chrono::duration_cast<seconds>(*parsed);
        const YamlValue value = map[QStringLiteral("fetchEvery")];
        complain(value, WorkspaceText::tr("a length of time of at least 5s, for example 30s, 2m or 1h"), shown(value));
        return usual;
    }

    void checkRepository(const YamlValue &map, const QString &id)
    {
        if (id.isEmpty() || m_workspace.repository(id))
            return;
        QStringList ids;
        for (const WorkspaceRepository &known : std::as_const(m_workspace.repositories))
            ids.append(known.id);
        const YamlValue where = map[QStringLiteral("repository")];
        complain(where, WorkspaceText::tr("the id of a repository of this file"), shown(where),
                 ids.isEmpty() ? WorkspaceText::tr("There is none.")
                               : WorkspaceText::tr("There are: %1.").arg(ids.join(QStringLiteral(", "))));
    }

    // `key` "connection" of `map` must name a connection of this kind.
    void checkConnection(const YamlValue &map, const QString &id, WorkspaceConnection::Kind kind)
    {
        const WorkspaceConnection *named = m_workspace.connection(id);
        if (id.isEmpty() || (named && named->kind == kind) || (!named && m_ids.contains(id)))
            return; // fine, or told already
        QStringList ids;
        for (const WorkspaceConnection &connection : m_workspace.connections) {
            if (connection.kind == kind)
                ids.append(connection.id);
        }
        const YamlValue where = map[QStringLiteral("connection")];
        complain(where, WorkspaceText::tr("the id of a %1 connection of this file").arg(workspaceKindName(kind)),
                 shown(where),
                 ids.isEmpty() ? WorkspaceText::tr("There is none.")
                               : WorkspaceText::tr("There are: %1.").arg(ids.join(QStringLiteral(", "))));
    }

    void metrics(const YamlValue &value)
    {
        if (!value.exists() || !isMap(value))
            return;
        known(value, {QStringLiteral("panels")});
        for (const YamlValue &panel : list(value, "panels")) {
            if (!isMap(panel))
                continue;
            known(panel,
                  {QStringLiteral("id"), QStringLiteral("title"), QStringLiteral("unit"), QStringLiteral("expression"),
                   QStringLiteral("trackLabel"), QStringLiteral("limit"), QStringLiteral("higherIsWorse"),
                   QStringLiteral("connection"), QStringLiteral("application"), QStringLiteral("trackNames")});
            WorkspacePanel one;
            one.panel.id = requiredText(panel, "id", WorkspaceText::tr("Give each panel a short name of its own."));
            one.panel.title = requiredText(panel, "title", WorkspaceText::tr("Say what the panel shows."));
            one.panel.expression = requiredText(panel, "expression", WorkspaceText::tr("Write the query, in PromQL."));
            one.panel.unit = text(panel, "unit");
            one.panel.trackLabel = text(panel, "trackLabel");
            const YamlValue names = panel[QStringLiteral("trackNames")];
            if (names.exists() && isMap(names)) {
                for (const QString &key : names.keys())
                    one.panel.trackNames.insert(key, text(names, key.toUtf8().constData()));
            }
            one.panel.higherIsWorse = flag(panel, "higherIsWorse", true);
            one.panel.family = QStringLiteral("workspace");
            one.panel.limit = number(panel[QStringLiteral("limit")]);
            one.application = text(panel, "application");
            one.connection = text(panel, "connection");
            checkConnection(panel, one.connection, WorkspaceConnection::Kind::Prometheus);
            const auto isSame = [&one](const WorkspacePanel &other) { return other.isSame(one); };
            const QList<WorkspacePanel> &known = m_workspace.panels;
            if (!one.panel.id.isEmpty() && std::any_of(known.cbegin(), known.cend(), isSame))
                complain(panel[QStringLiteral("id")],
                         WorkspaceText::tr("a name no other panel of the same application and connection has"),
                         shown(panel[QStringLiteral("id")]));
            m_workspace.panels.append(one);
        }
    }

    std::optional<double> number(const YamlValue &value)
    {
        if (!value.exists())
            return std::nullopt;
        static const QRegularExpression form(QStringLiteral("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+][0-9]+)?\\z"));
        bool isNumber = value.isText() && !value.isQuoted() && form.match(value.text()).hasMatch();
        const double parsed = isNumber ? value.text().toDouble(&isNumber) : 0;
        if (isNumber && std::isfinite(parsed))
            return parsed;
        complain(value, WorkspaceText::tr("a number, without quotes"), shown(value));
        return std::nullopt;
    }

    void preferences(const YamlValue &value)
    {
        if (!value.exists() || !isMap(value))
            return;
        known(value,
              {QStringLiteral("environmentOrder"), QStringLiteral("trafficSteps"), QStringLiteral("trafficDwell")});
        m_workspace.preferences.environmentOrder = texts(value, "environmentOrder");
        int before = 0;
        for (const YamlValue &step : list(value, "trafficSteps")) {
            const std::optional<double> percent = number(step);
            if (!percent)
                continue;
            if (*percent != std::floor(*percent) || *percent < 1 || *percent > 100) {
                complain(step, WorkspaceText::tr("a whole number from 1 to 100"), shown(step));
            } else if (*percent <= before) {
                complain(step, WorkspaceText::tr("more than the step before (%1)").arg(before), shown(step));
            } else {
                before = static_cast<int>(*percent);
                m_workspace.preferences.trafficSteps.append(before);
            }
        }
        const QString dwell = text(value, "trafficDwell");
        if (dwell.isEmpty())
            return;
        const auto parsed = parseDuration(dwell);
        if (parsed)
            m_workspace.preferences.trafficDwell = std::chrono::duration_cast<seconds>(*parsed);
        else
            complain(value[QStringLiteral("trafficDwell")],
                     WorkspaceText::tr("a length of time, for example 90s, 2m or 1h30m"),
                     shown(value[QStringLiteral("trafficDwell")]));
    }

    const YamlDocument &m_document;
    Workspace m_workspace;
    QHash<QString, int> m_ids; // connection id -> line
};

} // namespace

Result<Workspace> decodeWorkspace(const YamlDocument &document)
{
    return Decoder(document).run();
}

} // namespace signalbox

#include "services/workspace/workspacefile.h"

#include "services/workspace/workspacedecoder.h"
#include "services/workspace/workspacewriter.h"
#include "services/workspace/yamldocument.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QSaveFile>

namespace signalbox
{

namespace
{

struct WorkspaceFileText
{
    Q_DECLARE_TR_FUNCTIONS(WorkspaceFile)
};

constexpr qint64 maxBytes = 4 * 1024 * 1024;

// None: no such file. An empty file is an empty array that is not null.
std::optional<QByteArray> bytesOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    QByteArray bytes = file.read(maxBytes + 1);
    bytes.squeeze(); // read() leaves room for all that was asked for
    return bytes.isNull() ? QByteArray("") : bytes;
}

// Comments and blank lines before the first value: a licence, a title, an editor's modeline.
QByteArray headComments(const QByteArray &bytes)
{
    QByteArray head;
    for (const QByteArray &line : bytes.split('\n')) {
        const QByteArray trimmed = line.trimmed();
        if (!trimmed.isEmpty() && !trimmed.startsWith('#'))
            return head;
        head += line + '\n';
    }
    return head;
}

std::optional<WorkspaceNode> textNode(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(WorkspaceNode::quoted(text));
}

std::optional<WorkspaceNode> textsNode(const QStringList &texts)
{
    if (texts.isEmpty())
        return std::nullopt;
    WorkspaceNode node = WorkspaceNode::list();
    for (const QString &text : texts)
        node.entries.emplace_back(QString(), WorkspaceNode::quoted(text));
    return node;
}

std::optional<WorkspaceNode> authNode(const WorkspaceConnection &connection)
{
    WorkspaceNode auth = WorkspaceNode::map();
    if (connection.bearer) {
        auth.set(QStringLiteral("bearer"), WorkspaceNode::quoted(connection.bearer->toString()));
    } else if (connection.basicPassword) {
        WorkspaceNode basic = WorkspaceNode::map();
        basic.set(QStringLiteral("user"), WorkspaceNode::quoted(connection.basicUser));
        basic.set(QStringLiteral("password"), WorkspaceNode::quoted(connection.basicPassword->toString()));
        auth.set(QStringLiteral("basic"), basic);
    } else {
        return std::nullopt;
    }
    return auth;
}

std::optional<WorkspaceNode> namesNode(const QMap<QString, QString> &names)
{
    if (names.isEmpty())
        return std::nullopt;
    WorkspaceNode node = WorkspaceNode::map();
    for (auto it = names.begin(); it != names.end(); ++it)
        node.set(it.key(), WorkspaceNode::quoted(it.value()));
    return node;
}

void fill(WorkspaceNode &node, const WorkspacePanel &panel)
{
    const auto setText = [&node](const QString &key, const QString &text) {
        if (node.textAt(key) != text || text.isEmpty())
            node.set(key, textNode(text));
    };
    setText(QStringLiteral("id"), panel.panel.id);
    setText(QStringLiteral("title"), panel.panel.title);
    setText(QStringLiteral("application"), panel.application);
    setText(QStringLiteral("connection"), panel.connection);
    setText(QStringLiteral("unit"), panel.panel.unit);
    setText(QStringLiteral("expression"), panel.panel.expression);
    setText(QStringLiteral("trackLabel"), panel.panel.trackLabel);
    node.set(QStringLiteral("trackNames"), namesNode(panel.panel.trackNames));
    std::optional<WorkspaceNode> limit;
    if (panel.panel.limit)
        limit = WorkspaceNode::plain(QString::number(*panel.panel.limit, 'g', QLocale::FloatingPointShortest));
    if (!limit || node.textAt(QStringLiteral("limit")).toDouble() != *panel.panel.limit)
        node.set(QStringLiteral("limit"), limit);
    if (!panel.panel.higherIsWorse || node.find(QStringLiteral("higherIsWorse")))
        node.set(QStringLiteral("higherIsWorse"),
                 WorkspaceNode::plain(panel.panel.higherIsWorse ? QStringLiteral("true") : QStringLiteral("false")));
}

bool isPanel(const WorkspaceNode &node, const QString &id, const QString &connection, const QString &application)
{
    return node.textAt(QStringLiteral("id")) == id && node.textAt(QStringLiteral("connection")) == connection &&
           node.textAt(QStringLiteral("application")) == application;
}

void fill(WorkspaceNode &node, const WorkspaceConnection &connection)
{
    // A value that says the same stays as the user wrote it, quotes and all.
    const auto setText = [&node](const QString &key, const QString &text) {
        if (node.textAt(key) != text || text.isEmpty())
            node.set(key, textNode(text));
    };
    setText(QStringLiteral("id"), connection.id);
    setText(QStringLiteral("kind"), workspaceKindName(connection.kind));
    setText(QStringLiteral("title"), connection.title);
    if (connection.kind == WorkspaceConnection::Kind::Kubernetes) {
        if (connection.kubeconfig.size() == 1)
            setText(QStringLiteral("kubeconfig"), connection.kubeconfig.first());
        else
            node.set(QStringLiteral("kubeconfig"), textsNode(connection.kubeconfig));
        setText(QStringLiteral("context"), connection.context);
        node.set(QStringLiteral("namespaces"), textsNode(connection.namespaces));
        return;
    }
    setText(QStringLiteral("url"), connection.url.toString());
    if (hasPipelines(connection.kind))
        node.set(QStringLiteral("projects"), textsNode(connection.projects));
    node.set(QStringLiteral("auth"), authNode(connection));
    setText(QStringLiteral("caFile"), connection.caFile);
    const WorkspaceNode *skips = node.find(QStringLiteral("insecureSkipTlsVerify"));
    if (connection.insecureSkipTlsVerify || skips)
        node.set(
            QStringLiteral("insecureSkipTlsVerify"),
            WorkspaceNode::plain(connection.insecureSkipTlsVerify ? QStringLiteral("true") : QStringLiteral("false")));
}

} // namespace

class WorkspaceFile::Private
{
public:
    QString path;
    Workspace workspace;
    WorkspaceNode root;
    std::optional<QByteArray> onDisk; // as last seen; none: no file
    QByteArray head;
    bool isJson = false;

    WorkspaceNode &connections()
    {
        const QString key = QStringLiteral("connections");
        WorkspaceNode *list = root.find(key);
        if (!list || list->kind != WorkspaceNode::Kind::List)
            root.set(key, WorkspaceNode::list());
        return *root.find(key);
    }
    WorkspaceNode &panels()
    {
        const QString key = QStringLiteral("metrics");
        const WorkspaceNode *metrics = root.find(key);
        if (!metrics || metrics->kind != WorkspaceNode::Kind::Map)
            root.set(key, WorkspaceNode::map());
        const QString inner = QStringLiteral("panels");
        const WorkspaceNode *list = root.find(key)->find(inner);
        if (!list || list->kind != WorkspaceNode::Kind::List)
            root.find(key)->set(inner, WorkspaceNode::list());
        return *root.find(key)->find(inner);
    }
    QByteArray rendered() const { return isJson ? writeJson(root) : head + writeYaml(root); }
};

WorkspaceFile::WorkspaceFile()
    : d(std::make_unique<Private>())
{}
WorkspaceFile::~WorkspaceFile() = default;
WorkspaceFile::WorkspaceFile(WorkspaceFile &&) noexcept = default;
WorkspaceFile &WorkspaceFile::operator=(WorkspaceFile &&) noexcept = default;
WorkspaceFile::WorkspaceFile(const WorkspaceFile &other)
    : d(std::make_unique<Private>(*other.d))
{}
WorkspaceFile &WorkspaceFile::operator=(const WorkspaceFile &other)
{
    if (this != &other)
        d = std::make_unique<Private>(*other.d);
    return *this;
}

Result<WorkspaceFile> WorkspaceFile::load(const QString &path)
{
    WorkspaceFile file;
    file.d->path = QFileInfo(path).absoluteFilePath();
    file.d->onDisk = bytesOf(path);
    if (!file.d->onDisk || QFileInfo(path).isDir()) {
        // Its sentence says what is wrong with the file.
        const auto document = YamlDocument::load(path);
        return document ? Error{ErrorKind::Invalid,
                                WorkspaceFileText::tr("%1 changed while it was read. Try again.").arg(path),
                                {}}
                        : document.error();
    }
    const auto document = YamlDocument::parse(*file.d->onDisk, path);
    if (!document)
        return document.error();
    auto decoded = decodeWorkspace(*document);
    if (!decoded)
        return decoded.error();
    file.d->workspace = std::move(*decoded);
    file.d->root = WorkspaceNode::of(*document);
    file.d->isJson = file.d->onDisk->trimmed().startsWith('{');
    file.d->head = headComments(*file.d->onDisk);
    return file;
}

WorkspaceFile WorkspaceFile::createAt(const QString &path)
{
    WorkspaceFile file;
    file.d->path = QFileInfo(path).absoluteFilePath();
    file.d->root = WorkspaceNode::map();
    file.d->root.set(QStringLiteral("version"), WorkspaceNode::plain(QStringLiteral("1")));
    file.d->isJson = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    return file;
}

QString WorkspaceFile::path() const
{
    return d->path;
}

const Workspace &WorkspaceFile::workspace() const
{
    return d->workspace;
}

QString WorkspaceFile::resolved(const QString &written) const
{
    if (written == QLatin1String("~") || written.startsWith(QLatin1String("~/")))
        return QDir::cleanPath(QDir::homePath() + written.mid(1));
    return QDir::cleanPath(QFileInfo(d->path).absoluteDir().absoluteFilePath(written));
}

void WorkspaceFile::putConnection(const WorkspaceConnection &connection)
{
    WorkspaceNode &list = d->connections();
    const auto isOurs = [&connection](const auto &entry) {
        return entry.second.textAt(QStringLiteral("id")) == connection.id;
    };
    auto it = std::find_if(list.entries.begin(), list.entries.end(), isOurs);
    if (it == list.entries.end()) {
        list.entries.emplace_back(QString(), WorkspaceNode::map());
        it = std::prev(list.entries.end());
    }
    fill(it->second, connection);
    QList<WorkspaceConnection> &known = d->workspace.connections;
    const auto same =
        std::find_if(known.begin(), known.end(), [&connection](const auto &c) { return c.id == connection.id; });
    if (same == known.end())
        known.append(connection);
    else
        *same = connection;
}

bool WorkspaceFile::removeConnection(const QString &id)
{
    d->workspace.connections.removeIf([&id](const auto &connection) { return connection.id == id; });
    WorkspaceNode &list = d->connections();
    const auto before = list.entries.size();
    std::erase_if(list.entries, [&id](const auto &entry) { return entry.second.textAt(QStringLiteral("id")) == id; });
    return list.entries.size() < before;
}

void WorkspaceFile::putPanel(const WorkspacePanel &panel)
{
    WorkspaceNode &list = d->panels();
    auto it = std::find_if(list.entries.begin(), list.entries.end(), [&panel](const auto &entry) {
        return isPanel(entry.second, panel.panel.id, panel.connection, panel.application);
    });
    if (it == list.entries.end()) {
        list.entries.emplace_back(QString(), WorkspaceNode::map());
        it = std::prev(list.entries.end());
    }
    fill(it->second, panel);
    QList<WorkspacePanel> &known = d->workspace.panels;
    const auto same =
        std::find_if(known.begin(), known.end(), [&panel](const WorkspacePanel &one) { return one.isSame(panel); });
    if (same == known.end())
        known.append(panel);
    else
        *same = panel;
}

bool WorkspaceFile::removePanel(const QString &id, const QString &connection, const QString &application)
{
    WorkspacePanel gone;
    gone.panel.id = id;
    gone.connection = connection;
    gone.application = application;
    const auto removed = d->workspace.panels.removeIf([&gone](const WorkspacePanel &one) { return one.isSame(gone); });
    if (removed == 0)
        return false;
    std::erase_if(d->panels().entries,
                  [&](const auto &entry) { return isPanel(entry.second, id, connection, application); });
    return true;
}

Result<void> WorkspaceFile::save()
{
    const QByteArray bytes = d->rendered();
    const auto document = YamlDocument::parse(bytes, d->path);
    if (!document)
        return document.error();
    auto decoded = decodeWorkspace(*document);
    if (!decoded)
        return decoded.error();
    const auto failure = [this](const QString &why) {
        return Error{ErrorKind::Invalid,
                     WorkspaceFileText::tr("%1 cannot be written: %2. It is as it was.").arg(d->path, why),
                     {}};
    };
    if (!QDir().mkpath(QFileInfo(d->path).absolutePath()))
        return failure(WorkspaceFileText::tr("its folder cannot be created"));
    QSaveFile out(d->path); // writes beside it and renames; keeps permissions, follows a link
    if (!out.open(QIODevice::WriteOnly))
        return failure(out.errorString());
    if (!d->onDisk)
        out.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    if (out.write(bytes) != bytes.size())
        return failure(out.errorString());
    if (bytesOf(d->path) != d->onDisk) {
        out.cancelWriting();
        return Error{
            ErrorKind::Conflict,
            WorkspaceFileText::tr(
                "%1 was changed by somebody else since it was read. Nothing was written: look at the change and "
                "do yours again.")
                .arg(d->path),
            {}};
    }
    if (!out.commit())
        return failure(out.errorString());
    d->onDisk = bytes;
    d->workspace = std::move(*decoded);
    return {};
}

} // namespace signalbox

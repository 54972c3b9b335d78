#include "services/feeds/rightsfeed.h"

#include "services/async/deliver.h"
#include "services/feeds/clusterset.h"

#include <QElapsedTimer>

namespace signalbox
{

namespace
{

constexpr qint64 freshForMs = 30000;

qint64 nowMs()
{
    static const QElapsedTimer clock = [] {
        QElapsedTimer started;
        started.start();
        return started;
    }();
    return clock.elapsed();
}

QString pluralOf(const QString &kind)
{
    return kind.toLower() + QLatin1Char('s'); // true for every kind an operation can be done to
}

// One question for each thing the screens offer in a namespace.
QList<RightQuestion> usualQuestions(const QString &ns)
{
    QList<RightQuestion> questions;
    for (const char *kind : {"Deployment", "StatefulSet", "DaemonSet"}) {
        ObjectRef object;
        object.group = QStringLiteral("apps");
        object.kind = QString::fromLatin1(kind);
        object.ns = ns;
        questions << RightsFeed::questionFor(OperationKind::Rollback, object);
        if (object.kind != QLatin1String("DaemonSet"))
            questions << RightsFeed::questionFor(OperationKind::Scale, object);
    }
    for (const auto &[group, kind] : {std::pair("", "Service"), std::pair("gateway.networking.k8s.io", "HTTPRoute"),
                                      std::pair("networking.istio.io", "VirtualService")}) {
        ObjectRef object;
        object.group = QString::fromLatin1(group);
        object.kind = QString::fromLatin1(kind);
        object.ns = ns;
        questions << RightsFeed::questionFor(OperationKind::TrafficShift, object);
    }
    return questions;
}

std::string keyOf(const QString &connection, const QString &ns)
{
    return (connection + QLatin1Char('|') + ns).toStdString();
}

} // namespace

RightsFeed::RightsFeed(ClusterSet &clusters, QObject *parent)
    : QObject(parent)
    , m_clusters(clusters)
{
    connect(&m_clusters, &ClusterSet::aboutToRemove, this, [this](const QString &id) {
        const std::string prefix = (id + QLatin1Char('|')).toStdString();
        std::erase_if(m_known, [&prefix](auto &known) {
            if (known.first.rfind(prefix, 0) != 0)
                return false;
            known.second.stop.request_stop();
            return true;
        });
    });
}

RightsFeed::~RightsFeed()
{
    for (auto &[key, known] : m_known)
        known.stop.request_stop();
}

RightQuestion RightsFeed::questionFor(OperationKind kind, const ObjectRef &object)
{
    RightQuestion question;
    question.verb = QStringLiteral("patch");
    question.group = object.group;
    question.resource = pluralOf(object.kind);
    if (kind == OperationKind::Scale)
        question.subresource = QStringLiteral("scale");
    question.ns = object.ns;
    return question;
}

void RightsFeed::want(const QString &connection, const QString &ns)
{
    Known &known = entry(connection, ns);
    if (!known.isAsking && (known.askedAtMs == 0 || nowMs() - known.askedAtMs > freshForMs))
        ask(connection, ns);
}

std::optional<RightAnswer> RightsFeed::mayDo(OperationKind kind, const ObjectRef &object)
{
    want(object.connection, object.ns);
    const Known &known = entry(object.connection, object.ns);
    const qsizetype index = known.questions.indexOf(questionFor(kind, object));
    if (index < 0 || index >= known.answers.size())
        return std::nullopt;
    return known.answers[index];
}

RightsFeed::Known &RightsFeed::entry(const QString &connection, const QString &ns)
{
    return m_known[keyOf(connection, ns)];
}

void RightsFeed::ask(const QString &connection, const QString &ns)
{
    const ClusterConnection *const cluster = m_clusters.find(connection);
    if (!cluster)
        return;
    Known &known = entry(connection, ns);
    known.isAsking = true;
    const QList<RightQuestion> questions = usualQuestions(ns);
    const StopToken stop = known.stop.get_token();
    deliver(cluster->source->rights(questions, stop), stop, this,
            [this, connection, ns, questions, stop](const Result<QList<RightAnswer>> &answers) {
                if (stop.stop_requested()) // the connection went away
                    return;
                Known &asked = entry(connection, ns);
                asked.isAsking = false;
                asked.askedAtMs = std::max<qint64>(1, nowMs());
                if (!answers)
                    return; // not known: nothing is disabled for that, and the preflight asks again
                asked.questions = questions;
                asked.answers = *answers;
                emit changed(connection, ns);
            });
}

} // namespace signalbox

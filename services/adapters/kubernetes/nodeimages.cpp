#include "services/adapters/kubernetes/nodeimages.h"

#include "services/adapters/kubernetes/jsonread.h"
#include "services/adapters/kubernetes/planflow.h"

#include <QSet>

#include <utility>

namespace signalbox::kubernetes
{

namespace
{

constexpr int keptSeconds = 120;
// Going back waits for the answer; it is a help, not a condition.
constexpr std::chrono::milliseconds patience{1500};

struct NodeFacts
{
    bool isReady = false;
    bool isCordoned = false;
    QSet<QString> images;
};

void readReadiness(od::value conditions, NodeFacts &node)
{
    eachElement(conditions, [&](od::value condition) {
        bool isReadiness = false;
        bool isTrue = false;
        eachField(condition, [&](std::string_view key, od::value field) {
            if (key == "type")
                isReadiness = text(field) == "Ready";
            else if (key == "status")
                isTrue = text(field) == "True";
        });
        node.isReady = node.isReady || (isReadiness && isTrue);
    });
}

void readImages(od::value images, NodeFacts &node)
{
    eachElement(images, [&](od::value image) {
        eachField(image, [&](std::string_view key, od::value names) {
            if (key == "names")
                eachElement(names, [&](od::value name) { node.images.insert(canonicalImage(toQString(text(name)))); });
        });
    });
}

NodeFacts readNodeFacts(od::value value)
{
    NodeFacts node;
    eachField(value, [&](std::string_view key, od::value part) {
        eachField(part, [&, key](std::string_view name, od::value field) {
            if (key == "spec" && name == "unschedulable")
                node.isCordoned = boolean(field);
            else if (key == "status" && name == "conditions")
                readReadiness(field, node);
            else if (key == "status" && name == "images")
                readImages(field, node);
        });
    });
    return node;
}

} // namespace

QString canonicalImage(const QString &image)
{
    QString name = image.section(u'@', 0, 0);
    const QString digest = imageDigest(image);
    QString tag = imageTag(image);
    if (!tag.isEmpty())
        name.chop(tag.size() + 1);
    const QString first = name.section(u'/', 0, 0);
    const bool hasHost =
        name.contains(u'/') && (first.contains(u'.') || first.contains(u':') || first == QLatin1String("localhost"));
    if (!hasHost)
        name.prepend(name.contains(u'/') ? QStringLiteral("docker.io/") : QStringLiteral("docker.io/library/"));
    if (!digest.isEmpty())
        return name + u'@' + digest;
    return name + u':' + (tag.isEmpty() ? QStringLiteral("latest") : tag);
}

NodeImages parseNodeImages(const QByteArray &nodeList)
{
    NodeImages all;
    try {
        od::parser parser;
        const simdjson::padded_string copy(nodeList.constData(), static_cast<size_t>(nodeList.size()));
        od::document document = parser.iterate(copy);
        eachField(document.get_value().value(), [&](std::string_view key, od::value field) {
            if (key == "metadata") {
                eachField(field, [&](std::string_view name, od::value value) {
                    if (name == "continue")
                        all.isPartial = !text(value).empty();
                });
            } else if (key == "items") {
                all.isKnown = true;
                eachElement(field, [&](od::value value) {
                    const NodeFacts node = readNodeFacts(value);
                    if (!node.isReady || node.isCordoned)
                        return;
                    ++all.nodes;
                    for (const QString &image : node.images)
                        ++all.holders[image];
                });
            }
        });
    } catch (const simdjson::simdjson_error &) {
        return {};
    }
    return all;
}

QFuture<Result<NodeImages>> NodeImageReader::read(const std::shared_ptr<KubeClient> &client, const StopToken &stop)
{
    const auto kept = m_kept;
    QFuture<Result<NodeImages>> answer;
    {
        const std::lock_guard lock(kept->mutex);
        if (kept->until.isValid() && QDateTime::currentDateTimeUtc() < kept->until)
            return ready(Result<NodeImages>(kept->images));
        answer = kept->waiting.add(stop);
        if (std::exchange(kept->isAsked, true))
            return answer;
    }
    // Not the first reader's to stop: others wait for it too, and it is short.
    converted(client->get("/api/v1/nodes?limit=500", {}, patience),
              [kept, client](const Result<HttpResponse> &response) -> Result<NodeImages> {
                  const bool isForbidden = !response && response.error().kind == ErrorKind::Forbidden;
                  const NodeImages images = response ? parseNodeImages(response->body) : NodeImages{};
                  {
                      const std::lock_guard lock(kept->mutex);
                      kept->isAsked = false;
                      if (images.isKnown || isForbidden) {
                          kept->images = images;
                          kept->until = QDateTime::currentDateTimeUtc().addSecs(keptSeconds);
                      }
                  }
                  kept->waiting.answer(images);
                  return images;
              });
    return answer;
}

} // namespace signalbox::kubernetes

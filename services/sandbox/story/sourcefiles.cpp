#include "services/sandbox/story/sourcefiles.h"

#include "services/sandbox/world/chance.h"

#include <QCryptographicHash>

#include <iterator>

namespace signalbox::sandbox
{

namespace
{

constexpr const char *moduleNames[] = {"core", "batch", "server"};
constexpr const char *verbs[] = {"load",  "score", "merge",  "encode", "trim",
                                 "route", "cache", "sample", "weigh",  "join"};
constexpr const char *nouns[] = {"candidates", "features", "tokens", "requests", "regions",
                                 "sessions",   "vectors",  "pages",  "labels",   "scores"};
constexpr int shapes = 3;
constexpr int mostFunctions = 9; // of a module

QString capital(const QString &word)
{
    return word.left(1).toUpper() + word.mid(1);
}

} // namespace

SourceFiles::SourceFiles(const SourcePlan &plan, QString application, std::uint64_t seed)
    : m_plan(plan)
    , m_application(std::move(application))
    , m_state(hashOf(m_application.toStdString(), seed))
    , m_settings{{"batch_size", 16}, {"cache_mb", 256}, {"threads", 4}, {"timeout_ms", 250}, {"warm_up_requests", 20}}
{}

std::uint64_t SourceFiles::next()
{
    m_state = mixed(m_state);
    return m_state;
}

SourceFiles::Function SourceFiles::newFunction()
{
    return {QString::fromLatin1(verbs[below(std::size(verbs))]), QString::fromLatin1(nouns[below(std::size(nouns))]),
            50 * (1 + below(12)), 2 + below(40), below(shapes)};
}

QByteArray SourceFiles::moduleText(int module) const
{
    QString text = QStringLiteral("\"\"\"%1: %2.\"\"\"\n\nfrom %3 import metrics\n")
                       .arg(m_application, QString::fromLatin1(moduleNames[module]), m_plan.package);
    for (const Function &one : m_modules.at(module)) {
        text += QStringLiteral("\n\ndef %1_%2(%2, limit=%3):\n    \"\"\"%4 the %2 of one request.\"\"\"\n")
                    .arg(one.verb, one.noun)
                    .arg(one.limit)
                    .arg(capital(one.verb));
        const QString least = QString::number(one.threshold / 100.0, 'f', 2);
        switch (one.shape) {
        case 0:
            text += QStringLiteral("    kept = [one for one in %1 if one.weight >= %2]\n"
                                   "    kept.sort(key=lambda one: one.weight, reverse=True)\n"
                                   "    return kept[:limit]\n")
                        .arg(one.noun, least);
            break;
        case 1:
            text += QStringLiteral("    with metrics.timed(\"%1_%2\"):\n"
                                   "        seen = {}\n"
                                   "        for one in %2[:limit]:\n"
                                   "            seen.setdefault(one.key, one)\n"
                                   "    return [one for one in seen.values() if one.score > %3]\n")
                        .arg(one.verb, one.noun, least);
            break;
        default:
            text += QStringLiteral("    if not %1:\n"
                                   "        metrics.count(\"%2_%1_empty\")\n"
                                   "        return []\n"
                                   "    share = max(%3, len(%1) / limit)\n"
                                   "    return %1[: int(limit * share)]\n")
                        .arg(one.noun, one.verb, least);
        }
    }
    return text.toUtf8();
}

QByteArray SourceFiles::testText(int module) const
{
    const QString name = QString::fromLatin1(moduleNames[module]);
    QString text = QStringLiteral("from %1 import %2\nfrom tests.samples import sample\n").arg(m_plan.package, name);
    for (const Function &one : m_modules.at(module)) {
        text += QStringLiteral("\n\ndef test_%1_%2_keeps_the_limit():\n"
                               "    assert len(%3.%1_%2(sample(\"%2\", 1000), limit=%4)) <= %4\n")
                    .arg(one.verb, one.noun, name)
                    .arg(one.limit / 2);
    }
    return text.toUtf8();
}

QByteArray SourceFiles::settingsText() const
{
    QByteArray text = "# Read at start; each can be overridden by the environment.\n";
    for (auto it = m_settings.cbegin(); it != m_settings.cend(); ++it)
        text += it.key() + ": " + QByteArray::number(it.value()) + '\n';
    return text;
}

SourceFiles::Changed SourceFiles::set(const QString &path, const QByteArray &content)
{
    m_files.insert(path, content);
    return {{path, content}};
}

SourceFiles::Changed SourceFiles::undoChore()
{
    m_settings = m_settingsBefore;
    return set(QStringLiteral("config/settings.yaml"), settingsText());
}

SourceFiles::Changed SourceFiles::begin()
{
    Changed all = set(QStringLiteral("README.md"),
                      "# " + m_application.toUtf8() + "\nRun it with `make run`, test it with `make test`.\n");
    for (int module = 0; module < static_cast<int>(std::size(moduleNames)); ++module) {
        m_modules.append({newFunction(), newFunction(), newFunction()});
        m_lastModule = module;
        all += set(m_plan.package + u'/' + QString::fromLatin1(moduleNames[module]) + QStringLiteral(".py"),
                   moduleText(module));
        all += tests();
    }
    all += set(QStringLiteral("config/settings.yaml"), settingsText());
    all += set(QStringLiteral("Dockerfile"), "FROM python:3.12-slim\nCOPY . /app\nCMD [\"python\", \"-m\", \"" +
                                                 m_plan.package.toUtf8() + ".server\"]\n");
    return all;
}

SourceFiles::Changed SourceFiles::code()
{
    m_lastModule = below(std::size(moduleNames));
    QList<Function> &functions = m_modules[m_lastModule];
    Function &one = functions[below(static_cast<int>(functions.size()))];
    one.limit = 50 * (1 + below(12));
    one.threshold = 2 + below(40);
    if (below(2) == 0)
        one.shape = (one.shape + 1) % shapes;
    if (functions.size() < mostFunctions && below(3) > 0)
        functions.insert(below(static_cast<int>(functions.size())), newFunction());
    return set(m_plan.package + u'/' + QString::fromLatin1(moduleNames[m_lastModule]) + QStringLiteral(".py"),
               moduleText(m_lastModule));
}

SourceFiles::Changed SourceFiles::tests()
{
    return set(QStringLiteral("tests/test_%1.py").arg(QString::fromLatin1(moduleNames[m_lastModule])),
               testText(m_lastModule));
}

SourceFiles::Changed SourceFiles::chore()
{
    m_settingsBefore = m_settings;
    auto it = std::next(m_settings.begin(), below(static_cast<int>(m_settings.size())));
    it.value() += 1 + it.value() / 4;
    return set(QStringLiteral("config/settings.yaml"), settingsText());
}

SourceFiles::Changed SourceFiles::model(int version)
{
    const QByteArray name = m_plan.model.toUtf8();
    const QByteArray number = QByteArray::number(version);
    const QByteArray hash = QCryptographicHash::hash(name + number, QCryptographicHash::Sha256).toHex();
    return set(QStringLiteral("model/model.yaml"), "name: " + name + "\nversion: " + number + "\nsha256: " + hash +
                                                       "\nevaluatedOn: held-out-" +
                                                       QByteArray::number(version % 4 + 1) + "\n");
}

SourceFiles::Changed SourceFiles::release(const QString &tag, const QString &cause)
{
    m_changelog = "## " + tag.toUtf8() + "\n- " + cause.toUtf8() + "\n\n" + m_changelog;
    Changed all = set(QStringLiteral("CHANGELOG.md"), m_changelog);
    return all + set(m_plan.package + QStringLiteral("/__init__.py"), "__version__ = \"" + tag.toUtf8() + "\"\n");
}

} // namespace signalbox::sandbox

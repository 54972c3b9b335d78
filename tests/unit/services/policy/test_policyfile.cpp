#include "services/policy/policydecoder.h"
#include "services/policy/policywriter.h"
#include "services/workspace/yamldocument.h"
#include "tests/support/jsonschema.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

namespace
{

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s cannot be read", qPrintable(path));
    return file.readAll();
}

QString dataPath(const QString &name)
{
    return QStringLiteral(SIGNALBOX_TEST_DATA "/policy/") + name;
}

// The document as a reader of YAML 1.2 has it: numbers and booleans where there are no quotes.
nlohmann::json typed(const YamlValue &value)
{
    nlohmann::json json;
    if (value.isMap()) {
        json = nlohmann::json::object();
        for (const QString &key : value.keys())
            json[key.toStdString()] = typed(value[key]);
    } else if (value.isList()) {
        json = nlohmann::json::array();
        for (const YamlValue &item : value.items())
            json.push_back(typed(item));
    } else if (value.isText()) {
        bool isNumber = false;
        const int number = value.text().toInt(&isNumber);
        const bool isFlag = value.text() == QLatin1String("true") || value.text() == QLatin1String("false");
        if (value.isQuoted() || (!isNumber && !isFlag))
            json = value.text().toStdString();
        else if (isNumber)
            json = number;
        else
            json = value.text() == QLatin1String("true");
    }
    return json;
}

QString schemaSays(const QByteArray &bytes)
{
    static const JsonSchema schema(nlohmann::json::parse(
        contentOf(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/policy.schema.json")).toStdString()));
    const auto document = YamlDocument::parse(bytes, QStringLiteral("policy.yaml"));
    if (!document)
        return QStringLiteral("no document");
    return QString::fromStdString(schema.complaint(typed(YamlValue(*document))));
}

} // namespace

class TestPolicyFile : public QObject
{
    Q_OBJECT

private slots:
    void fullPolicyIsRead()
    {
        const auto read = parsePolicy(contentOf(dataPath(QStringLiteral("full.yaml"))), QStringLiteral("full.yaml"));
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
        QCOMPARE(read->workspace, QStringLiteral("shop"));
        QCOMPARE(read->signer(QStringLiteral("ci@build.shop.example"))->name, QStringLiteral("ci"));
        QCOMPARE(read->author(QStringLiteral("Alice@Users.noreply.github.com"))->name, QStringLiteral("alice"));
        QVERIFY(!read->signer(QStringLiteral("alice@users.noreply.github.com"))); // her keys are named otherwise
        QVERIFY(read->signer(QStringLiteral("BOB@shop.example")));
        QCOMPARE(read->members({QStringLiteral("on-call"), QStringLiteral("admins")}),
                 (QStringList{QStringLiteral("dave"), QStringLiteral("alice"), QStringLiteral("bob")}));
        const QString production = QStringLiteral("production");
        const EnvironmentPolicy *cart = read->rules(QStringLiteral("cart"), production);
        const EnvironmentPolicy *edge = read->rules(QStringLiteral("edge-eu"), production);
        QVERIFY(cart && edge && cart != edge);
        QCOMPARE(cart->approvals.size(), 2);
        QCOMPARE(cart->soak, std::chrono::seconds(5400));
        QCOMPARE(cart->alertsAge, std::chrono::seconds(90));
        QCOMPARE(cart->windows.at(1).toMinute, 240);
        QCOMPARE(edge->approvalsExpire.count(), 0);
        QCOMPARE(edge->execution.kind, Execution::Kind::GitopsCommit);
        QCOMPARE(*read->before(QStringLiteral("cart"), production), QStringLiteral("staging"));
        QCOMPARE(*read->before(QStringLiteral("edge-eu"), QStringLiteral("staging")), QString());
        QVERIFY(!read->before(QStringLiteral("edge-eu"), QStringLiteral("dev")));
        QVERIFY(!read->rules(QStringLiteral("cart"), QStringLiteral("moon")));
        QCOMPARE(read->freezes.size(), 3);
        QCOMPARE(read->freezes.at(1).schedule.except.size(), 1);
        QCOMPARE(read->breakGlass.validFor, std::chrono::seconds(1800));
    }

    void whatIsLeftOutIsStrict()
    {
        const auto read = parsePolicy(contentOf(dataPath(QStringLiteral("small.yaml"))) +
                                          "environments: [{environment: production}]\n",
                                      QStringLiteral("small.yaml"));
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
        const EnvironmentPolicy &rules = read->environments.first();
        QVERIFY(rules.isProtected && rules.notRequester && rules.notAuthor && rules.sameDigest && rules.oneAtATime &&
                rules.noFiringAlerts);
        QCOMPARE(rules.approvalsExpire, std::chrono::hours(24));
        QVERIFY(read->stops.holdAfterRollback);
        QVERIFY(read->breakGlass.roles.isEmpty());
        QCOMPARE(read->holdLifters(), QStringList{QStringLiteral("admins")});
    }

    void goodFilesAreWrittenBackCanonically_data()
    {
        QTest::addColumn<QString>("name");
        for (const QString &name : QDir(dataPath({})).entryList({QStringLiteral("*.yaml")}))
            QTest::newRow(qPrintable(name)) << name;
    }
    void goodFilesAreWrittenBackCanonically()
    {
        QFETCH(QString, name);
        const QByteArray content = contentOf(dataPath(name));
        const auto read = parsePolicy(content, name);
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
        QCOMPARE(schemaSays(content), QString());
        const QByteArray written = writePolicy(*read);
        const auto again = parsePolicy(written, QStringLiteral("written"));
        QVERIFY2(again, again ? "" : qPrintable(again.error().message + QString::fromUtf8(written)));
        QCOMPARE(*again, *read);
        QCOMPARE(writePolicy(*again), written);
        QCOMPARE(schemaSays(written), QString());
    }

    void badFilesAreRefusedInWords_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("schema");
        const auto rows = nlohmann::json::parse(contentOf(dataPath(QStringLiteral("bad.json"))).toStdString());
        QVERIFY(rows.size() >= 20);
        const auto text = [](const nlohmann::json &value) {
            return QByteArray::fromStdString(value.get<std::string>());
        };
        for (const auto &row : rows)
            QTest::newRow(text(row.at("name")).constData())
                << text(row.at("text")) << QString::fromUtf8(text(row.at("sentence")))
                << QString::fromUtf8(text(row.at("schema")));
    }
    void badFilesAreRefusedInWords()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, sentence);
        QFETCH(QString, schema);
        const auto read = parsePolicy(text, QStringLiteral("policy.yaml"));
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::Invalid);
        QVERIFY2(read.error().message.startsWith(QStringLiteral("policy.yaml:")), qPrintable(read.error().message));
        QVERIFY2(read.error().message.contains(sentence), qPrintable(read.error().message));
        const QString says = schemaSays(text);
        if (schema == QLatin1String("no document"))
            QCOMPARE(says, QStringLiteral("no document"));
        else
            QVERIFY2(says.isEmpty() == (schema == QLatin1String("cannot say")), qPrintable(says));
    }

    void allMistakesAreToldAtOnce()
    {
        const auto read = parsePolicy("version: 7\nworkspace: shop\nroles: []\npaths: 3\n", QStringLiteral("p.yaml"));
        QVERIFY(!read);
        QCOMPARE(read.error().message.count(QLatin1Char('\n')) + 1, 3);
    }
};

QTEST_GUILESS_MAIN(TestPolicyFile)
#include "test_policyfile.moc"

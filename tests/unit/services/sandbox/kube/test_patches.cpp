#include "services/sandbox/kube/patches.h"

#include <nlohmann/json.hpp>

#include <QFile>
#include <QTest>

using namespace signalbox::sandbox;
using Json = nlohmann::json;

// tests/data/sandbox/patches.json: what a patch makes of an object, or the status it is refused with.
class TestPatches : public QObject
{
    Q_OBJECT
private slots:
    void aPatchDoesWhatItSays_data()
    {
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/sandbox/patches.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QTest::addColumn<QByteArray>("row");
        for (const Json &row : Json::parse(file.readAll().toStdString())) {
            QTest::addRow("%s: %s", row.at("how").get<std::string>().c_str(), row.at("name").get<std::string>().c_str())
                << QByteArray::fromStdString(row.dump());
        }
    }
    void aPatchDoesWhatItSays()
    {
        QFETCH(QByteArray, row);
        const Json wanted = Json::parse(row.toStdString());
        ResourceType type;
        type.kind = wanted.value("kind", std::string("Deployment"));
        Json object = wanted.at("before");
        const Json &patch = wanted.at("patch");
        const std::string how = wanted.at("how");
        const auto refusal = how == "json"    ? applyJsonPatch(object, patch)
                             : how == "merge" ? applyMergePatch(object, patch)
                                              : applyStrategicPatch(type, object, patch);
        QCOMPARE(refusal ? refusal->code : 200, wanted.value("code", 200));
        if (!refusal)
            QCOMPARE(object.dump(), wanted.at("after").dump());
    }
};

QTEST_GUILESS_MAIN(TestPatches)
#include "test_patches.moc"

// `signalbox run deployments` and `signalbox run redeploy`: the real executable on the practice world.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

namespace
{

struct Said
{
    int status = -1;
    QString out;
    QString err;
    QJsonObject json() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
};

QStringList words(const char *line)
{
    return QString::fromLatin1(line).split(QLatin1Char(' '));
}

// A practice world of its own program: its workspace is named like a team's, so that whoever practises has folders of
// their own.
class OpenWorld
{
public:
    explicit OpenWorld(const QString &data)
    {
        QProcessEnvironment values = QProcessEnvironment::systemEnvironment();
        values.insert(QStringLiteral("SIGNALBOX_DATA"), data);
        m_process.setProcessEnvironment(values);
        m_process.start(QStringLiteral(SIGNALBOX_PROGRAM), words("sandbox --json"));
        QByteArray told;
        while (workspace.isEmpty() && m_process.waitForReadyRead(60000)) {
            told += m_process.readAllStandardOutput();
            workspace = QJsonDocument::fromJson(told).object()[QStringLiteral("workspace")].toString();
        }
    }
    ~OpenWorld()
    {
        m_process.terminate();
        m_process.waitForFinished(30000);
    }
    // Another workspace beside it; empty: it could not be made.
    QString withLedgerAt(const QByteArray &url) const
    {
        QFile own(workspace);
        QFile other(QFileInfo(workspace).path() + QStringLiteral("/other.yaml"));
        if (!own.open(QIODevice::ReadOnly) || !other.open(QIODevice::WriteOnly))
            return {};
        QByteArray text = own.readAll();
        const bool hasLedger = text.contains("url: team/ledger.git");
        other.write(text.replace("url: team/ledger.git", "url: " + url));
        return hasLedger ? other.fileName() : QString();
    }

    QString workspace; // empty: it did not open

private:
    QProcess m_process;
};

} // namespace

class TestDeploymentsCommand : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    Said say(const QStringList &arguments, const QString &data = QStringLiteral("data"))
    {
        QProcess process;
        QProcessEnvironment values = QProcessEnvironment::systemEnvironment();
        values.remove(QStringLiteral("KUBECONFIG"));
        values.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.filePath(data));
        values.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
        process.setProcessEnvironment(values);
        process.start(QStringLiteral(SIGNALBOX_PROGRAM), arguments);
        if (!process.waitForFinished(60000))
            return {};
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }

private slots:
    void listsAndPlansTheWayBack_data()
    {
        QTest::addColumn<QString>("application");
        QTest::newRow("GitHub") << QStringLiteral("recommender");
        QTest::newRow("GitLab") << QStringLiteral("feature-store");
    }
    void listsAndPlansTheWayBack()
    {
        QFETCH(QString, application);
        const QStringList where{application, QStringLiteral("staging")};
        const Said listed = say(words("--demo --json run deployments") + where);
        QVERIFY2(listed.status == 0, qPrintable(listed.err + listed.out));
        const QJsonObject document = listed.json();
        QCOMPARE(document[QStringLiteral("schema")].toString(), QStringLiteral("signalbox.deployments/1"));
        QCOMPARE(document[QStringLiteral("application")].toString(), application);
        const QJsonArray environments = document[QStringLiteral("environments")].toArray();
        QCOMPARE(environments.size(), 1);
        const QJsonArray deployments = environments.first().toObject()[QStringLiteral("deployments")].toArray();
        QVERIFY(deployments.size() >= 2);
        QJsonObject live;
        QJsonObject older;
        for (const QJsonValue &value : deployments) {
            const QJsonObject one = value.toObject();
            QVERIFY(!one[QStringLiteral("commit")].toString().isEmpty());
            if (one[QStringLiteral("live")].toBool())
                live = one;
            else if (older.isEmpty() && one[QStringLiteral("state")].toString() == QLatin1String("passed") &&
                     one[QStringLiteral("ref")].toString().startsWith(u'v'))
                older = one;
        }
        QVERIFY(!live.isEmpty() && !older.isEmpty());

        // By its tag: each practice world makes its sources anew, with other commits.
        const QString to = older[QStringLiteral("ref")].toString();
        const Said planned = say(words("--demo --json run redeploy") + where + QStringList{QStringLiteral("--to"), to} +
                                 words("--dry-run"));
        QVERIFY2(planned.status == 0, qPrintable(planned.err + planned.out));
        QCOMPARE(planned.json()[QStringLiteral("schema")].toString(), QStringLiteral("signalbox.operation/1"));
        QVERIFY2(planned.out.contains(to), qPrintable(planned.out));
        // Its ledger is shared and not here yet: it was fetched, and does not protect this place.
        QVERIFY2(!planned.err.contains(QStringLiteral("could not be read")), qPrintable(planned.err));
    }

    // Going back needs no ledger: without one the name of the place tells how it is confirmed.
    void withoutALedgerTheNameTells_data()
    {
        QTest::addColumn<bool>("answers"); // the server that has the ledger
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<bool>("isProtected");
        for (const bool answers : {true, false}) {
            const QString why = answers ? QStringLiteral("The ledger could not be read")
                                        : QStringLiteral("The ledger was not read within 2 s");
            for (const char *name : {"staging", "production"}) {
                const QString environment = QString::fromLatin1(name);
                QTest::addRow("%s, %s", name, answers ? "it cannot be read" : "its server never answers")
                    << answers << environment
                    << QStringLiteral("%1: whether %2 is protected is told by its name").arg(why, environment)
                    << (environment == QLatin1String("production"));
            }
        }
    }
    void withoutALedgerTheNameTells()
    {
        QFETCH(bool, answers);
        QFETCH(QString, environment);
        QFETCH(QString, sentence);
        QFETCH(bool, isProtected);
        const OpenWorld world(m_folder.filePath(QStringLiteral("world")));
        QVERIFY(!world.workspace.isEmpty());
        QTcpServer silent; // whoever knocks is let in, and never answered
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        const QString workspace =
            answers
                ? world.workspace
                : world.withLedgerAt("https://127.0.0.1:" + QByteArray::number(silent.serverPort()) + "/ledger.git");
        QVERIFY(!workspace.isEmpty());
        const QString data = QStringLiteral("unledgered-%1").arg(answers);
        QVERIFY(QDir().mkpath(m_folder.filePath(data)));
        if (answers) { // where the copy of it would be
            QFile inTheWay(m_folder.filePath(data + QStringLiteral("/ledgers")));
            QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        }
        const QStringList where{QStringLiteral("feature-store"), environment, QStringLiteral("-w"), workspace};
        const Said listed = say(words("--json run deployments") + where, data);
        const QJsonArray environments = listed.json()[QStringLiteral("environments")].toArray();
        QString to;
        for (const QJsonValue &value : environments.first().toObject()[QStringLiteral("deployments")].toArray()) {
            const QJsonObject one = value.toObject();
            if (!one[QStringLiteral("live")].toBool() && to.isEmpty() &&
                one[QStringLiteral("state")].toString() == QLatin1String("passed") &&
                one[QStringLiteral("ref")].toString().startsWith(u'v'))
                to = one[QStringLiteral("ref")].toString();
        }
        QVERIFY2(!to.isEmpty(), qPrintable(listed.err + listed.out));
        const Said planned = say(words("--json run redeploy --dry-run --to") + QStringList{to} + where, data);
        QVERIFY2(planned.status == 0, qPrintable(planned.err + planned.out));
        QVERIFY2(planned.err.contains(sentence), qPrintable(planned.err));
        const QJsonObject plan = planned.json()[QStringLiteral("plan")].toObject();
        QVERIFY2(plan.contains(QStringLiteral("protected")), qPrintable(planned.out));
        QCOMPARE(plan[QStringLiteral("protected")].toBool(), isProtected);
    }

    // As GitHub compares names.
    void anEnvironmentMayBeWrittenOtherwise()
    {
        const Said said = say(words("--demo --json run deployments recommender STAGING"));
        QVERIFY2(said.status == 0, qPrintable(said.err));
        const QJsonArray environments = said.json()[QStringLiteral("environments")].toArray();
        QCOMPARE(environments.size(), 1);
        QVERIFY(!environments.first().toObject()[QStringLiteral("deployments")].toArray().isEmpty());
    }

    void whatIsNotThereIsSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("environment") << words("run deployments recommender moon")
                                     << QStringLiteral("has no environment \"moon\". There are: staging, production.");
        QTest::newRow("deployment") << words("run redeploy recommender staging --to ffffffff --dry-run")
                                    << QStringLiteral("No deployment to staging is \"ffffffff\"");
        QTest::newRow("vendor") << words("run deployments search-ranker")
                                << QStringLiteral("Jenkins keeps no environments and deployments.");
    }
    void whatIsNotThereIsSaid()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, sentence);
        const Said said = say(words("--demo") + arguments);
        QVERIFY(said.status != 0);
        QVERIFY2(said.err.contains(sentence), qPrintable(said.err));
    }
};

QTEST_GUILESS_MAIN(TestDeploymentsCommand)
#include "test_deploymentscommand.moc"

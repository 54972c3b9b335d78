// `signalbox run deployments` and `signalbox run redeploy`: the real executable on the practice world.
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
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

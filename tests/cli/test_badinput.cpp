#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

// The tables tests/data/badinput/{arguments,workspace}.json: wrong arguments and workspaces, each with the exact
// sentences on standard error and the exit status, through the real program.
class TestBadInput : public QObject
{
    Q_OBJECT
private slots:
    void everyRow_data()
    {
        QTest::addColumn<QJsonObject>("row");
        for (const QString &table : {QStringLiteral("arguments"), QStringLiteral("workspace")}) {
            QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/badinput/%1.json").arg(table));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QJsonArray rows = QJsonDocument::fromJson(file.readAll()).array();
            QVERIFY2(rows.size() >= 20, qPrintable(table));
            for (const QJsonValue &row : rows)
                QTest::newRow(qPrintable(table + QStringLiteral(": ") + row[QStringLiteral("name")].toString()))
                    << row.toObject();
        }
    }

    void everyRow()
    {
        QFETCH(QJsonObject, row);
        QTemporaryDir folder;
        QProcess program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("SIGNALBOX_DATA"), folder.filePath(QStringLiteral("data")));
        environment.insert(QStringLiteral("HOME"), folder.path());
        environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
        for (const char *name : {"KUBECONFIG", "SIGNALBOX_LOG", "SIGNALBOX_WORKSPACE", "QT_LOGGING_RULES"})
            environment.remove(QString::fromLatin1(name));
        const QJsonObject extra = row[QStringLiteral("env")].toObject();
        for (auto it = extra.begin(); it != extra.end(); ++it)
            environment.insert(it.key(), it.value().toString());
        program.setProcessEnvironment(environment);

        QStringList arguments;
        for (const QJsonValue &argument : row[QStringLiteral("args")].toArray())
            arguments.append(argument.toString());
        QString path;
        if (row.contains(QStringLiteral("text"))) {
            path = folder.filePath(row[QStringLiteral("file")].toString());
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(row[QStringLiteral("text")].toString().toUtf8());
            arguments = {QStringLiteral("status"), QStringLiteral("-w"), path};
        }
        if (row.contains(QStringLiteral("kubeconfig"))) {
            path = folder.filePath(QStringLiteral("config"));
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(row[QStringLiteral("kubeconfig")].toString().toUtf8());
            arguments += {QStringLiteral("--kubeconfig"), path};
        }
        program.start(QStringLiteral(SIGNALBOX_PROGRAM), arguments);
        QVERIFY2(program.waitForFinished(20000), qPrintable(program.errorString()));
        const QString expected = row[QStringLiteral("err")]
                                     .toString()
                                     .replace(QStringLiteral("{file}"), path)
                                     .replace(QStringLiteral("{folder}"), folder.path());
        QCOMPARE(QString::fromUtf8(program.readAllStandardError()), expected);
        QCOMPARE(QString::fromUtf8(program.readAllStandardOutput()), QString());
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(program.exitCode(), row[QStringLiteral("exit")].toInt(2));
    }
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "test_badinput.moc"

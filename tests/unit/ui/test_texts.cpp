// The texts without a window: what the command line speaks.
#include "ui/language/texts.h"

#include <QCoreApplication>
#include <QDirIterator>
#include <QFile>
#include <QTest>
#include <QTranslator>

using namespace signalbox;

class TestTexts : public QObject
{
    Q_OBJECT
private slots:
    void englishHasItsPlurals_data()
    {
        QTest::addColumn<QByteArray>("context");
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<int>("count");
        QTest::addColumn<QString>("shown");
        const QByteArray gitlab("GitLab");
        const QByteArray jobs("%n job(s) still go on");
        QTest::newRow("none") << gitlab << jobs << 0 << QStringLiteral("0 jobs still go on");
        QTest::newRow("one") << gitlab << jobs << 1 << QStringLiteral("1 job still goes on");
        QTest::newRow("many") << gitlab << jobs << 7 << QStringLiteral("7 jobs still go on");
        QTest::newRow("no plural") << gitlab << QByteArray("Play the job") << -1 << QStringLiteral("Play the job");
    }
    void englishHasItsPlurals()
    {
        QFETCH(QByteArray, context);
        QFETCH(QByteArray, source);
        QFETCH(int, count);
        QFETCH(QString, shown);
        const std::unique_ptr<QTranslator> texts = loadTexts(QStringLiteral("en"));
        QVERIFY(texts);
        QVERIFY(QCoreApplication::installTranslator(texts.get()));
        QCOMPARE(QCoreApplication::translate(context.constData(), source.constData(), nullptr, count), shown);
    }

    void whatNobodySpeaksHasNoTexts() { QVERIFY(!loadTexts(QStringLiteral("tlh"))); }

    // The command line's own texts are not among them (resources/translations/refresh.sh): they name one and many
    // apart.
    void theCommandLinesOwnTextsNeedNoPlurals()
    {
        int files = 0;
        for (const char *folder : {"cli", "commands"}) {
            QDirIterator each(QStringLiteral(SIGNALBOX_SOURCE_DIR "/app/") + QString::fromLatin1(folder),
                              {QStringLiteral("*.cpp")}, QDir::Files);
            while (each.hasNext()) {
                QFile file(each.next());
                QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
                const QByteArray code = file.readAll();
                for (const char *unspoken : {"%n ", "(s)\"", "(s) ", "(es)", "(ies)"})
                    QVERIFY2(!code.contains(unspoken), qPrintable(file.fileName() + u' ' + QLatin1String(unspoken)));
                ++files;
            }
        }
        QVERIFY(files > 40);
    }
};

QTEST_GUILESS_MAIN(TestTexts)
#include "test_texts.moc"

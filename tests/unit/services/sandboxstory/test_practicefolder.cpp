#include "services/sandbox/practicefolder.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox::sandbox;

// Where a practice world keeps its files, and what becomes of those that nobody could clean up.
class PracticeFolderTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_base;

    QStringList folders() const { return QDir(m_base.path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot); }
    // A folder as a program that was killed leaves it: `owner` is that of a real one, under another process's number.
    QString leaveBehind(const QString &name, qint64 process)
    {
        const PracticeFolder made(m_base.path());
        QFile owner(made.filePath(QStringLiteral("owner")));
        if (!owner.open(QIODevice::ReadOnly))
            return {};
        QByteArrayList lines = owner.readAll().split('\n');
        lines[0] = QByteArray::number(process);
        const QString path = m_base.filePath(name);
        QDir().mkpath(path + QStringLiteral("/team/sources"));
        QFile copy(path + QStringLiteral("/owner"));
        return copy.open(QIODevice::WriteOnly) && copy.write(lines.join('\n')) > 0 ? path : QString();
    }

private slots:
    void aFolderGoesWithItsWorld()
    {
        QString path;
        {
            const PracticeFolder folder(m_base.path());
            QVERIFY(folder.isValid());
            path = folder.path();
            QVERIFY(QFileInfo::exists(path));
            QCOMPARE(folder.removeLeftOver(), 0);
        }
        QVERIFY(!QFileInfo::exists(path));
        QCOMPARE(folders(), QStringList());
    }

    void whatAKilledProgramLeftGoesAtTheNextStart()
    {
        const QString dead = leaveBehind(QStringLiteral("signalbox-practice-dead00"), 0x3ffffffe);
        QVERIFY(!dead.isEmpty());
        const PracticeFolder folder(m_base.path());
        QCOMPARE(folder.removeLeftOver(), 1);
        QVERIFY(!QFileInfo::exists(dead));
        QVERIFY(QFileInfo::exists(folder.path()));
    }

    void othersAreLeftAlone()
    {
        const PracticeFolder running(m_base.path());                                        // its owner lives
        const QString young = m_base.filePath(QStringLiteral("signalbox-practice-young0")); // has none yet
        const QString foreign = m_base.filePath(QStringLiteral("holiday-pictures"));
        QVERIFY(QDir().mkpath(young) && QDir().mkpath(foreign));
        const PracticeFolder folder(m_base.path());
        QCOMPARE(folder.removeLeftOver(), 0);
        for (const QString &path : {running.path(), young, foreign})
            QVERIFY(QFileInfo::exists(path));
        QVERIFY(QDir(young).removeRecursively() && QDir(foreign).removeRecursively());
    }
};

QTEST_GUILESS_MAIN(PracticeFolderTest)
#include "test_practicefolder.moc"

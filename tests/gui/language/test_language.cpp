#include "services/ports/connections.h"
#include "tests/support/consoleworld.h"
#include "tests/support/needs.h"
#include "ui/language/language.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/headerbar.h"
#include "ui/shell/languageswitch.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"

#include <QComboBox>
#include <QDialog>
#include <QDirIterator>
#include <QFontDatabase>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProcess>
#include <QRawFont>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTextLayout>
#include <QXmlStreamReader>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const QString chinese = QStringLiteral("zh_CN");

struct Message
{
    QString context;
    QString source;
    QString translation;
    bool isUnfinished = false;
};

QList<Message> messages(const QString &path = QStringLiteral(SIGNALBOX_TRANSLATIONS))
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QList<Message> found;
    QXmlStreamReader xml(&file);
    QString context;
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement())
            continue;
        if (xml.name() == QLatin1String("name")) {
            context = xml.readElementText();
        } else if (xml.name() == QLatin1String("message")) {
            found.append(Message{context, {}, {}, false});
        } else if (xml.name() == QLatin1String("source")) {
            found.last().source = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            found.last().isUnfinished = xml.attributes().hasAttribute(QLatin1String("type"));
            found.last().translation = xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
        }
    }
    return xml.hasError() ? QList<Message>() : found;
}

// "%1" "%L2" "%n", in order of their names. A mnemonic counts too.
QStringList placeholders(const QString &text)
{
    static const QRegularExpression pattern(QStringLiteral("%L?[0-9]+|%n|&[A-Za-z]"));
    QStringList found;
    for (auto match = pattern.globalMatch(text); match.hasNext();)
        found.append(match.next().captured().toLower());
    std::sort(found.begin(), found.end());
    return found;
}

struct HelperText
{
    QString file;
    QByteArray context;
    QByteArray text;
};

QByteArray unescaped(QString literal)
{
    literal.replace(QLatin1String("\\\""), QLatin1String("\""));
    literal.replace(QLatin1String("\\n"), QLatin1String("\n"));
    return literal.replace(QLatin1String("\\\\"), QLatin1String("\\")).toUtf8();
}

// The texts that no class owns: PolicyText::tr("...") asks for them in the context Policy.
QList<HelperText> helperTexts()
{
    static const QRegularExpression call(
        QStringLiteral("\\b([A-Z]\\w*)Text::tr\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*)+)"));
    static const QRegularExpression piece(QStringLiteral("\"((?:[^\"\\\\]|\\\\.)*)\""));
    QList<HelperText> found;
    for (const char *folder : {"models", "services", "ui", "app/console", "app/wiring"}) {
        QDirIterator files(QStringLiteral(SIGNALBOX_SOURCE_DIR "/") + QString::fromLatin1(folder),
                           {QStringLiteral("*.cpp")}, QDir::Files, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (file.fileName().contains(QLatin1String("/tour/")) || !file.open(QIODevice::ReadOnly))
                continue; // what the tour prints stays English
            const QString code = QString::fromUtf8(file.readAll());
            for (auto calls = call.globalMatch(code); calls.hasNext();) {
                const QRegularExpressionMatch one = calls.next();
                QString text;
                for (auto pieces = piece.globalMatch(one.captured(2)); pieces.hasNext();)
                    text += pieces.next().captured(1);
                found.append({file.fileName(), one.captured(1).toUtf8(), unescaped(text)});
            }
        }
    }
    return found;
}

} // namespace

class TestLanguage : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init()
    {
        m_world = std::make_unique<ConsoleWorld>();
        m_world->addRichCluster();
        m_language = std::make_unique<Language>();
        const auto build = [this] {
            return std::make_unique<MainWindow>(*m_world->context, consolePages(), m_theme.get());
        };
        m_window = build();
        m_switch = std::make_unique<LanguageSwitch>(*m_world->context, *m_language, m_window, build);
        m_window->resize(1234, 777);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup()
    {
        m_switch.reset();
        m_window.reset();
        m_language.reset();
        m_world.reset();
    }

    void whatTheSystemPrefersCounts_data()
    {
        QTest::addColumn<QString>("choice");
        QTest::addColumn<QStringList>("preferred");
        QTest::addColumn<QString>("language");
        const QStringList german = {QStringLiteral("de-DE"), QStringLiteral("de")};
        QTest::newRow("nothing known") << QString() << german << "en";
        QTest::newRow("mainland") << QString() << QStringList{QStringLiteral("zh-CN")} << "zh_CN";
        QTest::newRow("with a script") << QString() << QStringList{QStringLiteral("zh-Hans-SG")} << "zh_CN";
        QTest::newRow("only the language") << QString() << QStringList{QStringLiteral("zh")} << "zh_CN";
        QTest::newRow("traditional") << QString() << QStringList{QStringLiteral("zh-Hant-TW")} << "en";
        QTest::newRow("traditional by region") << QString() << QStringList{QStringLiteral("zh_TW")} << "en";
        QTest::newRow("English first") << QString() << QStringList{QStringLiteral("en-GB"), QStringLiteral("zh-CN")}
                                       << "en";
        QTest::newRow("second wish") << QString() << german + QStringList{QStringLiteral("zh-CN")} << "zh_CN";
        QTest::newRow("chosen") << chinese << german << "zh_CN";
        QTest::newRow("chosen against the system") << "en" << QStringList{QStringLiteral("zh-CN")} << "en";
        QTest::newRow("a choice of another version") << "fr" << german << "en";
    }
    void whatTheSystemPrefersCounts()
    {
        QFETCH(QString, choice);
        QFETCH(QStringList, preferred);
        QTEST(Language::resolve(choice, preferred), "language");
    }

    // Also those of the sources that nobody has taken into the file yet.
    void datesFollowTheLanguage()
    {
        const QDate day(2026, 11, 22);
        const auto written = [&] { return QLocale().toString(day, QStringLiteral("MMM")); };
        const QString preferred = Language::resolve(QStringLiteral("system"));
        QCOMPARE(written(), QStringLiteral("Nov"));
        QVERIFY(m_language->use(QStringLiteral("zh_CN")));
        QCOMPARE(written(), QString::fromUtf8("11月"));
        QVERIFY(m_language->use(QStringLiteral("en")));
        QCOMPARE(written(), QStringLiteral("Nov"));
        // what the system prefers is not what the window speaks
        QVERIFY(m_language->use(QStringLiteral("zh_CN")));
        QCOMPARE(Language::resolve(QStringLiteral("system")), preferred);
        QVERIFY(m_language->use(QStringLiteral("en")));
    }

    void everyTextIsTranslated()
    {
        QTemporaryDir folder;
        const QString copy = folder.filePath(QStringLiteral("now.ts"));
        QVERIFY(QFile::copy(QStringLiteral(SIGNALBOX_TRANSLATIONS), copy));
#ifdef Q_OS_UNIX
        QProcess refresh;
        refresh.start(QStringLiteral(SIGNALBOX_REFRESH), {copy});
        QVERIFY2(refresh.waitForFinished(60000), qPrintable(refresh.errorString()));
        QVERIFY2(refresh.exitCode() == 0, refresh.readAllStandardError().constData());
#endif
        const QList<Message> all = messages(copy);
        QVERIFY(all.size() > 1000);
        const auto missing = std::count_if(all.begin(), all.end(), [](const Message &message) {
            return message.isUnfinished || message.translation.isEmpty();
        });
        const double share = 100.0 * static_cast<double>(all.size() - missing) / static_cast<double>(all.size());
        qInfo("%.1f %% of %lld texts are translated", share, static_cast<long long>(all.size()));
        QVERIFY2(share >= 95.0, "run resources/translations/refresh.sh and write what is unfinished");
    }

    void placeholdersAreKept()
    {
        for (const Message &message : messages()) {
            if (message.translation.isEmpty())
                continue;
            QVERIFY2(placeholders(message.source) == placeholders(message.translation),
                     qPrintable(message.context + QStringLiteral(": ") + message.source));
            QVERIFY2(!message.translation.endsWith(QLatin1String("...")), qPrintable(message.translation));
        }
    }

    // One word for one thing, as the README of the translations has it: these were in use beside them.
    void wordsAreThoseOfTheGlossary()
    {
        const QStringList others{u"关卡"_qs, u"产物"_qs, u"您"_qs, u"浸泡"_qs, u"外部平台"_qs};
        for (const Message &message : messages(QStringLiteral(SIGNALBOX_TRANSLATIONS))) {
            for (const QString &other : others)
                QVERIFY2(!message.translation.contains(other),
                         qPrintable(message.source + u'\n' + message.translation));
        }
    }

    void everyTextIsFoundByTheProgram()
    {
        QVERIFY(m_language->use(chinese));
        for (const Message &message : messages()) {
            if (message.isUnfinished || message.source.contains(QLatin1String("%n")))
                continue;
            const QString shown =
                QCoreApplication::translate(message.context.toUtf8().constData(), message.source.toUtf8().constData());
            QCOMPARE(shown.trimmed(), message.translation);
        }
        const QString plural =
            QCoreApplication::translate("signalbox::Operation", "Stopped at step %1 of %n: %2", nullptr, 3);
        QVERIFY2(plural.contains(QLatin1Char('3')) && !plural.startsWith(QLatin1String("Stopped")), qPrintable(plural));
    }

    void englishTellsOneFromMany()
    {
        const auto told = [](const Message &message, int count) {
            return QCoreApplication::translate(message.context.toUtf8().constData(),
                                               message.source.toUtf8().constData(), nullptr, count);
        };
        int counted = 0;
        for (const Message &message : messages()) {
            if (!message.source.contains(QLatin1String("%n")))
                continue;
            ++counted;
            for (const int count : {1, 2}) {
                const QString shown = told(message, count);
                QVERIFY2(!shown.contains(QLatin1String("(s)")) && !shown.contains(QLatin1String("(ies)")),
                         qPrintable(shown + QStringLiteral(": run resources/translations/refresh.sh")));
            }
        }
        QVERIFY(counted > 15);
        Message commits;
        commits.context = QStringLiteral("signalbox::ChangesPresenter");
        commits.source = QStringLiteral("%n commit(s)");
        QCOMPARE(told(commits, 1), QStringLiteral("1 commit"));
        QCOMPARE(told(commits, 4), QStringLiteral("4 commits"));
    }

    // What asks is not what lupdate read: a struct of another name would stay English.
    void textsOfNoClassAreTranslated()
    {
        const QList<HelperText> texts = helperTexts();
        QVERIFY(texts.size() > 1000);
        QMultiHash<QString, QString> known;
        for (const Message &message : messages()) {
            if (!message.isUnfinished)
                known.insert(message.source, message.translation);
        }
        QVERIFY(m_language->use(chinese));
        int missing = 0;
        for (const HelperText &text : texts) {
            const QString source = QString::fromUtf8(text.text);
            if (!known.contains(source)) {
                ++missing; // not refreshed yet: counted, as above
                continue;
            }
            const QString shown = QCoreApplication::translate(text.context.constData(), text.text.constData());
            QVERIFY2(known.contains(source, shown.trimmed()), qPrintable(text.file + QStringLiteral(": ") + source));
        }
        QVERIFY2(missing * 20 <= texts.size(), "run resources/translations/refresh.sh");
    }

    // Said by classes without a meta object of their own: the context is the base's.
    void whatATestOfAConnectionSaysIsTranslated()
    {
        QVERIFY(m_language->use(chinese));
        for (const char *said : {"Read the configuration", "not tried", "It answers, but scrapes nothing yet.",
                                 "%1 answered in %2 ms", "You see the whole cluster"})
            QVERIFY2(ConnectionProbe::tr(said) != QString::fromUtf8(said), said);
    }

    void theFontsHaveTheseCharacters()
    {
        if (!QFontDatabase::families().contains(QLatin1String("Noto Sans CJK SC")))
            MISSING("fonts-noto-cjk is not installed");
        QVERIFY(m_language->use(chinese));
        QString text;
        for (const Message &message : messages())
            text += message.translation;
        for (const TextRole role : {TextRole::Body, TextRole::Title, TextRole::Mono, TextRole::Figure}) {
            QTextLayout layout(text.left(4000), font(role));
            layout.beginLayout();
            layout.createLine().setNumColumns(4000);
            layout.endLayout();
            for (const QGlyphRun &run : layout.glyphRuns())
                QVERIFY2(!run.glyphIndexes().contains(0), qPrintable(run.rawFont().familyName()));
        }
    }

    void theWindowChangesWhileItRuns()
    {
        m_window->go({QStringLiteral("cluster"), {}, QStringLiteral("prod-eu"), QStringLiteral("staging"), {}, {}});
        const NavigationTarget chosen = m_window->currentPage()->current();
        auto *filter = m_window->currentPage()->findChild<FilterField *>();
        QVERIFY(filter != nullptr);
        filter->setText(QStringLiteral("image"));
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        const QSize size = m_window->size();
        const QString before = m_window->windowTitle();
        choose(QStringLiteral("zh_CN"));

        QCOMPARE(m_window->currentPageId(), QStringLiteral("settings"));
        QVERIFY(m_window->windowTitle() != before);
        QVERIFY2(m_window->windowTitle().startsWith(QString::fromUtf8("设置")), qPrintable(m_window->windowTitle()));
        QVERIFY(m_window->isVisible());
        QCOMPARE(m_window->size(), size);
        QCOMPARE(language()->currentData().toString(), chinese);
        m_window->go({QStringLiteral("cluster"), {}, {}, {}, {}, {}});
        QCOMPARE(m_window->currentPage()->current().ns, chosen.ns);
        QCOMPARE(m_window->currentPage()->current().connection, chosen.connection);
        QCOMPARE(m_window->currentPage()->findChild<FilterField *>()->text(), QStringLiteral("image"));
        QTest::keyClick(m_window.get(), Qt::Key_Escape); // the filter
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        choose(QStringLiteral("en"));
        QCOMPARE(m_window->windowTitle(), before);
    }

    void anOpenDialogIsNotLost()
    {
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        auto *dialog = new QDialog(m_window.get());
        dialog->show();
        const MainWindow *before = m_window.get();
        pick(chinese);
        QTRY_COMPARE(language()->currentData().toString(), QString());
        QCOMPARE(m_window.get(), before);
        QCOMPARE(m_world->settings->language(), QString());
        delete dialog;
        choose(chinese);
    }

    void typedTextIsAskedAbout()
    {
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-prometheus")});
        QLineEdit *address = nullptr;
        const QList<QLineEdit *> lines = m_window->currentPage()->findChildren<QLineEdit *>();
        for (QLineEdit *line : lines) {
            if (line->isVisible() && qobject_cast<FilterField *>(line) == nullptr)
                address = line;
        }
        QVERIFY(address != nullptr);
        QTest::keyClicks(address, QStringLiteral("half"));
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        const MainWindow *before = m_window.get();
        m_world->prompter.accepts = false;
        pick(chinese);
        QTRY_COMPARE(m_world->prompter.asked.size(), 1);
        QTRY_COMPARE(language()->currentData().toString(), QString());
        QCOMPARE(m_window.get(), before);
        QCOMPARE(address->text(), QStringLiteral("half"));
        m_world->prompter.accepts = true;
        choose(chinese);
        QCOMPARE(m_world->prompter.asked.size(), 2);
    }

private:
    QComboBox *language() const
    {
        return m_window->findChild<QComboBox *>(QStringLiteral("languageChoice"));
    }
    // As the operator does: in the list of the settings page.
    void pick(const QString &tag)
    {
        QComboBox *box = language();
        const int index = box->findData(tag);
        QVERIFY(index >= 0);
        box->setFocus();
        while (box->currentIndex() != index)
            QTest::keyClick(box, box->currentIndex() < index ? Qt::Key_Down : Qt::Key_Up);
    }
    void choose(const QString &tag)
    {
        const QSignalSpy replaced(m_switch.get(), &LanguageSwitch::replaced);
        const qsizetype before = replaced.size();
        pick(tag);
        QTRY_VERIFY(replaced.size() > before);
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QCOMPARE(m_language->current(), tag);
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConsoleWorld> m_world;
    std::unique_ptr<Language> m_language;
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<LanguageSwitch> m_switch;
};

QTEST_MAIN(TestLanguage)
#include "test_language.moc"

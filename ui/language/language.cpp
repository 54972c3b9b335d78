#include "ui/language/language.h"

#include "ui/language/texts.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QLoggingCategory>
#include <QTranslator>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(lcLanguage, "signalbox.ui.language")

const QString english = QStringLiteral("en");

// The default locale before the window's language became it: the system's, unless --language changed it.
const QLocale &startLocale()
{
    static const QLocale locale = QLocale();
    return locale;
}

// How dates and figures are written beside texts in this language: the system's way where it speaks it, too.
QLocale localeOf(const QString &tag)
{
    const QLocale own(tag);
    return startLocale().language() == own.language() ? startLocale() : own;
}

} // namespace

Language::Language()
{
    QLocale::setDefault(localeOf(english));
    install(english);
}

Language::~Language() = default;

QList<std::pair<QString, QString>> Language::known()
{
    return {{english, QStringLiteral("English")}, {QStringLiteral("zh_CN"), QString::fromUtf8("简体中文")}};
}

QString Language::resolve(const QString &choice, const QStringList &preferred)
{
    for (const auto &[tag, name] : known()) {
        if (choice == tag)
            return tag;
    }
    for (const QString &wish : preferred) {
        const QStringList parts = QString(wish).replace(QLatin1Char('_'), QLatin1Char('-')).split(QLatin1Char('-'));
        if (parts.first() == english)
            return english;
        const QLocale locale(wish);
        if (locale.language() == QLocale::Chinese && locale.script() == QLocale::SimplifiedHanScript)
            return QStringLiteral("zh_CN");
    }
    return english;
}

QString Language::resolve(const QString &choice)
{
    return resolve(choice, startLocale().uiLanguages());
}

bool Language::use(const QString &tag)
{
    if (tag == m_current)
        return false;
    if (!install(tag))
        install(english);
    QLocale::setDefault(localeOf(m_current));
    return true;
}

bool Language::install(const QString &tag)
{
    m_own.reset(); // takes itself off the application
    m_qt.reset();
    m_current = tag;
    auto own = loadTexts(tag);
    if (!own) {
        qCWarning(lcLanguage).noquote() << "there are no texts for" << tag;
        return false;
    }
    auto qt = std::make_unique<QTranslator>();
    if (tag != english &&
        qt->load(QStringLiteral("qtbase_") + tag, QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(qt.get());
        m_qt = std::move(qt);
    }
    QCoreApplication::installTranslator(own.get());
    m_own = std::move(own);
    return true;
}

} // namespace signalbox

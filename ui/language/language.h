#pragma once

#include <QList>
#include <QString>
#include <QStringList>

#include <memory>
#include <utility>

class QTranslator;

namespace signalbox
{

// The language the window speaks: ours and, where the system has them, Qt's own texts. English, which the sources are
// written in, is one of them for its plurals. Belongs to app, one a program;
// only what calls tr() after a change speaks the new one. GUI thread.
class Language
{
public:
    Language();
    ~Language();
    Language(const Language &) = delete;
    Language &operator=(const Language &) = delete;

    // Language tags and how their speakers call them: {"en", "English"}, {"zh_CN", "简体中文"}.
    static QList<std::pair<QString, QString>> known();
    // What `choice` means here: itself when known, else the first known one among those `preferred` (as
    // QLocale::uiLanguages() lists them), else English. Traditional Chinese is not taken for Simplified.
    static QString resolve(const QString &choice, const QStringList &preferred);
    // The same with what the default locale prefers, which is the system unless --language changed it.
    static QString resolve(const QString &choice);

    QString current() const { return m_current; }
    // Takes a tag of known(); dates and figures follow it (the default locale). True when texts made from now on are in
    // another language than those before.
    bool use(const QString &tag);

private:
    bool install(const QString &tag);

    QString m_current;
    std::unique_ptr<QTranslator> m_own;
    std::unique_ptr<QTranslator> m_qt;
};

} // namespace signalbox

#include "ui/language/texts.h"

#include <QString>
#include <QTranslator>

// Q_INIT_RESOURCE must be used outside of any namespace.
static void initTranslations()
{
    Q_INIT_RESOURCE(translations);
}

namespace signalbox
{

namespace
{

// Texts of a free function or of a class without Q_OBJECT are noted by lupdate under their namespace or class, while
// the running program asks with the name their file gives to QCoreApplication::translate().
constexpr const char *homes[] = {
    "signalbox",
    "signalbox::kubernetes",
    "signalbox::oci",
    "signalbox::git",
    "signalbox::git::ObjectReader",
    "signalbox::git::ObjectReader::Private",
    "signalbox::git::Repository",
    "signalbox::Probe",
    "signalbox::KubernetesProbe",
    "signalbox::PrometheusProbe",
    "signalbox::OperationActions",
    "signalbox::kubernetes::KubernetesLocker",
    "signalbox::kubernetes::KubernetesStepRunner",
};

class OwnTexts : public QTranslator
{
public:
    using QTranslator::QTranslator;

    QString translate(const char *context, const char *text, const char *meaning, int count) const override
    {
        QString found = QTranslator::translate(context, text, meaning, count);
        for (const char *home : homes) {
            if (!found.isEmpty())
                return found;
            found = QTranslator::translate(home, text, meaning, count);
        }
        return found;
    }
};

} // namespace

std::unique_ptr<QTranslator> loadTexts(const QString &tag)
{
    initTranslations();
    auto texts = std::make_unique<OwnTexts>();
    if (!texts->load(QStringLiteral(":/translations/signalbox_%1.qm").arg(tag)))
        return nullptr;
    return texts;
}

} // namespace signalbox

#pragma once

#include "ui/shell/page.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QSpinBox;

namespace signalbox
{

class Panel;

// Preferences of this operator on this machine. Each takes effect at once; there is nothing to save.
class SettingsPage : public Page
{
    Q_OBJECT
public:
    explicit SettingsPage(ConsoleContext &context, QWidget *parent = nullptr);
    ~SettingsPage() override;

    QList<KeyHelp> keys() const override;

private:
    Panel *buildAppearance();
    Panel *buildBehaviour();
    Panel *buildFiles();
    QComboBox *choice(QWidget *parent, const QString &name, const QString &label,
                      const QList<std::pair<QString, QString>> &choices);
    void read();

    ConsoleContext &m_context;
    QComboBox *m_language = nullptr;
    QComboBox *m_theme = nullptr;
    QComboBox *m_motion = nullptr;
    QComboBox *m_zone = nullptr;
    QSpinBox *m_refresh = nullptr;
    QCheckBox *m_ask = nullptr;
    QCheckBox *m_notify = nullptr;
    QComboBox *m_logLevel = nullptr;
    bool m_isReading = false;
};

} // namespace signalbox

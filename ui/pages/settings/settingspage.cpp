#include "ui/pages/settings/settingspage.h"

#include "ui/language/language.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QTimeZone>
#include <QUrl>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr int controlWidth = 200; // at least: more would leave the explanations no room in a narrow window

// One preference: what it is and what it does at the left, its control at the right.
void addRow(QVBoxLayout *layout, QWidget *parent, const QString &title, const QString &text, QWidget *control)
{
    auto *row = new QWidget(parent);
    auto *across = new QHBoxLayout(row);
    across->setContentsMargins(14, 11, 14, 11);
    across->setSpacing(space::l);
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    auto *name = new QLabel(title, row);
    name->setBuddy(control);
    auto *explanation = new QLabel(text, row);
    explanation->setProperty("role", QStringLiteral("faint"));
    explanation->setWordWrap(true);
    explanation->setTextFormat(Qt::PlainText);
    words->addWidget(name);
    words->addWidget(explanation);
    across->addLayout(words, 1);
    across->addWidget(control, 0, Qt::AlignVCenter);
    if (control->accessibleName().isEmpty())
        control->setAccessibleName(title);
    control->setAccessibleDescription(text);
    layout->addWidget(row);
}

QVBoxLayout *startContent(Panel *panel)
{
    auto *content = new QWidget(panel);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, space::xs, 0, space::xs);
    layout->setSpacing(0);
    panel->setContent(content);
    panel->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    return layout;
}

QString offsetText(const QTimeZone &zone)
{
    const int seconds = zone.offsetFromUtc(QDateTime::currentDateTimeUtc());
    const QLatin1Char sign(seconds < 0 ? '-' : '+');
    return QStringLiteral("UTC%1%2:%3")
        .arg(sign)
        .arg(std::abs(seconds) / 3600, 2, 10, QLatin1Char('0'))
        .arg(std::abs(seconds) % 3600 / 60, 2, 10, QLatin1Char('0'));
}

} // namespace

SettingsPage::SettingsPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto *area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->viewport()->setAutoFillBackground(false);
    auto *content = new QWidget(area);
    content->setObjectName(QStringLiteral("scrollContent"));
    content->setAutoFillBackground(false);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::m);
    layout->setSpacing(14);
    auto *column = new QWidget(content);
    column->setMaximumWidth(820);
    auto *down = new QVBoxLayout(column);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(14);
    down->addWidget(buildAppearance());
    down->addWidget(buildBehaviour());
    down->addWidget(buildFiles());
    down->addStretch();
    layout->addWidget(column);
    area->setWidget(content);
    area->setFocusPolicy(Qt::NoFocus);
    outer->addWidget(area);
    read();
    connect(&context.settings, &ConsoleSettings::changed, this, &SettingsPage::read);
}

SettingsPage::~SettingsPage() = default;

QList<KeyHelp> SettingsPage::keys() const
{
    return {{tr("Tab"), tr("Go from one to the next")}, {tr("Esc"), tr("Leave a field: digits are screens again")}};
}

QComboBox *SettingsPage::choice(QWidget *parent, const QString &name, const QString &label,
                                const QList<std::pair<QString, QString>> &choices)
{
    auto *box = new QComboBox(parent);
    box->setObjectName(name);
    box->setAccessibleName(label);
    box->setMinimumWidth(controlWidth);
    for (const auto &[id, text] : choices)
        box->addItem(text, id);
    return box;
}

Panel *SettingsPage::buildAppearance()
{
    auto *panel = new Panel(tr("Appearance"), this);
    QVBoxLayout *layout = startContent(panel);
    QWidget *content = panel->content();
    QList<std::pair<QString, QString>> languages = {{QString(), tr("As the system")}};
    languages.append(Language::known());
    // In both languages, for who cannot read the present one.
    const QString language =
        tr("Language") + QStringLiteral(" · ") +
        (tr("Language") == QLatin1String("Language") ? QString::fromUtf8("语言") : QStringLiteral("Language"));
    m_language = choice(content, QStringLiteral("languageChoice"), tr("Language"), languages);
    addRow(layout, content, language,
           tr("Changes at once; what runs goes on. Commands, the log and the ledger's fields stay English."),
           m_language);
    m_theme = choice(content, QStringLiteral("themeChoice"), tr("Theme"),
                     {{QStringLiteral("system"), tr("As the system")},
                      {QStringLiteral("dark"), tr("Dark")},
                      {QStringLiteral("light"), tr("Light")}});
    addRow(layout, content, tr("Theme"), tr("Dark and light follow the system unless chosen here."), m_theme);
    m_motion = choice(content, QStringLiteral("motionChoice"), tr("Motion"),
                      {{QStringLiteral("system"), tr("As the system")},
                       {QStringLiteral("full"), tr("Where it explains")},
                       {QStringLiteral("reduced"), tr("None")}});
    addRow(layout, content, tr("Motion"), tr("Traffic that moves, a step that starts: never longer than 0.2 seconds."),
           m_motion);
    QList<std::pair<QString, QString>> zones = {
        {QString(), tr("The system's (%1)").arg(QString::fromUtf8(QTimeZone::systemTimeZoneId()))}};
    const QList<QByteArray> known = QTimeZone::availableTimeZoneIds();
    for (const QByteArray &id : known) {
        if (id.contains('/') || id == "UTC")
            zones.append({QString::fromUtf8(id), QString::fromUtf8(id)});
    }
    m_zone = choice(content, QStringLiteral("zoneChoice"), tr("Time zone"), zones);
    m_zone->setMaxVisibleItems(16);
    addRow(layout, content, tr("Time zone"),
           tr("Of every time that is shown. UTC is always told on hover, and the zone wherever a time is copied."),
           m_zone);
    connect(m_language, &QComboBox::activated, this,
            [this] { m_context.settings.setLanguage(m_language->currentData().toString()); });
    connect(m_theme, &QComboBox::activated, this,
            [this](int index) { m_context.settings.setTheme(static_cast<ConsoleSettings::ThemeChoice>(index)); });
    connect(m_motion, &QComboBox::activated, this,
            [this](int index) { m_context.settings.setMotion(static_cast<ConsoleSettings::MotionChoice>(index)); });
    connect(m_zone, &QComboBox::activated, this,
            [this] { m_context.settings.setTimeZoneId(m_zone->currentData().toString().toUtf8()); });
    return panel;
}

Panel *SettingsPage::buildBehaviour()
{
    auto *panel = new Panel(tr("Behaviour"), this);
    QVBoxLayout *layout = startContent(panel);
    QWidget *content = panel->content();
    m_refresh = new QSpinBox(content);
    m_refresh->setObjectName(QStringLiteral("refreshSeconds"));
    m_refresh->setRange(1, 300);
    m_refresh->setSuffix(tr(" s"));
    m_refresh->setMinimumWidth(controlWidth);
    addRow(layout, content, tr("Refresh"),
           tr("How often metrics and usage are asked for. What a cluster watches arrives by itself."), m_refresh);
    m_ask = new QCheckBox(tr("Ask instead of hold"), content);
    m_ask->setObjectName(QStringLiteral("askInsteadOfHold"));
    m_ask->setMinimumWidth(controlWidth);
    addRow(layout, content, tr("Confirming by a hold"),
           tr("Where keys cannot be held, as with screen readers and remote desktops: going on asks for the "
              "application's name, going "
              "back asks one plain question."),
           m_ask);
    m_notify = new QCheckBox(tr("Tell me on the desktop"), content);
    m_notify->setObjectName(QStringLiteral("notifyPromotions"));
    m_notify->setMinimumWidth(controlWidth);
    addRow(layout, content, tr("A promotion waits for you"),
           tr("By a notification of the desktop; never while this window is in front."), m_notify);
    connect(m_notify, &QCheckBox::clicked, this, [this](bool wants) {
        m_context.settings.setChoice(QStringLiteral("notify/promotions"),
                                     wants ? QStringLiteral("on") : QStringLiteral("off"));
    });
    connect(m_refresh, &QSpinBox::valueChanged, this, [this](int seconds) {
        if (!m_isReading)
            m_context.settings.setRefreshSeconds(seconds);
    });
    connect(m_ask, &QCheckBox::clicked, this, [this](bool asks) { m_context.settings.setAsksInsteadOfHold(asks); });
    return panel;
}

Panel *SettingsPage::buildFiles()
{
    auto *panel = new Panel(tr("Logs and data"), this);
    QVBoxLayout *layout = startContent(panel);
    QWidget *content = panel->content();
    m_logLevel = choice(content, QStringLiteral("logLevel"), tr("Log level"),
                        {{QStringLiteral("warning"), tr("Warnings only")},
                         {QStringLiteral("info"), tr("Usual")},
                         {QStringLiteral("debug"), tr("Everything")}});
    addRow(layout, content, tr("Log level"), tr("Nothing secret is written, whatever the level."), m_logLevel);
    const auto folderRow = [&](const QString &title, const QString &path, const QString &name) {
        auto *button = new QPushButton(tr("Open folder"), content);
        button->setObjectName(name);
        button->setAccessibleName(tr("Open folder: %1").arg(title));
        button->setMinimumWidth(controlWidth);
        button->setEnabled(!path.isEmpty());
        connect(button, &QPushButton::clicked, this, [this, path] {
            if (!QDir(path).exists() || !QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
                emit notice(tr("%1 could not be opened. Open it in your file manager.").arg(path), Health::Warning);
        });
        addRow(layout, content, title, path, button);
    };
    folderRow(tr("Logs"), m_context.logFolder, QStringLiteral("openLogs"));
    folderRow(tr("Journal, ledger, preferences"), m_context.dataFolder, QStringLiteral("openData"));
    connect(m_logLevel, &QComboBox::activated, this,
            [this] { m_context.settings.setLogLevel(m_logLevel->currentData().toString()); });
    return panel;
}

void SettingsPage::read()
{
    m_isReading = true;
    const ConsoleSettings &settings = m_context.settings;
    m_language->setCurrentIndex(std::max(0, m_language->findData(settings.language())));
    m_theme->setCurrentIndex(static_cast<int>(settings.theme()));
    m_motion->setCurrentIndex(static_cast<int>(settings.motion()));
    m_zone->setCurrentIndex(std::max(0, m_zone->findData(QString::fromUtf8(settings.timeZoneId()))));
    m_zone->setToolTip(offsetText(settings.timeZone()));
    m_refresh->setValue(settings.refreshSeconds());
    m_ask->setChecked(settings.asksInsteadOfHold());
    m_notify->setChecked(settings.choice(QStringLiteral("notify/promotions"), QStringLiteral("on")) ==
                         QLatin1String("on"));
    m_logLevel->setCurrentIndex(std::max(0, m_logLevel->findData(settings.logLevel())));
    m_isReading = false;
}

} // namespace signalbox

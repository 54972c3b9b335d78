#include "ui/theme/stylesheet.h"

#include <QMap>

namespace signalbox
{

namespace
{

// @name is replaced by the token of that name.
const char *const sheetText =
    "QMainWindow, QDialog, QMessageBox { background: @ground; }\n"
    "QToolTip { background: @raised; color: @text; border: 1px solid @outline; padding: 5px 8px; }\n"
    // buttons
    "QPushButton, QToolButton { background: @raised; color: @text; border: 1px solid @outline; border-radius: 6px;"
    " padding: 5px 12px; min-height: 18px; font-weight: 600; }\n"
    "QPushButton:hover, QToolButton:hover { background: @line; }\n"
    "QPushButton:pressed, QToolButton:pressed, QPushButton:checked { background: @outline; }\n"
    "QPushButton:focus, QToolButton:focus { border: 2px solid @focus; padding: 4px 11px; }\n"
    "QPushButton:disabled, QToolButton:disabled { color: @textDisabled; background: @panel; border-color: @line; }\n"
    "QPushButton[variant=\"primary\"], QPushButton:default { background: @accentSolid; color: @accentOn;"
    " border-color: @accentSolid; }\n"
    "QPushButton[variant=\"primary\"]:hover { background: @accentHover; }\n"
    "QPushButton[variant=\"primary\"]:focus { border-color: @text; }\n"
    "QPushButton[variant=\"danger\"] { background: @failingSolid; color: @failingOn; border-color: @failingSolid; }\n"
    "QPushButton[variant=\"danger\"]:focus { border-color: @text; }\n"
    "QPushButton[variant=\"dangerOutline\"] { background: transparent; color: @failingText;"
    " border-color: @failingText; }\n"
    "QPushButton[variant=\"dangerOutline\"]:hover { background: @failingSoft; }\n"
    "QPushButton[variant=\"dangerOutline\"]:focus { border-color: @focus; }\n"
    "QPushButton[variant=\"success\"] { background: @greenSolid; color: @greenOn; border-color: @greenSolid; }\n"
    "QPushButton[variant=\"success\"]:focus { border-color: @text; }\n"
    "QPushButton[variant=\"primary\"]:disabled, QPushButton[variant=\"danger\"]:disabled,"
    " QPushButton[variant=\"dangerOutline\"]:disabled, QPushButton[variant=\"success\"]:disabled {"
    " color: @textDisabled; background: @panel; border-color: @line; }\n"
    "QPushButton[variant=\"ghost\"], QToolButton[variant=\"ghost\"] { background: transparent; color: @textSoft;"
    " border-color: transparent; font-weight: 400; }\n"
    "QPushButton[variant=\"ghost\"]:hover, QToolButton[variant=\"ghost\"]:hover { background: @raised; color: @text; "
    "}\n"
    "QPushButton[variant=\"ghost\"]:checked { color: @text; background: @raised; }\n"
    "QPushButton[variant=\"ghost\"]:focus, QToolButton[variant=\"ghost\"]:focus { border: 2px solid @focus; }\n"
    "QPushButton[variant=\"chip\"] { background: @raised; color: @textSoft; border: 1px solid @raised; font-size: 11px;"
    " border-radius: 5px; padding: 3px 9px; min-height: 16px; }\n"
    "QPushButton[variant=\"chip\"]:disabled { color: @textDisabled; background: @panel; border-color: @line; }\n"
    "QPushButton[variant=\"chip\"]:hover { color: @text; border-color: @outline; }\n"
    "QPushButton[variant=\"chip\"]:checked { color: @accentText; background: @accentSoft; border-color: @accentSoft; "
    "}\n"
    "QPushButton[variant=\"chip\"]:focus { border: 2px solid @focus; padding: 2px 8px; }\n"
    "QPushButton[compact=\"true\"] { padding: 2px 10px; min-height: 16px; }\n"
    "QPushButton[compact=\"true\"]:focus { padding: 1px 9px; }\n"
    "QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0px; }\n"
    // inputs
    "QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateTimeEdit { background: @well;"
    " color: @text; border: 1px solid @outline; border-radius: 6px; padding: 5px 10px; min-height: 20px;"
    " selection-background-color: @accentSolid; selection-color: @accentOn; }\n"
    "QLineEdit:hover, QComboBox:hover, QSpinBox:hover, QDateTimeEdit:hover { border-color: @textFaint; }\n"
    "QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,"
    " QDateTimeEdit:focus {"
    " border: 2px solid @focus; padding: 4px 9px; }\n"
    "QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDateTimeEdit:disabled { color: @textDisabled; "
    "border-color: @line; }\n"
    "QLineEdit[compact=\"true\"], QLineEdit[compact=\"true\"]:focus { min-height: 16px; padding: 3px 10px; }\n"
    "QLineEdit[state=\"invalid\"] { border-color: @failingText; }\n"
    "QComboBox::drop-down, QDateTimeEdit::drop-down { border: none; background: transparent; width: 24px; }\n"
    "QComboBox::down-arrow, QDateTimeEdit::down-arrow { image: url(:/icons/chevron-down-@mode.svg); width: 12px; "
    "height: 12px; }\n"
    "QComboBox QAbstractItemView { background: @panel; border: 1px solid @outline; padding: 4px; outline: 0; }\n"
    "QSpinBox::up-button, QSpinBox::down-button { border: none; width: 18px; background: transparent; }\n"
    "QSpinBox::up-arrow { image: url(:/icons/chevron-up-@mode.svg); width: 10px; height: 10px; }\n"
    "QSpinBox::down-arrow { image: url(:/icons/chevron-down-@mode.svg); width: 10px; height: 10px; }\n"
    "QCheckBox, QRadioButton { spacing: 8px; background: transparent; }\n"
    "QCheckBox:disabled, QRadioButton:disabled { color: @textDisabled; }\n"
    // views
    "QAbstractItemView { background: @panel; alternate-background-color: @panel; color: @text; border: none;"
    " outline: 0; selection-background-color: @selected; selection-color: @text; gridline-color: @hairline; }\n"
    "QTableView::item, QTreeView::item, QListView::item { border: none; padding: 0px; }\n"
    "QHeaderView { background: transparent; border: none; }\n"
    "QHeaderView::section { background: @panel; color: @textSoft; border: none; border-bottom: 1px solid @hairline;"
    " padding: 0px 14px; font-size: 12px; font-weight: 600; }\n"
    "QHeaderView::section:hover { color: @text; }\n"
    "QHeaderView::up-arrow { image: url(:/icons/chevron-up-@mode.svg); width: 10px; height: 10px; }\n"
    "QHeaderView::down-arrow { image: url(:/icons/chevron-down-@mode.svg); width: 10px; height: 10px; }\n"
    "QTableCornerButton::section { background: @panel; border: none; }\n"
    // menus
    "QMenu { background: @panel; border: 1px solid @outline; border-radius: 8px; padding: 4px; }\n"
    "QMenu::item { padding: 6px 28px 6px 12px; border-radius: 5px; background: transparent; }\n"
    "QMenu::item:selected { background: @raised; color: @text; }\n"
    "QMenu::item:disabled { color: @textDisabled; }\n"
    "QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }\n"
    "QMenu::icon { padding-left: 8px; }\n"
    "QMenu::indicator { width: 14px; height: 14px; padding-left: 8px; }\n"
    "QMenuBar { background: @nav; }\n"
    "QMenuBar::item { padding: 4px 10px; background: transparent; }\n"
    "QMenuBar::item:selected { background: @raised; }\n"
    // scroll bars
    "QScrollBar { background: transparent; border: none; }\n"
    "QScrollBar:vertical { width: 10px; margin: 2px; }\n"
    "QScrollBar:horizontal { height: 10px; margin: 2px; }\n"
    "QScrollBar::handle { background: @outline; border-radius: 3px; }\n"
    "QScrollBar::handle:vertical { min-height: 28px; }\n"
    "QScrollBar::handle:horizontal { min-width: 28px; }\n"
    "QScrollBar::handle:hover { background: @textFaint; }\n"
    "QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }\n"
    "QScrollBar::add-page, QScrollBar::sub-page { background: none; }\n"
    "QAbstractScrollArea::corner { background: transparent; }\n"
    "QScrollArea, QScrollArea > QWidget > QWidget#scrollContent { background: transparent; border: none; }\n"
    // tabs, groups, docks, splitters, progress
    "QTabWidget::pane { border: none; border-top: 1px solid @line; }\n"
    "QTabBar { background: transparent; }\n"
    "QTabBar::tab { background: transparent; color: @textSoft; padding: 8px 14px; border: none;"
    " border-bottom: 2px solid transparent; }\n"
    "QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accentText; }\n"
    "QTabBar::tab:hover { color: @text; }\n"
    "QTabBar:focus { border-bottom: 2px solid @focus; }\n"
    "QGroupBox { border: 1px solid @line; border-radius: 8px; margin-top: 18px; padding: 12px; font-weight: 600; }\n"
    "QGroupBox::title { subcontrol-origin: margin; left: 12px; color: @textSoft; }\n"
    "QSplitter::handle { background: transparent; }\n"
    "QSplitter::handle:hover { background: @line; }\n"
    "QDockWidget { color: @textSoft; }\n"
    "QDockWidget::title { background: @nav; padding: 8px 12px; border-top: 1px solid @line; text-align: left; }\n"
    "QProgressBar { background: @raised; border: none; border-radius: 3px; height: 6px; text-align: center;"
    " color: transparent; }\n"
    "QProgressBar::chunk { background: @accentSolid; border-radius: 3px; }\n"
    "QSlider::groove:horizontal { background: @raised; height: 6px; border-radius: 3px; }\n"
    "QSlider::handle:horizontal { background: @text; width: 8px; margin: -6px 0; border-radius: 3px; }\n"
    "QSlider:focus { border: 2px solid @focus; border-radius: 6px; }\n"
    // labels
    "QLabel { background: transparent; }\n"
    "QLabel[role=\"title\"] { font-weight: 600; }\n"
    "QLabel[role=\"heading\"] { font-size: 15px; font-weight: 600; }\n"
    "QLabel[role=\"large\"] { font-size: 18px; font-weight: 600; }\n"
    "QLabel[role=\"figure\"] { font-size: 22px; font-weight: 700; }\n"
    "QLabel[role=\"soft\"] { color: @textSoft; }\n"
    "QLabel[role=\"faint\"] { color: @textFaint; font-size: 12px; }\n"
    "QLabel[role=\"error\"] { color: @failingText; }\n"
    "QLabel[role=\"warning\"] { color: @warningText; }\n"
    "QLabel[role=\"ok\"] { color: @okText; }\n";

QString rgb(const QColor &color)
{
    return color.name(QColor::HexRgb);
}

QMap<QString, QString> values(const Tokens &t)
{
    return {
        {QStringLiteral("@nav"), rgb(t.nav)},
        {QStringLiteral("@ground"), rgb(t.ground)},
        {QStringLiteral("@panel"), rgb(t.panel)},
        {QStringLiteral("@raised"), rgb(t.raised)},
        {QStringLiteral("@selected"), rgb(t.selected)},
        {QStringLiteral("@well"), rgb(t.well)},
        {QStringLiteral("@line"), rgb(t.line)},
        {QStringLiteral("@hairline"), rgb(t.hairline)},
        {QStringLiteral("@outline"), rgb(t.outline)},
        {QStringLiteral("@focus"), rgb(t.focus)},
        {QStringLiteral("@text"), rgb(t.text)},
        {QStringLiteral("@textSoft"), rgb(t.textSoft)},
        {QStringLiteral("@textFaint"), rgb(t.textFaint)},
        {QStringLiteral("@textDisabled"), rgb(t.textDisabled)},
        {QStringLiteral("@accentText"), rgb(t.accent.text)},
        {QStringLiteral("@accentSoft"), rgb(t.accent.soft)},
        {QStringLiteral("@accentSolid"), rgb(t.accent.solid)},
        {QStringLiteral("@accentHover"), rgb(t.isDark ? t.accent.solid.darker(112) : t.accent.solid.darker(110))},
        {QStringLiteral("@accentOn"), rgb(t.accent.onSolid)},
        {QStringLiteral("@failingText"), rgb(t.failing.text)},
        {QStringLiteral("@failingSoft"), rgb(t.failing.soft)},
        {QStringLiteral("@failingSolid"), rgb(t.failing.solid)},
        {QStringLiteral("@failingOn"), rgb(t.failing.onSolid)},
        {QStringLiteral("@greenSolid"), rgb(t.green.solid)},
        {QStringLiteral("@greenOn"), rgb(t.green.onSolid)},
        {QStringLiteral("@warningText"), rgb(t.warning.text)},
        {QStringLiteral("@okText"), rgb(t.ok.text)},
        {QStringLiteral("@mode"), t.isDark ? QStringLiteral("dark") : QStringLiteral("light")},
    };
}

} // namespace

QString styleSheet(const Tokens &set)
{
    const QMap<QString, QString> table = values(set);
    const QString source = QString::fromLatin1(sheetText);
    QString sheet;
    sheet.reserve(source.size() + 1024);
    qsizetype at = 0;
    while (at < source.size()) {
        if (source[at] != QLatin1Char('@')) {
            sheet.append(source[at++]);
            continue;
        }
        qsizetype end = at + 1;
        while (end < source.size() && source[end].isLetter())
            ++end;
        const QString name = source.mid(at, end - at);
        Q_ASSERT_X(table.contains(name), "styleSheet", qPrintable(name));
        sheet.append(table.value(name));
        at = end;
    }
    return sheet;
}

} // namespace signalbox

#include "ui/pages/metrics/queryeditor.h"

#include "ui/charts/chartpanel.h"
#include "ui/theme/tokens.h"

#include <QComboBox>
#include <QDateTime>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

QueryEditor::QueryEditor(const MetricPanel &panel, bool isOwn, const MetricRange &range, QWidget *parent)
    : QDialog(parent)
    , m_panel(panel)
{
    setObjectName(QStringLiteral("queryEditor"));
    setWindowTitle(panel.expression.isEmpty() ? tr("New query") : tr("Query of %1").arg(panel.title));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(720, 640);
    m_group.axis().setRange(range, QDateTime::currentMSecsSinceEpoch());
    build(isOwn);
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(debounceMs);
    connect(&m_debounce, &QTimer::timeout, this, [this] {
        m_previewed = this->panel().expression;
        m_group.axis().advance(QDateTime::currentMSecsSinceEpoch());
        emit previewRequested(this->panel());
    });
    edited();
}

void QueryEditor::build(bool isOwn)
{
    m_title = new QLineEdit(m_panel.title, this);
    m_title->setObjectName(QStringLiteral("title"));
    m_unit = new QComboBox(this);
    m_unit->setObjectName(QStringLiteral("unit"));
    m_unit->setEditable(true);
    for (const char *unit : {"per second", "percent", "ms", "s", "count", "bytes", "cores"})
        m_unit->addItem(QLatin1String(unit));
    m_unit->setCurrentText(m_panel.unit);
    m_limit = new QLineEdit(m_panel.limit ? QLocale::c().toString(*m_panel.limit, 'g', 12) : QString(), this);
    m_limit->setObjectName(QStringLiteral("limit"));
    m_limit->setPlaceholderText(tr("none"));
    m_expression = new QPlainTextEdit(m_panel.expression, this);
    m_expression->setObjectName(QStringLiteral("expression"));
    m_expression->setFont(signalbox::font(TextRole::Mono));
    m_expression->setTabChangesFocus(true);
    m_expression->setFixedHeight(112);
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->setProperty("role", QStringLiteral("error"));
    m_problem->setWordWrap(true);
    m_problem->setMinimumHeight(34);
    m_problem->setAlignment(Qt::AlignTop);
    m_preview = new ChartPanel(m_group, this);
    m_preview->setObjectName(QStringLiteral("preview"));
    auto *hint = new QLabel(tr("PromQL. {window} stands for what a rate looks back over; it follows the step."), this);
    hint->setProperty("role", QStringLiteral("faint"));
    hint->setWordWrap(true);

    const auto labelled = [this](const QString &text, QWidget *field) {
        auto *label = new QLabel(text, this);
        label->setProperty("role", QStringLiteral("soft"));
        label->setBuddy(field);
        field->setAccessibleName(text);
        auto *box = new QVBoxLayout;
        box->setSpacing(space::xs);
        box->addWidget(label);
        box->addWidget(field);
        return box;
    };
    auto *first = new QHBoxLayout;
    first->setSpacing(space::m);
    first->addLayout(labelled(tr("Title"), m_title), 3);
    first->addLayout(labelled(tr("Unit"), m_unit), 2);
    m_unit->lineEdit()->setAccessibleName(m_unit->accessibleName());
    first->addLayout(labelled(tr("Limit"), m_limit), 1);

    auto *take = new QPushButton(isOwn ? tr("Remove own query") : QString(), this);
    take->setObjectName(QStringLiteral("remove"));
    take->setProperty("variant", QStringLiteral("ghost"));
    take->setVisible(isOwn);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    m_save = new QPushButton(tr("Save"), this);
    m_save->setObjectName(QStringLiteral("save"));
    m_save->setProperty("variant", QStringLiteral("primary"));
    m_save->setDefault(true);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(take);
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(m_save);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::xl, space::xl, space::xl);
    layout->setSpacing(space::m);
    layout->addLayout(first);
    layout->addLayout(labelled(tr("Expression"), m_expression));
    layout->addWidget(hint);
    layout->addWidget(m_problem);
    layout->addWidget(m_preview, 1);
    layout->addLayout(buttons);

    connect(m_title, &QLineEdit::textChanged, this, &QueryEditor::edited);
    connect(m_unit, &QComboBox::currentTextChanged, this, &QueryEditor::edited);
    connect(m_limit, &QLineEdit::textChanged, this, &QueryEditor::edited);
    connect(m_expression, &QPlainTextEdit::textChanged, this, &QueryEditor::edited);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, [this] { emit saveRequested(panel()); });
    connect(take, &QPushButton::clicked, this, [this] { emit removeRequested(m_panel.id); });
}

MetricPanel QueryEditor::panel() const
{
    MetricPanel panel = m_panel;
    panel.title = m_title->text().trimmed();
    panel.unit = m_unit->currentText().trimmed();
    panel.expression = m_expression->toPlainText().trimmed();
    bool isNumber = false;
    const double limit = QLocale::c().toDouble(m_limit->text().trimmed(), &isNumber);
    panel.limit = isNumber ? std::optional(limit) : std::nullopt;
    return panel;
}

void QueryEditor::edited()
{
    m_isRefused = false;
    check();
    if (!panel().expression.isEmpty())
        m_debounce.start();
}

void QueryEditor::check()
{
    const MetricPanel edited = panel();
    QString problem;
    if (edited.expression.isEmpty())
        problem = tr("Write an expression, for example: sum by (slot) (rate(http_requests_total[{window}]))");
    else if (edited.title.isEmpty())
        problem = tr("Give it a title.");
    else if (!m_limit->text().trimmed().isEmpty() && !edited.limit)
        problem = tr("The limit is not a number. Write it like 0.5 or 250, or leave it empty.");
    if (!m_isRefused)
        m_problem->setText(problem);
    m_save->setEnabled(problem.isEmpty() && !m_isRefused);
}

void QueryEditor::showPreview(const PanelData &answer)
{
    if (answer.panel.expression != panel().expression)
        return; // typed on since
    const bool isRefused = answer.freshness.error && answer.freshness.error->kind == ErrorKind::Invalid;
    m_isRefused = isRefused;
    PanelData shown = answer;
    shown.panel = panel();
    if (shown.panel.title.isEmpty())
        shown.panel.title = tr("Preview");
    m_preview->setData(shown);
    m_preview->setObjectName(QStringLiteral("preview"));
    if (answer.freshness.error)
        m_problem->setText(answer.freshness.error->message);
    check();
    if (answer.freshness.error && !isRefused)
        m_problem->setText(answer.freshness.error->message); // worth knowing, yet no reason not to save
}

} // namespace signalbox

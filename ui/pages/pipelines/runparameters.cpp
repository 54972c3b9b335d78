#include "ui/pages/pipelines/runparameters.h"

#include "ui/theme/tokens.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>

namespace signalbox
{

namespace
{

QString flagText(bool isSet)
{
    return isSet ? QStringLiteral("true") : QStringLiteral("false");
}

} // namespace

RunParameters::RunParameters(const QList<RunParameter> &parameters, QWidget *parent)
    : QWidget(parent)
{
    auto *form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(space::l);
    form->setVerticalSpacing(space::s);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    for (const RunParameter &parameter : parameters) {
        auto *label = new QLabel(parameter.isRequired ? tr("%1 (required)").arg(parameter.name) : parameter.name, this);
        label->setTextFormat(Qt::PlainText);
        QWidget *const field = makeField(parameter);
        field->setObjectName(QStringLiteral("parameter_") + parameter.name);
        field->setAccessibleName(parameter.name);
        field->setAccessibleDescription(parameter.about);
        field->setToolTip(parameter.about);
        label->setToolTip(parameter.about);
        label->setBuddy(field);
        form->addRow(label, field);
    }
}

QWidget *RunParameters::makeField(const RunParameter &parameter)
{
    switch (parameter.kind) {
    case RunParameter::Kind::Flag: {
        auto *box = new QCheckBox(this);
        box->setChecked(parameter.value == QLatin1String("true"));
        connect(box, &QCheckBox::toggled, this, &RunParameters::changed);
        m_fields.append({parameter, [box] { return flagText(box->isChecked()); }});
        return box;
    }
    case RunParameter::Kind::Choice: {
        auto *choices = new QComboBox(this);
        choices->addItems(parameter.choices);
        choices->setCurrentText(parameter.value);
        connect(choices, &QComboBox::currentTextChanged, this, &RunParameters::changed);
        m_fields.append({parameter, [choices] { return choices->currentText(); }});
        return choices;
    }
    case RunParameter::Kind::Text:
    case RunParameter::Kind::Hidden:
        break;
    }
    auto *line = new QLineEdit(parameter.value, this);
    if (parameter.kind == RunParameter::Kind::Hidden) {
        line->clear();
        line->setEchoMode(QLineEdit::Password);
    }
    connect(line, &QLineEdit::textChanged, this, &RunParameters::changed);
    m_fields.append({parameter, [line] { return line->text(); }});
    return line;
}

QMap<QString, QString> RunParameters::values() const
{
    QMap<QString, QString> values;
    for (const Field &field : m_fields) {
        // A password that was left alone stays what the vendor has.
        if (field.parameter.kind != RunParameter::Kind::Hidden || !field.value().isEmpty())
            values.insert(field.parameter.name, field.value());
    }
    return values;
}

QString RunParameters::missing() const
{
    for (const Field &field : m_fields) {
        if (field.parameter.isRequired && field.value().isEmpty())
            return field.parameter.name;
    }
    return {};
}

} // namespace signalbox

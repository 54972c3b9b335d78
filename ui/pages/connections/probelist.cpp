#include "ui/pages/connections/probelist.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

Health healthOf(ProbeStep::State state)
{
    switch (state) {
    case ProbeStep::State::Pending:
        return Health::NotStarted;
    case ProbeStep::State::Running:
        return Health::InProgress;
    case ProbeStep::State::Passed:
        return Health::Ok;
    case ProbeStep::State::Warned:
        return Health::Warning;
    case ProbeStep::State::Failed:
        return Health::Failing;
    case ProbeStep::State::Skipped:
        break;
    }
    return Health::Unknown;
}

} // namespace

ProbeList::ProbeList(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("probeList"));
    setAccessibleName(tr("Test of the connection"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(space::xs);
    hide();
}

ProbeList::~ProbeList() = default;

void ProbeList::run(std::unique_ptr<ConnectionProbe> probe)
{
    stop();
    clearSteps();
    m_probe = std::move(probe);
    for (const ProbeStep &step : m_probe->steps())
        showStep(step);
    connect(m_probe.get(), &ConnectionProbe::stepChanged, this, &ProbeList::showStep);
    connect(m_probe.get(), &ConnectionProbe::finished, this, [this](const ProbeReport &report) {
        for (const ProbeStep &step : report.steps)
            showStep(step);
        m_probe.release()->deleteLater(); // we are inside its signal
        emit finished(report);
    });
    show();
}

void ProbeList::stop()
{
    m_probe.reset();
}

void ProbeList::clearSteps()
{
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_lines.clear();
}

void ProbeList::showStep(const ProbeStep &step)
{
    auto line = std::find_if(m_lines.begin(), m_lines.end(), [&](const Line &known) { return known.id == step.id; });
    if (line == m_lines.end()) {
        auto *row = new QWidget(this);
        auto *layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 2, 0, 2);
        layout->setSpacing(space::s);
        Line made{step.id, new StateSign(Health::NotStarted, row), new QLabel(row)};
        made.text->setWordWrap(true);
        made.text->setTextFormat(Qt::PlainText);
        made.text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(made.sign, 0, Qt::AlignTop);
        layout->addWidget(made.text, 1);
        m_layout->addWidget(row);
        m_lines.append(made);
        line = m_lines.end() - 1;
    }
    line->sign->setHealth(healthOf(step.state));
    line->text->setText(step.text.isEmpty() ? step.title : step.title + QStringLiteral(": ") + step.text);
}

} // namespace signalbox

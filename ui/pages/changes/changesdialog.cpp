#include "ui/pages/changes/changesdialog.h"

#include "models/stores/deployedstore.h"
#include "ui/pages/changes/changesview.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"

#include <QComboBox>
#include <QCompleter>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

// What an environment runs on its track with most traffic, as changes can be asked for.
QString runningOf(const Deployed &deployed)
{
    const Track &track = deployed.tracks.first();
    return track.version.isEmpty() ? track.digest : track.version;
}

QComboBox *releaseCombo(const QString &name, const QString &title, QWidget *parent)
{
    auto *combo = new QComboBox(parent);
    combo->setObjectName(name);
    combo->setAccessibleName(title);
    combo->setEditable(true);
    combo->setInsertPolicy(QComboBox::NoInsert);
    combo->setMinimumContentsLength(22);
    combo->completer()->setFilterMode(Qt::MatchContains);
    combo->completer()->setCompletionMode(QCompleter::PopupCompletion);
    combo->lineEdit()->setAccessibleName(title); // what is typed into is a control of its own to a screen reader
    combo->lineEdit()->setPlaceholderText(ChangesDialog::tr("tag, version, branch, commit, digest or image"));
    return combo;
}

} // namespace

ChangesDialog::ChangesDialog(ConsoleContext &context, const QString &application, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_presenter(context.sources)
    , m_distances(context.sources)
{
    setObjectName(QStringLiteral("changesDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Compare two releases"));
    build();
    const QSize wanted(1180, 760);
    resize(parent ? wanted.boundedTo(parent->window()->size() - QSize(2 * space::l, 2 * space::l)) : wanted);
    m_settle.setSingleShot(true);
    m_settle.setInterval(std::chrono::milliseconds(250));
    connect(&m_settle, &QTimer::timeout, this, &ChangesDialog::compare);
    connect(&m_distances, &PathDistances::changed, this, &ChangesDialog::showSurroundings);
    m_application->addItems(context.deployed.applications());
    m_application->setCurrentIndex(std::max(0, m_application->findText(application)));
    connect(m_application, &QComboBox::currentTextChanged, this, &ChangesDialog::fillReleases);
    for (QComboBox *combo : {m_from, m_to}) {
        connect(combo, &QComboBox::currentTextChanged, this, [this] { m_settle.start(); });
        connect(combo->lineEdit(), &QLineEdit::returnPressed, this, &ChangesDialog::compare);
    }
    if (context.sources)
        connect(context.sources, &SourceSet::changed, this, [this](const QString &id) {
            const SourceRepository *source = m_context.sources->of(this->application());
            if (source && source->id() == id && m_from->count() == m_running.size())
                readBranches(); // nothing had been fetched when it was asked for names
        });
    m_presenter.setActive(true);
    fillReleases();
}

ChangesDialog::~ChangesDialog() = default;

void ChangesDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    m_application = new QComboBox(this);
    m_application->setObjectName(QStringLiteral("changesApplication"));
    m_application->setAccessibleName(tr("Application"));
    m_from = releaseCombo(QStringLiteral("changesFrom"), tr("The release to start from"), this);
    m_to = releaseCombo(QStringLiteral("changesTo"), tr("The release to go to"), this);
    auto *swap = new QPushButton(tr("S&wap"), this);
    swap->setObjectName(QStringLiteral("changesSwap"));
    swap->setProperty("compact", true);
    connect(swap, &QPushButton::clicked, this, [this] {
        const QString from = m_from->currentText();
        m_from->setCurrentText(m_to->currentText());
        m_to->setCurrentText(from);
    });
    auto *row = new QHBoxLayout;
    row->setSpacing(space::m);
    const auto add = [this, row](const QString &text, QWidget *field, int stretch) {
        auto *label = new QLabel(text, this);
        label->setBuddy(field);
        row->addWidget(label);
        row->addWidget(field, stretch);
    };
    add(tr("&Application"), m_application, 1);
    add(tr("&From"), m_from, 2);
    add(tr("&To"), m_to, 2);
    row->addWidget(swap);
    layout->addLayout(row);
    m_surroundings = new QLabel(this);
    m_surroundings->setObjectName(QStringLiteral("changesSurroundings"));
    m_surroundings->setWordWrap(true);
    m_surroundings->setTextFormat(Qt::PlainText);
    m_surroundings->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(m_surroundings);
    m_view = new ChangesView(m_presenter, m_context.settings, this);
    if (auto *back = m_view->findChild<QWidget *>(QStringLiteral("changesBack")))
        back->hide(); // there is no page to go back to
    connect(m_view, &ChangesView::closed, this, [this] { QDialog::reject(); });
    layout->addWidget(m_view, 1);
    for (QPushButton *button : findChildren<QPushButton *>())
        button->setAutoDefault(false); // Enter in a field compares, and presses nothing
    m_to->setFocus(Qt::OtherFocusReason);
}

void ChangesDialog::reject()
{
    if (!m_view->goBack())
        QDialog::reject();
}

QString ChangesDialog::application() const
{
    return m_application->currentText();
}

QString ChangesDialog::chosen(const QComboBox *combo) const
{
    const int index = combo->findText(combo->currentText());
    return index < 0 ? combo->currentText().trimmed() : combo->itemData(index).toString();
}

void ChangesDialog::fillReleases()
{
    m_environments.clear();
    m_running.clear();
    m_flow.reset();
    const QSignalBlocker quietFrom(m_from);
    const QSignalBlocker quietTo(m_to);
    m_from->clear();
    m_to->clear();
    const QList<Deployed> all = m_context.deployed.all();
    for (const QString &environment : m_context.deployed.environments()) {
        for (const Deployed &one : all) {
            if (one.application != application() || one.environment != environment || runningOf(one).isEmpty())
                continue;
            m_environments.append(environment);
            m_running.append(runningOf(one));
            for (QComboBox *combo : {m_from, m_to})
                combo->addItem(tr("%1 (runs in %2)").arg(m_running.last(), environment), m_running.last());
        }
    }
    const int last = static_cast<int>(m_running.size()) - 1;
    m_from->setCurrentIndex(last);
    m_to->setCurrentIndex(std::max(0, last - 1));
    m_distances.setReleases(application(), m_running);
    showSurroundings();
    readBranches();
    compare();
}

void ChangesDialog::readBranches()
{
    SourceRepository *source = m_context.sources ? m_context.sources->of(application()) : nullptr;
    if (!source)
        return;
    m_names.run(
        this, [source](const StopToken &stop) { return source->refs(stop); },
        [this](const Result<RepositoryRefs> &refs) {
            if (refs)
                addNames(*refs);
        });
    m_branches.run(
        this, [this, source](const StopToken &stop) { return readFlow(this, *source, stop); },
        [this](const Result<FlowReading> &flow) {
            if (flow)
                m_flow = *flow;
            showSurroundings();
        });
}

void ChangesDialog::addNames(const RepositoryRefs &refs)
{
    for (QComboBox *combo : {m_from, m_to}) {
        const QSignalBlocker quiet(combo);
        const QString text = combo->currentText();
        while (combo->count() > m_running.size())
            combo->removeItem(combo->count() - 1);
        for (const TagState &tag : refs.tags)
            combo->addItem(tag.name, tag.name);
        for (const BranchState &branch : refs.branches)
            combo->addItem(tr("%1 (branch)").arg(branch.name), branch.name);
        combo->setCurrentText(text);
    }
}

void ChangesDialog::compare()
{
    m_settle.stop();
    const ChangesSubject subject{application(), chosen(m_from), chosen(m_to)};
    m_presenter.setSubject(subject);
    m_view->showRange(QStringLiteral("%1 %2 \u2192 %3").arg(subject.application, subject.from, subject.to), {});
}

void ChangesDialog::showSurroundings()
{
    QStringList lines;
    QStringList apart;
    for (int i = 0; i + 1 < m_running.size(); ++i) {
        const auto distance = m_distances.at(i);
        if (distance && distance->ahead > 0)
            apart << tr("%1 is %n commit(s) ahead of %2", nullptr, distance->ahead)
                         .arg(m_environments.at(i), m_environments.at(i + 1));
        else if (distance && distance->behind == 0)
            apart << tr("%1 runs what %2 runs").arg(m_environments.at(i), m_environments.at(i + 1));
        else if (distance)
            apart << tr("%1 is %n commit(s) behind %2", nullptr, distance->behind)
                         .arg(m_environments.at(i), m_environments.at(i + 1));
    }
    if (!apart.isEmpty())
        lines << apart.join(QStringLiteral(" · "));
    if (m_flow) {
        const QStringList sentences = flowSentences(*m_flow);
        lines << QStringList(QStringList{flowTitle(*m_flow)} + sentences).join(QStringLiteral(" · "));
    }
    m_surroundings->setText(lines.join(QLatin1Char('\n')));
    m_surroundings->setVisible(!lines.isEmpty());
}

} // namespace signalbox

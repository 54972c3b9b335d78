#include "ui/pages/ledger/ledgerfilters.h"

#include "ui/pages/ledger/ledgercells.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>

#include <chrono>

namespace signalbox
{

namespace
{

constexpr std::chrono::milliseconds typingRest{120};

const QString anySpan = QStringLiteral("span"); // chosen on the time line

// Days that a choice of time looks back; 0: none.
int daysOf(const QString &choice)
{
    bool isNumber = false;
    const int days = choice.toInt(&isNumber);
    return isNumber ? days : 0;
}

std::optional<LedgerProof> proofOf(const QString &name)
{
    for (const LedgerProof proof :
         {LedgerProof::Good, LedgerProof::Pending, LedgerProof::NotSigned, LedgerProof::Bad}) {
        if (ledgerProofName(proof) == name)
            return proof;
    }
    return std::nullopt;
}

} // namespace

LedgerFilters::LedgerFilters(ConsoleSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_settings(settings)
{
    auto *across = new QHBoxLayout(this);
    across->setContentsMargins(0, 0, 0, 0);
    across->setSpacing(space::s);
    m_field = new FilterField(tr("Search words, commits, digests"), this);
    m_field->setObjectName(QStringLiteral("ledgerSearch"));
    m_field->setAccessibleName(tr("Search the ledger"));
    m_field->setMinimumWidth(180);
    m_field->setMaximumWidth(320);
    across->addWidget(m_field, 1);
    m_application = chip(QStringLiteral("ledgerApplication"), tr("application"), QStringLiteral("ledger/application"));
    m_person = chip(QStringLiteral("ledgerPerson"), tr("person"), QStringLiteral("ledger/person"));
    m_type = chip(QStringLiteral("ledgerKind"), tr("kind"), QStringLiteral("ledger/kind"));
    m_proof = chip(QStringLiteral("ledgerProof"), tr("proof"), QStringLiteral("ledger/proof"));
    m_time = chip(QStringLiteral("ledgerTime"), tr("time"), QStringLiteral("ledger/time"));
    for (ChipButton *one : {m_application, m_person, m_type, m_proof, m_time})
        across->addWidget(one);
    across->addStretch();
    m_typing.setSingleShot(true);
    m_typing.setInterval(typingRest);
    connect(&m_typing, &QTimer::timeout, this, &LedgerFilters::apply);
    connect(m_field, &QLineEdit::textChanged, this, [this] { m_typing.start(); });
    showChoices();
    apply();
}

ChipButton *LedgerFilters::chip(const QString &name, const QString &label, const QString &remembered)
{
    auto *made = new ChipButton(label, this);
    made->setObjectName(name);
    made->setMaximumWidth(230);
    made->setChosen(m_settings.choice(remembered));
    connect(made, &ChipButton::chosenChanged, this, [this, made, remembered](const QString &chosen) {
        if (made == m_time && chosen != anySpan)
            m_spanFrom = m_spanTo = {};
        m_settings.setChoice(remembered, chosen == anySpan ? QString() : chosen);
        showChoices();
        apply();
    });
    return made;
}

void LedgerFilters::setTable(const LedgerTable &table)
{
    m_applications = table.applications();
    m_persons = table.persons();
    m_types = table.types();
    showChoices();
}

void LedgerFilters::showChoices()
{
    using Choice = ChipButton::Choice;
    const QString all = tr("all");
    // What was remembered stays a choice even where nothing has it now: the list then says so.
    const auto offer = [&all](ChipButton *chip, const QStringList &names, QString (*title)(const QString &)) {
        QList<Choice> choices{{QString(), all}};
        for (const QString &name : names)
            choices.append({name, title(name)});
        if (!chip->chosen().isEmpty() && !names.contains(chip->chosen()))
            choices.append({chip->chosen(), title(chip->chosen())});
        chip->setChoices(choices);
    };
    const auto asIs = [](const QString &name) { return name; };
    offer(m_application, m_applications, asIs);
    offer(m_person, m_persons, asIs);
    offer(m_type, m_types, [](const QString &type) { return ledgerTypeTitle(type); });
    QList<Choice> proofs{{QString(), all}};
    for (const LedgerProof proof : {LedgerProof::Good, LedgerProof::Pending, LedgerProof::NotSigned, LedgerProof::Bad})
        proofs.append({ledgerProofName(proof), ledgerProofText(proof)});
    m_proof->setChoices(proofs);
    QList<Choice> times{{QString(), tr("any")},
                        {QStringLiteral("1"), tr("last 24 hours")},
                        {QStringLiteral("7"), tr("last 7 days")},
                        {QStringLiteral("30"), tr("last 30 days")},
                        {QStringLiteral("90"), tr("last 90 days")},
                        {QStringLiteral("365"), tr("last 365 days")}};
    if (m_spanFrom.isValid())
        times.append({anySpan, QStringLiteral("%1 – %2").arg(dateText(m_spanFrom), dateText(m_spanTo.addSecs(-1)))});
    m_time->setChoices(times);
}

void LedgerFilters::setSpan(const QDateTime &from, const QDateTime &to)
{
    m_spanFrom = from;
    m_spanTo = to;
    m_time->setChosen(from.isValid() ? anySpan : QString());
    showChoices();
    apply();
}

void LedgerFilters::setApplication(const QString &application)
{
    m_application->setChosen(application);
    showChoices();
    apply();
}

void LedgerFilters::clear()
{
    m_field->clear();
    m_spanFrom = m_spanTo = {};
    for (const char *name : {"ledger/application", "ledger/person", "ledger/kind", "ledger/proof", "ledger/time"})
        m_settings.setChoice(QString::fromLatin1(name), {});
    for (ChipButton *one : {m_application, m_person, m_type, m_proof, m_time})
        one->setChosen({});
    showChoices();
    apply();
}

void LedgerFilters::apply()
{
    m_typing.stop();
    LedgerFilter filter;
    filter.application = m_application->chosen();
    filter.person = m_person->chosen();
    filter.type = m_type->chosen();
    filter.proof = proofOf(m_proof->chosen());
    filter.text = m_field->text().simplified();
    if (m_time->chosen() == anySpan) {
        filter.from = m_spanFrom;
        filter.to = m_spanTo;
    } else if (const int days = daysOf(m_time->chosen())) {
        filter.from = AgeTicker::now().addDays(-days);
    }
    if (filter == m_filter)
        return;
    m_filter = filter;
    emit filterChanged(m_filter);
}

} // namespace signalbox

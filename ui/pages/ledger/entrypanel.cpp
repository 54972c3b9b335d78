#include "ui/pages/ledger/entrypanel.h"

#include "models/items/ledgermodel.h"
#include "models/policy/records.h"
#include "services/ledger/view/ledgerfeed.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/timetext.h"

#include <QClipboard>
#include <QDir>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTextBrowser>
#include <QTextOption>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr qsizetype mostRelated = 40;

QString escaped(const QString &text)
{
    return text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

QString row(const QString &name, const QString &value)
{
    return QStringLiteral("<tr><td class=\"name\" width=\"104\">%1</td><td>%2</td></tr>").arg(name, value);
}

QString code(const QString &text)
{
    return QStringLiteral("<span class=\"code\">%1</span>").arg(escaped(text));
}

QString heading(const QString &text)
{
    return QStringLiteral("<p class=\"heading\">%1</p>").arg(escaped(text));
}

QString verifyCommand(const QString &path, const QString &commit)
{
    return QStringLiteral("git -C \"%1\" verify-commit %2").arg(QDir::toNativeSeparators(path), commit);
}

} // namespace

EntryPanel::EntryPanel(QWidget *parent)
    : Panel({}, parent)
{
    setObjectName(QStringLiteral("entryPanel"));
    m_type = new Badge({}, ToneName::Neutral, this);
    addTitleWidget(m_type);
    auto *copy =
        new IconButton(QStringLiteral("copy"), tr("Copy the entry, its commit, or the command that verifies it"), this);
    copy->setObjectName(QStringLiteral("copyEntry"));
    addHeaderWidget(copy);
    auto *content = new QWidget(this);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, space::m, 0, 1);
    down->setSpacing(space::s);
    auto *proof = new QHBoxLayout;
    proof->setContentsMargins(14, 0, 14, 0);
    proof->setSpacing(space::s);
    m_sign = new StateSign(Health::Unknown, content);
    m_proof = new QLabel(content);
    m_proof->setObjectName(QStringLiteral("entryProof"));
    m_proof->setFont(signalbox::font(TextRole::BodyStrong));
    proof->addWidget(m_sign);
    proof->addWidget(m_proof, 1);
    down->addLayout(proof);
    m_reason = new QLabel(content);
    m_reason->setObjectName(QStringLiteral("entryReason"));
    m_reason->setWordWrap(true);
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->setProperty("role", QStringLiteral("soft"));
    m_reason->setContentsMargins(14, 0, 14, 0);
    down->addWidget(m_reason);
    m_browser = new QTextBrowser(content);
    m_browser->setObjectName(QStringLiteral("entryFields"));
    m_browser->setAccessibleName(tr("What stands in the entry"));
    m_browser->setFrameShape(QFrame::NoFrame);
    m_browser->setOpenLinks(false);
    m_browser->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_browser->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_browser->setStyleSheet(QStringLiteral("QTextBrowser { background: transparent; border: none; padding: 0; }"));
    m_browser->document()->setDocumentMargin(14);
    down->addWidget(m_browser, 1);
    setContent(content);
    connect(m_browser, &QTextBrowser::anchorClicked, this,
            [this](const QUrl &link) { emit relatedChosen(link.path()); });
    connect(copy, &QPushButton::clicked, this, [this, copy] {
        if (m_row.commit.isEmpty())
            return;
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("copyMenu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(tr("Copy the entry"), this, [this] { copyText(text(), tr("The entry")); });
        menu->addAction(tr("Copy the commit's id"), this, [this] { copyText(m_row.commit, tr("The commit's id")); });
        menu->addAction(tr("Copy the command that verifies it with git"), this,
                        [this] { copyText(verifyCommand(m_path, m_row.commit), tr("The command")); });
        if (!m_details.text.isEmpty())
            menu->addAction(tr("Copy it as it stands in the repository"), this,
                            [this] { copyText(m_details.text, tr("The entry's text")); });
        menu->popup(copy->mapToGlobal(QPoint(0, copy->height() + 2)));
    });
    clear();
}

EntryPanel::~EntryPanel() = default;

void EntryPanel::copyText(const QString &text, const QString &what)
{
    QGuiApplication::clipboard()->setText(text);
    emit copied(what);
}

void EntryPanel::clear()
{
    m_reading.cancel();
    m_isLoading = false;
    m_row = {};
    m_details = {};
    m_related.clear();
    setTitle(tr("Entry"));
    m_type->hide();
    showEmpty(tr("No entry is chosen"),
              tr("Choose one in the list: what stands in it, who signed it and what belongs to it is shown here."));
}

void EntryPanel::show(LedgerFeed &feed, qsizetype row)
{
    const LedgerRow shown = feed.table().row(row);
    QList<LedgerRow> related;
    for (const quint32 one : feed.table().related(row)) {
        if (related.size() < mostRelated)
            related.append(feed.table().row(one));
    }
    const bool isSame = shown == m_row && feed.path() == m_path && (m_isLoading || m_details.commit == shown.commit);
    if (isSame && related == m_related)
        return; // whoever reads it keeps their place
    m_row = shown;
    m_path = feed.path();
    m_related = related;
    showContent();
    setTitle(ledgerTitle(m_row));
    m_type->setText(ledgerTypeTitle(m_row.type));
    m_type->setVisible(!m_row.type.isEmpty() && ledgerTypeTitle(m_row.type) != ledgerTitle(m_row));
    m_sign->setHealth(healthOf(m_row.proof));
    m_proof->setText(ledgerProofText(m_row.proof));
    m_reason->setText(m_row.reason);
    m_reason->setVisible(!m_row.reason.isEmpty());
    if (!isSame) {
        m_details = {};
        m_problem.clear();
        m_isLoading = true;
        m_reading.run(
            this, [&](const StopToken &stop) { return feed.details(m_row, stop); },
            [this](const Result<LedgerDetails> &details) {
                m_isLoading = false;
                if (details)
                    m_details = *details;
                m_problem = details ? details->problem : details.error().message;
                render();
            });
    }
    render();
}

QString EntryPanel::fieldsHtml() const
{
    QString rows;
    const QDateTime at = m_row.time();
    // In the zone whose times stand everywhere; the same in UTC below it.
    const QStringList forms = timeToolTip(at).split(QLatin1Char('\n'));
    QString recorded = escaped(forms.value(0));
    if (forms.value(1) != forms.value(0))
        recorded += QStringLiteral("<br><span class=\"soft\">%1</span>").arg(forms.value(1));
    rows += row(tr("Recorded"), recorded);
    rows += row(tr("Signed by"), m_row.signer.isEmpty() ? tr("nobody who is known") : escaped(m_row.signer));
    if (!m_row.key.isEmpty())
        rows += row(tr("With the key"), code(m_row.key));
    rows += row(tr("Commit"), code(m_row.commit));
    if (!m_row.id.isEmpty())
        rows += row(tr("Entry"), code(m_row.id));
    if (!m_row.path.isEmpty())
        rows += row(tr("File"), code(m_row.path));
    for (const LedgerField &field : m_details.fields)
        rows += row(escaped(field.name), field.isCode ? code(field.value) : escaped(field.value));
    return QStringLiteral("<table cellspacing=\"0\" cellpadding=\"3\" width=\"100%\">%1</table>").arg(rows);
}

QString EntryPanel::relatedHtml() const
{
    if (m_related.isEmpty())
        return {};
    QString text = heading(tr("Related entries"));
    for (const LedgerRow &one : m_related) {
        const QString who = one.person();
        text += QStringLiteral("<p class=\"related\"><a href=\"commit:%1\">%2</a> <span class=\"soft\">%3</span></p>")
                    .arg(one.commit, escaped(ledgerTitle(one)),
                         escaped(QStringLiteral("%1 · %2 · %3")
                                     .arg(who.isEmpty() ? tr("nobody known") : who, clockText(one.time()),
                                          ledgerProofText(one.proof))));
    }
    return text;
}

QString EntryPanel::html() const
{
    QString text = relatedHtml() + heading(tr("Content")) + fieldsHtml();
    if (m_isLoading)
        text += QStringLiteral("<p class=\"soft\">%1</p>").arg(tr("The rest is being read ..."));
    else if (!m_problem.isEmpty())
        text += QStringLiteral("<p class=\"bad\">%1</p>").arg(escaped(m_problem));
    else if (m_details.fields.isEmpty() && !m_details.text.isEmpty())
        text += QStringLiteral("<p class=\"code\">%1</p>")
                    .arg(escaped(m_details.text).replace(QLatin1String("  "), QStringLiteral("&nbsp; ")));
    text += heading(tr("Verify it without this program")) +
            QStringLiteral("<p>%1</p>").arg(code(verifyCommand(m_path, m_row.commit)));
    return text;
}

void EntryPanel::render()
{
    const Tokens &t = tokens();
    const QFont body = signalbox::font(TextRole::Small);
    const QFont mono = signalbox::font(TextRole::MonoSmall);
    m_browser->document()->setDefaultFont(body);
    m_browser->document()->setDefaultStyleSheet(
        QStringLiteral("body, td, p { color: %1; } .name { color: %2; padding-right: 10px; } .soft { color: %2; } "
                       ".bad { color: %3; } a { color: %4; text-decoration: none; } .code { font-family: '%5'; } "
                       ".heading { color: %1; font-weight: 600; margin-top: 10px; margin-bottom: 4px; } "
                       ".related { margin-top: 2px; margin-bottom: 2px; } td { vertical-align: top; }")
            .arg(t.text.name(), t.textSoft.name(), t.failing.text.name(), t.accent.text.name(),
                 mono.families().value(0, mono.family())));
    m_browser->setHtml(html());
}

QString EntryPanel::text() const
{
    QStringList lines{ledgerTitle(m_row), QStringLiteral("%1: %2").arg(tr("Proof"), ledgerProofText(m_row.proof))};
    const auto line = [&lines](const QString &name, const QString &value) {
        if (!value.isEmpty())
            lines.append(QStringLiteral("%1: %2").arg(name, value));
    };
    line(tr("Because"), m_row.reason);
    line(tr("Recorded"), copiedTime(m_row.time()));
    line(tr("Signed by"), m_row.signer);
    line(tr("With the key"), m_row.key);
    line(tr("Commit"), m_row.commit);
    line(tr("Entry"), m_row.id);
    for (const LedgerField &field : m_details.fields)
        line(field.name, field.value);
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void EntryPanel::changeEvent(QEvent *event)
{
    Panel::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_browser != nullptr && !m_row.commit.isEmpty())
        render();
}

} // namespace signalbox

#include "ui/pages/promotions/clusterdifference.h"

#include "ui/theme/tokens.h"

#include <QEvent>
#include <QRegularExpression>

namespace signalbox
{

namespace
{

constexpr qsizetype mostLines = 40;

// Digests are long and only their ends tell them apart; the whole is the tool tip.
QString shortened(QString text)
{
    static const QRegularExpression digest(QStringLiteral("sha256:([0-9a-f]{4})[0-9a-f]{56}([0-9a-f]{4})"));
    return text.replace(digest, QStringLiteral("sha256:\\1\u2026\\2"));
}

} // namespace

ClusterDifference::ClusterDifference(QWidget *parent)
    : QLabel(parent)
{
    setObjectName(QStringLiteral("clusterDifference"));
    setTextFormat(Qt::RichText);
    setWordWrap(true);
    setMinimumWidth(1);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setAlignment(Qt::AlignLeft | Qt::AlignTop);
}

void ClusterDifference::show(const QList<DiffLine> &lines, const QString &without)
{
    if (lines == m_lines && without == m_without && !text().isEmpty())
        return;
    m_lines = lines;
    m_without = without;
    render();
}

void ClusterDifference::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        render();
}

void ClusterDifference::render()
{
    const Tokens &t = tokens();
    QStringList html;
    QStringList whole;
    const QString family = signalbox::font(TextRole::MonoSmall).family();
    for (const DiffLine &line : m_lines.mid(0, mostLines)) {
        const bool isRemoved = line.kind == DiffLine::Kind::Removed;
        const bool isAdded = line.kind == DiffLine::Kind::Added;
        const QString sign = isRemoved ? QStringLiteral("- ") : isAdded ? QStringLiteral("+ ") : QString();
        const QColor color = isRemoved ? t.failing.text : isAdded ? t.ok.text : t.textSoft;
        QString words = shortened(line.text).toHtmlEscaped();
        if (line.kind != DiffLine::Kind::Note)
            words = QStringLiteral("<span style='font-family:\"%1\"'>%2</span>").arg(family, sign + words);
        html << QStringLiteral("<span style='color:%1;font-size:12px'>%2</span>").arg(color.name(), words);
        whole << sign + line.text;
    }
    if (m_lines.size() > mostLines)
        html << tr("... and %n more line(s)", nullptr, int(m_lines.size() - mostLines));
    if (html.isEmpty())
        html << QStringLiteral("<span style='color:%1'>%2</span>").arg(t.textSoft.name(), m_without.toHtmlEscaped());
    setText(html.join(QStringLiteral("<br>")));
    setToolTip(whole.join(QLatin1Char('\n')));
    setAccessibleName(whole.isEmpty() ? m_without
                                      : tr("Changes in the cluster: %1").arg(whole.join(QStringLiteral("; "))));
}

} // namespace signalbox

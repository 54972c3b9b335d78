#include "ui/pages/promotions/ruleslist.h"

#include "ui/pages/promotions/signrows.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

using policy::RuleResult;

namespace
{

constexpr int titleWidth = 140;
constexpr int narrowList = 380; // below that the reason has no room beside the title

// A line with a hairline below.
class Row : public QWidget
{
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(QRect(0, height() - 1, width(), 1), tokens().hairline);
    }
};

QString word(RuleResult::State state)
{
    switch (state) {
    case RuleResult::State::Pass:
        return RulesList::tr("passes");
    case RuleResult::State::Waiting:
        return RulesList::tr("waits");
    case RuleResult::State::Unknown:
        return RulesList::tr("not known");
    case RuleResult::State::Block:
        break;
    }
    return RulesList::tr("blocks");
}

// What the rule says, and the way out, in the theme's colours.
QString htmlOf(const RuleResult &rule)
{
    const Tokens &t = tokens();
    QString html = QStringLiteral("<span style='color:%1'>%2</span>")
                       .arg((rule.state == RuleResult::State::Pass ? t.textSoft : t.text).name(),
                            withLocalTimes(rule.text).toHtmlEscaped());
    if (rule.state != RuleResult::State::Pass && !rule.wayOut.isEmpty())
        html += QStringLiteral("<br><span style='color:%1'>%2</span>")
                    .arg(t.textSoft.name(), withLocalTimes(rule.wayOut).toHtmlEscaped());
    if (!rule.counts)
        html += QStringLiteral("<br><span style='color:%1'>%2</span>")
                    .arg(t.textSoft.name(), RulesList::tr("told only: it does not stand against this"));
    return html;
}

void tell(QLabel &label, const RuleResult &rule)
{
    label.setText(htmlOf(rule));
    label.setAccessibleName(QStringLiteral("%1 %2: %3 %4")
                                .arg(policy::ruleTitle(rule.rule), word(rule.state), withLocalTimes(rule.text),
                                     withLocalTimes(rule.wayOut)));
    const QString told = rule.text + QLatin1Char(' ') + rule.wayOut;
    label.setToolTip(withLocalTimes(told) == told ? QString() : told.trimmed().toHtmlEscaped()); // in UTC
}

// A row of the one stands where a row of the other may: only its words differ.
bool isSameLine(const RuleResult &a, const RuleResult &b)
{
    return a.rule == b.rule && a.state == b.state;
}

struct MadeRow
{
    QWidget *row = nullptr;
    QLabel *text = nullptr;
};

MadeRow rowOf(const RuleResult &rule, bool isNarrow, QWidget *parent)
{
    auto *row = new Row(parent);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(14, 7, 14, 8);
    layout->setSpacing(space::s);
    auto *sign = new StateSign(healthOf(rule.state), row);
    auto *signColumn = new QVBoxLayout;
    signColumn->setContentsMargins(0, 3, space::xs, 0); // on the middle of the first line
    signColumn->addWidget(sign);
    signColumn->addStretch();
    layout->addLayout(signColumn);
    auto *title = new QLabel(policy::ruleTitle(rule.rule), row);
    title->setProperty("role", QStringLiteral("title"));
    if (!isNarrow)
        title->setFixedWidth(titleWidth);
    title->setWordWrap(true);
    title->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    auto *words = new QBoxLayout(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    words->setSpacing(isNarrow ? 2 : space::s);
    layout->addLayout(words, 1);
    words->addWidget(title);
    auto *text = new QLabel(row);
    text->setTextFormat(Qt::RichText);
    text->setWordWrap(true);
    text->setMinimumWidth(1);
    text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    tell(*text, rule);
    words->addWidget(text, 1);
    return {row, text};
}

} // namespace

Health healthOf(RuleResult::State state)
{
    switch (state) {
    case RuleResult::State::Pass:
        return Health::Ok;
    case RuleResult::State::Waiting:
        return Health::Waiting;
    case RuleResult::State::Unknown:
        return Health::Unknown;
    case RuleResult::State::Block:
        break;
    }
    return Health::Failing;
}

RulesList::RulesList(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("rulesList"));
    setAccessibleName(tr("Checks"));
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(0);
}

void RulesList::show(const QList<RuleResult> &rules)
{
    if (rules == m_shown)
        return;
    const bool areSameLines = std::equal(rules.cbegin(), rules.cend(), m_shown.cbegin(), m_shown.cend(), isSameLine);
    m_shown = rules;
    if (areSameLines)
        tellAgain(); // a time that went on
    else
        rebuild();
}

QString RulesList::summary(const QList<RuleResult> &rules)
{
    const auto count = [&rules](RuleResult::State state) {
        return static_cast<int>(std::count_if(rules.cbegin(), rules.cend(),
                                              [state](const RuleResult &rule) { return rule.state == state; }));
    };
    QStringList words;
    if (const int passed = count(RuleResult::State::Pass))
        words << tr("%n passed", nullptr, passed);
    if (const int waiting = count(RuleResult::State::Waiting))
        words << tr("%n waiting", nullptr, waiting);
    if (const int unknown = count(RuleResult::State::Unknown))
        words << tr("%n not known", nullptr, unknown);
    if (const int blocking = count(RuleResult::State::Block))
        words << tr("%n blocking", nullptr, blocking);
    return words.join(QStringLiteral(" · "));
}

void RulesList::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        tellAgain(); // the colours are in the texts
}

void RulesList::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool isNarrow = width() < narrowList;
    if (isNarrow == m_isNarrow)
        return;
    m_isNarrow = isNarrow;
    rebuild();
}

// The rows stay: new ones have no height until they are shown, and the panel around them must not shrink meanwhile.
void RulesList::tellAgain()
{
    for (qsizetype i = 0; i < m_texts.size(); ++i)
        tell(*m_texts.at(i), m_shown.at(i));
}

void RulesList::rebuild()
{
    clearRows(*m_rows);
    m_texts.clear();
    for (const RuleResult &rule : std::as_const(m_shown)) {
        const MadeRow made = rowOf(rule, m_isNarrow, this);
        m_texts.append(made.text);
        m_rows->addWidget(made.row);
    }
}

} // namespace signalbox

#include "ui/pages/operation/checkslist.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QBoxLayout>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QResizeEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

Health signOf(CheckState state)
{
    switch (state) {
    case CheckState::Pass:
        return Health::Ok;
    case CheckState::Warn:
        return Health::Warning;
    case CheckState::Block:
        break;
    }
    return Health::Failing;
}

QString word(CheckState state)
{
    switch (state) {
    case CheckState::Pass:
        return ChecksList::tr("passes");
    case CheckState::Warn:
        return ChecksList::tr("warns");
    case CheckState::Block:
        break;
    }
    return ChecksList::tr("blocks");
}

// What was read grows older while it is on screen. Invalid: it does not say when.
QDateTime readAt(const Check &check)
{
    return check.id == CheckId::Freshness && check.state == CheckState::Pass
               ? QDateTime::fromString(check.detail, Qt::ISODateWithMs)
               : QDateTime();
}

// A few words and how old they are: beside them, or below where that has no room.
class WordsWithAge : public QWidget
{
public:
    WordsWithAge(QLabel *words, AgeLabel *age, QWidget *parent)
        : QWidget(parent)
        , m_layout(new QBoxLayout(QBoxLayout::LeftToRight, this))
        , m_words(words)
        , m_age(age)
    {
        m_layout->setContentsMargins(0, 0, 0, 0);
        m_layout->setSpacing(space::s);
        m_layout->addWidget(words);
        m_layout->addWidget(age, 1);
    }
    // Narrower than both, so that whoever lays this out may have them below each other.
    QSize minimumSizeHint() const override
    {
        const QSize words = m_words->sizeHint();
        return {words.width(), isBelow() ? words.height() + space::s + m_age->sizeHint().height() : words.height()};
    }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QWidget::resizeEvent(event);
        choose();
    }
    // The age grows without anybody resizing this.
    bool event(QEvent *event) override
    {
        if (event->type() == QEvent::LayoutRequest)
            choose();
        return QWidget::event(event);
    }

private:
    bool isBelow() const { return m_layout->direction() == QBoxLayout::TopToBottom; }
    void choose()
    {
        const int both = m_words->sizeHint().width() + space::s + m_age->sizeHint().width();
        const auto direction = both > width() ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight;
        if (direction == m_layout->direction())
            return;
        m_layout->setDirection(direction);
        updateGeometry();
    }

    QBoxLayout *m_layout;
    QLabel *m_words;
    AgeLabel *m_age;
};

QWidget *rowOf(const Check &check, QWidget *parent)
{
    auto *row = new QWidget(parent);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    auto *sign = new StateSign(signOf(check.state), row);
    auto *signColumn = new QVBoxLayout;
    signColumn->setContentsMargins(0, 4, 0, 0); // on the middle of the first line
    signColumn->addWidget(sign);
    signColumn->addStretch();
    layout->addLayout(signColumn);
    const QString soft = QStringLiteral("<span style='color:%1'> %2</span>")
                             .arg(tokens().textSoft.name(), withLocalTimes(check.detail).toHtmlEscaped());
    const QDateTime read = readAt(check);
    const bool hasDetail = !check.detail.isEmpty() && !read.isValid();
    QString html = withLocalTimes(check.text).toHtmlEscaped() + (hasDetail ? soft : QString());
    if (check.state != CheckState::Pass && !check.wayOut.isEmpty()) {
        html += QStringLiteral("<br><span style='color:%1'>%2</span>")
                    .arg(tokens().textSoft.name(), withLocalTimes(check.wayOut).toHtmlEscaped());
    }
    auto *text = new QLabel(html, row);
    text->setTextFormat(Qt::RichText);
    text->setWordWrap(true);
    text->setMinimumWidth(1);
    text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const QString told = QStringList{check.text, check.detail, check.wayOut}.join(QLatin1Char(' ')).trimmed();
    text->setAccessibleName(QStringLiteral("%1: %2").arg(word(check.state), withLocalTimes(told)));
    if (withLocalTimes(told) != told)
        text->setToolTip(told.toHtmlEscaped()); // in UTC
    if (!read.isValid()) {
        layout->addWidget(text, 1);
        return row;
    }
    text->setWordWrap(false);
    text->setMinimumWidth(0);
    auto *age = new AgeLabel(row);
    age->setObjectName(QStringLiteral("readAge"));
    age->setProperty("role", QStringLiteral("soft"));
    age->setTime(read, ChecksList::tr("%1 ago"), true);
    age->setElides(true);
    layout->addWidget(new WordsWithAge(text, age, row), 1);
    return row;
}

} // namespace

ChecksList::ChecksList(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(space::s);
    setAccessibleName(tr("Checks"));
}

void ChecksList::show(const QList<Check> &checks)
{
    if (checks == m_shown)
        return;
    m_shown = checks;
    rebuild();
}

void ChecksList::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        rebuild(); // the colours are in the texts
}

void ChecksList::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    QList<Check> sorted = m_shown;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Check &a, const Check &b) { return a.state > b.state; });
    for (const Check &check : sorted)
        m_rows->addWidget(rowOf(check, this));
}

} // namespace signalbox

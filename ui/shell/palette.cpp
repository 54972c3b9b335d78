#include "ui/shell/palette.h"

#include "ui/shell/fuzzy.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int boxWidth = 620;
constexpr int rowHeight = 44;

class PaletteDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override { return {200, rowHeight}; }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Tokens &t = tokens();
        const QString whyNot = index.data(PaletteModel::WhyNotRole).toString();
        const bool isEnabled = whyNot.isEmpty();
        painter->save();
        if (option.state.testFlag(QStyle::State_Selected))
            paintRoundedFrame(painter, option.rect.adjusted(6, 1, -6, -1), radius::control, t.raised, t.outline);
        const QRect area = option.rect.adjusted(18, 0, -18, 0);
        const QString icon = index.data(PaletteModel::IconRole).toString();
        if (!icon.isEmpty())
            paintIcon(painter, icon, QRectF(area.left(), area.top(), 16, area.height()),
                      isEnabled ? t.textSoft : t.textDisabled);
        const QString group = index.data(PaletteModel::GroupRole).toString();
        const int groupWidth = textWidth(TextRole::Caption, group) + 4;
        const QRect room(area.left() + 28, area.top(), area.width() - 28 - groupWidth - space::s, area.height());
        const QString second = isEnabled ? index.data(PaletteModel::SubtitleRole).toString() : whyNot;
        const QColor color = isEnabled ? t.text : t.textSoft;
        if (second.isEmpty()) {
            paintText(painter, room, TextRole::BodyStrong, color, index.data().toString());
        } else {
            const int middle = room.center().y();
            paintText(painter, QRect(room.left(), middle - 18, room.width(), 19), TextRole::BodyStrong, color,
                      index.data().toString());
            paintText(painter, QRect(room.left(), middle + 1, room.width(), 17), TextRole::Small,
                      isEnabled ? t.textFaint : t.warning.text, second);
        }
        paintText(painter, QRect(area.right() - groupWidth, area.top(), groupWidth + 1, area.height()),
                  TextRole::Caption, t.textFaint, group, Qt::AlignRight | Qt::AlignVCenter);
        painter->restore();
    }
};

} // namespace

void PaletteModel::setItems(QList<PaletteItem> items)
{
    beginResetModel(); // opened anew: nothing is kept of the last search
    m_items = std::move(items);
    m_found.clear();
    endResetModel();
}

void PaletteModel::search(const QString &text)
{
    QList<std::pair<int, int>> scored;
    for (int i = 0; i < m_items.size(); ++i) {
        const PaletteItem &item = m_items[i];
        const int byTitle = fuzzyScore(text, item.title);
        const int byAll =
            fuzzyScore(text, item.group + QLatin1Char(' ') + item.title + QLatin1Char(' ') + item.subtitle);
        const int score = std::max(byTitle >= 0 ? byTitle + 6 : -1, byAll);
        if (score >= 0) // nothing typed: the natural order
            scored.append({text.trimmed().isEmpty() ? score : score + item.bonus, i});
    }
    const auto better = [](const auto &a, const auto &b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    };
    const auto middle = scored.begin() + std::min<qsizetype>(limit, scored.size());
    std::partial_sort(scored.begin(), middle, scored.end(), better);
    beginResetModel(); // each letter is another list
    m_found.clear();
    for (auto it = scored.begin(); it != middle; ++it)
        m_found.append(it->second);
    endResetModel();
}

int PaletteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_found.size());
}

QVariant PaletteModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const PaletteItem &item = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return item.title;
    case Qt::AccessibleTextRole:
        return item.whyNot.isEmpty()
                   ? QString(item.group + QStringLiteral(": ") + item.title + QStringLiteral(", ") + item.subtitle)
                   : tr("%1: %2, not available: %3").arg(item.group, item.title, item.whyNot);
    case SubtitleRole:
        return item.subtitle;
    case GroupRole:
        return item.group;
    case IconRole:
        return item.icon;
    case WhyNotRole:
        return item.whyNot;
    default:
        return {};
    }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex &index) const
{
    // Disabled ones can be reached, so that their reason can be read.
    return index.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren : Qt::NoItemFlags;
}

Palette::Palette(QWidget *window)
    : QWidget(window)
{
    setObjectName(QStringLiteral("palette"));
    m_model = new PaletteModel(this);
    m_box = new QWidget(this);
    auto *layout = new QVBoxLayout(m_box);
    layout->setContentsMargins(space::s, space::s, space::s, space::s);
    layout->setSpacing(space::xs);
    m_input = new QLineEdit(m_box);
    m_input->setObjectName(QStringLiteral("paletteInput"));
    m_input->setPlaceholderText(tr("Search or run a command"));
    m_input->setAccessibleName(tr("Search or run a command"));
    m_input->installEventFilter(this);
    m_list = new QListView(m_box);
    m_list->setObjectName(QStringLiteral("paletteList"));
    m_list->setAccessibleName(tr("Found"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new PaletteDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_hint = new QLabel(tr("Up and Down choose, Enter runs, Esc closes"), m_box);
    m_hint->setProperty("role", QStringLiteral("faint"));
    m_hint->setContentsMargins(space::s, 0, 0, 0);
    layout->addWidget(m_input);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_hint);
    connect(m_input, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_model->search(text);
        choose(0);
    });
    connect(m_list, &QListView::clicked, this, &Palette::run);
    window->installEventFilter(this);
    hide();
}

void Palette::setSource(std::function<QList<PaletteItem>()> source)
{
    m_source = std::move(source);
}

void Palette::open(const QString &text)
{
    m_before = QApplication::focusWidget();
    m_model->setItems(m_source ? m_source() : QList<PaletteItem>());
    m_input->setText(text);
    m_model->search(text);
    choose(0);
    place();
    show();
    raise();
    m_input->setFocus();
    m_input->selectAll();
}

void Palette::close()
{
    if (isHidden())
        return;
    hide();
    m_model->setItems({});
    if (m_before != nullptr && m_before->isVisible())
        m_before->setFocus();
    m_before = nullptr;
}

void Palette::choose(int row)
{
    const int count = m_model->rowCount();
    if (count > 0)
        m_list->setCurrentIndex(m_model->index(std::clamp(row, 0, count - 1)));
    m_hint->setText(count > 0 ? tr("Up and Down choose, Enter runs, Esc closes")
                              : tr("Nothing is called that. Esc closes."));
}

void Palette::run(const QModelIndex &index)
{
    if (!index.isValid())
        return;
    const PaletteItem item = m_model->at(index.row());
    if (!item.whyNot.isEmpty()) {
        m_hint->setText(item.whyNot);
        return;
    }
    close();
    if (item.run)
        item.run();
}

bool Palette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    if (watched == m_input && event->type() == QEvent::FocusOut && isVisible()) {
        // Modal within the window: another place in it takes the focus only by closing.
        QTimer::singleShot(0, this, [this] {
            QWidget *focused = QApplication::focusWidget();
            if (isVisible() && focused != nullptr && !isAncestorOf(focused) && focused->window() == window())
                m_input->setFocus();
        });
    }
    if (watched != m_input || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const int row = m_list->currentIndex().row();
    switch (key->key()) {
    case Qt::Key_Down:
        choose(row + 1);
        return true;
    case Qt::Key_Up:
        choose(row - 1);
        return true;
    case Qt::Key_PageDown:
        choose(row + 8);
        return true;
    case Qt::Key_PageUp:
        choose(row - 8);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        run(m_list->currentIndex());
        return true;
    case Qt::Key_Escape:
        close();
        return true;
    case Qt::Key_Tab:
    case Qt::Key_Backtab:
        return true;
    default:
        return QWidget::eventFilter(watched, event);
    }
}

void Palette::place()
{
    setGeometry(parentWidget()->rect());
    const int height = std::min(520, this->height() - 120);
    m_box->setGeometry((width() - boxWidth) / 2, 76, boxWidth, height);
}

void Palette::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().scrim);
    paintRoundedFrame(&painter, m_box->geometry(), radius::panel, tokens().panel, tokens().outline);
}

void Palette::mousePressEvent(QMouseEvent *event)
{
    if (!m_box->geometry().contains(event->pos()))
        close();
}

} // namespace signalbox

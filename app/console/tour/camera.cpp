#include "app/console/tour/camera.h"

#include "app/console/tour/cuttext.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDialog>
#include <QImage>
#include <QPainter>

namespace signalbox
{

namespace
{

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds settle = 260ms; // a layout, and charts that draw one a frame
constexpr std::chrono::milliseconds patience = 5s;

QDialog *openQuestion()
{
    auto *dialog = qobject_cast<QDialog *>(QApplication::activeModalWidget());
    return dialog != nullptr && dialog->isVisible() ? dialog : nullptr;
}

QStringList cutOn(const MainWindow &window)
{
    const QDialog *const over = openQuestion();
    return signalbox::cutTexts(window) + (over == nullptr ? QStringList() : signalbox::cutTexts(*over));
}

} // namespace

QPixmap TourCamera::pictureOf(MainWindow &window)
{
    QPixmap picture = window.grab();
    QDialog *const over = openQuestion();
    if (over == nullptr)
        return picture;
    const QPixmap front = over->grab();
    QRect place(QPoint(0, 0), over->size());
    place.moveCenter(window.rect().center());
    QPainter painter(&picture);
    painter.drawPixmap(place.topLeft(), front);
    painter.setPen(over->palette().color(QPalette::Mid)); // the edge that the desktop would draw
    painter.drawRect(place.adjusted(0, 0, -1, -1));
    return picture;
}

TourCamera::TourCamera(MainWindow &window, Theme &theme, QString folder, QList<Look> looks,
                       std::function<bool()> isRestless, QObject *parent)
    : QObject(parent)
    , m_window(window)
    , m_theme(theme)
    , m_folder(std::move(folder))
    , m_looks(std::move(looks))
    , m_isRestless(std::move(isRestless))
{
    m_settle.setSingleShot(true);
    m_settle.setInterval(settle);
    connect(&m_settle, &QTimer::timeout, this, &TourCamera::look);
}

QList<TourCamera::Look> TourCamera::allLooks()
{
    const QSize large(1440, 900);
    const QSize small(1100, 700);
    QList<Look> looks;
    // A change of theme dresses every widget anew and takes its time: two a picture.
    for (const auto &[isDark, size] : {std::pair(true, large), {true, small}, {false, small}, {false, large}}) {
        looks << Look{isDark, size,
                      QStringLiteral("-%1-%2x%3")
                          .arg(isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                          .arg(size.width())
                          .arg(size.height())};
    }
    return looks;
}

void TourCamera::take(const QString &name)
{
    m_name = name;
    m_next = 0;
    dress();
}

void TourCamera::dress()
{
    const Look &look = m_looks[std::min(m_next, m_looks.size()) % m_looks.size()];
    m_theme.setChoice(look.isDark ? Theme::Choice::Dark : Theme::Choice::Light);
    m_window.resize(look.size);
    m_waited = 0ms;
    m_settle.start();
}

void TourCamera::look()
{
    m_waited += settle;
    const bool isLast = m_next >= m_looks.size();
    const QSize wanted = m_looks[isLast ? 0 : m_next].size;
    // A text may be cut while a layout settles: only what stays so counts.
    const bool isUnsettled = m_window.size() != wanted || m_isRestless() || !cutOn(m_window).isEmpty();
    if (isUnsettled && m_waited < patience) {
        m_settle.start();
        return;
    }
    if (!isLast) {
        shoot();
        ++m_next;
        // The first look again, unless it is the only one.
        if (m_next < m_looks.size() || m_looks.size() > 1) {
            dress();
            return;
        }
    }
    m_next = -1;
    emit taken();
}

void TourCamera::shoot()
{
    const Look &look = m_looks[m_next];
    const QString file = m_name + look.suffix + QStringLiteral(".png");
    for (const QString &text : cutOn(m_window))
        m_cut << QStringLiteral("%1: %2").arg(file, text);
    const QPixmap picture = pictureOf(m_window);
    if (m_window.size() != look.size) {
        m_failures << tr("%1: the window is %2 x %3. The display may be too small.")
                          .arg(file)
                          .arg(m_window.width())
                          .arg(m_window.height());
    }
    // The alpha channel says nothing here; quality 0 is the smallest file, and slow.
    const int quality = m_looks.size() == 1 ? 0 : -1;
    if (picture.toImage()
            .convertToFormat(QImage::Format_RGB888)
            .save(m_folder + QLatin1Char('/') + file, "PNG", quality))
        ++m_count;
    else
        m_failures << tr("%1 could not be written in %2. Is there room, and the right to write?").arg(file, m_folder);
}

} // namespace signalbox

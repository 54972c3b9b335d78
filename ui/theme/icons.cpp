#include "ui/theme/icons.h"

#include "ui/theme/tokens.h"

#include <QFile>
#include <QHash>
#include <QLoggingCategory>
#include <QPaintDevice>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <cmath>

// Q_INIT_RESOURCE must be used outside of any namespace.
static void initIconResources()
{
    Q_INIT_RESOURCE(icons);
}

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(lcTheme, "signalbox.ui.theme")

QByteArray source(const QString &name)
{
    ensureIcons();
    static QHash<QString, QByteArray> known;
    const auto it = known.constFind(name);
    if (it != known.constEnd())
        return *it;
    QFile file(QStringLiteral(":/icons/") + name + QStringLiteral(".svg"));
    QByteArray bytes;
    if (file.open(QIODevice::ReadOnly))
        bytes = file.readAll();
    else
        qCWarning(lcTheme) << "There is no icon named" << name;
    return *known.insert(name, bytes);
}

} // namespace

void ensureIcons()
{
    static const bool isDone = [] {
        initIconResources(); // a static library's resources are dropped by the linker otherwise
        return true;
    }();
    Q_UNUSED(isDone)
}

QPixmap iconPixmap(const QString &name, int size, const QColor &color, qreal devicePixelRatio)
{
    const QString key =
        QStringLiteral("sb|%1|%2|%3|%4").arg(name).arg(size).arg(color.rgba(), 0, 16).arg(devicePixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    const int pixels = static_cast<int>(std::ceil(size * devicePixelRatio));
    pixmap = QPixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QByteArray svg = source(name);
    if (!svg.isEmpty()) {
        svg.replace("currentColor", color.name(QColor::HexRgb).toLatin1());
        QSvgRenderer renderer(svg);
        QPainter painter(&pixmap);
        painter.setOpacity(color.alphaF());
        renderer.render(&painter, QRectF(0, 0, pixels, pixels));
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

void paintIcon(QPainter *painter, const QString &name, const QRectF &rect, const QColor &color)
{
    const qreal ratio = painter->device() != nullptr ? painter->device()->devicePixelRatioF() : 1.0;
    const int size = static_cast<int>(std::lround(std::min(rect.width(), rect.height())));
    const QPixmap pixmap = iconPixmap(name, size, color, ratio);
    const QPointF corner(std::round(rect.center().x() - size / 2.0), std::round(rect.center().y() - size / 2.0));
    painter->drawPixmap(corner, pixmap);
}

QIcon themedIcon(const QString &name)
{
    const Tokens &t = tokens();
    QIcon icon;
    for (const qreal ratio : {1.0, 2.0}) {
        icon.addPixmap(iconPixmap(name, 16, t.textSoft, ratio), QIcon::Normal);
        icon.addPixmap(iconPixmap(name, 16, t.text, ratio), QIcon::Active);
        icon.addPixmap(iconPixmap(name, 16, t.textDisabled, ratio), QIcon::Disabled);
    }
    return icon;
}

QIcon applicationIcon()
{
    QIcon icon;
    for (const int size : {16, 24, 32, 48, 64, 128, 256})
        icon.addPixmap(iconPixmap(QStringLiteral("logo"), size, Qt::black));
    return icon;
}

QString stateIconName(Health health)
{
    switch (health) {
    case Health::NotStarted:
        return QStringLiteral("state-notstarted");
    case Health::Ok:
        return QStringLiteral("state-ok");
    case Health::Unknown:
        return QStringLiteral("state-unknown");
    case Health::InProgress:
        return QStringLiteral("state-inprogress");
    case Health::Waiting:
        return QStringLiteral("state-waiting");
    case Health::Warning:
        return QStringLiteral("state-warning");
    case Health::Failing:
        return QStringLiteral("state-failing");
    }
    return QStringLiteral("state-unknown");
}

const Tone &stateTone(Health health)
{
    const Tokens &t = tokens();
    switch (health) {
    case Health::Ok:
        return t.ok;
    case Health::InProgress:
        return t.progress;
    case Health::Waiting:
    case Health::Warning:
        return t.warning;
    case Health::Failing:
        return t.failing;
    case Health::NotStarted:
    case Health::Unknown:
        break;
    }
    return t.neutral;
}

void paintState(QPainter *painter, Health health, const QRectF &rect)
{
    paintIcon(painter, stateIconName(health), rect, stateTone(health).text);
}

} // namespace signalbox

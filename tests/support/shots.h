#pragma once

#include <QDir>
#include <QPixmap>
#include <QTest>
#include <QWidget>

namespace signalbox::test
{

// Draws the widget. Where SIGNALBOX_SHOTS names a folder, the picture stays there as NAME.png for people to look at.
inline void shoot(QWidget &widget, const QString &name = QString::fromLatin1(QTest::currentDataTag()))
{
    const QPixmap picture = widget.grab();
    QVERIFY(!picture.isNull());
    const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
    if (folder.isEmpty())
        return;
    QVERIFY(QDir().mkpath(folder));
    QVERIFY(picture.save(QDir(folder).filePath(name + QStringLiteral(".png"))));
}

} // namespace signalbox::test

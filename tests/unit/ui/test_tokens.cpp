#include "models/log/ansitext.h"
#include "ui/theme/icons.h"
#include "ui/theme/stylesheet.h"
#include "ui/theme/terminalcolor.h"
#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"

#include <QApplication>
#include <QFontMetricsF>
#include <QGlyphRun>
#include <QPainter>
#include <QPushButton>
#include <QTest>
#include <QTextLayout>

#include <cmath>

using namespace signalbox;

namespace
{

double luminance(const QColor &color)
{
    const auto channel = [](double value) {
        return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

// WCAG 2.1, "contrast ratio".
double contrast(const QColor &a, const QColor &b)
{
    const double light = std::max(luminance(a), luminance(b));
    const double dark = std::min(luminance(a), luminance(b));
    return (light + 0.05) / (dark + 0.05);
}

class FixedAppearance : public SystemAppearance
{
public:
    FixedAppearance(Scheme scheme, bool reduced)
        : m_scheme(scheme)
        , m_reduced(reduced)
    {}
    Scheme scheme() const override { return m_scheme; }
    bool wantsReducedMotion() const override { return m_reduced; }
    void become(Scheme scheme)
    {
        m_scheme = scheme;
        emit changed();
    }

private:
    Scheme m_scheme;
    bool m_reduced;
};

QList<quint32> glyphsOf(const QFont &font, const QString &text)
{
    QTextLayout layout(text, font);
    layout.beginLayout();
    layout.createLine();
    layout.endLayout();
    QList<quint32> glyphs;
    for (const QGlyphRun &run : layout.glyphRuns())
        glyphs += run.glyphIndexes();
    return glyphs;
}

// Each of `parts` behind the one before.
QImage pictureOf(const QFont &font, const QStringList &parts)
{
    QImage image(160, 48, QImage::Format_Grayscale8);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setFont(font);
    qreal left = 8;
    for (const QString &part : parts) {
        painter.drawText(QPointF(left, 32), part);
        left += QFontMetricsF(font).horizontalAdvance(part);
    }
    return image;
}

void addPair(const QString &name, const QColor &front, const QColor &back, double least)
{
    QTest::newRow(qPrintable(name)) << front << back << least;
}

} // namespace

class TestTokens : public QObject
{
    Q_OBJECT
private slots:
    void textIsReadable_data()
    {
        QTest::addColumn<QColor>("front");
        QTest::addColumn<QColor>("back");
        QTest::addColumn<double>("least");
        for (const Tokens *set : {&darkTokens(), &lightTokens()}) {
            const QString theme = set->isDark ? QStringLiteral("dark ") : QStringLiteral("light ");
            const QList<std::pair<QString, QColor>> surfaces = {
                {QStringLiteral("nav"), set->nav},           {QStringLiteral("ground"), set->ground},
                {QStringLiteral("panel"), set->panel},       {QStringLiteral("raised"), set->raised},
                {QStringLiteral("selected"), set->selected}, {QStringLiteral("well"), set->well}};
            const QList<std::pair<QString, const Tone *>> tones = {
                {QStringLiteral("accent"), &set->accent},     {QStringLiteral("ok"), &set->ok},
                {QStringLiteral("warning"), &set->warning},   {QStringLiteral("failing"), &set->failing},
                {QStringLiteral("progress"), &set->progress}, {QStringLiteral("neutral"), &set->neutral},
                {QStringLiteral("blue"), &set->blue},         {QStringLiteral("green"), &set->green},
                {QStringLiteral("stable"), &set->stable},     {QStringLiteral("canary"), &set->canary}};
            for (const auto &[surface, back] : surfaces) {
                addPair(theme + QStringLiteral("text on ") + surface, set->text, back, 4.5);
                addPair(theme + QStringLiteral("textSoft on ") + surface, set->textSoft, back, 4.5);
                addPair(theme + QStringLiteral("textFaint on ") + surface, set->textFaint, back, 4.5);
                addPair(theme + QStringLiteral("focus on ") + surface, set->focus, back, 3.0);
                for (const auto &[name, tone] : tones)
                    addPair(theme + name + QStringLiteral(" on ") + surface, tone->text, back, 4.5);
            }
            for (const auto &[name, tone] : tones) {
                addPair(theme + name + QStringLiteral(" on its soft ground"), tone->text, tone->soft, 4.5);
                addPair(theme + name + QStringLiteral(" on its solid ground"), tone->onSolid, tone->solid, 4.5);
                addPair(theme + QStringLiteral("text on soft ") + name, set->text, tone->soft, 4.5);
                addPair(theme + QStringLiteral("textSoft on soft ") + name, set->textSoft, tone->soft, 4.5);
            }
        }
    }
    void textIsReadable()
    {
        QFETCH(QColor, front);
        QFETCH(QColor, back);
        QFETCH(double, least);
        const double ratio = contrast(front, back);
        QVERIFY2(ratio >= least,
                 qPrintable(QStringLiteral("%1 on %2 is %3 : 1").arg(front.name(), back.name()).arg(ratio)));
    }

    void terminalColorsAreReadable()
    {
        QList<int> colors{ansi::Style::usual};
        for (int i = 0; i < 256; ++i)
            colors.append(i);
        for (int i = 0; i < 4096; ++i) // every sixteenth step of each part
            colors.append(ansi::Style::rgb + (i / 256 * 17 << 16) + (i / 16 % 16 * 17 << 8) + i % 16 * 17);
        for (const Tokens *set : {&darkTokens(), &lightTokens()}) {
            for (const int color : colors) {
                const QColor shown = terminalColor(color, *set);
                QVERIFY2(contrast(shown, set->well) >= 4.5,
                         qPrintable(QStringLiteral("%1: %2").arg(color).arg(shown.name())));
            }
            // What can be read as it is stays as it is.
            const QColor strong = set->isDark ? QColor(0xff, 0x87, 0x00) : QColor(0x5f, 0x00, 0x87);
            QCOMPARE(terminalColor(set->isDark ? 208 : 54, *set), strong);
        }
    }

    void themeFollowsTheSystemUnlessOverridden()
    {
        auto system = std::make_unique<FixedAppearance>(SystemAppearance::Scheme::Light, true);
        FixedAppearance *desktop = system.get();
        Theme theme(*qApp, std::move(system));
        QVERIFY(!tokens().isDark);
        QCOMPARE(motionDuration(150), 0);
        desktop->become(SystemAppearance::Scheme::Dark);
        QVERIFY(tokens().isDark);
        QCOMPARE(qApp->palette().color(QPalette::Window), darkTokens().ground);
        theme.setChoice(Theme::Choice::Light);
        QVERIFY(!tokens().isDark);
        desktop->become(SystemAppearance::Scheme::Dark);
        QVERIFY(!tokens().isDark);
        theme.setMotion(Theme::Motion::Full);
        QCOMPARE(motionDuration(150), 150);
    }

    void codeIsDrawnAsItIsWritten_data()
    {
        QTest::addColumn<TextRole>("role");
        QTest::addColumn<QString>("text");
        for (const TextRole role : {TextRole::Mono, TextRole::MonoSmall, TextRole::MonoFigure}) {
            for (const char *text : {"==", "->", "!=", "<=", ">=", "=>", "::", "//", "&&", "***", "<!--"})
                QTest::addRow("%d %s", static_cast<int>(role), text) << role << QString::fromLatin1(text);
        }
    }
    // What pairs are joined to must not be taken for another sign: each letter has its own glyph and its own place.
    void codeIsDrawnAsItIsWritten()
    {
        QFETCH(TextRole, role);
        QFETCH(QString, text);
        const QFont font = signalbox::font(role);
        QList<quint32> glyphs;
        qreal width = 0;
        for (const QChar letter : text) {
            glyphs += glyphsOf(font, QString(letter));
            width += QFontMetricsF(font).horizontalAdvance(QString(letter));
        }
        QCOMPARE(glyphsOf(font, text), glyphs);
        QCOMPARE(QFontMetricsF(font).horizontalAdvance(text), width);
        if (text.size() == 2)
            QCOMPARE(pictureOf(font, {text}), pictureOf(font, {text.left(1), text.mid(1)}));
    }
    // As hashes and logs also have them: what the font lacks comes from another one.
    void codeMayHaveOtherScripts()
    {
        const QFont font = signalbox::font(TextRole::MonoSmall);
        const QString text = QStringLiteral("build \u6d41\u6c34\u7ebf");
        QVERIFY(QFontMetrics(font).horizontalAdvance(text) > QFontMetrics(font).horizontalAdvance(text.left(6)) + 20);
        QVERIFY(pictureOf(font, {text}) != pictureOf(font, {text.left(6)}));
    }

    void styleSheetHasNoNameLeft()
    {
        QVERIFY(!styleSheet(darkTokens()).contains(QLatin1Char('@')));
        QVERIFY(styleSheet(darkTokens()) != styleSheet(lightTokens()));
    }

    void everyStateHasASignOfItsOwn()
    {
        QSet<QString> names;
        QList<QImage> pictures;
        for (int i = 0; i <= static_cast<int>(Health::Failing); ++i) {
            const QString name = stateIconName(static_cast<Health>(i));
            names.insert(name);
            const QImage picture = iconPixmap(name, 16, Qt::black).toImage();
            for (const QImage &other : pictures)
                QVERIFY2(picture != other, qPrintable(name));
            pictures.append(picture);
        }
        QCOMPARE(names.size(), 7);
    }
};

QTEST_MAIN(TestTokens)
#include "test_tokens.moc"

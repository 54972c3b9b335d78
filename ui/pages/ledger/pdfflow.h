#pragma once

#include <QFont>
#include <QList>
#include <QPainter>
#include <QPdfWriter>
#include <QString>
#include <QStringList>

#include <vector>

namespace signalbox
{

// Fills pages of a PDF from top to bottom: headings, paragraphs, tables whose head comes again on every page. Any
// thread, one at a time.
class PdfFlow
{
public:
    struct Column
    {
        QString title;
        double share = 1; // of the width
        bool isCode = false;
    };

    // `foot` stands at the bottom of every page, beside its number.
    PdfFlow(QIODevice &device, const QString &title, const QString &foot);
    ~PdfFlow();
    PdfFlow(const PdfFlow &) = delete;
    PdfFlow &operator=(const PdfFlow &) = delete;

    bool isGood() const { return m_isGood; }
    void title(const QString &text);
    void heading(const QString &text);
    void paragraph(const QString &text, bool isStrong = false);
    void code(const QString &text);
    void pair(const QString &name, const QString &value, bool isCode = false);
    void space(double points);

    void beginTable(const QList<Column> &columns);
    void row(const QStringList &cells, bool isStrong = false);
    void endTable();

private:
    double points(double size) const { return size * m_dotsPerPoint; }
    QFont font(double size, bool isStrong, bool isCode = false) const;
    double heightOf(const QString &text, const QFont &font, double width);
    void draw(const QString &text, const QFont &font, double left, double width, double height);
    void block(const QString &text, const QFont &font, double after);
    void need(double height); // begins a page where there is no room
    void newPage();
    void foot();
    void head(); // of the present table

    QPdfWriter m_writer;
    QPainter m_painter;
    QString m_foot;
    double m_dotsPerPoint = 1;
    double m_width = 0;
    double m_height = 0;
    double m_top = 0;
    int m_page = 1;
    bool m_isGood = false;
    QList<Column> m_columns;
};

} // namespace signalbox

#include "models/series/seriescsv.h"

#include <QLocale>

#include <cmath>
#include <map>

namespace signalbox
{
namespace
{

QString quoted(QString text)
{
    // A leading sign would be read as a formula by spreadsheets.
    if (!text.isEmpty() && QStringLiteral("=+-@").contains(text.front()))
        text.prepend(u'\'');
    if (!text.contains(u',') && !text.contains(u'"') && !text.contains(u'\n'))
        return text;
    return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

QString cell(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("+Inf") : QStringLiteral("-Inf");
    return QString::number(value, 'g', QLocale::FloatingPointShortest);
}

} // namespace

QString seriesCsv(const QList<PanelData> &panels, qint64 start, qint64 end)
{
    QString text = QStringLiteral("time");
    std::map<qint64, std::map<int, double>> lines;
    int columns = 0;
    for (const PanelData &panel : panels) {
        for (const ChartSeries &series : panel.series) {
            text += u',' + quoted(QStringLiteral("%1 %2 (%3)").arg(panel.panel.title, series.name, panel.panel.unit));
            for (const Sample &sample : series.samples) {
                if (sample.time >= start && sample.time <= end)
                    lines[sample.time][columns] = sample.value;
            }
            ++columns;
        }
    }
    text += QStringLiteral("\r\n");
    for (const auto &[time, values] : lines) {
        text += QDateTime::fromMSecsSinceEpoch(time, Qt::UTC).toString(Qt::ISODateWithMs);
        for (int column = 0; column < columns; ++column) {
            const auto value = values.find(column);
            text += u',' + (value == values.end() ? QString() : cell(value->second));
        }
        text += QStringLiteral("\r\n");
    }
    return text;
}

} // namespace signalbox

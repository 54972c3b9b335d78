#include "models/series/seriesbuffer.h"

#include <algorithm>

namespace signalbox
{

SeriesBuffer::SeriesBuffer(qsizetype capacity)
    : m_ring(static_cast<std::size_t>(std::max<qsizetype>(capacity, 1)))
{}

std::size_t SeriesBuffer::position(qsizetype index) const
{
    const std::size_t place = m_first + static_cast<std::size_t>(index);
    return place < m_ring.size() ? place : place - m_ring.size();
}

void SeriesBuffer::append(const Sample &sample)
{
    if (m_size > 0 && sample.time <= last().time)
        return;
    if (m_size == capacity()) {
        m_first = position(1);
        --m_size;
    }
    ++m_size;
    m_ring[position(m_size - 1)] = sample;
}

void SeriesBuffer::merge(const QList<Sample> &samples)
{
    if (samples.isEmpty())
        return;
    while (m_size > 0 && last().time >= samples.first().time)
        --m_size;
    for (const Sample &sample : samples)
        append(sample);
}

void SeriesBuffer::assign(const QList<Sample> &samples)
{
    clear();
    merge(samples);
}

void SeriesBuffer::dropBefore(qint64 time)
{
    while (m_size > 0 && at(0).time < time) {
        m_first = position(1);
        --m_size;
    }
}

void SeriesBuffer::clear()
{
    m_first = 0;
    m_size = 0;
}

QList<Sample> SeriesBuffer::toList() const
{
    QList<Sample> samples;
    samples.reserve(m_size);
    for (qsizetype i = 0; i < m_size; ++i)
        samples.append(at(i));
    return samples;
}

} // namespace signalbox

#pragma once

#include "models/domain/metric.h"

#include <QList>

#include <span>
#include <vector>

namespace signalbox
{

// The newest samples of one series, oldest first, in a ring of fixed capacity. Times rise strictly. GUI thread.
class SeriesBuffer
{
public:
    explicit SeriesBuffer(qsizetype capacity = 4096);

    // Puts newer samples behind the present ones. What is already there from samples.first().time on is replaced: the
    // newest values of a rate still move while samples come in. Samples out of order are left out.
    void merge(const QList<Sample> &samples);
    void assign(const QList<Sample> &samples); // forgets everything before
    void dropBefore(qint64 time);
    void clear();

    qsizetype size() const { return m_size; }
    qsizetype capacity() const { return static_cast<qsizetype>(m_ring.size()); }
    bool isEmpty() const { return m_size == 0; }
    const Sample &at(qsizetype index) const { return m_ring[position(index)]; }
    const Sample &last() const { return at(m_size - 1); }
    QList<Sample> toList() const;

private:
    std::size_t position(qsizetype index) const;
    void append(const Sample &sample);

    std::vector<Sample> m_ring;
    std::size_t m_first = 0;
    qsizetype m_size = 0;
};

} // namespace signalbox

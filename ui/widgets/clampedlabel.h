#pragma once

#include <QLabel>

namespace signalbox
{

// Plain text that goes on below for at most so many lines; what is left out ends with "…" and is in its tool tip.
class ClampedLabel : public QLabel
{
    Q_OBJECT
public:
    explicit ClampedLabel(const QString &text, QWidget *parent = nullptr);

    void setMostLines(int lines); // 0: as many as there are
    bool isClamped() const;       // at its width now
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int m_most = 0;
};

} // namespace signalbox

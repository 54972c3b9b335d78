#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace signalbox
{

class ElidedLabel;

// A card that is as tall as its words need at its width. Unlike a Panel it has no states of its own, each of which
// would want room.
class Card : public QFrame
{
    Q_OBJECT
public:
    explicit Card(const QString &title, QWidget *parent = nullptr);

    void setSubtitle(const QString &subtitle);
    void addHeaderWidget(QWidget *widget); // at the right end
    QVBoxLayout *body() const { return m_body; }
    // A label in the body that wraps; `role` as the style sheet has them, may be null.
    QLabel *addText(const QString &name, const char *role);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    ElidedLabel *m_subtitle = nullptr;
    QHBoxLayout *m_header = nullptr;
    QVBoxLayout *m_body = nullptr;
};

} // namespace signalbox

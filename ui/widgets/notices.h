#pragma once

#include "models/domain/health.h"

#include <QWidget>

#include <functional>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace signalbox
{

class StateSign;

// A line across the page that stays until its cause is gone: insecure TLS, an incident, stale data.
class Banner : public QWidget
{
    Q_OBJECT
public:
    explicit Banner(QWidget *parent = nullptr);

    // `strong` is set in bold before `text`. Hidden when both are empty.
    void setMessage(Health kind, const QString &strong, const QString &text);
    void setAction(const QString &label, std::function<void()> run); // empty: none
    QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Health m_kind = Health::Warning;
    StateSign *m_sign = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_button = nullptr;
    std::function<void()> m_run;
};

// Short notices over a page. They lie where they cover no button and no field, as low as that can be had and rather on
// the left, and go elsewhere when the focus comes below them. Each goes by itself, failing ones stay until closed.
class NoticeArea : public QWidget
{
    Q_OBJECT
public:
    explicit NoticeArea(QWidget *window);

    void show(const QString &text, Health kind, const QString &action = {}, std::function<void()> run = {},
              int milliseconds = 6000);
    int count() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();
    QList<QRect> operated() const; // where a button or a field shows

    QVBoxLayout *m_layout = nullptr;
};

} // namespace signalbox

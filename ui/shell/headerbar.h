#pragma once

#include <QPushButton>
#include <QWidget>

namespace signalbox
{

// Above every page: where we are, the field that opens the palette, and the way back.
class HeaderBar : public QWidget
{
    Q_OBJECT
public:
    explicit HeaderBar(QWidget *parent = nullptr);

    void setCrumbs(const QString &page, const QStringList &rest);
    QString crumbText() const; // "Cluster / prod-eu / production"
    QWidget *helpButton() const { return m_help; }
    void setRollback(bool isEnabled, const QString &whyNot);

signals:
    void paletteRequested();
    void rollbackRequested();
    void helpRequested();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    class SearchButton;
    class RollbackButton;

    QString m_page;
    QStringList m_rest;
    SearchButton *m_search = nullptr;
    RollbackButton *m_rollback = nullptr;
    QWidget *m_help = nullptr;
};

} // namespace signalbox

#pragma once

#include "ui/shell/page.h"

#include <QAbstractListModel>
#include <QPointer>
#include <QWidget>

#include <functional>

class QLabel;
class QLineEdit;
class QListView;

namespace signalbox
{

// What the palette found, best first.
class PaletteModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { SubtitleRole = Qt::UserRole + 300, GroupRole, IconRole, WhyNotRole };
    static constexpr int limit = 60;

    using QAbstractListModel::QAbstractListModel;

    void setItems(QList<PaletteItem> items); // in their natural order, which counts where scores are equal
    void search(const QString &text);
    const PaletteItem &at(int row) const { return m_items[m_found[row]]; }

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    QList<PaletteItem> m_items;
    QList<int> m_found;
};

// Ctrl+K: every page, application, environment, workload, pod and command, found by a few letters.
class Palette : public QWidget
{
    Q_OBJECT
public:
    explicit Palette(QWidget *window);

    // Asked each time the palette opens.
    void setSource(std::function<QList<PaletteItem>()> source);
    void open(const QString &text = {});
    void close();
    const PaletteModel &model() const { return *m_model; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void place();
    void run(const QModelIndex &index);
    void choose(int row);

    std::function<QList<PaletteItem>()> m_source;
    PaletteModel *m_model = nullptr;
    QWidget *m_box = nullptr;
    QLineEdit *m_input = nullptr;
    QListView *m_list = nullptr;
    QLabel *m_hint = nullptr;
    QPointer<QWidget> m_before; // had the focus
};

} // namespace signalbox

#pragma once

#include "services/ports/connections.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QVBoxLayout;

namespace signalbox
{

// What a connection to a server with pipelines is made of: which vendor, where, whose token, which projects.
class ServerFields : public QWidget
{
    Q_OBJECT
public:
    explicit ServerFields(QWidget *parent = nullptr);

    void fill(const ConnectionConfig &config);
    void write(ConnectionConfig &config) const;
    QString problem() const; // what is missing; empty: it can be tested
    void focusFirst();

signals:
    void changed();

private:
    ConnectionConfig::Kind kind() const;
    void showKind();

    QComboBox *m_kind = nullptr;
    QLineEdit *m_address = nullptr;
    QLineEdit *m_title = nullptr;
    QWidget *m_userRow = nullptr;
    QLineEdit *m_user = nullptr;
    QLineEdit *m_credential = nullptr;
    QLineEdit *m_projects = nullptr;
    QLabel *m_projectsHint = nullptr;
    QLineEdit *m_ca = nullptr;
    QCheckBox *m_insecure = nullptr;
};

// A labelled line for a form; `layout` is that of `parent`.
QLineEdit *formField(QVBoxLayout *layout, QWidget *parent, const QString &label, const QString &placeholder,
                     const QString &name);

} // namespace signalbox

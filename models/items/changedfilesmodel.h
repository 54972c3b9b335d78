#pragma once

#include "models/domain/changes.h"

#include <QAbstractListModel>

namespace signalbox
{

// The files that differ between two releases, in the order given; one row each, for a delegate.
class ChangedFilesModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        FileRole = Qt::UserRole + 320, // FileChange
    };

    using QAbstractListModel::QAbstractListModel;

    void show(const QList<FileChange> &files);
    const QList<FileChange> &files() const { return m_files; }
    int rowOf(const QString &path) const; // -1: none
    LineCounts total() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<FileChange> m_files;
};

QString fileStatusWord(FileChange::Status status); // "added", "renamed": for people
QString fileStatusSign(FileChange::Status status); // "A", "R": as git has them

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::FileChange)

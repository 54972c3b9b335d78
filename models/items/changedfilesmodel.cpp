#include "models/items/changedfilesmodel.h"

#include "models/items/roles.h"

namespace signalbox
{

QString fileStatusWord(FileChange::Status status)
{
    switch (status) {
    case FileChange::Status::Added:
        return ChangedFilesModel::tr("added");
    case FileChange::Status::Removed:
        return ChangedFilesModel::tr("removed");
    case FileChange::Status::Modified:
        return ChangedFilesModel::tr("changed");
    case FileChange::Status::Renamed:
        return ChangedFilesModel::tr("renamed");
    case FileChange::Status::Copied:
        return ChangedFilesModel::tr("copied");
    case FileChange::Status::TypeChanged:
        break;
    }
    return ChangedFilesModel::tr("of another type");
}

QString fileStatusSign(FileChange::Status status)
{
    switch (status) {
    case FileChange::Status::Added:
        return QStringLiteral("A");
    case FileChange::Status::Removed:
        return QStringLiteral("D");
    case FileChange::Status::Modified:
        return QStringLiteral("M");
    case FileChange::Status::Renamed:
        return QStringLiteral("R");
    case FileChange::Status::Copied:
        return QStringLiteral("C");
    case FileChange::Status::TypeChanged:
        break;
    }
    return QStringLiteral("T");
}

void ChangedFilesModel::show(const QList<FileChange> &files)
{
    if (files == m_files)
        return;
    beginResetModel();
    m_files = files;
    endResetModel();
}

int ChangedFilesModel::rowOf(const QString &path) const
{
    for (int i = 0; i < m_files.size(); ++i) {
        if (m_files[i].path == path)
            return i;
    }
    return -1;
}

LineCounts ChangedFilesModel::total() const
{
    LineCounts sum;
    sum.files = static_cast<int>(m_files.size());
    for (const FileChange &file : m_files) {
        sum.added += file.added;
        sum.removed += file.removed;
    }
    return sum;
}

int ChangedFilesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_files.size());
}

QVariant ChangedFilesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const FileChange &file = m_files[index.row()];
    const QString from = file.oldPath.isEmpty() || file.oldPath == file.path ? QString() : file.oldPath;
    switch (role) {
    case Qt::DisplayRole:
    case CopyRole:
        return file.path;
    case FileRole:
        return QVariant::fromValue(file);
    case Qt::AccessibleTextRole: {
        const QString what = QStringLiteral("%1, %2").arg(file.path, fileStatusWord(file.status));
        return file.isBinary ? tr("%1, binary").arg(what)
                             : tr("%1, %2 lines added, %3 removed").arg(what).arg(file.added).arg(file.removed);
    }
    case Qt::ToolTipRole:
        return from.isEmpty() ? file.path : tr("%1\nwas %2").arg(file.path, from);
    case IdRole:
        return file.path;
    case FilterRole:
        return file.path + QLatin1Char(' ') + from;
    default:
        return {};
    }
}

} // namespace signalbox

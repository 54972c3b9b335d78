#pragma once

#include "models/domain/unifieddiff.h"

#include <QAbstractTableModel>

#include <optional>

namespace signalbox
{

// A difference as rows, one below the other or side by side, and a search in it. It is shown whole and replaced whole;
// a row costs nothing until it is painted.
class DiffModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum class Layout { Unified, SideBySide };
    enum UnifiedColumn { OldNumber, NewNumber, Text, UnifiedColumns };
    enum SideColumn { LeftNumber, LeftText, RightNumber, RightText, SideColumns };
    enum Role {
        KindRole = Qt::UserRole + 200, // int of UnifiedLine::Kind; invalid: nothing stands on this side
        ChangedRole,                   // QVariantList of start, length: the part of the line that is not as it was
        MatchesRole,                   // QVariantList of start, length, start, length ...: what find() looks for
        CurrentMatchRole,              // int, start of the match that is current in this cell; invalid: none
    };
    Q_ENUM(Layout)

    using QAbstractTableModel::QAbstractTableModel;

    void show(const QByteArray &unified);
    void show(QList<UnifiedLine> lines); // taken apart elsewhere, where the text is large
    void setLayout(Layout layout);
    Layout layout() const { return m_layout; }
    int addedLines() const { return m_added; }
    int removedLines() const { return m_removed; }
    // Letters of the longest line, a tab counted as `tabWidth`; the highest number of a line.
    qsizetype longestLine() const { return m_longest; }
    int highestNumber() const { return m_highest; }
    static constexpr int tabWidth = 4;

    // Looks for the text in what was, what is and what surrounds them; an empty text ends the search. How often it is
    // there. Without capital letters in it, case does not count.
    int find(const QString &text);
    int matchCount() const { return static_cast<int>(m_matches.size()); }
    int currentMatch() const { return m_current; } // from 0; -1: none
    // Goes on to the next or back to the one before, round the ends. Its cell; invalid: there is none.
    QModelIndex findNext(bool backwards = false);
    // The row of the next hunk after (before) a row, for keys; -1: none.
    int hunkAfter(int row, bool backwards = false) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    // Lines of m_lines; -1: nothing on this side. In the unified layout both are the same line.
    struct Row
    {
        int left = -1;
        int right = -1;
    };
    struct Match
    {
        int line = 0;
        qsizetype start = 0;
    };
    void layOut();
    void pair();
    int lineAt(const QModelIndex &index) const; // -1: none
    bool isTextColumn(int column) const;
    QVariant textRoles(int line, int role) const;
    QVariant changedOf(int line) const;
    void tellMatches();

    QList<UnifiedLine> m_lines;
    QList<int> m_partner; // by line: the one it replaced or was replaced by; -1: none
    QList<Row> m_rows;
    QList<int> m_rowOf; // by line
    QString m_wanted;
    QList<Match> m_matches; // by line
    int m_current = -1;
    int m_added = 0;
    int m_removed = 0;
    qsizetype m_longest = 0;
    int m_highest = 0;
    Layout m_layout = Layout::Unified;
};

} // namespace signalbox

#include "models/items/diffmodel.h"

#include "models/items/roles.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

using Kind = UnifiedLine::Kind;

constexpr qsizetype comparedLetters = 5000; // of one line: minified files have lines of megabytes

bool isChange(const UnifiedLine &line)
{
    return line.kind == Kind::Removed || line.kind == Kind::Added;
}

} // namespace

void DiffModel::show(const QByteArray &unified)
{
    show(parseUnifiedDiff(unified));
}

void DiffModel::show(QList<UnifiedLine> lines)
{
    beginResetModel();
    m_lines = std::move(lines);
    const auto count = [this](Kind kind) {
        return static_cast<int>(std::count_if(m_lines.cbegin(), m_lines.cend(),
                                              [kind](const UnifiedLine &line) { return line.kind == kind; }));
    };
    m_added = count(Kind::Added);
    m_removed = count(Kind::Removed);
    m_longest = 0;
    m_highest = 0;
    for (const UnifiedLine &line : std::as_const(m_lines)) {
        m_longest = std::max(m_longest, line.text.size() + (tabWidth - 1) * line.text.count(QLatin1Char('\t')));
        m_highest = std::max({m_highest, line.oldLine, line.newLine});
    }
    pair();
    layOut();
    m_matches.clear();
    m_current = -1;
    endResetModel();
    if (!m_wanted.isEmpty())
        find(m_wanted);
}

void DiffModel::setLayout(Layout layout)
{
    if (layout == m_layout)
        return;
    beginResetModel();
    m_layout = layout;
    layOut();
    endResetModel();
}

// Of lines removed and then added the first replaces the first, and so on.
void DiffModel::pair()
{
    m_partner = QList<int>(m_lines.size(), -1);
    qsizetype i = 0;
    while (i < m_lines.size()) {
        QList<int> removed;
        QList<int> added;
        while (i < m_lines.size() && (isChange(m_lines[i]) || (m_lines[i].kind == Kind::Note && !removed.isEmpty()))) {
            if (m_lines[i].kind == Kind::Removed && !added.isEmpty())
                break; // the next block
            if (m_lines[i].kind != Kind::Note)
                (m_lines[i].kind == Kind::Removed ? removed : added).append(static_cast<int>(i));
            ++i;
        }
        for (qsizetype j = 0; j < std::min(removed.size(), added.size()); ++j) {
            m_partner[removed[j]] = added[j];
            m_partner[added[j]] = removed[j];
        }
        if (removed.isEmpty() && added.isEmpty())
            ++i;
    }
}

void DiffModel::layOut()
{
    m_rows.clear();
    m_rowOf = QList<int>(m_lines.size(), -1);
    for (int i = 0; i < m_lines.size(); ++i) {
        if (m_rowOf[i] >= 0)
            continue; // beside the one it replaces
        const int row = static_cast<int>(m_rows.size());
        m_rowOf[i] = row;
        if (m_layout == Layout::Unified || !isChange(m_lines[i])) {
            m_rows.append({i, i});
        } else if (m_lines[i].kind == Kind::Removed) {
            m_rows.append({i, m_partner[i]});
            if (m_partner[i] >= 0)
                m_rowOf[m_partner[i]] = row;
        } else {
            m_rows.append({-1, i});
        }
    }
}

int DiffModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DiffModel::columnCount(const QModelIndex &parent) const
{
    if (parent.isValid())
        return 0;
    return m_layout == Layout::Unified ? int(UnifiedColumns) : int(SideColumns);
}

bool DiffModel::isTextColumn(int column) const
{
    return m_layout == Layout::Unified ? column == Text : column == LeftText || column == RightText;
}

int DiffModel::lineAt(const QModelIndex &index) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return -1;
    const Row &row = m_rows[index.row()];
    const bool isRight = m_layout == Layout::SideBySide && index.column() >= RightNumber;
    return isRight ? row.right : row.left;
}

QVariant DiffModel::data(const QModelIndex &index, int role) const
{
    const int at = lineAt(index);
    if (at < 0)
        return {};
    const UnifiedLine &line = m_lines[at];
    if (role == KindRole)
        return static_cast<int>(line.kind);
    if (isTextColumn(index.column()))
        return textRoles(at, role);
    if (role != Qt::DisplayRole)
        return {};
    const bool isNew = m_layout == Layout::Unified ? index.column() == NewNumber : index.column() == RightNumber;
    const int number = isNew ? line.newLine : line.oldLine;
    return number > 0 ? QVariant(number) : QVariant();
}

QVariant DiffModel::textRoles(int line, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case CopyRole:
        return m_lines[line].text;
    case Qt::AccessibleTextRole:
        return m_lines[line].kind == Kind::Added     ? tr("added: %1").arg(m_lines[line].text)
               : m_lines[line].kind == Kind::Removed ? tr("removed: %1").arg(m_lines[line].text)
                                                     : m_lines[line].text;
    case ChangedRole:
        return changedOf(line);
    case MatchesRole: {
        QVariantList ranges;
        const auto begin = std::lower_bound(m_matches.cbegin(), m_matches.cend(), line,
                                            [](const Match &match, int wanted) { return match.line < wanted; });
        for (auto it = begin; it != m_matches.cend() && it->line == line; ++it)
            ranges << static_cast<int>(it->start) << static_cast<int>(m_wanted.size());
        return ranges;
    }
    case CurrentMatchRole:
        if (m_current >= 0 && m_matches[m_current].line == line)
            return static_cast<int>(m_matches[m_current].start);
        break;
    default:
        break;
    }
    return {};
}

QVariant DiffModel::changedOf(int line) const
{
    const int other = m_partner[line];
    if (other < 0 || m_lines[line].text.size() > comparedLetters || m_lines[other].text.size() > comparedLetters)
        return QVariantList();
    const bool isOld = m_lines[line].kind == Kind::Removed;
    const LineDifference difference = isOld ? lineDifference(m_lines[line].text, m_lines[other].text)
                                            : lineDifference(m_lines[other].text, m_lines[line].text);
    const qsizetype length = isOld ? difference.oldLength : difference.newLength;
    if (length == 0 || length == m_lines[line].text.size())
        return QVariantList(); // nothing here, or all of it, which the line's own colour says
    return QVariantList{static_cast<int>(isOld ? difference.oldStart : difference.newStart), static_cast<int>(length)};
}

QVariant DiffModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    if (m_layout == Layout::Unified)
        return section == OldNumber ? tr("Before") : section == NewNumber ? tr("After") : tr("Line");
    return section == LeftText ? tr("Before") : section == RightText ? tr("After") : QVariant();
}

int DiffModel::find(const QString &text)
{
    m_wanted = text;
    m_matches.clear();
    m_current = -1;
    const bool isExact = std::any_of(text.begin(), text.end(), [](QChar c) { return c.isUpper(); });
    const Qt::CaseSensitivity sensitivity = isExact ? Qt::CaseSensitive : Qt::CaseInsensitive;
    for (int i = 0; !text.isEmpty() && i < m_lines.size(); ++i) {
        qsizetype at = 0;
        while ((at = m_lines[i].text.indexOf(text, at, sensitivity)) >= 0) {
            m_matches.append({i, at});
            at += text.size();
        }
    }
    tellMatches();
    return matchCount();
}

QModelIndex DiffModel::findNext(bool backwards)
{
    if (m_matches.isEmpty())
        return {};
    const int count = matchCount();
    if (m_current < 0)
        m_current = backwards ? count - 1 : 0;
    else
        m_current = (m_current + (backwards ? count - 1 : 1)) % count;
    tellMatches();
    const int line = m_matches[m_current].line;
    const bool isRight = m_layout == Layout::SideBySide && m_lines[line].kind == Kind::Added;
    return index(m_rowOf[line], m_layout == Layout::Unified ? int(Text) : isRight ? int(RightText) : int(LeftText));
}

void DiffModel::tellMatches()
{
    if (!m_rows.isEmpty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {MatchesRole, CurrentMatchRole});
}

int DiffModel::hunkAfter(int row, bool backwards) const
{
    for (int i = row + (backwards ? -1 : 1); i >= 0 && i < m_rows.size(); i += backwards ? -1 : 1) {
        if (m_rows[i].left >= 0 && m_lines[m_rows[i].left].kind == Kind::Hunk)
            return i;
    }
    return -1;
}

} // namespace signalbox

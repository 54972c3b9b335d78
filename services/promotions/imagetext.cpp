#include "services/promotions/imagetext.h"

#include "services/promotions/promotionstext.h"

#include <QRegularExpression>
#include <QSet>
#include <QStringList>

namespace signalbox
{

namespace
{

// "  - key: 'value'  # comment"
struct YamlLine
{
    QString lead; // up to the value
    QString key;
    QString quote;
    QString value;
    QString tail;
    qsizetype column = 0; // of the key
};

std::optional<YamlLine> read(const QString &line)
{
    static const QRegularExpression form(
        QStringLiteral("^(\\s*(?:-\\s+)?)([A-Za-z][\\w.-]*)(:\\s+)([\"']?)([^\\s\"'#]+)\\4(\\s*(?:#.*)?)$"));
    const auto match = form.match(line);
    if (!match.hasMatch())
        return std::nullopt;
    YamlLine found;
    found.column = match.captured(1).size();
    found.key = match.captured(2);
    found.lead = match.captured(1) + found.key + match.captured(3);
    found.quote = match.captured(4);
    found.value = match.captured(5);
    found.tail = match.captured(6);
    return found;
}

QString line(const YamlLine &from, const QString &key, const QString &value)
{
    QString lead = from.lead;
    if (key != from.key)
        lead.replace(from.column, from.key.size(), key);
    return lead + from.quote + value + from.quote + from.tail;
}

bool isImageOf(const QString &value, const QString &image)
{
    return value == image || value.startsWith(image + u':') || value.startsWith(image + u'@');
}

class Finder
{
public:
    Finder(const QStringList &lines, QString image, QString tag, QString digest)
        : m_lines(lines)
        , m_image(std::move(image))
        , m_tag(std::move(tag))
        , m_digest(std::move(digest))
    {}

    QList<ImageInText> all() const
    {
        QList<ImageInText> found;
        for (qsizetype i = 0; i < m_lines.size(); ++i) {
            const auto here = read(m_lines.at(i));
            if (!here)
                continue;
            if (here->key == QLatin1String("image") && isImageOf(here->value, m_image)) {
                const QString value = m_image + (m_tag.isEmpty() ? QString() : u':' + m_tag) + u'@' + m_digest;
                found.append(place(i, *here, line(*here, here->key, value), here->value.mid(m_image.size() + 1)));
            } else if ((here->key == QLatin1String("name") || here->key == QLatin1String("newName") ||
                        here->key == QLatin1String("repository")) &&
                       here->value == m_image) {
                if (const auto beside = besides(i, *here))
                    found.append(*beside);
            }
        }
        return found;
    }

private:
    ImageInText place(qsizetype index, const YamlLine &, const QString &after, const QString &version) const
    {
        return {static_cast<int>(index) + 1, m_lines.at(index), after, version};
    }

    // Keys of the same mapping: lines around with the same column, until something stands further left or a new entry
    // begins.
    std::optional<ImageInText> besides(qsizetype index, const YamlLine &here) const
    {
        std::optional<ImageInText> digest;
        std::optional<ImageInText> tag;
        const auto look = [&](qsizetype at) {
            const auto one = read(m_lines.at(at));
            if (!one || one->column != here.column)
                return;
            if (one->key == QLatin1String("digest"))
                digest = place(at, *one, line(*one, one->key, m_digest), one->value);
            else if (one->key == QLatin1String("newTag"))
                tag = place(at, *one, line(*one, QStringLiteral("digest"), m_digest), one->value);
            else if (one->key == QLatin1String("tag"))
                tag = place(
                    at, *one,
                    line(*one, one->key, (m_tag.isEmpty() ? one->value.section(u'@', 0, 0) : m_tag) + u'@' + m_digest),
                    one->value);
        };
        for (qsizetype at = index + 1; at < m_lines.size() && isWithin(at, here.column) && !begins(at, here.column);
             ++at)
            look(at);
        for (qsizetype at = index; at > 0 && !begins(at, here.column) && isWithin(at - 1, here.column); --at)
            look(at - 1);
        return digest ? digest : tag;
    }

    bool isWithin(qsizetype at, qsizetype column) const
    {
        const QString &text = m_lines.at(at);
        const QString bare = text.trimmed();
        if (bare.isEmpty() || bare.startsWith(u'#'))
            return true;
        const auto one = read(text);
        const qsizetype indent = text.size() - QStringView(text).trimmed().size();
        return (one ? one->column : indent) >= column;
    }

    // A list's entry: "- name: ..." with its key in this column.
    bool begins(qsizetype at, qsizetype column) const
    {
        const auto one = read(m_lines.at(at));
        return one && one->column == column && m_lines.at(at).left(column).contains(u'-');
    }

    const QStringList &m_lines;
    QString m_image;
    QString m_tag;
    QString m_digest;
};

} // namespace

Result<ImageInText> findImage(const QByteArray &text, const QString &image, const QString &tag, const QString &digest)
{
    const QStringList lines = QString::fromUtf8(text).split(u'\n');
    const QList<ImageInText> found = Finder(lines, image, tag, digest).all();
    if (found.size() == 1)
        return found.first();
    QStringList numbers;
    for (const ImageInText &one : found)
        numbers.append(QString::number(one.line));
    return Error{ErrorKind::Refused,
                 found.isEmpty()
                     ? PromotionsText::tr(
                           "It has no place for the image %1: \"image:\", a kustomize entry of that name with "
                           "\"newTag\" or \"digest\", or \"repository:\" with \"tag\" or \"digest\" was looked for.")
                           .arg(image)
                     : PromotionsText::tr(
                           "It has the image %1 in several places, lines %2: which one is the release's cannot be "
                           "told.")
                           .arg(image, numbers.join(QStringLiteral(", "))),
                 {}};
}

QString onlyImage(const QByteArray &text)
{
    static const QRegularExpression version(QStringLiteral("(?::[^:/@]+)?(?:@[^@]+)?$"));
    static const QStringList keys = {QStringLiteral("image"), QStringLiteral("name"), QStringLiteral("newName"),
                                     QStringLiteral("repository")};
    QSet<QString> images;
    for (const QString &each : QString::fromUtf8(text).split(u'\n')) {
        const auto here = read(each);
        if (!here || !keys.contains(here->key))
            continue;
        const QString image = QString(here->value).remove(version);
        if (findImage(text, image, {}, {}))
            images.insert(image);
        else if (here->key == keys.first())
            return {}; // one that is there several times
    }
    return images.size() == 1 ? *images.cbegin() : QString();
}

QByteArray withImage(const QByteArray &text, const ImageInText &place)
{
    QList<QByteArray> lines = text.split('\n');
    if (place.line < 1 || place.line > lines.size())
        return text;
    lines[place.line - 1] = place.after.toUtf8();
    return lines.join('\n');
}

} // namespace signalbox

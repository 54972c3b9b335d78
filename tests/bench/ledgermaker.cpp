#include "tests/bench/ledgermaker.h"

#include "models/domain/ulid.h"
#include "services/git/commitobject.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/ledgerentry.h"
#include "services/ledger/signing/sshsig.h"

#include <nlohmann/json.hpp>

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QtEndian>

#include <algorithm>
#include <vector>

namespace signalbox::test
{
namespace
{

using git::ObjectId;

QString u(const char *text)
{
    return QString::fromLatin1(text);
}

// A pack of objects, whole or as the difference to one before (gitformat-pack).
class PackWriter
{
public:
    enum Type { Commit = 1, Tree = 2, Blob = 3, Difference = 6 };

    explicit PackWriter(const QString &path)
        : m_file(path)
        , m_hash(QCryptographicHash::Sha1)
    {
        m_isGood = m_file.open(QIODevice::WriteOnly);
        put(QByteArray("PACK\0\0\0\2\0\0\0\0", 12)); // the number comes at the end
    }

    ObjectId add(Type type, const QByteArray &content)
    {
        static const char *const names[] = {"", "commit", "tree", "blob"};
        const QByteArray head = QByteArray(names[type]) + ' ' + QByteArray::number(content.size()) + '\0';
        QCryptographicHash hash(QCryptographicHash::Sha1);
        hash.addData(head);
        hash.addData(content);
        putObject(type, content.size(), {}, content);
        ObjectId id;
        const QByteArray digest = hash.result();
        std::copy(digest.begin(), digest.end(), id.bytes.begin());
        return id;
    }

    // A tree that was made out of the one at `base` (an offset): what both begin and end with is not written again.
    ObjectId addTree(const QByteArray &content, const QByteArray &before, qint64 base)
    {
        if (before.isEmpty())
            return add(Tree, content);
        const qsizetype most = std::min(content.size(), before.size());
        qsizetype head = 0;
        while (head < most && content.at(head) == before.at(head))
            ++head;
        qsizetype tail = 0;
        while (tail < most - head && content.at(content.size() - 1 - tail) == before.at(before.size() - 1 - tail))
            ++tail;
        QByteArray delta = varint(before.size()) + varint(content.size());
        copy(delta, 0, head);
        for (qsizetype at = head; at < content.size() - tail; at += 127) {
            const qsizetype size = std::min<qsizetype>(127, content.size() - tail - at);
            delta += char(size);
            delta += content.mid(at, size);
        }
        copy(delta, before.size() - tail, tail);
        const QByteArray name = "tree " + QByteArray::number(content.size()) + '\0';
        QCryptographicHash hash(QCryptographicHash::Sha1);
        hash.addData(name);
        hash.addData(content);
        QByteArray distance;
        qint64 back = m_at - base;
        distance.prepend(char(back & 127));
        while (back >>= 7)
            distance.prepend(char(128 | (--back & 127)));
        putObject(Difference, delta.size(), distance, delta);
        ObjectId id;
        const QByteArray digest = hash.result();
        std::copy(digest.begin(), digest.end(), id.bytes.begin());
        return id;
    }
    qint64 at() const { return m_at; }

    // Ends the file; git makes the index.
    bool finish()
    {
        m_file.flush();
        char number[4];
        qToBigEndian<quint32>(m_count, number);
        m_file.seek(8);
        m_file.write(number, 4);
        m_file.close();
        QFile whole(m_file.fileName()); // the hash covers the number
        if (!m_isGood || !whole.open(QIODevice::ReadWrite))
            return false;
        QCryptographicHash hash(QCryptographicHash::Sha1);
        hash.addData(&whole);
        whole.seek(whole.size());
        return whole.write(hash.result()) == 20;
    }

private:
    static QByteArray varint(qsizetype size)
    {
        QByteArray bytes;
        for (; size >= 128; size >>= 7)
            bytes += char(128 | (size & 127));
        return bytes + char(size);
    }

    static void copy(QByteArray &delta, qsizetype from, qsizetype size)
    {
        while (size > 0) {
            const qsizetype part = std::min<qsizetype>(size, 0xffff);
            QByteArray arguments;
            int flags = 128;
            for (int i = 0; i < 4; ++i) {
                if (const int byte = (from >> (8 * i)) & 255) {
                    flags |= 1 << i;
                    arguments += char(byte);
                }
            }
            for (int i = 0; i < 2; ++i) {
                if (const int byte = (part >> (8 * i)) & 255) {
                    flags |= 16 << i;
                    arguments += char(byte);
                }
            }
            delta += char(flags) + arguments;
            from += part;
            size -= part;
        }
    }

    void putObject(Type type, qsizetype size, const QByteArray &extra, const QByteArray &content)
    {
        QByteArray head;
        int byte = (type << 4) | int(size & 15);
        for (size >>= 4; size > 0; size >>= 7) {
            head += char(byte | 128);
            byte = int(size & 127);
        }
        head += char(byte);
        put(head + extra + qCompress(content, 1).mid(4)); // without Qt's own length in front
        ++m_count;
    }

    void put(const QByteArray &bytes)
    {
        m_isGood = m_file.write(bytes) == bytes.size() && m_isGood;
        m_at += bytes.size();
    }

    QFile m_file;
    QCryptographicHash m_hash;
    qint64 m_at = 0;
    quint32 m_count = 0;
    bool m_isGood = false;
};

// One folder of the newest tree. Names only ever come at the end, or the last one changes.
class Folder
{
public:
    void set(const QByteArray &mode, const QByteArray &name, const ObjectId &id)
    {
        if (name == m_lastName)
            m_bytes.chop(20);
        else
            m_bytes += mode + ' ' + name + '\0';
        m_lastName = name;
        m_bytes.append(reinterpret_cast<const char *>(id.bytes.data()), 20);
    }
    ObjectId write(PackWriter &pack)
    {
        constexpr int mostDepth = 40; // git's own limit is 50
        const bool isWhole = m_written.isEmpty() || m_depth >= mostDepth;
        const qint64 at = pack.at();
        const ObjectId id = pack.addTree(m_bytes, isWhole ? QByteArray() : m_written, m_offset);
        m_depth = isWhole ? 0 : m_depth + 1;
        m_written = m_bytes;
        m_offset = at;
        return id;
    }

private:
    QByteArray m_bytes;
    QByteArray m_lastName;
    QByteArray m_written;
    qint64 m_offset = 0;
    int m_depth = 0;
};

LedgerEntry entryOf(int n, const QDateTime &at, const char *person)
{
    LedgerEntry entry;
    entry.id = newUlid(at);
    entry.at = at;
    entry.who = {u(person), u(person) + u("@shop.example"), u(person), u("desk")};
    entry.tool = u("signalbox 0.1.0");
    entry.workspace = u("shop");
    entry.connection = u("east");
    entry.ns = u("shop");
    entry.application = u("service-%1").arg(n % 40);
    entry.environment = u("production");
    entry.kind = n % 7 ? OperationKind::TrafficShift : OperationKind::Rollback;
    entry.direction = n % 7 ? Direction::Forward : Direction::Back;
    entry.from = u("2.15.%1 (5be02d1)").arg(n % 100);
    entry.to = u("2.14.%1 (c07d9aa)").arg(n % 100);
    entry.effect = u("All of the live traffic goes to green, 12 pods, 3 days old");
    entry.reason = u("errors after the release");
    entry.steps = {{u("1"), u("Shift"), u("Service shop/cart")}};
    entry.outcome = {OutcomeKind::Done,
                     u("done and observed"),
                     ErrorKind::Internal,
                     true,
                     at,
                     at.addSecs(3),
                     {{u("1"), OutcomeKind::Done, u("12 of 12 pods ready"), at, at.addMSecs(4), at.addSecs(3)}}};
    entry.durations.execute = 3000;
    return entry;
}

class Maker
{
public:
    Maker(const QString &packFile)
        : m_pack(packFile)
        , m_ann(*ssh::PrivateKey::generate())
        , m_cai(*ssh::PrivateKey::generate())
    {}

    QString firstAdmin() const { return m_ann.publicKey().fingerprint(); }
    QByteArray tip() const { return m_tip; }

    void start(const QDateTime &at)
    {
        const QByteArray signers =
            "ann@shop.example " + m_ann.publicKey().line() + "\ncai@shop.example " + m_cai.publicKey().line() + '\n';
        const QByteArray policy = "version: 1\nworkspace: shop\nprincipals:\n"
                                  "  - {name: ann, emails: [ann@shop.example]}\n"
                                  "  - {name: cai, emails: [cai@shop.example]}\n"
                                  "roles: [{name: admins, members: [ann]}, {name: approvers, members: [cai]}]\n";
        m_signers = m_pack.add(PackWriter::Blob, signers);
        m_policy = m_pack.add(PackWriter::Blob, policy);
        writeCommit(at, m_ann, "ann", "Begin to sign\n", {});
    }

    void add(int n, const QDateTime &at)
    {
        const char *person = n % 3 ? "cai" : "ann";
        const LedgerEntry entry = entryOf(n, at, person);
        const ObjectId blob = m_pack.add(PackWriter::Blob, *canonicalJson(toJson(entry)));
        const QList<QByteArray> steps = ledgerPath(entry).toUtf8().split('/'); // entries YYYY MM DD ID.json
        for (int i = 1; i < 4; ++i) {
            if (m_steps.value(i) != steps.at(i)) { // a new year, month or day: empty folders from here on
                for (int k = i; k < 4; ++k)
                    m_folders[k] = {};
                break;
            }
        }
        m_steps = steps;
        m_folders[3].set("100644", steps.at(4), blob);
        ObjectId below = m_folders[3].write(m_pack);
        for (int i = 2; i >= 0; --i) {
            m_folders[i].set("40000", steps.at(i + 1), below);
            below = m_folders[i].write(m_pack);
        }
        writeCommit(at, n % 3 ? m_cai : m_ann, person, ledgerMessage(entry).toUtf8(), below);
    }
    bool finish() { return m_pack.finish(); }

private:
    void writeCommit(const QDateTime &at, const ssh::PrivateKey &key, const char *person, const QByteArray &message,
                     const std::optional<ObjectId> &entries)
    {
        Folder root;
        root.set("100644", "allowed_signers", m_signers);
        if (entries)
            root.set("40000", "entries", *entries);
        root.set("100644", "policy.yaml", m_policy);
        const QByteArray who = QByteArray(person) + " <" + person + "@shop.example> " +
                               QByteArray::number(at.toSecsSinceEpoch()) + " +0000\n";
        QByteArray text = "tree " + root.write(m_pack).hex() + '\n';
        if (!m_tip.isEmpty())
            text += "parent " + m_tip + '\n';
        text += "author " + who + "committer " + who + '\n' + message;
        const auto raw = key.sign(ssh::signedData(ssh::gitNamespace, ssh::signingHash, text));
        QByteArray header =
            ssh::armour(ssh::signatureBlob(key.publicKey(), ssh::gitNamespace, ssh::signingHash, *raw)).trimmed();
        header.replace("\n", "\n ");
        text.insert(text.indexOf("\n\n") + 1, "gpgsig " + header + '\n');
        m_tip = m_pack.add(PackWriter::Commit, text).hex();
    }

    PackWriter m_pack;
    ssh::PrivateKey m_ann;
    ssh::PrivateKey m_cai;
    ObjectId m_signers;
    ObjectId m_policy;
    QByteArray m_tip;
    QList<QByteArray> m_steps;
    Folder m_folders[4]; // entries, year, month, day
};

bool git(const QStringList &arguments)
{
    QProcess process;
    process.start(u("git"), arguments);
    return process.waitForFinished(-1) && process.exitCode() == 0;
}

} // namespace

MadeLedger makeLedger(const QString &path, int entries)
{
    QDir(path).removeRecursively();
    if (!git({u("init"), u("-q"), u("--bare"), u("-b"), u("main"), path}))
        return {false, {}, u("git init failed")};
    const QString pack = path + u("/objects/pack/pack-made.pack");
    QDir().mkpath(path + u("/objects/pack"));
    Maker maker(pack);
    const QDateTime begin(QDate(2023, 1, 1), QTime(0, 0), Qt::UTC);
    const qint64 step = 3LL * 365 * 86400 / std::max(1, entries);
    maker.start(begin);
    for (int i = 0; i < entries; ++i)
        maker.add(i, begin.addSecs(step * (i + 1)));
    if (!maker.finish())
        return {false, {}, u("the pack could not be written")};
    if (!git({u("index-pack"), pack}))
        return {false, {}, u("git index-pack failed")};
    if (!git({u("--git-dir"), path, u("update-ref"), u("refs/heads/main"), QString::fromLatin1(maker.tip())}))
        return {false, {}, u("git update-ref failed")};
    return {true, maker.firstAdmin(), {}};
}

} // namespace signalbox::test

#include "services/ledger/verify/commitfacts.h"
#include "tests/unit/services/ledger/verify/forgeries.h"

#include <QFile>
#include <QTest>

#include <cstdio>

using namespace signalbox;
using namespace signalbox::ledger;
using namespace signalbox::test;

namespace
{

bool isAboutSignature(Fault fault)
{
    return fault >= Fault::NotSigned && fault <= Fault::NoLongerValid;
}

} // namespace

// Every row is a real repository that real git is asked about. What git alone believes is the reason for our verifier;
// where git disbelieves a signature, ours does, too.
class TestForgeries : public QObject
{
    Q_OBJECT

    Forge m_forge;
    QList<QByteArray> m_honest;

private slots:
    void initTestCase() { m_honest = honest(m_forge); }

    void eachIsNamed_data()
    {
        QTest::addColumn<int>("row");
        const QList<Forgery> rows = allForgeries();
        QVERIFY(rows.size() >= 25);
        for (int i = 0; i < rows.size(); ++i)
            QTest::newRow(rows.at(i).name) << i;
        std::printf("%-50s %-10s %s\n", "forgery", "git says", "signalbox says");
    }
    void eachIsNamed()
    {
        QFETCH(int, row);
        const Forgery forgery = allForgeries().at(row);
        const auto copy = m_forge.copy();
        Forge &forge = *copy;
        const QList<QByteArray> before = m_honest;
        const QByteArray forged = forgery.make(forge, before);
        const QByteArray after = forge.note(u("ann"), Forge::noon(30)); // life goes on behind it

        const QString git = forge.gitSays(forged, forge.allowedSigners());
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QVERIFY2(chain, qPrintable(chain ? QString() : chain.error().message));
        QVERIFY(!chain->isWhole());
        QCOMPARE(chain->bad, 1);
        for (const EntryVerdict &entry : chain->entries) {
            if (entry.commit.hex() != forged) {
                QVERIFY2(entry.state != EntryVerdict::State::Bad, qPrintable(entry.reason));
                continue;
            }
            std::printf("%-50s %-10s %s: %s\n", forgery.name, qPrintable(git), qPrintable(faultName(entry.fault)),
                        qPrintable(entry.reason));
            QCOMPARE(faultName(entry.fault), faultName(forgery.fault));
            QVERIFY(!entry.reason.isEmpty());
            if (git != u("good"))
                QVERIFY2(isAboutSignature(entry.fault) || entry.fault == Fault::OddCommit, "git does not believe it");
            else
                QCOMPARE(isAboutSignature(entry.fault), forgery.isStricter);
        }
        QCOMPARE(git, u(forgery.git));
        QCOMPARE(chain->entries.back().commit.hex(), after);
        QCOMPARE(chain->entries.back().state, EntryVerdict::State::Good);
    }

    void theLedgerItselfIsWhole()
    {
        Forge forge;
        const auto before = honest(forge);
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QVERIFY(chain);
        QVERIFY(chain->isWhole());
        QCOMPARE(chain->good, before.size());
        for (const QByteArray &commit : before)
            QCOMPARE(forge.gitSays(commit, forge.allowedSigners()), u("good"));
    }

    void aSwappedFirstAdminIsNamed()
    {
        Forge forge;
        ForgedCommit first;
        first.by = u("eve");
        first.at = Forge::noon();
        QByteArray signers = forge.allowedSigners("eve@shop.example " + forge.key(u("eve")).line() + '\n');
        first.files = {{u("allowed_signers"), signers}, {u("policy.yaml"), forge.policy("eve")}};
        const QByteArray id = forge.commit(first);
        forge.note(u("eve"), Forge::noon(1));
        QCOMPARE(forge.gitSays(id, signers), u("good"));
        auto options = forge.options();
        const auto chain = verifyChain(forge.path(), options, {});
        QVERIFY(chain);
        QVERIFY(!chain->isWhole());
        QVERIFY(!chain->isSigned());
        QCOMPARE(chain->entries.front().fault, Fault::WrongFirstAdmin);
        QVERIFY(!chain->problems.isEmpty());
        // Without a pin there is nothing to compare with, and that is said.
        options.pin.firstAdmin.clear();
        const auto unpinned = verifyChain(forge.path(), options, {});
        QVERIFY(unpinned->isWhole());
        QVERIFY(!unpinned->isPinned);
        QVERIFY(unpinned->notes.first().contains(u("not pinned")));
    }

    void aRewoundLedgerIsNoticed()
    {
        Forge forge;
        const auto before = honest(forge);
        auto options = forge.options();
        options.atLeast = QString::fromLatin1(before.last().left(12));
        QVERIFY(verifyChain(forge.path(), options, {})->isWhole());
        forge.moveTo(before.at(2));
        const auto chain = verifyChain(forge.path(), options, {});
        QVERIFY(!chain->isWhole());
        QCOMPARE(chain->bad, 0);
        QVERIFY2(chain->problems.first().contains(u("rewound")), qPrintable(chain->problems.first()));
        options.atLeast = u("xyz");
        QCOMPARE(verifyChain(forge.path(), options, {}).error().kind, ErrorKind::Invalid);
    }

    void aLedgerWithoutItsSignaturesIsNotTheSame()
    {
        Forge forge;
        ForgedCommit commit = noteCommit(forge, "ann", 1);
        commit.key = u("-");
        forge.commit(commit);
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QVERIFY(chain);
        QCOMPARE(chain->notSigned, 1);
        QVERIFY(!chain->problems.isEmpty()); // a first admin is pinned, and nobody began it
    }

    void damageIsNamed()
    {
        Forge forge;
        const auto before = honest(forge);
        // A loose object is overwritten with another one's bytes: its name does not fit any more.
        const auto file = [&forge](const QByteArray &id) {
            return forge.path() + u("/objects/") + QString::fromLatin1(id.left(2)) + u("/") +
                   QString::fromLatin1(id.mid(2));
        };
        const auto blobOf = [&forge](const QByteArray &commit) {
            return forge.git({u("rev-parse"), QString::fromLatin1(commit) + u(":") + pathOf(forge, commit)})
                .out.trimmed();
        };
        const QString victim = file(blobOf(before.at(1)));
        QFile::remove(victim);
        QVERIFY(QFile::copy(file(blobOf(before.at(2))), victim));
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QVERIFY(chain);
        QCOMPARE(chain->bad, 1);
        QCOMPARE(faultName(chain->entries.at(1).fault), faultName(Fault::Damaged));

        QFile::remove(file(before.at(0))); // the first commit is gone
        const auto cut = verifyChain(forge.path(), forge.options(), {});
        QVERIFY(cut);
        QVERIFY(!cut->isWhole());
        QVERIFY2(cut->problems.join(u(" ")).contains(u("does not have the object")),
                 qPrintable(cut->problems.join(u(" "))));
    }

    // One that can be made out of a newer one is still to lie there: it is named at both commits that it is compared
    // for, and what was found of their entries is not shown as if it had been read.
    void aMissingFolderIsNamed()
    {
        Forge forge;
        const auto before = honest(forge);
        const QString folder = pathOf(forge, before.at(2)).section(u("/"), 0, -2);
        const QByteArray gone =
            forge.git({u("rev-parse"), QString::fromLatin1(before.at(2)) + u(":") + folder}).out.trimmed();
        QVERIFY(QFile::remove(forge.path() + u("/objects/") + QString::fromLatin1(gone.left(2)) + u("/") +
                              QString::fromLatin1(gone.mid(2))));
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QVERIFY(chain);
        QCOMPARE(chain->bad, 2);
        QCOMPARE(chain->good, 2);
        for (const size_t i : {size_t(2), size_t(3)}) {
            const EntryVerdict &entry = chain->entries.at(i);
            QCOMPARE(faultName(entry.fault), faultName(Fault::Damaged));
            QVERIFY2(entry.reason.contains(QString::fromLatin1(gone)), qPrintable(entry.reason));
            QVERIFY(entry.id.isEmpty());
            QVERIFY(entry.path.isEmpty());
        }
    }

    // What was taken for granted of a tree goes when it is looked at again, also where the commit before is missing.
    void nothingIsKeptOfWhatIsDamaged()
    {
        Forge forge;
        const auto before = honest(forge);
        auto opened = git::ObjectReader::open(forge.path());
        QVERIFY(opened);
        const auto id = git::ObjectId::fromHex(before.at(2));
        const auto parentId = git::ObjectId::fromHex(before.at(1));
        QVERIFY(id && parentId);
        const auto text = opened->commitText(*id);
        const auto parentText = opened->commitText(*parentId);
        QVERIFY(text && parentText);
        const auto commit = git::parseCommit(*text);
        const auto parent = git::parseCommit(*parentText);
        QVERIFY(parent && commit);
        FactsReader reader(*std::move(opened));
        CommitFacts facts = reader.readUnsigned(*id, commit, parent->tree);
        QVERIFY(!facts.changes.isEmpty());
        QVERIFY(!facts.entryId.isEmpty());
        const QString problem = u("the commit before it is missing");
        facts.isDamaged = true;
        facts.problem = problem;
        facts.entryFault = Fault::EntryInvalid;
        facts.entryProblem = u("of a tree that is not there");
        reader.readAgain(parent->tree, facts);
        QVERIFY(facts.isDamaged);
        QCOMPARE(facts.problem, problem);
        QVERIFY(facts.changes.isEmpty());
        for (const QByteArray *text : {&facts.entryId, &facts.type, &facts.workspace, &facts.email, &facts.reference,
                                       &facts.application, &facts.environment, &facts.digest})
            QVERIFY2(text->isEmpty(), text->constData());
        QCOMPARE(faultName(facts.entryFault), faultName(Fault::None));
        QVERIFY(facts.entryProblem.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestForgeries)
#include "test_forgeries.moc"

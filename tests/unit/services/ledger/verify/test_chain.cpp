#include "services/git/repository.h"
#include "services/ledger/ledger.h"
#include "services/ledger/signing/sshsig.h"
#include "tests/unit/services/ledger/verify/forge.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::ledger;
using namespace signalbox::test;

namespace
{

QStringList statesOf(const ChainVerdict &chain)
{
    QStringList states;
    for (const EntryVerdict &entry : chain.entries)
        states.append(entry.state == EntryVerdict::State::Bad ? faultName(entry.fault) : stateName(entry.state));
    return states;
}

ForgedCommit change(const Forge &forge, const char *by, int minutes, const QByteArray &policy,
                    const QByteArray &moreSigners = {})
{
    ForgedCommit commit;
    commit.by = u(by);
    commit.at = Forge::noon(minutes);
    if (!policy.isEmpty())
        commit.files += {u("policy.yaml"), policy};
    if (!moreSigners.isEmpty())
        commit.files += {u("allowed_signers"), forge.allowedSigners(moreSigners)};
    return commit;
}

} // namespace

// What an honest ledger goes through.
class TestChain : public QObject
{
    Q_OBJECT

    QTemporaryDir m_home; // instead of the user's own configuration

private slots:
    void initTestCase()
    {
        qputenv("HOME", m_home.path().toUtf8());
        qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
        qunsetenv("SSH_AUTH_SOCK");
    }

    void faultsHaveNamesOfTheirOwn()
    {
        QStringList names;
        for (int i = 0; i < allFaults().size(); ++i) {
            QCOMPARE(static_cast<int>(allFaults().at(i)), i);
            names.append(faultName(allFaults().at(i)));
        }
        QCOMPARE(names.removeDuplicates(), 0);
        QCOMPARE(allFaults().last(), Fault::CountersignOwn);
    }

    void anEmptyOrMissingLedgerIsNoMystery()
    {
        Forge forge;
        auto options = forge.options();
        options.pin = {};
        const auto empty = verifyChain(forge.path(), options, {});
        QVERIFY(empty);
        QVERIFY(!empty->tip);
        QVERIFY(!empty->isSigned());
        QVERIFY(empty->problems.isEmpty());
        const auto missing = verifyChain(forge.path() + u("x"), options, {});
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
        StopSource stop;
        stop.request_stop();
        forge.start();
        QCOMPARE(verifyChain(forge.path(), options, stop.get_token()).error().kind, ErrorKind::Cancelled);
    }

    // What this program wrote before it could sign stays readable, and is no mistake.
    void unsignedEntriesOfBeforeAreNotSigned()
    {
        Forge forge;
        {
            Ledger ledger(forge.path());
            for (int i = 0; i < 3; ++i) {
                auto written =
                    ledger.append(forge.entry(policy::Note{{}, {}, {}, u("old")}, u("ann"), Forge::noon(-i)));
                written.waitForFinished();
                QVERIFY2(written.result(), qPrintable(written.result() ? QString() : written.result().error().message));
            }
        }
        auto options = forge.options();
        options.pin = {};
        const auto old = verifyChain(forge.path(), options, {});
        QVERIFY(old);
        QCOMPARE(statesOf(*old), QStringList({u("notSigned"), u("notSigned"), u("notSigned")}));
        QVERIFY(old->problems.isEmpty());
        QVERIFY(!old->isWhole());

        forge.start(Forge::noon(1));
        forge.note(u("cai"), Forge::noon(2));
        const auto begun = verifyChain(forge.path(), forge.options(), {});
        QVERIFY2(begun->isWhole(), qPrintable(statesOf(*begun).join(u(" "))));
        QCOMPARE(begun->notSigned, 3);
        QCOMPARE(begun->good, 2);
        QVERIFY(begun->isPinned);
        QCOMPARE(begun->workspace, u("shop"));
        QCOMPARE(begun->entries.back().signer, u("cai@shop.example"));
    }

    // The program's own way of writing.
    void whatIsAppendedIsSigned()
    {
        Forge forge;
        forge.start();
        const auto wait = [](auto future) {
            future.waitForFinished(); // a test may
            return future.result();
        };
        const auto entry = [&forge](int n) {
            return forge.entry(policy::Note{{}, {}, {}, u("note %1").arg(n)}, u("ann"), Forge::noon(n));
        };
        Ledger ledger(forge.path());
        const auto refused = wait(ledger.append(entry(0)));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused); // an unsigned one would break the chain

        // Two programs at a time: nothing is lost, nothing is doubled, and the line stays one.
        Ledger other(forge.path());
        ledger.setSigner(forge.signer(u("ann")));
        other.setSigner(forge.signer(u("ann")));
        QList<QFuture<Result<QString>>> all;
        for (int i = 1; i <= 8; ++i)
            all.append({ledger.append(entry(2 * i)), other.append(entry(2 * i + 1))});
        for (auto &future : all) {
            const auto written = wait(future);
            QVERIFY2(written, qPrintable(written ? QString() : written.error().message));
        }
        const LedgerEntry twice = entry(99);
        QVERIFY(wait(ledger.append(twice)));
        QVERIFY(wait(ledger.append(twice)));
        auto options = forge.options();
        options.now = QDateTime::currentDateTimeUtc();
        const auto chain = verifyChain(forge.path(), options, {});
        QVERIFY2(chain->isWhole(), qPrintable(statesOf(*chain).join(u(" "))));
        QCOMPARE(chain->good, 18);
        QCOMPARE(forge.gitSays(forge.tip(), forge.allowedSigners()), u("good"));
        QCOMPARE(wait(ledger.newest(50))->size(), 17);
    }

    // Begun with plain git, as services/ledger/README.md says, and gone on with by this program.
    void aLedgerBegunWithGitGoesOnHere()
    {
        const QString key = makeSshKey(m_home.filePath(u("id")), u("ed25519"));
        QVERIFY(!key.isEmpty());
        const QByteArray line = publicKeyOfFile(key).line();
        const QString bare = m_home.filePath(u("ledger.git"));
        const QString work = m_home.filePath(u("work"));
        const auto wait = [](auto future) {
            future.waitForFinished(); // a test may
            return future.result();
        };
        const Forge forge;
        const auto entry = [&forge](int n) {
            return forge.entry(policy::Note{{}, {}, {}, u("n")}, u("ann"), Forge::noon(n));
        };
        Ledger ledger(bare);
        QVERIFY(wait(ledger.append(entry(1)))); // before it was signed
        QCOMPARE(runTool(u("git"), {u("clone"), u("-q"), bare, work}).status, 0);
        writeFile(work + u("/allowed_signers"), "ann@shop.example " + line + '\n');
        writeFile(work + u("/policy.yaml"), "version: 1\nworkspace: shop\nprincipals: [{name: ann, emails: "
                                            "[ann@shop.example]}]\nroles: [{name: admins, members: [ann]}]\n");
        const auto git = [&](const QStringList &arguments) {
            const Ran ran = runTool(u("git"), QStringList{u("-C"), work, u("-c"), u("user.name=Ann"), u("-c"),
                                                          u("user.email=ann@shop.example"), u("-c"),
                                                          u("gpg.format=ssh"), u("-c"), u("user.signingkey=") + key} +
                                                  arguments);
            QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        };
        git({u("add"), u(".")});
        git({u("commit"), u("-q"), u("-S"), u("-m"), u("Begin to sign")});
        git({u("push"), u("-q"), u("origin"), u("HEAD:main")});

        const auto refused = wait(ledger.append(entry(2)));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("user.signingkey")), qPrintable(refused.error().message));
        const QByteArray config = "[gpg]\n  format = ssh\n[user]\n  signingkey = ";
        writeFile(m_home.filePath(u(".gitconfig")), config + key.toUtf8() + ".pub\n");
        const auto byFile = wait(ledger.append(entry(3)));
        QVERIFY2(byFile, qPrintable(byFile ? QString() : byFile.error().message));
        {
            const AgentProcess agent; // the key itself is not on the disk here
            QCOMPARE(agent.add({u("-q"), key}).status, 0);
            writeFile(m_home.filePath(u(".gitconfig")), config + "\"key::" + line + "\"\n");
            const auto nowhere = wait(ledger.append(entry(4)));
            QVERIFY(!nowhere);
            qputenv("SSH_AUTH_SOCK", agent.socket().toUtf8());
            const auto byAgent = wait(ledger.append(entry(4)));
            qunsetenv("SSH_AUTH_SOCK");
            QVERIFY2(byAgent, qPrintable(byAgent ? QString() : byAgent.error().message));
        }
        VerifyOptions options;
        options.pin = {publicKeyOfFile(key).fingerprint(), u("shop")};
        const auto chain = verifyChain(bare, options, {});
        QCOMPARE(statesOf(*chain), QStringList({u("notSigned"), u("good"), u("good"), u("good")}));
        QVERIFY(chain->isWhole());
    }

    // A key that nobody touches keeps neither readers nor the end of the program waiting.
    void aKeyThatIsNotTouchedHoldsUpNothing()
    {
        class Untouched : public ssh::Signer
        {
        public:
            const ssh::PublicKey &publicKey() const override { return m_key; }
            QString description() const override { return u("a key that nobody touches"); }
            QFuture<Result<QByteArray>> signData(QByteArray, StopToken stop) override
            {
                auto promise = std::make_shared<QPromise<Result<QByteArray>>>();
                promise->start();
                m_stopped = std::make_unique<StopCallback<std::function<void()>>>(stop, [promise] {
                    promise->addResult(Result<QByteArray>(Error{ErrorKind::Cancelled, {}, {}}));
                    promise->finish();
                });
                return promise->future();
            }

        private:
            ssh::PublicKey m_key = ssh::PrivateKey::generate()->publicKey();
            std::unique_ptr<StopCallback<std::function<void()>>> m_stopped;
        };
        Forge forge;
        forge.start();
        QFuture<Result<QString>> waiting;
        {
            Ledger ledger(forge.path());
            ledger.setSigner(std::make_shared<Untouched>());
            waiting = ledger.append(forge.entry(policy::Note{{}, {}, {}, u("n")}, u("ann"), Forge::noon(1)));
            auto entries = ledger.newest(10);
            QTRY_VERIFY(entries.isFinished());
            QVERIFY(!waiting.isFinished());
        }
        QVERIFY(waiting.isFinished());
        QCOMPARE(waiting.result().error().kind, ErrorKind::Cancelled);
    }

    void aChangeIsInForceWhenASecondAdminAgrees()
    {
        Forge forge;
        forge.start();
        const QByteArray eve = "eve@shop.example " + forge.key(u("eve")).line() + '\n';
        const QByteArray id = forge.commit(change(forge, "ann", 1, {}, eve));
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})), QStringList({u("good"), u("pending")}));
        forge.note(u("eve"), Forge::noon(2));
        forge.add(policy::PolicyCountersign{QString::fromLatin1(id), u("welcome")}, u("bob"), Forge::noon(3));
        forge.note(u("eve"), Forge::noon(4));
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})),
                 QStringList({u("good"), u("good"), u("unknownSigner"), u("good"), u("good")}));
    }

    // What was said to wait is not said any more once it does not, also by who follows the chain.
    void aFollowerHearsThatAChangeIsInForce()
    {
        Forge forge;
        forge.start();
        ChainFollower follower(forge.path(), forge.options());
        QVERIFY(follower.advance({}));
        const QByteArray first = forge.commit(change(forge, "ann", 1, forge.policy("ann, bob", "# one\n")));
        const QByteArray second = forge.commit(change(forge, "bob", 2, forge.policy("ann, bob", "# two\n")));
        auto step = follower.advance({});
        QVERIFY(step && !step->isFresh);
        QCOMPARE(step->chain.pending, 2);
        QCOMPARE(step->chain.waiting.size(), 2u);
        QCOMPARE(step->chain.waiting.front().person, u("ann"));
        QCOMPARE(step->chain.waiting.front().commit.hex(), first);
        forge.add(policy::PolicyCountersign{QString::fromLatin1(first), {}}, u("bob"), Forge::noon(3));
        step = follower.advance({});
        QVERIFY(step && step->isFresh);
        QCOMPARE(statesOf(step->chain), QStringList({u("good"), u("good"), u("pending"), u("good")}));
        QVERIFY2(step->chain.entries.at(1).reason.contains(u("bob@shop.example countersigned it")),
                 qPrintable(step->chain.entries.at(1).reason));
        QCOMPARE(step->chain.pending, 1);
        QCOMPARE(step->chain.waiting.front().commit.hex(), second);
        forge.note(u("cai"), Forge::noon(4));
        step = follower.advance({});
        QVERIFY(step && !step->isFresh);
        QCOMPARE(step->chain.pending, 1);
    }

    // A clock that was behind: what was yet to come is judged anew once it is not any more.
    void whatWasYetToComeIsJudgedAgain()
    {
        Forge forge;
        forge.start();
        forge.note(u("cai"), Forge::noon(60));
        auto options = forge.options();
        options.now = Forge::noon(1);
        ChainFollower follower(forge.path(), options);
        auto step = follower.advance({});
        QVERIFY(step);
        QCOMPARE(statesOf(step->chain), QStringList({u("good"), u("dateInFuture")}));
        step = follower.advance({}); // by the real clock
        QVERIFY(step && step->isFresh);
        QCOMPARE(statesOf(step->chain), QStringList({u("good"), u("good")}));
        step = follower.advance({});
        QVERIFY(step && !step->isFresh);
    }

    // Each by whom the policy lets, and by nobody else; what needs no role of its own is anybody's.
    void whatTakesARoleIsGoodByThoseWhoHoldIt()
    {
        Forge forge;
        ForgedCommit first;
        first.at = Forge::noon();
        first.files = {
            {u("allowed_signers"), forge.allowedSigners()},
            {u("policy.yaml"), forge.policy("ann, bob", "    veto: [admins]\n"
                                                        "breakGlass: {roles: [approvers], countersignRoles: [admins]}\n"
                                                        "stops: {holdLiftedBy: [approvers], freezeBy: [admins]}\n")}};
        forge.commit(first);
        int minute = 0;
        QStringList expected{u("good")};
        const auto add = [&](const policy::Record &record, const char *by, const char *state = "good") {
            const LedgerEntry entry = forge.entry(record, u(by), Forge::noon(++minute));
            ForgedCommit commit;
            commit.by = u(by);
            commit.at = entry.at;
            commit.files = {forge.file(entry)};
            forge.commit(commit);
            expected.append(u(state));
            return entry.id;
        };
        const QString promotion = add(requestOf(claimOf(QString())), "ann");
        const policy::Claim claim = claimOf(promotion);
        const policy::Subject &subject = claim.subject;
        add(policy::Approval{promotion, subject, {}, {}}, "cai");
        add(policy::Approval{promotion, subject, {}, {}}, "ann"); // takes her veto back, if she had one
        policy::Subject staging = subject;
        staging.environment = u("staging"); // where nobody has to approve
        add(policy::Approval{promotion, staging, {}, {}}, "bob");
        add(policy::Rejection{promotion, subject, {}, {}}, "cai");
        const QString glass = add(policy::BreakGlass{promotion, subject, {}, u("down")}, "cai");
        add(policy::BreakGlass{promotion, subject, {}, u("down")}, "ann", "roleMissing");
        add(policy::Countersign{glass, {}}, "ann");
        add(policy::Countersign{glass, {}}, "cai", "roleMissing");
        const QString freeze =
            add(policy::FreezeOrder{u("*"), u("*"), Forge::noon(), Forge::noon(999), u("books")}, "ann");
        add(policy::Lift{freeze, {}}, "cai", "roleMissing"); // she may lift holds
        add(policy::Lift{freeze, {}}, "bob");
        const QString hold = add(policy::Hold{u("cart"), u("production"), u("looking"), {}}, "bob");
        add(policy::Lift{hold, {}}, "ann", "roleMissing"); // she may lift freezes
        add(policy::Lift{hold, {}}, "cai");
        const QString mine = add(claim, "cai");
        const policy::PromotionOutcome outcome{promotion, mine, subject, OutcomeKind::Unknown, {}, {}, {}, {}};
        add(outcome, "bob"); // an admin cleans up
        add(outcome, "cai"); // and then the claimant is back

        // Whoever loses a role keeps what they said while they had it.
        forge.commit(change(forge, "ann", ++minute, forge.policy("ann", "    veto: [admins]\n")));
        expected.append(u("pending"));
        const QByteArray id = forge.tip();
        add(policy::PolicyCountersign{QString::fromLatin1(id), {}}, "bob");
        expected[expected.size() - 2] = u("good");
        add(policy::FreezeOrder{u("*"), u("*"), Forge::noon(), Forge::noon(999), u("books")}, "bob", "roleMissing");
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})), expected);
    }

    // Two changes wait; the countersignature of the later one counts for both.
    void twoChangesInARow()
    {
        Forge forge;
        forge.start();
        const QByteArray eve = "eve@shop.example " + forge.key(u("eve")).line() + '\n';
        forge.commit(change(forge, "ann", 1, {}, eve));
        const QByteArray second = forge.commit(change(forge, "ann", 2, forge.policy("ann, bob, cai")));
        forge.add(policy::PolicyCountersign{QString::fromLatin1(second), {}}, u("bob"), Forge::noon(3));
        forge.note(u("eve"), Forge::noon(4));
        const QByteArray third = forge.commit(change(forge, "cai", 5, forge.policy("ann, bob")));
        forge.add(policy::PolicyCountersign{QString::fromLatin1(third), {}}, u("ann"), Forge::noon(6));
        forge.commit(change(forge, "cai", 7, forge.policy("cai, bob")));
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})),
                 QStringList({u("good"), u("good"), u("good"), u("good"), u("good"), u("good"), u("good"),
                              u("policyByNonAdmin")}));
    }

    void theOnlyAdminActsAlone()
    {
        Forge forge;
        forge.start(Forge::noon(), "ann");
        forge.commit(change(forge, "ann", 1, forge.policy("ann, bob")));
        const QByteArray id = forge.commit(change(forge, "bob", 2, forge.policy("ann, bob", "# more\n")));
        forge.add(policy::PolicyCountersign{QString::fromLatin1(id), {}}, u("ann"), Forge::noon(3));
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QCOMPARE(statesOf(*chain), QStringList({u("good"), u("good"), u("good"), u("good")}));
        QVERIFY2(chain->entries.at(1).reason.contains(u("no second admin")), qPrintable(chain->entries.at(1).reason));
    }

    // Who leaves does not take their proofs along.
    void anApproverLeavesAndOldProofsHold()
    {
        Forge forge;
        forge.start(Forge::noon(), "ann");
        forge.note(u("cai"), Forge::noon(1));
        QByteArray signers = forge.allowedSigners();
        signers.replace("cai@shop.example ", "cai@shop.example valid-before=\"20260304121000Z\" ");
        ForgedCommit leave = change(forge, "ann", 20, {});
        leave.files = {{u("allowed_signers"), signers}};
        forge.commit(leave);
        const QByteArray late = forge.note(u("cai"), Forge::noon(30));
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QCOMPARE(statesOf(*chain), QStringList({u("good"), u("good"), u("good"), u("noLongerValid")}));
        for (const EntryVerdict &entry : chain->entries) // and git, with the file of today, agrees
            QCOMPARE(forge.gitSays(entry.commit.hex(), signers), entry.commit.hex() == late ? u("bad") : u("good"));
    }

    // A stolen key: from the revocation on nothing counts. Plain git agrees with a file of revoked keys.
    void aRevokedKeyCountsNoMore()
    {
        Forge forge;
        forge.start(Forge::noon(), "ann");
        forge.note(u("cai"), Forge::noon(1));
        QByteArray policy = forge.policy("ann");
        policy.replace("revoked: [", "revoked: [\"" + forge.key(u("cai")).line() + "\", ");
        forge.commit(change(forge, "ann", 2, policy));
        const QByteArray late = forge.note(u("cai"), Forge::noon(3));
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})),
                 QStringList({u("good"), u("good"), u("good"), u("revoked")}));
        const QString revoked = m_home.filePath(u("revoked"));
        writeFile(revoked, forge.key(u("cai")).line() + '\n');
        writeFile(m_home.filePath(u("signers")), forge.allowedSigners());
        const Ran git =
            forge.git({u("-c"), u("gpg.ssh.allowedSignersFile=") + m_home.filePath(u("signers")), u("-c"),
                       u("gpg.ssh.revocationFile=") + revoked, u("verify-commit"), QString::fromLatin1(late)});
        QVERIFY(git.status != 0);
    }

    // What was found out about somebody holds as long as the rules it was found in.
    void aRoleIsLostAndGivenBack()
    {
        Forge forge;
        forge.start(Forge::noon(), "ann");
        forge.note(u("cai"), Forge::noon(1));
        forge.note(u("cai"), Forge::noon(2));
        QByteArray policy = forge.policy("ann");
        policy.replace("members: [cai, ", "members: [");
        forge.commit(change(forge, "ann", 3, policy));
        forge.note(u("cai"), Forge::noon(4));
        forge.note(u("ann"), Forge::noon(5));
        forge.commit(change(forge, "ann", 6, forge.policy("ann")));
        forge.note(u("cai"), Forge::noon(7));
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})),
                 QStringList(
                     {u("good"), u("good"), u("good"), u("good"), u("roleMissing"), u("good"), u("good"), u("good")}));
    }

    void aBadStartIsNamed_data()
    {
        QTest::addColumn<QByteArray>("signers");
        QTest::addColumn<QByteArray>("policy");
        QTest::addColumn<QString>("fault");
        const Forge forge;
        QTest::newRow("no policy") << forge.allowedSigners() << QByteArray() << u("badStart");
        QTest::newRow("no signers") << QByteArray() << forge.policy() << u("badStart");
        QTest::newRow("a broken policy") << forge.allowedSigners() << QByteArray("roles: []") << u("policyInvalid");
    }
    void aBadStartIsNamed()
    {
        QFETCH(QByteArray, signers);
        QFETCH(QByteArray, policy);
        QFETCH(QString, fault);
        Forge forge;
        ForgedCommit first;
        first.at = Forge::noon();
        if (!signers.isEmpty())
            first.files += {u("allowed_signers"), signers};
        if (!policy.isEmpty())
            first.files += {u("policy.yaml"), policy};
        forge.commit(first);
        const auto chain = verifyChain(forge.path(), forge.options(), {});
        QCOMPARE(statesOf(*chain), QStringList({fault}));
        QVERIFY(!chain->problems.isEmpty());
        forge.start(Forge::noon(1)); // overwrites them: not a beginning either
        QVERIFY(!verifyChain(forge.path(), forge.options(), {})->isSigned());
    }

    void theFirstAdminMustBeOne()
    {
        Forge forge;
        forge.start(Forge::noon(), "bob");
        QCOMPARE(statesOf(*verifyChain(forge.path(), forge.options(), {})), QStringList({u("badStart")}));
        Forge other;
        ForgedCommit first;
        first.at = Forge::noon();
        first.files = {{u("allowed_signers"), "bob@shop.example " + other.key(u("bob")).line() + '\n'},
                       {u("policy.yaml"), other.policy()}};
        other.commit(first);
        QCOMPARE(statesOf(*verifyChain(other.path(), other.options(), {})), QStringList({u("badStart")}));
    }

    void theWorkspaceOfThePinCounts()
    {
        Forge forge;
        forge.start();
        auto options = forge.options();
        options.pin.workspace = u("bank");
        QCOMPARE(statesOf(*verifyChain(forge.path(), options, {})), QStringList({u("wrongWorkspace")}));
        options.pin = {QString::fromLatin1(forge.key(u("ann")).line()), {}}; // the key's line pins as well
        QVERIFY(verifyChain(forge.path(), options, {})->isWhole());
    }

    // Batches, threads and their order: many commits, each once, oldest first.
    void manyEntriesStayInOrder()
    {
        Forge forge;
        forge.start();
        {
            auto repository = git::Repository::openOrCreateBare(forge.path(), u("main"));
            QVERIFY(repository);
            const auto key = ssh::PrivateKey::generate();
            for (int i = 0; i < 700; ++i) {
                const ForgedFile file =
                    forge.file(forge.entry(policy::Note{{}, {}, {}, u("n")}, u("ann"), Forge::noon(i)));
                const auto prepared = repository->prepare(u("main"), {{file.path, *file.content}}, u("n\n"),
                                                          {u("ann"), u("ann@shop.example"), Forge::noon(i)});
                QVERIFY(prepared);
                const auto raw = key->sign(ssh::signedData("git", "sha512", prepared->text));
                QVERIFY(repository->commit(*prepared,
                                           ssh::armour(ssh::signatureBlob(key->publicKey(), "git", "sha512", *raw))));
            }
        }
        auto options = forge.options();
        options.threads = 3;
        qsizetype last = 0;
        options.progress = [&last](qsizetype done) { last = std::max(last, done); };
        const auto chain = verifyChain(forge.path(), options, {});
        QVERIFY(chain);
        QCOMPARE(last, 701);
        QCOMPARE(qsizetype(chain->entries.size()), 701);
        QCOMPARE(chain->good, 1);
        QCOMPARE(chain->bad, 700);
        for (size_t i = 1; i < chain->entries.size(); ++i) {
            QVERIFY(chain->entries[i].committedAt >= chain->entries[i - 1].committedAt);
            QCOMPARE(chain->entries[i].fault, Fault::UnknownSigner);
        }
    }
};

QTEST_GUILESS_MAIN(TestChain)
#include "test_chain.moc"

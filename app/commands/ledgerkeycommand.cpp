#include "app/commands/ledgerkeycommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/ledgerrun.h"
#include "app/commands/tell.h"
#include "services/ledger/signing/signer.h"

#include <nlohmann/json.hpp>

#include <QRegularExpression>

namespace signalbox::commands
{

namespace
{

struct KeyWish
{
    std::optional<SecretReference> place; // of the keychain; none: whatever signs here
    QString email;
    bool creates = false;
};

// Where nobody names another one.
SecretReference usualPlace()
{
    return {SecretReference::Kind::Keychain, QStringLiteral("ledger-key"), QStringLiteral("signalbox")};
}

Result<KeyWish> wishOf(const cli::Arguments &arguments, const LedgerPlace &place)
{
    KeyWish wish;
    wish.creates = arguments.has(QStringLiteral("create"));
    const QString given = arguments.value(QStringLiteral("in"));
    if (!given.isEmpty()) {
        const auto reference = parseSecretReference(given);
        if (!reference || reference->kind != SecretReference::Kind::Keychain)
            return Error{
                ErrorKind::Invalid,
                CommandsText::tr("--in: name a place of the keychain: keychain:ACCOUNT or keychain:SERVICE/ACCOUNT."),
                {}};
        wish.place = *reference;
    } else if (wish.creates) {
        wish.place = place.spec.signing.reference ? *place.spec.signing.reference : usualPlace();
    }
    wish.email = arguments.value(QStringLiteral("email"));
    if (wish.email.isEmpty())
        wish.email = operatorIdentity().email;
    static const QRegularExpression mail(QStringLiteral("^[^\\s@,\"*?!]+@[^\\s@,\"*?!]+\\z"));
    if (!mail.match(wish.email).hasMatch())
        return Error{ErrorKind::Invalid,
                     CommandsText::tr("--email: \"%1\" is no address to commit under. Give the one git has for you.")
                         .arg(wish.email),
                     {}};
    return wish;
}

Result<std::shared_ptr<ssh::Signer>> signerOf(LedgerRun &run, const KeyWish &wish)
{
    if (!wish.place)
        return run.wait(run.ledger.signer(run.stop.get_token()));
    return run.wait(wish.creates ? ssh::newKeychainSigner(run.secrets, *wish.place, wish.email, run.stop.get_token())
                                 : ssh::keychainSigner(run.secrets, *wish.place, run.stop.get_token()));
}

} // namespace

ExitStatus runLedgerKey(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    const bool isJson = arguments.has(QStringLiteral("json"));
    const auto fail = [&](const Error &error, ExitStatus status) { return tell(error, status, isJson, terminal); };
    const auto wish = wishOf(arguments, place);
    if (!wish)
        return fail(wish.error(), ExitStatus::Usage);
    LedgerRun run(place, terminal);
    const auto signer = signerOf(run, *wish);
    if (!signer)
        return fail(signer.error(), exitStatusOf(signer.error().kind));
    const ssh::PublicKey &key = (*signer)->publicKey();
    const QString line = QStringLiteral("%1 namespaces=\"git\" %2").arg(wish->email, QString::fromLatin1(key.line()));
    const QString kept = wish->place ? wish->place->toString() : QString();
    if (isJson) {
        const nlohmann::ordered_json json = {
            {"schema", "signalbox.ledgerKey/1"},
            {"exitStatus", 0},
            {"created", wish->creates},
            {"kept", kept.isEmpty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(kept.toStdString())},
            {"fingerprint", key.fingerprint().toStdString()},
            {"email", wish->email.toStdString()},
            {"allowedSigners", line.toStdString()}};
        terminal.print(QString::fromStdString(json.dump(2)) + QLatin1Char('\n'));
        return ExitStatus::Done;
    }
    terminal.print(line + QLatin1Char('\n'));
    if (wish->creates)
        terminal.say(
            CommandsText::tr("A new Ed25519 key, %1, is kept in %2 and nowhere else. Name it in the workspace, under "
                             "\"ledger\": \"signing: %2\".")
                .arg(key.fingerprint(), kept));
    terminal.say(
        CommandsText::tr("An admin adds this line to the ledger's allowed_signers, and the address to a principal of "
                         "policy.yaml; what the key signs counts from then on."));
    return ExitStatus::Done;
}

} // namespace signalbox::commands

#include "services/ledger/records/recordjson.h"

#include "models/domain/digest.h"
#include "models/domain/ulid.h"

namespace signalbox::recordjson
{

using operationjson::timeText;
using operationjson::utf8;

Json toJson(const policy::Record &record)
{
    return std::visit([](const auto &one) { return toJson(one); }, record);
}

policy::Record recordFrom(const QString &type, const Fields &fields)
{
    const std::string key = utf8(type);
    const Fields body = fields.object(key.c_str());
    using Read = policy::Record (*)(const Fields &);
    static const Read readers[] = {
        [](const Fields &at) -> policy::Record { return requestFrom(at); },
        [](const Fields &at) -> policy::Record { return approvalFrom(at); },
        [](const Fields &at) -> policy::Record { return rejectionFrom(at); },
        [](const Fields &at) -> policy::Record { return claimFrom(at); },
        [](const Fields &at) -> policy::Record { return promotionOutcomeFrom(at); },
        [](const Fields &at) -> policy::Record { return freezeFrom(at); },
        [](const Fields &at) -> policy::Record { return holdFrom(at); },
        [](const Fields &at) -> policy::Record { return liftFrom(at); },
        [](const Fields &at) -> policy::Record { return breakGlassFrom(at); },
        [](const Fields &at) -> policy::Record { return countersignFrom(at); },
        [](const Fields &at) -> policy::Record { return policyCountersignFrom(at); },
        [](const Fields &at) -> policy::Record { return noteFrom(at); },
    };
    static_assert(std::size(readers) == std::variant_size_v<policy::Record>);
    const qsizetype index = policy::allRecordTypes().indexOf(type);
    if (index < 0)
        fields.fail("type", "a type this program knows; update it");
    return readers[index](body);
}

Json toJson(const policy::Subject &subject)
{
    return Json{{"application", utf8(subject.application)},
                {"environment", utf8(subject.environment)},
                {"digest", utf8(subject.digest)},
                {"commit", utf8(subject.commit)}};
}

policy::Subject subjectFrom(const Fields &fields)
{
    const Fields subject = fields.object("subject");
    policy::Subject read{requiredText(subject, "application"), requiredText(subject, "environment"),
                         digest(subject, "digest"), commit(subject, "commit")};
    if (read.digest.isEmpty() && read.commit.isEmpty())
        subject.fail("digest", "a digest, or else a commit beside it");
    return read;
}

QString entryId(const Fields &fields, const char *key)
{
    const QString id = fields.text(key);
    if (!isUlid(id))
        fields.fail(key, "the id of an entry (a ULID)");
    return id;
}

QString maybeEntryId(const Fields &fields, const char *key)
{
    return fields.has(key) ? entryId(fields, key) : QString();
}

QString digest(const Fields &fields, const char *key)
{
    const QString text = fields.text(key);
    if (!text.isEmpty() && !isDigest(text))
        fields.fail(key, "a digest such as sha256: and 64 hexadecimal digits, or empty");
    return text;
}

QString commit(const Fields &fields, const char *key)
{
    const QString text = fields.text(key);
    if (!text.isEmpty() && !isCommitId(text))
        fields.fail(key, "a full commit id of 40 or 64 hexadecimal digits, or empty");
    return text;
}

QString requiredText(const Fields &fields, const char *key)
{
    const QString text = fields.text(key);
    if (text.isEmpty())
        fields.fail(key, "a text that is not empty");
    return text;
}

void put(Json &json, const char *key, const QString &text)
{
    if (!text.isEmpty())
        json[key] = utf8(text);
}

void putTime(Json &json, const char *key, const QDateTime &time)
{
    if (time.isValid())
        json[key] = timeText(time);
}

} // namespace signalbox::recordjson

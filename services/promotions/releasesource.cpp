#include "services/promotions/releasesource.h"

#include "models/domain/digest.h"
#include "services/async/chain.h"
#include "services/promotions/promotionstext.h"

#include <QPointer>
#include <QRegularExpression>

#include <utility>

namespace signalbox
{

namespace
{

// "sha256:" and at least six digits.
bool isDigestText(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^sha(256:[0-9a-f]{6,64}|512:[0-9a-f]{6,128})\\z"));
    return form.match(text).hasMatch();
}

// "registry.example/team/cart:1.4.0@sha256:..." in parts.
struct ImageText
{
    QString repository;
    QString tag;
    QString digest;
};
std::optional<ImageText> imageOf(const QString &text)
{
    ImageText image;
    image.digest = text.section(u'@', 1);
    const QString named = text.section(u'@', 0, 0);
    const qsizetype colon = named.lastIndexOf(u':');
    const bool hasTag = colon > named.lastIndexOf(u'/');
    image.repository = hasTag ? named.left(colon) : named;
    image.tag = hasTag ? named.mid(colon + 1) : QString();
    const bool isImage = image.repository.contains(u'/') && (hasTag || isDigest(image.digest));
    return isImage && (image.digest.isEmpty() || isDigest(image.digest)) ? std::optional(image) : std::nullopt;
}

} // namespace

// One release, looked for in one place after the other; notes where, for the sentence when it is nowhere.
class ReleaseSource::Search : public std::enable_shared_from_this<ReleaseSource::Search>
{
public:
    Search(ReleaseSource &source, QString text, QString application, StopToken stop)
        : m_source(&source)
        , m_text(std::move(text))
        , m_application(std::move(application))
        , m_stop(std::move(stop))
    {}

    using Answer = QFuture<Result<ResolvedRelease>>;

    Answer run()
    {
        if (isDigestText(m_text))
            return byDigest(m_text);
        const auto self = shared_from_this();
        return afterAny(&*m_source, git(m_text), [self](const Result<ResolvedRelease> &found) {
            if (found || !self->m_source ||
                (found.error().kind != ErrorKind::NotFound && found.error().kind != ErrorKind::Invalid))
                return ready(found);
            self->m_inGit = found.error();
            const auto image = imageOf(self->m_text);
            if (image && !image->digest.isEmpty()) {
                self->m_images = {image->repository};
                return self->byDigest(image->digest);
            }
            if (image && self->registryOf(image->repository)) {
                self->m_images = {image->repository};
                return self->byTag(image->tag, 0);
            }
            return found.error().kind == ErrorKind::Invalid ? ready(found) : self->byName();
        });
    }

private:
    Answer git(const QString &name) { return m_source->m_git->resolve(name, m_application, m_stop); }

    ArtifactRegistry *registryOf(const QString &repository) const
    {
        return m_source && m_source->m_clues.registryOf ? m_source->m_clues.registryOf(repository) : nullptr;
    }

    QFuture<Result<LedgerReleases>> ledger()
    {
        if (!m_source->m_clues.ledger)
            return ready(Result<LedgerReleases>(LedgerReleases()));
        return m_source->m_clues.ledger(m_stop);
    }

    void noteLedger(const Result<LedgerReleases> &known)
    {
        if (!known)
            note(PromotionsText::tr("the ledger (%1)").arg(known.error().message), known.error().kind);
        else if (known->ledger.isEmpty())
            m_looked.append(PromotionsText::tr("no ledger, for there is none here"));
        else
            m_looked.append(PromotionsText::tr("the ledger %1 (promotions asked for: %2)")
                                .arg(known->ledger)
                                .arg(known->releases.size()));
    }

    void note(const QString &where, ErrorKind kind)
    {
        m_looked.append(where);
        if (kind != ErrorKind::NotFound && m_worst == ErrorKind::NotFound)
            m_worst = kind;
    }

    // What leads to a commit has to be one of the repository.
    Answer leadsTo(const QString &commit, const QString &how, ResolvedRelease::By by)
    {
        const auto self = shared_from_this();
        if (!m_source)
            return ready(Result<ResolvedRelease>(Error{ErrorKind::Cancelled, {}, {}}));
        return afterAny(&*m_source, git(commit), [=](const Result<ResolvedRelease> &found) {
            if (!found)
                return ready(Result<ResolvedRelease>(
                    Error{found.error().kind,
                          PromotionsText::tr("%1 is %2, by %3.").arg(self->m_text, commit, how) + u' ' +
                              found.error().message,
                          found.error().detail}));
            ResolvedRelease release = *found;
            if (release.by == ResolvedRelease::By::Branch) // it goes on: what it is now was not built
                return ready(Result<ResolvedRelease>(
                    Error{ErrorKind::NotFound,
                          PromotionsText::tr(
                              "%1 is %2, by %3; that is a branch, which moves on, and no commit it was built from.")
                              .arg(self->m_text, commit, how),
                          {}}));
            release.text = self->m_text;
            if (by == ResolvedRelease::By::Revision)
                release.by = by;
            return ready(Result<ResolvedRelease>(release));
        });
    }

    Answer byDigest(const QString &digest)
    {
        const auto self = shared_from_this();
        return afterAny(&*m_source, ledger(), [self, digest](const Result<LedgerReleases> &known) {
            if (!self->m_source)
                return ready(Result<ResolvedRelease>(Error{ErrorKind::Cancelled, {}, {}}));
            self->noteLedger(known);
            if (known) {
                const auto found = releaseByDigest(known->releases, digest, self->m_application);
                if (!found)
                    return ready(Result<ResolvedRelease>(found.error()));
                if (const LedgerRelease *release = *found)
                    return self->leadsTo(release->commit.isEmpty() ? release->version : release->commit,
                                         PromotionsText::tr("the ledger"), ResolvedRelease::By::Commit);
            }
            self->takeImages();
            return isDigest(digest) ? self->byTag(digest, 0) : self->nowhere();
        });
    }

    // Not a name that git knows: the version of a promotion, or the tag of an image.
    Answer byName()
    {
        const auto self = shared_from_this();
        return afterAny(&*m_source, ledger(), [self](const Result<LedgerReleases> &known) {
            if (!self->m_source)
                return ready(Result<ResolvedRelease>(Error{ErrorKind::Cancelled, {}, {}}));
            self->noteLedger(known);
            const QList<LedgerRelease> releases = known ? known->releases : QList<LedgerRelease>();
            for (auto one = releases.crbegin(); one != releases.crend(); ++one) {
                if (one->application == self->m_application && one->version == self->m_text && !one->commit.isEmpty())
                    return self->leadsTo(one->commit, PromotionsText::tr("the ledger"), ResolvedRelease::By::Commit);
            }
            self->takeImages();
            static const QRegularExpression tag(QStringLiteral("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\\z"));
            return tag.match(self->m_text).hasMatch() ? self->byTag(self->m_text, 0) : self->nowhere();
        });
    }

    void takeImages()
    {
        if (m_images.isEmpty() && m_source->m_clues.imagesOf)
            m_images = m_source->m_clues.imagesOf(m_application);
    }

    // In the registries, one image of the application after the other.
    Answer byTag(const QString &reference, qsizetype index)
    {
        const auto self = shared_from_this();
        while (index < m_images.size() && !registryOf(m_images.at(index)))
            ++index;
        if (index >= m_images.size())
            return nowhere();
        const QString image = m_images.at(index);
        ArtifactRegistry *registry = registryOf(image);
        const QString where = registry->address();
        return afterAny(
            &*m_source, registry->describe(image, reference, m_stop), [=](const Result<Artifact> &artifact) {
                if (!self->m_source)
                    return ready(Result<ResolvedRelease>(Error{ErrorKind::Cancelled, {}, {}}));
                if (!artifact)
                    self->note(PromotionsText::tr("the registry %1 (%2)").arg(where, artifact.error().message),
                               artifact.error().kind);
                else if (artifact->revision.isEmpty())
                    self->note(PromotionsText::tr("the registry %1, where %2 is without the label "
                                                  "org.opencontainers.image.revision")
                                   .arg(where, image),
                               ErrorKind::NotFound);
                else
                    return self->leadsTo(
                        artifact->revision,
                        PromotionsText::tr("the label org.opencontainers.image.revision of %1").arg(image),
                        ResolvedRelease::By::Revision);
                return self->byTag(reference, index + 1);
            });
    }

    Answer nowhere()
    {
        if (m_images.isEmpty())
            m_looked.append(PromotionsText::tr("no registry, for no image of %1 is known").arg(m_application));
        else if (std::none_of(m_images.cbegin(), m_images.cend(),
                              [this](const QString &image) { return registryOf(image) != nullptr; }))
            m_looked.append(
                PromotionsText::tr("no registry, for the workspace names none that has %1").arg(m_images.first()));
        const QString looked = PromotionsText::tr("Looked at as well: %1.").arg(m_looked.join(QStringLiteral("; ")));
        if (m_inGit)
            return ready(Result<ResolvedRelease>(Error{m_worst, m_inGit->message + u' ' + looked, m_inGit->detail}));
        return ready(Result<ResolvedRelease>(Error{
            m_worst,
            PromotionsText::tr(
                "Nothing says which commit of %1 the digest %2 was built from. Looked at: %3. Name the image "
                "with its registry (registry.example.com/team/app@sha256:...), or a tag or commit.")
                .arg(m_source ? m_source->address() : QString(), m_text.left(100), m_looked.join(QStringLiteral("; "))),
            {}}));
    }

    const QPointer<ReleaseSource> m_source;
    const QString m_text;
    const QString m_application;
    const StopToken m_stop;
    QStringList m_images;
    QStringList m_looked;
    std::optional<Error> m_inGit;
    ErrorKind m_worst = ErrorKind::NotFound;
};

ReleaseSource::ReleaseSource(std::unique_ptr<SourceRepository> git, ReleaseClues clues, QObject *parent)
    : SourceRepository(parent)
    , m_git(std::move(git))
    , m_clues(std::move(clues))
{
    connect(m_git.get(), &SourceRepository::progressed, this, &SourceRepository::progressed);
    connect(m_git.get(), &SourceRepository::updated, this, &SourceRepository::updated);
    connect(m_git.get(), &SourceRepository::linesCounted, this, &SourceRepository::linesCounted);
}

ReleaseSource::~ReleaseSource() = default;

QFuture<Result<ResolvedRelease>> ReleaseSource::resolve(QString release, QString application, StopToken stop)
{
    return std::make_shared<Search>(*this, std::move(release), std::move(application), std::move(stop))->run();
}

} // namespace signalbox

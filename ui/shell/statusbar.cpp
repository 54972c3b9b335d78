#include "ui/shell/statusbar.h"

#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/ports/requestmonitor.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/partlyread.h"
#include "ui/widgets/timetext.h"

#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace signalbox
{

namespace
{

const QList<ClusterKind> shownKinds = {ClusterKind::Nodes,        ClusterKind::Pods,       ClusterKind::Deployments,
                                       ClusterKind::StatefulSets, ClusterKind::DaemonSets, ClusterKind::ReplicaSets,
                                       ClusterKind::Services};

// As the plans' check of it: less may be a slow answer.
constexpr qint64 noticedSkewMs = 10'000;

QString skewText(qint64 skewMs)
{
    if (std::abs(skewMs) < noticedSkewMs)
        return {};
    const QString apart = durationText(std::abs(skewMs));
    return skewMs < 0 ? StatusBar::tr("clock %1 behind").arg(apart) : StatusBar::tr("clock %1 ahead").arg(apart);
}

bool isScarce(const RequestBudget &budget)
{
    return budget.limit > 0 && budget.remaining * 5 < budget.limit;
}

const QString between = QStringLiteral(" · ");

struct ShownSource // one entry at the bottom
{
    Health health = Health::Unknown;
    QString name;
    QStringList state; // how it stands: goes only where there is no room for the names
    QStringList more;  // goes first
    QString tip;
    QString brief;   // how it stands in a word or two, where there is no room for more
    QDateTime heard; // of what is live
};

// "stale, 3 m old" is "stale 3 m" where there is little room: what is not live says so, and its age stays.
QString briefState(const Freshness &freshness, const QDateTime &now)
{
    switch (freshness.state) {
    case Freshness::State::Live:
        return ageText(freshness.lastHeard, now, true);
    case Freshness::State::Stale:
        return StatusBar::tr("stale %1").arg(ageText(freshness.lastHeard, now, true));
    case Freshness::State::Failed:
        return StatusBar::tr("no answer");
    case Freshness::State::Denied:
        return StatusBar::tr("denied");
    case Freshness::State::Loading:
    case Freshness::State::Absent:
        break;
    }
    return shownState(freshness, now).text;
}

QDateTime heardAt(const Freshness &freshness)
{
    return freshness.isLive() ? freshness.lastHeard : QDateTime();
}

ShownSource shownCluster(const ClusterConnection &cluster, const QDateTime &now)
{
    const ClusterInfo info = cluster.source->info();
    const Freshness freshness = cluster.store->worstFreshness(shownKinds);
    const ShownState state = shownState(freshness, now);
    QStringList words{state.text};
    QStringList brief;
    if (!freshness.isLive())
        brief << briefState(freshness, now);
    QStringList more;
    const qsizetype pods = cluster.store->pods().size();
    if (pods > 0)
        more << StatusBar::tr("%1 pods").arg(QLocale(QLocale::English).toString(pods));
    QString tip = info.server;
    if (!info.version.isEmpty()) {
        const QString version = info.version.mid(info.version.startsWith(QLatin1Char('v')) ? 1 : 0);
        more << QStringLiteral("k8s ") + version.section(QLatin1Char('-'), 0, 0);
        tip += QStringLiteral("\nk8s ") + version;
    }
    if (freshness.error)
        tip += QLatin1Char('\n') + freshness.error->message;
    if (const QStringList &only = info.onlyNamespaces; !only.isEmpty()) {
        // Who may not list the whole cluster sees a part of it, and is not to take that for all.
        words << (only.size() == 1 ? StatusBar::tr("only namespace %1").arg(only.first())
                                   : StatusBar::tr("only %1 namespaces").arg(only.size()));
        tip += QLatin1Char('\n') + StatusBar::tr("Only a part of this cluster is shown, its namespaces %1.")
                                       .arg(only.join(QStringLiteral(", ")));
    }
    Health health = state.health;
    if (const QString clock = skewText(info.clockSkewMs); !clock.isEmpty()) {
        health = worse(health, Health::Warning);
        words << clock;
        brief << StatusBar::tr("clock off");
        tip += QLatin1Char('\n') +
               StatusBar::tr("Its clock and this computer's are that far apart. Ages and times are told by "
                             "this computer's, those in logs by its own.");
    }
    if (!info.verifiesTls) {
        health = worse(health, Health::Warning);
        words << StatusBar::tr("TLS not verified");
        brief << StatusBar::tr("TLS?");
    }
    if (brief.isEmpty())
        brief << state.text; // a watch is open: as old as nothing
    return {health, cluster.title, words, more, tip, brief.join(between), {}};
}

ShownSource shownMetrics(const MetricSource &source, const QDateTime &now)
{
    const Freshness freshness = source.freshness();
    ShownState state = shownState(freshness, now);
    if (freshness.isLive() && freshness.lastHeard.isValid())
        state.text = StatusBar::tr("%1 old").arg(ageText(freshness.lastHeard, now, true));
    QString tip = source.title();
    if (freshness.error)
        tip += QLatin1Char('\n') + freshness.error->message;
    // Called as in Connections.
    const QString name = source.connection().isEmpty() ? source.title() : source.connection();
    return {state.health, name, {state.text}, {}, tip, briefState(freshness, now), heardAt(freshness)};
}

ShownSource shownServer(const RunStore &store, const QString &id, const QDateTime &now)
{
    const RunStore::Server &server = *store.server(id);
    // Its list of pipelines, their runs, the run that is looked at: what is shown is as good as the worst.
    const Freshness freshness = store.worstOf(id);
    ShownState state = shownState(freshness, now);
    QString brief = briefState(freshness, now);
    const QString partly = partlyReadText(store, id);
    if (!partly.isEmpty()) {
        state = {Health::Warning, partly};
        brief = StatusBar::tr("partly read");
    }
    QStringList words;
    QStringList more;
    if (!freshness.isLive() || !partly.isEmpty())
        words << state.text;
    if (const auto &budget = server.budget; budget && isScarce(*budget)) {
        state.health = worse(state.health, Health::Warning);
        words << StatusBar::tr("rate limit %1 left").arg(budget->remaining);
        if (freshness.isLive() && partly.isEmpty())
            brief = StatusBar::tr("%1 left").arg(budget->remaining);
        if (server.interval.count() > 0)
            words << StatusBar::tr("polling every %1").arg(durationText(server.interval.count()));
    } else if (freshness.isLive()) {
        words << ageText(freshness.lastHeard, now, true);
        if (budget && budget->limit > 0)
            more << StatusBar::tr("%1 left").arg(QLocale(QLocale::English).toString(budget->remaining));
    }
    const bool isBroken = freshness.state == Freshness::State::Failed || freshness.state == Freshness::State::Denied;
    if (isBroken && freshness.since.isValid())
        words << StatusBar::tr("since %1").arg(clockText(freshness.since));
    QString tip = server.vendor;
    if (server.budget)
        tip += QLatin1Char('\n') +
               StatusBar::tr("%1 of %2 requests left").arg(server.budget->remaining).arg(server.budget->limit);
    if (const QDateTime since = staleFrom(freshness); since.isValid())
        tip += QLatin1Char('\n') + StatusBar::tr("What is shown was true at %1").arg(copiedTime(since));
    if (freshness.error)
        tip += QLatin1Char('\n') + freshness.error->message;
    if (!server.unreadGates.isEmpty())
        tip += QLatin1Char('\n') + server.unreadGates;
    words.removeAll(QString());
    return {state.health, server.title, words, more, tip, brief, heardAt(freshness)};
}

} // namespace

ShownState shownState(const Freshness &freshness, const QDateTime &now)
{
    switch (freshness.state) {
    case Freshness::State::Loading:
        return {Health::InProgress, StatusBar::tr("loading")};
    case Freshness::State::Live:
        return {Health::Ok, StatusBar::tr("live")};
    case Freshness::State::Stale:
        return {Health::Warning, StatusBar::tr("stale, %1 old").arg(ageText(freshness.lastHeard, now, true))};
    case Freshness::State::Failed:
        return {Health::Failing, StatusBar::tr("not reachable")};
    case Freshness::State::Denied:
        return {Health::Warning, StatusBar::tr("some kinds may not be read")};
    case Freshness::State::Absent:
        break;
    }
    return {Health::Unknown, StatusBar::tr("nothing to read")};
}

class StatusBar::Entry : public QPushButton
{
public:
    explicit Entry(QWidget *parent)
        : QPushButton(parent)
    {
        setFlat(true);
        setCursor(Qt::PointingHandCursor);
        setFocusPolicy(Qt::TabFocus);
        setAutoDefault(false);
        setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    }

    // What is told of it, from the most to the least.
    enum Telling { Everything, Standing, Brief, NameAlone, tellingCount };

    QString id;
    Health health = Health::Unknown;
    QDateTime heard; // invalid: not live, or heard at all times
    // Not the button's own text, which has the window laid out anew each second as an age goes on.
    QStringList words; // one for each telling

    void show(const ShownSource &source)
    {
        heard = source.heard;
        const QString head = (QStringList{source.name} + source.state).join(between);
        const QString brief = source.brief.isEmpty() ? source.name : source.name + between + source.brief;
        const QStringList texts{(QStringList{head} + source.more).join(between), head, brief, source.name};
        const QString tip = texts.first() + u'\n' + source.tip;
        if (source.health == health && texts == words && tip == toolTip())
            return;
        // Where only a digit changes what stands beside it stays in its place.
        const auto widths = widthsOf(texts);
        bool isOther = words.isEmpty() || source.health != health;
        for (int i = 0; i < words.size(); ++i)
            isOther = isOther || widths[i] > m_widths[i] || texts[i].size() != words[i].size();
        health = source.health;
        words = texts;
        setToolTip(tip);
        setAccessibleName(healthLabel(health) + QStringLiteral(": ") + texts.first());
        if (isOther) {
            m_widths = widths;
            updateGeometry();
        }
        update();
    }
    int wanted(Telling telling) const { return m_widths[telling] + 16; }
    // For what follows the name in `telling` behind so many pixels of it.
    int withName(Telling telling, int most) const
    {
        return wanted(telling) - std::max(0, m_widths[NameAlone] - std::max(most, leastName));
    }
    // `cutTo`: what is told where its name has to be cut.
    void place(const QRect &where, Telling cutTo)
    {
        setGeometry(where);
        if (std::exchange(m_cutTo, cutTo) != cutTo)
            update();
    }
    QString shown() const
    {
        const int room = width() - 15;
        for (int i = 0; i < NameAlone && i < words.size(); ++i) {
            if (textWidth(TextRole::Small, words[i]) <= room)
                return words[i];
        }
        const QString name = words.value(NameAlone);
        const QString state = words.value(m_cutTo).mid(name.size());
        const int left = room - textWidth(TextRole::Small, state);
        const QFontMetrics metrics(signalbox::font(TextRole::Small));
        if (state.isEmpty() || left < leastName)
            return metrics.elidedText(name, Qt::ElideRight, room);
        return metrics.elidedText(name, Qt::ElideRight, left) + state;
    }
    QSize sizeHint() const override { return {wanted(Everything), size::statusBar - 2}; }
    QSize minimumSizeHint() const override { return {40, size::statusBar - 2}; }

protected:
    void changeEvent(QEvent *event) override
    {
        if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
            m_widths = widthsOf(words);
            updateGeometry();
        }
        QPushButton::changeEvent(event);
    }
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        paintState(&painter, health, QRectF(0, (height() - 10) / 2.0, 9, 9));
        paintText(&painter, rect().adjusted(15, 0, 0, -2), TextRole::Small,
                  underMouse() ? tokens().text : tokens().textSoft, shown());
        if (hasFocus())
            paintFocusRing(&painter, QRectF(rect()).adjusted(-1, 1, 0, -1), radius::small);
    }

private:
    static std::array<int, tellingCount> widthsOf(const QStringList &texts)
    {
        std::array<int, tellingCount> widths{};
        for (int i = 0; i < texts.size() && i < tellingCount; ++i)
            widths[i] = textWidth(TextRole::Small, texts[i]);
        return widths;
    }

    static constexpr int leastName = 40;
    std::array<int, tellingCount> m_widths{};
    Telling m_cutTo = Standing;
};

// Gives each entry the most that all of them can have: what stands last goes first, then the ends of names, then the
// long words for how a source stands. Where there is no room for a word or two beside the beginnings of all names,
// those have it that matter: what is not well, and the oldest of what is.
class StatusBar::Entries : public QWidget
{
public:
    explicit Entries(QWidget *parent)
        : QWidget(parent)
    {
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    void add(Entry *entry)
    {
        m_all.append(entry);
        entry->setVisible(true);
        moved();
    }
    void remove(Entry *entry)
    {
        m_all.removeOne(entry);
        moved();
    }
    // The oldest is another one by now, perhaps: that asks nobody else for another layout.
    void followAges()
    {
        if (tellingsIn(roomFor(gapNow())) != m_tellings)
            arrange();
    }
    QSize sizeHint() const override
    {
        int wide = 0;
        for (const Entry *entry : m_all)
            wide += entry->wanted(Entry::Everything) + space::l;
        return {wide, size::statusBar - 2};
    }
    QSize minimumSizeHint() const override { return {int(m_all.size()) * (40 + space::s), size::statusBar - 2}; }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() == QEvent::LayoutRequest) {
            moved();
            return true;
        }
        return QWidget::event(event);
    }
    void resizeEvent(QResizeEvent *) override { arrange(); }

private:
    void moved()
    {
        arrange();
        updateGeometry();
    }
    void arrange()
    {
        const int count = int(m_all.size());
        const int gap = gapNow();
        const int room = roomFor(gap);
        m_tellings = tellingsIn(room);
        QList<int> widths = cutWidths(m_tellings, room);
        int used = std::accumulate(widths.cbegin(), widths.cend(), 0);
        // Those that are not well say how they stand before others do.
        const auto grow = [&](Entry::Telling telling, bool onlyUnwell) {
            for (int i = 0; i < count; ++i) {
                const int more = m_all[i]->wanted(telling) - widths[i];
                const bool isUnwell = m_all[i]->health != Health::Ok;
                if (more <= 0 || (onlyUnwell && !isUnwell) || used + more > room)
                    continue;
                widths[i] += more;
                used += more;
            }
        };
        for (const auto telling : {Entry::Brief, Entry::Standing, Entry::Everything}) {
            grow(telling, true);
            grow(telling, false);
        }
        int left = 0;
        for (int i = 0; i < count; ++i) {
            const int wide = used > room ? std::max(40, widths[i] * std::max(room, 1) / used) : widths[i];
            m_all[i]->place({left, 0, wide, height()}, m_tellings[i]);
            left += wide + gap;
        }
    }

    int gapNow() const
    {
        int names = 0;
        for (const Entry *entry : m_all)
            names += entry->wanted(Entry::NameAlone);
        return names + int(m_all.size()) * space::l > width() ? space::s : space::l;
    }
    int roomFor(int gap) const { return width() - int(m_all.size()) * gap; }

    // The most that all have room for beside the beginnings of their names.
    QList<Entry::Telling> tellingsIn(int room) const
    {
        const auto isRoomFor = [&](const QList<Entry::Telling> &tellings) {
            int least = 0;
            for (int i = 0; i < m_all.size(); ++i)
                least += m_all[i]->withName(tellings[i], 0);
            return least <= room;
        };
        for (const auto telling : {Entry::Standing, Entry::Brief}) {
            const QList<Entry::Telling> same(m_all.size(), telling);
            if (isRoomFor(same))
                return same;
        }
        QDateTime oldest;
        for (const Entry *entry : m_all) {
            if (entry->health == Health::Ok && entry->heard.isValid() && !(oldest.isValid() && oldest <= entry->heard))
                oldest = entry->heard;
        }
        QList<Entry::Telling> tellings;
        for (const Entry *entry : m_all) {
            const bool matters = entry->health != Health::Ok || (oldest.isValid() && entry->heard == oldest);
            tellings.append(matters ? Entry::Brief : Entry::NameAlone);
        }
        return tellings;
    }

    // Where not all names have room beside that, the longest are cut.
    QList<int> cutWidths(const QList<Entry::Telling> &tellings, int room) const
    {
        const auto cutTo = [&](int most) { // a name may have as many pixels
            QList<int> widths;
            for (int i = 0; i < m_all.size(); ++i)
                widths.append(m_all[i]->withName(tellings[i], most));
            return widths;
        };
        const auto fits = [&](int most) {
            const QList<int> widths = cutTo(most);
            return std::accumulate(widths.cbegin(), widths.cend(), 0) <= room;
        };
        int longest = 0;
        for (const Entry *entry : m_all)
            longest = std::max(longest, entry->wanted(Entry::NameAlone));
        int most = 0;
        while (most < longest && fits(most + 1))
            ++most;
        return cutTo(most);
    }

    QList<Entry *> m_all;
    QList<Entry::Telling> m_tellings; // one for each
};

StatusBar::StatusBar(ConsoleContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    setFixedHeight(size::statusBar);
    setAccessibleName(tr("Status"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(18, 1, 18, 0);
    layout->setSpacing(space::l);
    m_world = new QLabel(this);
    m_world->setObjectName(QStringLiteral("statusWorld"));
    m_world->setFont(signalbox::font(TextRole::Small));
    m_world->setProperty("role", QStringLiteral("warning"));
    m_world->setToolTip(tr("Nothing you do here reaches a real system"));
    m_world->hide();
    layout->addWidget(m_world);
    m_entries = new Entries(this);
    layout->addWidget(m_entries, 1);
    m_requests = new QPushButton(this);
    m_requests->setObjectName(QStringLiteral("statusRequests"));
    m_requests->setProperty("variant", QStringLiteral("ghost"));
    m_requests->setStyleSheet(QStringLiteral("padding: 0px; min-height: 14px; font-size: 12px;"));
    m_requests->setAutoDefault(false);
    m_requests->setVisible(context.requests != nullptr);
    m_requests->setToolTip(tr("Shows what is being asked of whom (Ctrl+J)"));
    m_operator = new QLabel(context.operatorName, this);
    m_operator->setFont(signalbox::font(TextRole::Small));
    m_operator->setProperty("role", QStringLiteral("soft"));
    m_operator->setToolTip(tr("The name your operations are recorded under"));
    layout->addWidget(m_requests);
    layout->addWidget(m_operator);
    connect(m_requests, &QPushButton::clicked, this, &StatusBar::requestsChosen);

    m_soon.setSingleShot(true);
    m_soon.setInterval(300);
    connect(&m_soon, &QTimer::timeout, this, [this] {
        // Requests come and go all the time, and mostly change nothing of what is said of the sources.
        if (m_areSourcesOld)
            refresh();
        else
            refreshRequests();
    });
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, &StatusBar::refresh);
    connect(&context.clusters, &ClusterSet::added, this, &StatusBar::watch);
    connect(&context.clusters, &ClusterSet::aboutToRemove, this, &StatusBar::refreshSoon);
    connect(&context.metrics, &MetricSet::added, this, &StatusBar::refreshSoon);
    connect(&context.metrics, &MetricSet::removed, this, &StatusBar::refreshSoon);
    if (context.runs != nullptr) {
        connect(&context.runs->store(), &RunStore::serverChanged, this, &StatusBar::refreshSoon);
        connect(&context.runs->store(), &RunStore::entryChanged, this, &StatusBar::refreshSoon);
    }
    if (context.requests != nullptr)
        connect(context.requests, &RequestMonitor::changed, this, [this] {
            m_areRequestsOld = true;
            startSoon();
        });
    for (const auto &cluster : context.clusters.all())
        watch(cluster->id);
    refresh();
}

void StatusBar::watch(const QString &clusterId)
{
    const ClusterConnection *cluster = m_context.clusters.find(clusterId);
    if (cluster == nullptr)
        return;
    connect(cluster->store.get(), &ClusterStore::podsChanged, this, &StatusBar::refreshSoon);
    connect(cluster->store.get(), &ClusterStore::freshnessChanged, this, &StatusBar::refreshSoon);
    connect(cluster->source.get(), &ClusterSource::infoChanged, this, &StatusBar::refreshSoon);
    refreshSoon();
}

void StatusBar::refreshSoon()
{
    m_areSourcesOld = true;
    startSoon();
}

void StatusBar::startSoon()
{
    if (!m_soon.isActive())
        m_soon.start();
}

void StatusBar::refresh()
{
    m_areSourcesOld = false;
    const QDateTime now = AgeTicker::now();
    int used = 0;
    const auto show = [&](const QString &id, const ShownSource &source) {
        if (used == m_shown.size()) {
            auto *made = new Entry(m_entries);
            connect(made, &QPushButton::clicked, this, [this, made] { emit connectionChosen(made->id); });
            made->id = id;
            made->show(source);
            m_entries->add(made);
            m_shown.append(made);
        }
        Entry *entry = m_shown[used++];
        entry->id = id;
        entry->show(source);
    };
    for (const auto &cluster : m_context.clusters.all())
        show(cluster->id, shownCluster(*cluster, now));
    for (const auto &source : m_context.metrics.all())
        show(source->connection(), shownMetrics(*source, now));
    if (m_context.runs) {
        const RunStore &store = m_context.runs->store();
        for (const QString &id : store.connections())
            show(id, shownServer(store, id, now));
    }
    while (m_shown.size() > used) {
        m_entries->remove(m_shown.last());
        delete m_shown.takeLast();
    }
    m_entries->followAges();
    refreshRequests();
}

void StatusBar::refreshRequests()
{
    if (m_context.requests == nullptr || !std::exchange(m_areRequestsOld, false))
        return;
    const int running = m_context.requests->runningCount();
    const QString text = running == 0   ? tr("Requests")
                         : running == 1 ? tr("1 request open")
                                        : tr("%1 requests open").arg(running);
    if (text == m_requests->text())
        return;
    m_requests->setText(text);
    m_requests->setAccessibleName(text);
}

void StatusBar::setWorld(const QString &name)
{
    m_world->setText(name);
    m_world->setVisible(!name.isEmpty());
}

QStringList StatusBar::texts() const
{
    QStringList result;
    for (const Entry *shown : m_shown)
        result.append(shown->words.first());
    return result;
}

QStringList StatusBar::shownTexts() const
{
    QStringList result;
    for (const Entry *entry : m_shown)
        result.append(entry->shown());
    return result;
}

void StatusBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().nav);
    painter.fillRect(QRect(0, 0, width(), 1), tokens().line);
}

} // namespace signalbox

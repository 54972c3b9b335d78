#include "services/adapters/prometheus/metricfamilies.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>

namespace signalbox
{
namespace
{

using LabelSets = QList<Labels>;

QStringList valuesOf(const LabelSets &sets, const QString &label)
{
    QSet<QString> values;
    for (const Labels &labels : sets) {
        if (const QString value = labels.value(label); !value.isEmpty())
            values.insert(value);
    }
    QStringList sorted(values.begin(), values.end());
    sorted.sort();
    return sorted;
}

LabelSets having(const LabelSets &sets, const QString &label, const QStringList &values)
{
    LabelSets some;
    std::copy_if(sets.begin(), sets.end(), std::back_inserter(some),
                 [&](const Labels &labels) { return values.contains(labels.value(label)); });
    return some;
}

QString matcher(const QString &label, const QStringList &values)
{
    if (values.size() == 1)
        return label + u'=' + promQuoted(values.first());
    QStringList alternatives;
    for (const QString &value : values)
        alternatives.append(promRegexEscaped(value));
    return label + QStringLiteral("=~") + promQuoted(alternatives.join(u'|'));
}

QStringList workloadsOf(const MetricSubject &subject)
{
    QStringList workloads;
    for (const MetricTrack &track : subject.tracks)
        workloads += track.workloads;
    workloads.removeDuplicates();
    return workloads;
}

// Pods of a Deployment are named WORKLOAD-HASH-ID, those of a StatefulSet WORKLOAD-N; a DaemonSet's WORKLOAD-ID. The
// tail has no further name in it, so that "cart" does not take the pods of "cart-worker-blue".
const QString podTail = QStringLiteral("(-[0-9a-f]{5,10})?-([0-9a-z]{5}|[0-9]+)");

bool isPodOf(const QString &pod, const QString &workload)
{
    if (!pod.startsWith(workload + u'-'))
        return false;
    const QStringList tail = pod.mid(workload.size() + 1).split(u'-');
    return tail.size() <= 2;
}

QString podMatcher(const QString &label, const QStringList &workloads)
{
    QStringList names;
    for (const QString &workload : workloads)
        names.append(promRegexEscaped(workload));
    return label + QStringLiteral("=~") + promQuoted(u'(' + names.join(u'|') + u')' + podTail);
}

// What labels call a track: its own name, its version, its workloads. Nothing for a track without a name.
QStringList namesOf(const MetricTrack &track, const MetricSubject &subject)
{
    if (track.name.isEmpty())
        return {};
    QStringList names{track.name};
    if (!track.version.isEmpty())
        names << track.version << u'v' + track.version;
    return names + track.workloads + QStringList{subject.application + u'-' + track.name};
}

// The track that a label's value means; empty: none.
QString trackMeant(const QString &value, const MetricSubject &subject)
{
    for (const MetricTrack &track : subject.tracks) {
        if (!track.name.isEmpty() &&
            (value.compare(track.name, Qt::CaseInsensitive) == 0 || namesOf(track, subject).contains(value)))
            return track.name;
    }
    return {};
}

class Binder
{
public:
    Binder(const MetricFamilies &families, const MetricFamily &family, const MetricSubject &subject, LabelSets sets)
        : m_families(families)
        , m_family(family)
        , m_subject(subject)
        , m_sets(std::move(sets))
    {}

    std::optional<FamilyBinding> bind()
    {
        if (m_sets.isEmpty() || !bindNamespace() || !bindApplication())
            return std::nullopt;
        m_binding.selector = m_matchers.join(u',');
        if (!bindTracksByLabel())
            bindTracksByPods();
        for (const QString &label : m_family.codeLabels) {
            if (!valuesOf(m_sets, label).isEmpty()) {
                m_binding.codeLabel = label;
                break;
            }
        }
        return m_binding;
    }

private:
    bool bindNamespace()
    {
        if (m_subject.ns.isEmpty())
            return true;
        bool isKnown = false;
        for (const QString &label : m_families.namespaceLabels) {
            const QStringList values = valuesOf(m_sets, label);
            isKnown = isKnown || !values.isEmpty();
            if (values.contains(m_subject.ns)) {
                m_sets = having(m_sets, label, {m_subject.ns});
                m_matchers.append(matcher(label, {m_subject.ns}));
                return true;
            }
        }
        return !isKnown; // labelled with namespaces, and ours is not among them
    }

    bool bindApplication()
    {
        if (m_subject.application.isEmpty()) // everything is wanted
            return true;
        const QStringList names = QStringList{m_subject.application} + workloadsOf(m_subject);
        for (const QString &label : m_families.applicationLabels) {
            QStringList ours;
            for (const QString &value : valuesOf(m_sets, label)) {
                if (names.contains(value))
                    ours.append(value);
            }
            if (!ours.isEmpty()) {
                m_sets = having(m_sets, label, ours);
                m_matchers.append(matcher(label, withThoseToCome(ours)));
                return true;
            }
        }
        return bindApplicationByPods(names) || bindEverything();
    }

    // A workload that has not been scraped yet is asked for together with those that have been: it is about to be.
    QStringList withThoseToCome(QStringList seen) const
    {
        const QStringList workloads = workloadsOf(m_subject);
        if (std::any_of(seen.begin(), seen.end(), [&workloads](const QString &one) { return workloads.contains(one); }))
            seen += workloads;
        seen.removeDuplicates();
        seen.sort();
        return seen;
    }

    bool bindApplicationByPods(const QStringList &workloads)
    {
        for (const QString &label : m_families.podLabels) {
            QStringList pods;
            for (const QString &pod : valuesOf(m_sets, label)) {
                if (std::any_of(workloads.begin(), workloads.end(),
                                [&pod](const QString &workload) { return isPodOf(pod, workload); }))
                    pods.append(pod);
            }
            if (!pods.isEmpty()) {
                m_sets = having(m_sets, label, pods);
                m_matchers.append(podMatcher(label, workloads));
                return true;
            }
        }
        return false;
    }

    // No label names an application at all: what is there may be ours, and the reader is told. Where a label does name
    // one, it is somebody else's.
    bool bindEverything()
    {
        for (const QString &label : m_families.applicationLabels + m_families.podLabels) {
            if (!m_families.weakApplicationLabels.contains(label) && !valuesOf(m_sets, label).isEmpty())
                return false;
        }
        m_binding.note = QCoreApplication::translate(
            "MetricFamilies",
            "No label tells applications apart here: this is everything the server has of this metric.");
        return true;
    }

    bool bindTracksByLabel()
    {
        int best = 0;
        for (const QString &label : m_families.trackLabels) {
            const QStringList values = valuesOf(m_sets, label);
            QMap<QString, QString> names;
            QSet<QString> tracks;
            for (const QString &value : values) {
                if (const QString track = trackMeant(value, m_subject); !track.isEmpty()) {
                    names.insert(value, track);
                    tracks.insert(track);
                }
            }
            const bool isOwn = m_families.ownTrackLabels.contains(label) && !values.isEmpty() && values.size() <= 8;
            const int score = static_cast<int>(tracks.size()) * 2 + (isOwn ? 1 : 0);
            if (score > best) {
                best = score;
                m_binding.trackLabel = label;
                m_binding.trackNames = names;
            }
        }
        nameTracksToCome();
        return best > 0;
    }

    // Tracks that have no series yet will be called in the same way.
    void nameTracksToCome()
    {
        for (const MetricTrack &track : m_subject.tracks) {
            for (const QString &name : namesOf(track, m_subject)) {
                if (!m_binding.trackNames.isEmpty() && trackMeant(name, m_subject) == track.name)
                    m_binding.trackNames.insert(name, track.name);
            }
        }
    }

    void bindTracksByPods()
    {
        for (const QString &label : m_families.podLabels) {
            const QStringList pods = valuesOf(m_sets, label);
            const auto hasPods = [&pods](const MetricTrack &track) {
                return !track.name.isEmpty() && std::any_of(pods.begin(), pods.end(), [&track](const QString &pod) {
                    return std::any_of(track.workloads.begin(), track.workloads.end(),
                                       [&pod](const QString &workload) { return isPodOf(pod, workload); });
                });
            };
            if (std::none_of(m_subject.tracks.begin(), m_subject.tracks.end(), hasPods))
                continue;
            for (const MetricTrack &track : m_subject.tracks) { // also of those whose pods are yet to come
                if (!track.name.isEmpty() && !track.workloads.isEmpty())
                    m_binding.podMatchers.insert(track.name, podMatcher(label, track.workloads));
            }
            m_binding.trackLabel = QStringLiteral("track");
            return;
        }
    }

    const MetricFamilies &m_families;
    const MetricFamily &m_family;
    const MetricSubject &m_subject;
    LabelSets m_sets;
    QStringList m_matchers;
    FamilyBinding m_binding;
};

QString filledIn(const QString &expression, const QString &selector, const QString &by, const QString &code)
{
    QString text = expression;
    text.replace(QStringLiteral("{code}"), code);
    text.replace(QStringLiteral("{by}"), by);
    text.replace(QStringLiteral("{selector}"), selector);
    text.replace(QStringLiteral(",}"), QStringLiteral("}"));
    text.replace(QStringLiteral(", )"), QStringLiteral(")"));
    text.replace(QStringLiteral(" by ()"), QString());
    return text;
}

// Where only the names of pods tell tracks apart: one expression a track, labelled and joined.
QString joinedByPods(const PanelTemplate &panel, const FamilyBinding &binding)
{
    QStringList parts;
    for (auto it = binding.podMatchers.begin(); it != binding.podMatchers.end(); ++it) {
        const QString selector = binding.selector.isEmpty() ? it.value() : binding.selector + u',' + it.value();
        const QString one = filledIn(panel.expression, selector, {}, binding.codeLabel);
        parts.append(QStringLiteral("label_replace(%1, \"track\", %2, \"\", \"\")").arg(one, promQuoted(it.key())));
    }
    return parts.join(QStringLiteral(" or "));
}

} // namespace

QStringList bindingLabels(const MetricFamilies &families, const MetricFamily &family)
{
    QStringList labels = families.applicationLabels + families.namespaceLabels + families.trackLabels +
                         families.podLabels + family.codeLabels;
    labels.removeDuplicates();
    return labels;
}

std::optional<FamilyBinding> bindFamily(const MetricFamilies &families, const MetricFamily &family,
                                        const MetricSubject &subject, const QList<Labels> &labelSets)
{
    return Binder(families, family, subject, labelSets).bind();
}

QList<MetricPanel> boundPanels(const MetricFamily &family, const FamilyBinding &binding, const QStringList &present)
{
    QList<MetricPanel> panels;
    for (const PanelTemplate &templ : family.panels) {
        const bool lacksMetric = !templ.requiredMetric.isEmpty() && !present.contains(templ.requiredMetric);
        const bool lacksCode = binding.codeLabel.isEmpty() && templ.expression.contains(QStringLiteral("{code}"));
        const bool isOutdone = !templ.unlessMetric.isEmpty() && present.contains(templ.unlessMetric);
        if (lacksMetric || lacksCode || isOutdone)
            continue;
        MetricPanel panel;
        panel.id = templ.id;
        panel.title = QCoreApplication::translate("MetricFamilies", qUtf8Printable(templ.title));
        panel.unit = templ.unit;
        panel.family = family.name;
        panel.trackLabel = binding.trackLabel;
        panel.trackNames = binding.trackNames;
        panel.note = binding.note;
        panel.limit = templ.limit;
        panel.higherIsWorse = templ.higherIsWorse;
        panel.expression = binding.podMatchers.isEmpty()
                               ? filledIn(templ.expression, binding.selector, binding.trackLabel, binding.codeLabel)
                               : joinedByPods(templ, binding);
        panels.append(std::move(panel));
    }
    return panels;
}

} // namespace signalbox

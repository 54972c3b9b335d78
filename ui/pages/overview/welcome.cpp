#include "ui/pages/overview/welcome.h"

#include "ui/pages/overview/contextlist.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QFocusEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

QPushButton *button(const QString &text, const char *name, QWidget *parent)
{
    auto *made = new QPushButton(text, parent);
    made->setObjectName(QString::fromLatin1(name));
    made->setAutoDefault(false);
    return made;
}

class Line : public QWidget
{
public:
    explicit Line(QWidget *parent)
        : QWidget(parent)
    {
        setFixedHeight(1);
    }

protected:
    void paintEvent(QPaintEvent *) override { QPainter(this).fillRect(rect(), tokens().line); }
};

} // namespace

Welcome::Welcome(ConnectionsService &connections, QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("welcome"));
    auto *outer = new QVBoxLayout(this);
    outer->addStretch(2);
    m_card = new QWidget(this);
    m_card->setFixedWidth(760);
    auto *layout = new QVBoxLayout(m_card);
    layout->setContentsMargins(space::xxl, space::xl, space::xxl, space::xl);
    layout->setSpacing(space::m);
    auto *title = new QLabel(tr("Welcome to Signalbox"), m_card);
    title->setFont(signalbox::font(TextRole::Figure));
    auto *text = new QLabel(
        tr("Every application in every environment of your clusters: see it, move its traffic, take it back. Signalbox "
           "uses your own kubeconfig and acts with your own rights; nothing is installed in the cluster."),
        m_card);
    text->setWordWrap(true);
    text->setProperty("role", QStringLiteral("soft"));
    m_problemLabel = new QLabel(m_card);
    m_problemLabel->setObjectName(QStringLiteral("welcomeProblem"));
    m_problemLabel->setProperty("role", QStringLiteral("error"));
    m_problemLabel->setWordWrap(true);
    m_problemLabel->setTextFormat(Qt::PlainText);
    m_problemLabel->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_problemLabel->hide();
    m_contexts = new ContextList(connections, m_card);
    m_practice = buildPractice();
    for (QWidget *each : QList<QWidget *>{title, text, m_problemLabel, m_practice, m_contexts, buildOthers()})
        layout->addWidget(each);
    // No alignment: the height of wrapped text is asked for only without one.
    auto *middle = new QHBoxLayout;
    middle->addStretch();
    middle->addWidget(m_card);
    middle->addStretch();
    outer->addLayout(middle);
    outer->addStretch(3);
    connect(m_contexts, &ContextList::failed, this, [this](const QString &message) {
        m_listProblem = message;
        showProblem();
    });
}

QWidget *Welcome::buildOthers()
{
    auto *others = new QWidget(m_card);
    auto *layout = new QVBoxLayout(others);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    layout->addWidget(new Line(others));
    auto *row = new QHBoxLayout;
    row->setSpacing(space::s);
    auto *hint = new QLabel(tr("Somewhere else?"), others);
    hint->setProperty("role", QStringLiteral("soft"));
    auto *file = button(tr("Open a kubeconfig file..."), "welcomeFile", others);
    m_workspace = button(tr("Open a workspace..."), "welcomeWorkspace", others);
    m_workspace->setToolTip(tr("A file that names clusters, metric sources and preferences for a whole team"));
    m_workspace->hide();
    row->addWidget(hint);
    row->addStretch();
    row->addWidget(file);
    row->addWidget(m_workspace);
    layout->addLayout(row);
    connect(file, &QPushButton::clicked, this, &Welcome::openFileRequested);
    connect(m_workspace, &QPushButton::clicked, this, &Welcome::openWorkspaceRequested);
    return others;
}

QWidget *Welcome::buildPractice()
{
    auto *practice = new QWidget(m_card);
    auto *outer = new QVBoxLayout(practice);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(space::m);
    outer->addWidget(new Line(practice));
    auto *layout = new QHBoxLayout;
    layout->setSpacing(space::l);
    auto *words = new QLabel(tr("<b>No cluster at hand?</b><br>The practice world runs inside the program: nine AI "
                                "services in three environments, real protocols, and releases to shift and roll back. "
                                "No cluster of yours is touched."),
                             practice);
    words->setTextFormat(Qt::RichText);
    words->setWordWrap(true);
    auto *open = button(tr("Open the practice world"), "welcomePractice", practice);
    open->setToolTip(tr("In a window of its own, as signalbox-console --demo does"));
    layout->addWidget(words, 1);
    layout->addWidget(open, 0, Qt::AlignVCenter);
    outer->addLayout(layout);
    outer->addWidget(new Line(practice));
    practice->hide();
    connect(open, &QPushButton::clicked, this, &Welcome::practiceRequested);
    return practice;
}

PageEntry Welcome::screen()
{
    PageEntry entry;
    entry.id = QStringLiteral("first-start");
    entry.title = tr("First start");
    entry.help = [] {
        const auto sign = [](Health health, const QString &what) { return HelpSign{health, {}, what}; };
        return ScreenHelp{
            tr("Nothing is open yet, or no cluster that is open could be read. Here stand the clusters that the "
               "kubeconfig of this machine names, each tested with your own credentials: choose those that you want, "
               "and add them. Another kubeconfig or a team's workspace can be opened, and the practice world needs "
               "no cluster at all. A test reads only; nothing is installed or changed in a cluster."),
            {sign(
                 Health::NotStarted,
                 tr("Not tested. Where a test would run a program for its credentials, it waits until you choose it.")),
             sign(Health::InProgress, tr("Being tested: the line says which step.")),
             sign(Health::Ok, tr("Reachable, and it lets you read: it can be added.")),
             sign(Health::Warning, tr("It works with a reservation, or its certificate is not verified, so that only "
                                      "your choice sends credentials there.")),
             sign(Health::Failing, tr("It cannot be used: the sentence says what is wrong, and what to do. Choosing it "
                                      "tests it again."))}};
    };
    return entry;
}

QList<KeyHelp> Welcome::keys()
{
    return {{tr("Tab"), tr("To the next cluster or button")},
            {tr("Space"), tr("Choose a cluster, or press the button")}};
}

void Welcome::setOffersPractice(bool offers)
{
    m_practice->setVisible(offers);
}

void Welcome::setOffersWorkspace(bool offers)
{
    m_workspace->setVisible(offers);
}

void Welcome::setProblem(const QString &problem)
{
    m_problem = problem;
    showProblem();
}

void Welcome::showProblem()
{
    // The list says more of the same file.
    const QString shown = m_listProblem.isEmpty() ? m_problem : m_listProblem;
    m_problemLabel->setText(shown);
    m_problemLabel->setVisible(!shown.isEmpty());
}

void Welcome::lookIn(const QString &kubeconfig)
{
    m_contexts->look({kubeconfig});
}

void Welcome::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_contexts->hasLooked())
        m_contexts->look();
}

// The keyboard goes to what can be done now.
void Welcome::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    if (m_contexts->focusProxy()->isEnabled())
        m_contexts->setFocus(event->reason());
    else
        focusNextChild();
}

void Welcome::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintRoundedFrame(&painter, m_card->geometry(), radius::panel, tokens().panel, tokens().line);
}

} // namespace signalbox

#include "ui/pages/overview/welcome.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

QWidget *step(QWidget *parent, const QString &number, const QString &title, const QString &text)
{
    auto *row = new QWidget(parent);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::l);
    auto *figure = new QLabel(number, row);
    figure->setFont(signalbox::font(TextRole::Mono));
    figure->setProperty("role", QStringLiteral("soft"));
    figure->setFixedWidth(16);
    auto *words = new QLabel(row);
    words->setTextFormat(Qt::RichText);
    words->setWordWrap(true);
    words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words->setText(QStringLiteral("<b>%1</b><br>%2").arg(title, text));
    layout->addWidget(figure, 0, Qt::AlignTop);
    layout->addWidget(words, 1);
    return row;
}

} // namespace

Welcome::Welcome(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("welcome"));
    auto *outer = new QVBoxLayout(this);
    outer->addStretch(2);
    m_card = new QWidget(this);
    m_card->setFixedWidth(620);
    auto *layout = new QVBoxLayout(m_card);
    layout->setContentsMargins(space::xxl, space::xxl, space::xxl, space::xxl);
    layout->setSpacing(space::l);
    auto *title = new QLabel(tr("No cluster yet"), m_card);
    title->setFont(signalbox::font(TextRole::Figure));
    auto *text = new QLabel(
        tr("Signalbox shows every application in every environment of your clusters, moves their traffic and "
           "takes them back. It uses your own kubeconfig and acts with your own rights; nothing is "
           "installed in the cluster."),
        m_card);
    text->setWordWrap(true);
    text->setProperty("role", QStringLiteral("soft"));
    m_problem = new QLabel(m_card);
    m_problem->setObjectName(QStringLiteral("welcomeProblem"));
    m_problem->setProperty("role", QStringLiteral("error"));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_problem->hide();
    layout->addWidget(title);
    layout->addWidget(text);
    layout->addWidget(m_problem);
    layout->addWidget(
        step(m_card, QStringLiteral("1"), tr("Have a kubeconfig"),
             tr("Signalbox looks where kubectl does: the files named in KUBECONFIG, then ~/.kube/config.")));
    layout->addWidget(step(m_card, QStringLiteral("2"), tr("Choose its contexts"),
                           tr("Each context you choose becomes a connection. It is tested before it is added.")));
    layout->addWidget(step(m_card, QStringLiteral("3"), tr("Add a Prometheus if there is one"),
                           tr("By its address, under Connections. Everything else works without.")));
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(space::s);
    auto *add = new QPushButton(tr("Choose contexts..."), m_card);
    add->setObjectName(QStringLiteral("welcomeAdd"));
    add->setProperty("variant", QStringLiteral("primary"));
    auto *file = new QPushButton(tr("Open a kubeconfig file..."), m_card);
    file->setObjectName(QStringLiteral("welcomeFile"));
    auto *rescan = new QPushButton(tr("Look again"), m_card);
    rescan->setObjectName(QStringLiteral("welcomeRescan"));
    buttons->addWidget(add);
    buttons->addWidget(file);
    buttons->addWidget(rescan);
    buttons->addStretch();
    layout->addSpacing(space::xs);
    layout->addLayout(buttons);
    m_practice = buildPractice();
    layout->addWidget(m_practice);
    // No alignment: the height of wrapped text is asked for only without one.
    auto *middle = new QHBoxLayout;
    middle->addStretch();
    middle->addWidget(m_card);
    middle->addStretch();
    outer->addLayout(middle);
    outer->addStretch(3);
    setFocusProxy(add);
    connect(add, &QPushButton::clicked, this, &Welcome::addClusterRequested);
    connect(file, &QPushButton::clicked, this, &Welcome::openFileRequested);
    connect(rescan, &QPushButton::clicked, this, &Welcome::rescanRequested);
}

QWidget *Welcome::buildPractice()
{
    auto *practice = new QWidget(m_card);
    auto *layout = new QHBoxLayout(practice);
    layout->setContentsMargins(0, space::m, 0, 0);
    layout->setSpacing(space::l);
    auto *words = new QLabel(tr("<b>No cluster at hand?</b><br>The practice world runs inside the program: nine AI "
                                "services in three environments, real protocols, and releases to shift and roll back. "
                                "No cluster of yours is touched."),
                             practice);
    words->setTextFormat(Qt::RichText);
    words->setWordWrap(true);
    auto *open = new QPushButton(tr("Open the practice world"), practice);
    open->setObjectName(QStringLiteral("welcomePractice"));
    open->setToolTip(tr("In a window of its own, as signalbox-console --demo does"));
    layout->addWidget(words, 1);
    layout->addWidget(open, 0, Qt::AlignVCenter);
    practice->hide();
    connect(open, &QPushButton::clicked, this, &Welcome::practiceRequested);
    return practice;
}

void Welcome::setOffersPractice(bool offers)
{
    m_practice->setVisible(offers);
}

void Welcome::setProblem(const QString &problem)
{
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

void Welcome::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintRoundedFrame(&painter, m_card->geometry(), radius::panel, tokens().panel, tokens().line);
}

} // namespace signalbox

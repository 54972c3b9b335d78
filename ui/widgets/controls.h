#pragma once

#include "ui/theme/tokens.h"

#include <QLineEdit>
#include <QPushButton>
#include <QWidget>

namespace signalbox
{

// A line for narrowing a list: `/` puts the cursor here, Esc clears it and hands the focus back.
// Where its words have no room it says less, never half of them; its tool tip and its name tell all.
class FilterField : public QLineEdit
{
    Q_OBJECT
public:
    explicit FilterField(const QString &placeholder, QWidget *parent = nullptr);
    // Gets the focus on Esc, Enter and Down.
    void setTarget(QWidget *target);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitPlaceholder();

    QString m_placeholder;
    QWidget *m_target = nullptr;
};

// "namespace: production v": a small button that opens a list of choices.
class ChipButton : public QPushButton
{
    Q_OBJECT
public:
    explicit ChipButton(const QString &label, QWidget *parent = nullptr);

    struct Choice
    {
        QString id;
        QString text;
    };
    void setChoices(const QList<Choice> &choices);
    void setChosen(const QString &id);
    QString chosen() const { return m_chosen; }
    // What is chosen by it, for screen readers, where its label does not say so: "Environment: production".
    void setPurpose(const QString &purpose);
    QSize sizeHint() const override;

signals:
    void chosenChanged(const QString &id);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void openMenu();
    void updateText();

    QString m_label;
    QString m_purpose;
    QString m_chosen;
    QList<Choice> m_choices;
};

// An icon without a frame; `name` is what a screen reader says and the tool tip shows.
class IconButton : public QPushButton
{
    Q_OBJECT
public:
    IconButton(const QString &icon, const QString &name, QWidget *parent = nullptr);

protected:
    void changeEvent(QEvent *event) override;

private:
    QString m_icon;
};

// A figure with a label above and a line of explanation below.
class StatTile : public QWidget
{
    Q_OBJECT
public:
    explicit StatTile(const QString &label, QWidget *parent = nullptr);
    void setFigure(const QString &figure, const QString &detail, ToneName tone = ToneName::Neutral);
    QString figure() const { return m_figure; }
    QString detail() const { return m_detail; }
    // The part of the bar at the bottom that is filled, 0..1; negative: no bar.
    void setStale(bool isStale); // what it says was true some time ago: greyed
    void setShare(double share, ToneName tone);
    QSize sizeHint() const override { return {200, 92}; }
    QSize minimumSizeHint() const override { return {120, 92}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_label;
    QString m_figure;
    QString m_detail;
    ToneName m_tone = ToneName::Neutral;
    double m_share = -1;
    ToneName m_shareTone = ToneName::Ok;
    bool m_isStale = false;
};

} // namespace signalbox

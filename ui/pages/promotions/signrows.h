#pragma once

#include "models/domain/health.h"

#include <QString>

class QBoxLayout;
class QLabel;
class QVBoxLayout;
class QWidget;

// What the lists of one promotion are made of: rows with a sign in front of words.
namespace signalbox
{

struct SignRow
{
    QWidget *row = nullptr;
    QBoxLayout *across = nullptr; // for what stands at the right end
    QVBoxLayout *words = nullptr; // for what stands below the words
    QLabel *text = nullptr;
};

// `html` wraps, takes the room that is there and can be selected; `spoken` is what a screen reader says.
SignRow signRow(Health health, const QString &html, const QString &spoken, QWidget *parent);
QString softHtml(const QString &text); // escaped, in the colour of what matters less
void clearRows(QBoxLayout &rows);      // their widgets go once the present event is done

} // namespace signalbox

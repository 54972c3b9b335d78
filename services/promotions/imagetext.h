#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

// The place of a release's image in a file of a GitOps repository, found and replaced line by line, so that the rest of
// the file stays as people wrote it. Pure.
namespace signalbox
{

struct ImageInText
{
    int line = 0;    // from 1; what is replaced
    QString before;  // the line as it is, without its end
    QString after;   // and as it will be
    QString version; // what is there now, for people: tag, digest, or both
};

// `image` is the repository of the image ("registry.example/shop/cart"). Known forms:
//
//   image: registry.example/shop/cart:1.4.0[@sha256:...]    a manifest; the line of a list as well, quoted or not
//   - name: registry.example/shop/cart                      kustomize: `digest`, else `newTag`, of the same entry
//     newTag: 1.4.0
//   repository: registry.example/shop/cart                  values of a chart: `digest`, else `tag`, beside it
//   tag: 1.4.0
//
// Refused, saying what was looked for, where that is not exactly one place.
Result<ImageInText> findImage(const QByteArray &text, const QString &image, const QString &tag, const QString &digest);
// The repository of the only image that the text names in one of these forms; empty: it names none, or several.
QString onlyImage(const QByteArray &text);
QByteArray withImage(const QByteArray &text, const ImageInText &place); // the line replaced

} // namespace signalbox

#include "ui/controllers/mask_import.h"

#include "base/error.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QPainterPath>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <map>

namespace body4d::ui {
namespace {

using People = std::map<QString, std::map<std::int64_t, std::shared_ptr<const RleMask>>>;

/// The last number of a file name: "00000012.png", "clip_1_000012.png".
std::optional<std::int64_t> numberIn(const QString& name) {
    static const QRegularExpression digits(QStringLiteral("(\\d+)\\D*$"));
    const auto match = digits.match(QFileInfo(name).completeBaseName());
    return match.hasMatch() ? std::optional<std::int64_t>(match.captured(1).toLongLong()) : std::nullopt;
}

RleMask maskOfValue(const QImage& values, int value, int width, int height) {
    Mask mask(width, height);
    for (int y = 0; y < height; ++y) {
        // Nearest neighbour: object numbers must not blend.
        const uchar* in = values.constScanLine(std::min(values.height() - 1, y * values.height() / height));
        auto* out = mask.row(y);
        for (int x = 0; x < width; ++x) {
            const int v = in[x * values.width() / width];
            out[x] = (value < 0 ? v >= 128 : v == value) ? 255 : 0;
        }
    }
    return encodeRle(mask);
}

/// One byte a pixel: palette indices as they are, else grey.
QImage objectNumbers(const QImage& image) {
    if (image.format() == QImage::Format_Indexed8) {
        return image;
    }
    if (image.format() == QImage::Format_Mono || image.format() == QImage::Format_MonoLSB) {
        return image.convertToFormat(QImage::Format_Grayscale8);
    }
    return image.convertToFormat(QImage::Format_Grayscale8);
}

void readPicture(const QString& file, std::int64_t frame, const QString& person, int width, int height, People& people) {
    const QImage image(file);
    if (image.isNull()) {
        throw Error(ErrorCode::Input, QFileInfo(file).fileName().toStdString() + " is not a picture.",
                    "Remove it from the folder or replace it.", file.toStdString());
    }
    const QImage values = objectNumbers(image);
    std::array<bool, 256> seen{};
    for (int y = 0; y < values.height(); ++y) {
        const uchar* row = values.constScanLine(y);
        for (int x = 0; x < values.width(); ++x) {
            seen[row[x]] = true;
        }
    }
    const auto kinds = std::count(seen.begin() + 1, seen.end(), true);
    const bool indexed = image.format() == QImage::Format_Indexed8;
    // White on black, perhaps with grey rims, is one person; other values are object numbers.
    const bool blackAndWhite = !indexed && seen[255] && (kinds == 1 || kinds > 40);
    if (blackAndWhite || !person.isEmpty()) {
        const bool low = !seen[255] && kinds > 0; // 0 and 1, say
        auto mask = low ? maskOfValue(values, static_cast<int>(std::find(seen.begin() + 1, seen.end(), true) - seen.begin()), width, height)
                        : maskOfValue(values, -1, width, height);
        if (area(mask) > 0) {
            people[person][frame] = std::make_shared<const RleMask>(std::move(mask));
        }
        return;
    }
    for (int value = 1; value < 256; ++value) {
        if (seen[static_cast<std::size_t>(value)]) {
            people[QStringLiteral("Mask %1").arg(value)][frame] =
                std::make_shared<const RleMask>(maskOfValue(values, value, width, height));
        }
    }
}

void readFolder(const QDir& folder, const QString& person, int width, int height, std::int64_t frames, People& people) {
    const auto files = folder.entryList({QStringLiteral("*.png"), QStringLiteral("*.PNG")}, QDir::Files, QDir::Name);
    for (const auto& file : files) {
        const auto frame = numberIn(file);
        if (frame && *frame >= 0 && *frame < frames) {
            readPicture(folder.filePath(file), *frame, person, width, height, people);
        }
    }
}

RleMask fitted(RleMask mask, int width, int height) {
    if (mask.width == width && mask.height == height) {
        return mask;
    }
    const Mask plain = decodeRle(mask);
    const QImage picture(plain.values.data(), plain.width, plain.height, plain.width, QImage::Format_Grayscale8);
    return maskOfValue(picture, -1, width, height);
}

RleMask fromPolygons(const QJsonArray& polygons, int width, int height) {
    Mask mask(width, height);
    QImage picture(mask.values.data(), width, height, width, QImage::Format_Grayscale8);
    QPainter painter(&picture);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::white);
    for (const auto& entry : polygons) {
        const auto numbers = entry.toArray();
        QPolygonF polygon;
        for (qsizetype i = 0; i + 1 < numbers.size(); i += 2) {
            polygon << QPointF(numbers[i].toDouble(), numbers[i + 1].toDouble());
        }
        painter.drawPolygon(polygon);
    }
    painter.end();
    return encodeRle(mask);
}

People readCoco(const QString& file, int width, int height, std::int64_t frames) {
    QFile in(file);
    QJsonParseError why;
    const auto bad = [&](const QString& sentence) {
        return Error(ErrorCode::Input, (QFileInfo(file).fileName() + QLatin1Char(' ') + sentence).toStdString(),
                     "Choose a COCO file with images and annotations, or a folder of PNG masks.", file.toStdString());
    };
    if (!in.open(QIODevice::ReadOnly)) {
        throw bad(QStringLiteral("cannot be read."));
    }
    const auto root = QJsonDocument::fromJson(in.readAll(), &why).object();
    if (why.error != QJsonParseError::NoError || !root.contains(QLatin1String("annotations"))) {
        throw bad(QStringLiteral("is no COCO file."));
    }
    struct Picture {
        std::int64_t frame = -1;
        int width = 0, height = 0;
    };
    std::map<qint64, Picture> pictures;
    for (const auto& entry : root[QLatin1String("images")].toArray()) {
        const auto image = entry.toObject();
        const qint64 id = image[QLatin1String("id")].toInteger();
        Picture p{-1, image[QLatin1String("width")].toInt(width), image[QLatin1String("height")].toInt(height)};
        if (image.contains(QLatin1String("frame_index"))) {
            p.frame = image[QLatin1String("frame_index")].toInteger();
        } else {
            p.frame = numberIn(image[QLatin1String("file_name")].toString()).value_or(id);
        }
        pictures[id] = p;
    }
    People people;
    for (const auto& entry : root[QLatin1String("annotations")].toArray()) {
        const auto a = entry.toObject();
        const auto picture = pictures.find(a[QLatin1String("image_id")].toInteger());
        if (picture == pictures.end() || picture->second.frame < 0 || picture->second.frame >= frames) {
            continue;
        }
        const auto& p = picture->second;
        const auto attributes = a[QLatin1String("attributes")].toObject();
        QString person;
        for (const auto* key : {"track_id", "target_id", "instance_id"}) {
            for (const auto& place : {a, attributes}) {
                if (person.isEmpty() && place.contains(QLatin1String(key))) {
                    person = QStringLiteral("Mask %1").arg(place[QLatin1String(key)].toInteger());
                }
            }
        }
        if (person.isEmpty()) {
            person = QStringLiteral("Category %1").arg(a[QLatin1String("category_id")].toInteger());
        }
        const auto segmentation = a[QLatin1String("segmentation")];
        RleMask mask;
        if (segmentation.isArray()) {
            mask = fromPolygons(segmentation.toArray(), p.width, p.height);
        } else if (segmentation.isObject()) {
            const auto rle = segmentation.toObject();
            const auto size = rle[QLatin1String("size")].toArray();
            const int h = size.size() == 2 ? size[0].toInt() : p.height, w = size.size() == 2 ? size[1].toInt() : p.width;
            if (rle[QLatin1String("counts")].isString()) {
                mask = fromCocoString(rle[QLatin1String("counts")].toString().toStdString(), w, h);
            } else {
                mask = {w, h, {}};
                for (const auto& count : rle[QLatin1String("counts")].toArray()) {
                    mask.counts.push_back(static_cast<std::uint32_t>(count.toInteger()));
                }
            }
        }
        if (!mask.empty()) {
            mask = fitted(std::move(mask), width, height);
            if (area(mask) > 0) {
                people[person][p.frame] = std::make_shared<const RleMask>(std::move(mask));
            }
        }
    }
    return people;
}

} // namespace

std::vector<ProjectController::ImportedMasks> readMasks(const std::filesystem::path& path, int width, int height,
                                                        std::int64_t frameCount) {
    const QString name = QString::fromStdString(path.string());
    People people;
    if (QFileInfo(name).isDir()) {
        const QDir folder(name);
        readFolder(folder, {}, width, height, frameCount, people);
        if (people.empty()) {
            for (const auto& sub : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
                readFolder(QDir(folder.filePath(sub)), sub, width, height, frameCount, people);
            }
        }
    } else {
        people = readCoco(name, width, height, frameCount);
    }
    if (people.empty()) {
        throw Error(ErrorCode::Input, "No masks were found in " + path.filename().string() + ".",
                    "Choose a folder of PNG files named by frame number, a folder of such folders, or a COCO file.",
                    path.string());
    }
    std::vector<ProjectController::ImportedMasks> out;
    for (auto& [person, frames] : people) {
        ProjectController::ImportedMasks masks{person, {}};
        masks.frames.assign(frames.begin(), frames.end());
        out.push_back(std::move(masks));
    }
    return out;
}

} // namespace body4d::ui

#include "ui/panels/camera_view.h"

#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/video/skeleton_drawing.h"

#include <QPainter>

#include <algorithm>
#include <memory>
#include <utility>

namespace body4d::ui {
namespace {

constexpr int kIcon = 40, kFrame = 3;
const QColor kBackground(0x101214), kRecording(0xE5484D);

} // namespace

CameraView::CameraView(QWidget* parent) : QWidget(parent) {
    setMinimumSize(480, 270);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Picture of the camera"));
}

void CameraView::setPicture(const ImagePtr& picture) {
    if (picture) {
        auto* keep = new ImagePtr(picture); // the pixels are not copied
        const QImage wrapped(
            picture->rgb.data(), picture->width, picture->height, picture->width * 3, QImage::Format_RGB888,
            [](void* kept) { delete static_cast<ImagePtr*>(kept); }, keep);
        picture_ = wrapped;
        sentence_.clear();
        remedy_.clear();
    } else {
        picture_ = {};
    }
    update();
}

void CameraView::setMirrored(bool mirrored) {
    mirrored_ = mirrored;
    update();
}

void CameraView::setSentence(const QString& sentence, const QString& remedy) {
    picture_ = {};
    people_.clear();
    sentence_ = sentence;
    remedy_ = remedy;
    setAccessibleDescription(sentence + QLatin1Char(' ') + remedy);
    update();
}

void CameraView::setPeople(std::vector<PoseLandmarks> people) {
    people_ = std::move(people);
    update();
}

void CameraView::setRecording(bool recording) {
    recording_ = recording;
    update();
}

void CameraView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), kBackground);
    if (!picture_.isNull()) {
        QRectF place(QPointF(), QSizeF(picture_.size()).scaled(size(), Qt::KeepAspectRatio));
        place.moveCenter(QRectF(rect()).center());
        painter.save();
        if (mirrored_) {
            painter.translate(width(), 0);
            painter.scale(-1, 1);
        }
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(place, picture_);
        painter.setRenderHint(QPainter::Antialiasing);
        const double scale = place.width() / picture_.width();
        for (const auto& person : people_) {
            drawSkeleton(painter, person, tokens().accent,
                         [&](const Vec2& px) { return place.topLeft() + QPointF(px.x, px.y) * scale; });
        }
        painter.restore();
        if (recording_) {
            painter.setPen(QPen(kRecording, kFrame));
            painter.drawRect(place.adjusted(kFrame / 2.0, kFrame / 2.0, -kFrame / 2.0, -kFrame / 2.0));
        }
        return;
    }
    const QColor text(0xE8EAED), dim(0xA4ABB3); // on dark in every theme
    const int wide = std::min(width() - 48, 460);
    QRect box((width() - wide) / 2, 0, wide, height());
    QFont strong = font();
    strong.setWeight(QFont::DemiBold);
    const auto heightOf = [&](const QFont& f, const QString& words) {
        return words.isEmpty()
                   ? 0
                   : QFontMetrics(f).boundingRect(box, Qt::TextWordWrap | Qt::AlignHCenter, words).height();
    };
    const int first = heightOf(strong, sentence_), second = heightOf(font(), remedy_);
    int y = (height() - (kIcon + 12 + first + 8 + second)) / 2;
    painter.drawPixmap((width() - kIcon) / 2, y,
                       iconPixmap(QStringLiteral("camera"), dim, kIcon, devicePixelRatioF()));
    y += kIcon + 12;
    painter.setFont(strong);
    painter.setPen(text);
    painter.drawText(QRect(box.x(), y, wide, first), Qt::TextWordWrap | Qt::AlignHCenter, sentence_);
    painter.setFont(font());
    painter.setPen(dim);
    painter.drawText(QRect(box.x(), y + first + 8, wide, second), Qt::TextWordWrap | Qt::AlignHCenter,
                     remedy_);
}

} // namespace body4d::ui

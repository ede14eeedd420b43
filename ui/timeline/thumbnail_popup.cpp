#include "ui/timeline/thumbnail_popup.h"

#include "ui/controllers/playback_controller.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/theme.h"
#include "ui/timeline/film_strip.h"
#include "ui/timeline/lane_view.h"

#include <QLabel>
#include <QMouseEvent>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr int kWidth = 176, kKept = 400;
} // namespace

ThumbnailPopup::ThumbnailPopup(LaneView& lanes, const PlaybackController& playback, QWidget* window)
    : QFrame(window), lanes_(lanes), playback_(playback) {
    setObjectName(QStringLiteral("card"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 3);
    column->setSpacing(2);
    image_ = new QLabel;
    text_ = new QLabel;
    text_->setFont(tabularFont(font()));
    text_->setAlignment(Qt::AlignCenter);
    column->addWidget(image_);
    column->addWidget(text_);
    hide();
    lanes_.installEventFilter(this);
}

ThumbnailPopup::~ThumbnailPopup() {
    lanes_.removeEventFilter(this);
}

void ThumbnailPopup::setFrames(std::shared_ptr<FrameProvider> frames) {
    ++session_;
    frames_ = std::move(frames);
    known_.clear();
    frame_ = -1;
    hide();
}

bool ThumbnailPopup::eventFilter(QObject* object, QEvent* event) {
    switch (event->type()) {
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->buttons() == Qt::NoButton) {
            hover(mouse->position().toPoint());
        } else {
            hide(); // scrubbing shows the frame itself
        }
        break;
    }
    case QEvent::MouseButtonPress:
    case QEvent::Leave:
    case QEvent::Wheel:
        hide();
        break;
    default:
        break;
    }
    return QFrame::eventFilter(object, event);
}

void ThumbnailPopup::hover(QPoint at) {
    const auto frame = static_cast<std::int64_t>(std::floor(lanes_.frameAtX(at.x())));
    if (!frames_ || frame < 0 || frame >= playback_.frameCount() || at.x() < lanes_.xOf(0)) {
        hide();
        return;
    }
    pointerX_ = lanes_.mapTo(parentWidget(), at).x();
    if (frame == frame_ && isVisible()) {
        show(picture_ ? image_->pixmap() : QPixmap());
        return;
    }
    frame_ = frame;
    const auto known = known_.constFind(frame);
    if (known != known_.constEnd()) {
        show(*known);
        return;
    }
    show({});
    queue_.restart("thumbnail", [this, frames = frames_, frame, session = session_,
                                 ratio = devicePixelRatioF()](const std::stop_token& stop) {
        try {
            QImage picture = thumbnailOf(*frames, frame, static_cast<int>(std::lround(kWidth * ratio)), stop);
            if (picture.isNull()) {
                return;
            }
            picture.setDevicePixelRatio(ratio);
            postTo(this, [this, picture, frame, session] {
                if (session != session_) {
                    return;
                }
                if (known_.size() >= kKept) {
                    known_.clear();
                }
                known_.insert(frame, QPixmap::fromImage(picture));
                if (frame == frame_ && isVisible()) {
                    show(known_[frame]);
                }
            });
        } catch (const std::exception&) {
            // The time stands there without a picture; going to the frame says what is wrong with it.
        }
    });
}

void ThumbnailPopup::show(const QPixmap& picture) {
    picture_ = !picture.isNull();
    image_->setPixmap(picture);
    image_->setVisible(picture_);
    text_->setText(tr("%1  ·  %2").arg(frame_).arg(formatTimecode(playback_.secondsAt(frame_))));
    setVisible(true);
    raise();
    adjustSize();
    const int top = lanes_.mapTo(parentWidget(), QPoint(0, 0)).y();
    move(std::clamp(pointerX_ - width() / 2, 4, std::max(4, parentWidget()->width() - width() - 4)),
         std::max(4, top - height() - 30));
}

} // namespace body4d::ui

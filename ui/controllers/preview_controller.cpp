#include "ui/controllers/preview_controller.h"

#include "ui/controllers/core_text.h"

#include <QTimer>

#include <sstream>

namespace body4d::ui {

PreviewController::PreviewController(std::shared_ptr<Backend> backend, QObject* parent)
    : QObject(parent), backend_(std::move(backend)) {}

PreviewController::~PreviewController() { cancel(); }

void PreviewController::setFrames(std::shared_ptr<FrameProvider> frames) {
    cancel();
    ++session_;
    frames_ = std::move(frames);
    const std::lock_guard lock(mutex_);
    previews_.clear();
}

std::string PreviewController::keyOf(TargetId id, const Prompt& prompt) {
    std::ostringstream key;
    key << id << '@' << prompt.frame;
    for (const auto& p : prompt.points) {
        key << (p.include ? '+' : '-') << p.x << ',' << p.y;
    }
    if (prompt.box) {
        key << '#' << prompt.box->x0 << ',' << prompt.box->y0 << ',' << prompt.box->x1 << ',' << prompt.box->y1;
    }
    return key.str();
}

void PreviewController::begin(const std::string& key) {
    pending_.insert(key);
    QTimer::singleShot(100, this, [this] {
        if (!pending_.empty() && !shownBusy_) {
            shownBusy_ = true;
            Q_EMIT busyChanged(true);
        }
    });
}

void PreviewController::end(const std::string& key) {
    pending_.erase(key);
    if (pending_.empty() && std::exchange(shownBusy_, false)) {
        Q_EMIT busyChanged(false);
    }
}

std::shared_ptr<const SegmentPreview> PreviewController::find(TargetId id, const Prompt& prompt) const {
    const std::lock_guard lock(mutex_);
    const auto it = previews_.find(keyOf(id, prompt));
    return it == previews_.end() ? nullptr : it->second;
}

void PreviewController::remember(TargetId id, const Prompt& prompt, std::shared_ptr<const SegmentPreview> preview) {
    const std::lock_guard lock(mutex_);
    previews_[keyOf(id, prompt)] = std::move(preview);
}

void PreviewController::request(TargetId id, const Prompt& prompt, const Options& options) {
    const std::string key = "preview " + std::to_string(id);
    if (!frames_ || prompt.empty() || prompt.mask) { // a painted mask is shown as it is
        queue_.cancel(key);
        end(key);
        Q_EMIT previewReady(id, prompt.frame);
        return;
    }
    if (find(id, prompt)) {
        Q_EMIT previewReady(id, prompt.frame);
        return;
    }
    begin(key);
    queue_.restart(key, [this, key, id, prompt, options, frames = frames_, session = session_](const std::stop_token& stop) {
        try {
            auto result = std::make_shared<SegmentPreview>(
                backend_->preview(frames->frame(prompt.frame), prompt, options, stop));
            if (stop.stop_requested()) {
                return;
            }
            postTo(this, [this, key, id, prompt, result, session] {
                if (session != session_) {
                    return;
                }
                end(key);
                if (!result->found) {
                    Q_EMIT nothingFound(id, prompt.frame, coreText(result->reason));
                }
                {
                    const std::lock_guard lock(mutex_);
                    previews_[keyOf(id, prompt)] = result;
                }
                Q_EMIT previewReady(id, prompt.frame);
            });
        } catch (const Cancelled&) {
        } catch (const std::exception& e) {
            postTo(this, [this, key, message = toMessage(e), session] {
                if (session == session_) {
                    end(key);
                    Q_EMIT failed(message);
                }
            });
        }
    });
}

void PreviewController::findPeople(std::int64_t frame, const Options& options) {
    if (!frames_) {
        return;
    }
    const std::string key = "people";
    begin(key);
    queue_.restart(key, [this, key, frame, options, frames = frames_, session = session_](const std::stop_token& stop) {
        try {
            std::vector<std::shared_ptr<const SegmentPreview>> people;
            for (auto& person : backend_->findPeople(frames->frame(frame), options, stop)) {
                if (person.found) {
                    people.push_back(std::make_shared<const SegmentPreview>(std::move(person)));
                }
            }
            if (stop.stop_requested()) {
                return;
            }
            postTo(this, [this, key, frame, people, session] {
                if (session == session_) {
                    end(key);
                    Q_EMIT peopleFound(frame, people);
                }
            });
        } catch (const Cancelled&) {
        } catch (const std::exception& e) {
            postTo(this, [this, key, message = toMessage(e), session] {
                if (session == session_) {
                    end(key);
                    Q_EMIT failed(message);
                }
            });
        }
    });
}

void PreviewController::cancel() {
    queue_.cancelAll();
    pending_.clear();
    if (std::exchange(shownBusy_, false)) {
        Q_EMIT busyChanged(false);
    }
}

} // namespace body4d::ui

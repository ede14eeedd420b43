#include "ui/controllers/run_controller.h"

#include "ui/controllers/task_queue.h"

#include <chrono>
#include <memory>
#include <mutex>

namespace body4d::ui {
namespace {

/// Passes the newest progress on at most 20 times a second: an engine may report every crop.
class ProgressRelay {
public:
    using Clock = std::chrono::steady_clock;
    explicit ProgressRelay(std::function<void(const Progress&)> deliver) : deliver_(std::move(deliver)) {}

    void push(const Progress& progress) {
        {
            const std::lock_guard lock(mutex_);
            const auto now = Clock::now();
            const bool newStage = progress.stage != stage_;
            const bool last = progress.total > 0 && progress.done >= progress.total;
            if (!newStage && !last && now - sent_ < std::chrono::milliseconds(50)) {
                return;
            }
            sent_ = now;
            stage_ = progress.stage;
        }
        deliver_(progress);
    }

private:
    std::function<void(const Progress&)> deliver_;
    std::mutex mutex_;
    Clock::time_point sent_{};
    std::string stage_;
};

} // namespace

RunController::RunController(QObject* parent) : QObject(parent) {
    qRegisterMetaType<body4d::Progress>();
    qRegisterMetaType<body4d::RunSummary>();
    qRegisterMetaType<body4d::ui::UserMessage>();
}

RunController::~RunController() = default;

bool RunController::start(const QString& title, RunJob job) {
    if (running_) {
        return false;
    }
    running_ = true;
    cancelling_ = pausing_ = false;
    setPaused(false);
    title_ = title;
    job_ = job;
    progress_ = {};
    Q_EMIT started(title_);
    worker_ = std::jthread([this, job = std::move(job)](const std::stop_token& stop) {
        ProgressRelay relay([this](const Progress& p) {
            postTo(this, [this, p] {
                progress_ = p;
                Q_EMIT progressed(p);
            });
        });
        std::function<void()> last;
        bool interrupted = false;
        try {
            const auto summary = job(
                stop, [&relay](const Progress& p) { relay.push(p); },
                [this](const std::string& s) {
                    postTo(this, [this, text = QString::fromStdString(s)] { Q_EMIT noticed(text); });
                });
            last = [this, summary] { Q_EMIT finished(summary); };
            interrupted = summary.cancelled;
        } catch (const Cancelled&) {
            RunSummary summary;
            summary.cancelled = interrupted = true;
            last = [this, summary] { Q_EMIT finished(summary); };
        } catch (const std::exception& e) {
            last = [this, message = toMessage(e)] { Q_EMIT failed(message); };
        }
        postTo(this, [this, last, interrupted] {
            running_ = false;
            cancelling_ = false;
            const bool pause = std::exchange(pausing_, false) && interrupted;
            if (pause) {
                setPaused(true);
            }
            last();
            if (!pause && !running_ && !paused_) {
                startNext();
            }
        });
    });
    return true;
}

void RunController::enqueue(const QString& title, RunJob job) {
    if (!running_ && !paused_ && waiting_.empty()) {
        start(title, std::move(job));
        return;
    }
    waiting_.push_back({title, std::move(job)});
    Q_EMIT queueChanged();
}

QStringList RunController::waiting() const {
    QStringList titles;
    for (const auto& w : waiting_) {
        titles << w.title;
    }
    return titles;
}

void RunController::dropWaiting(int index) {
    if (index >= 0 && index < static_cast<int>(waiting_.size())) {
        waiting_.erase(waiting_.begin() + index);
        Q_EMIT queueChanged();
    }
}

void RunController::clearWaiting() {
    if (!waiting_.empty()) {
        waiting_.clear();
        Q_EMIT queueChanged();
    }
    setPaused(false);
}

void RunController::startNext() {
    if (waiting_.empty()) {
        return;
    }
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    start(next.title, std::move(next.job));
    Q_EMIT queueChanged();
}

void RunController::setPaused(bool paused) {
    if (std::exchange(paused_, paused) != paused) {
        Q_EMIT pausedChanged(paused);
    }
}

void RunController::pause() {
    if (running_ && !cancelling_) {
        pausing_ = true;
        cancel();
    }
}

void RunController::resume() {
    if (paused_ && !running_) {
        start(title_, job_);
    }
}

void RunController::cancel() {
    if (paused_) {
        setPaused(false);
        startNext();
        return;
    }
    if (cancelling_) {
        pausing_ = false; // paused and then given up, before the worker has stopped
        return;
    }
    if (!running_) {
        return;
    }
    cancelling_ = true;
    worker_.request_stop();
    Q_EMIT cancelRequested();
}

} // namespace body4d::ui

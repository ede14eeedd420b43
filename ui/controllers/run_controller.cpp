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
    cancelling_ = false;
    title_ = title;
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
        try {
            const auto summary = job(
                stop, [&relay](const Progress& p) { relay.push(p); },
                [this](const std::string& s) {
                    postTo(this, [this, text = QString::fromStdString(s)] { Q_EMIT noticed(text); });
                });
            last = [this, summary] { Q_EMIT finished(summary); };
        } catch (const Cancelled&) {
            RunSummary summary;
            summary.cancelled = true;
            last = [this, summary] { Q_EMIT finished(summary); };
        } catch (const std::exception& e) {
            last = [this, message = toMessage(e)] { Q_EMIT failed(message); };
        }
        postTo(this, [this, last] {
            running_ = false;
            cancelling_ = false;
            last();
        });
    });
    return true;
}

void RunController::cancel() {
    if (!running_ || cancelling_) {
        return;
    }
    cancelling_ = true;
    worker_.request_stop();
    Q_EMIT cancelRequested();
}

} // namespace body4d::ui

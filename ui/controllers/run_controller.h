#pragma once

#include "base/progress.h"
#include "pipeline/run.h"
#include "ui/controllers/user_message.h"

#include <QObject>

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace body4d::ui {

/// Work for the one worker thread. Throws Error on failure; returns with `cancelled` set when asked to stop.
using RunJob = std::function<RunSummary(const std::stop_token& stop, const ProgressFn& progress,
                                        const std::function<void(const std::string&)>& notice)>;

/// Runs one job at a time on a worker thread and reports on the GUI thread. Cancelling is an outcome, not an error.
class RunController : public QObject {
    Q_OBJECT
public:
    explicit RunController(QObject* parent = nullptr);
    ~RunController() override;

    /// @param title shown while it runs: "Run", "Export"  @returns false when another job runs
    bool start(const QString& title, RunJob job);
    [[nodiscard]] bool running() const { return running_; }
    [[nodiscard]] bool cancelling() const { return cancelling_; }
    [[nodiscard]] const QString& title() const { return title_; }
    [[nodiscard]] const Progress& progress() const { return progress_; }
    /// Only asks; `finished` follows when the worker has stopped.
    void cancel();

Q_SIGNALS:
    void started(const QString& title);
    void progressed(const body4d::Progress& progress);
    void noticed(const QString& sentence);
    void cancelRequested();
    void finished(const body4d::RunSummary& summary);
    void failed(const body4d::ui::UserMessage& message);

private:
    bool running_ = false, cancelling_ = false;
    QString title_;
    Progress progress_;
    std::jthread worker_; // last: joined first
};

} // namespace body4d::ui

Q_DECLARE_METATYPE(body4d::Progress)
Q_DECLARE_METATYPE(body4d::RunSummary)

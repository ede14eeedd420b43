#pragma once

#include "base/progress.h"
#include "pipeline/run.h"
#include "ui/controllers/user_message.h"

#include <QObject>
#include <QStringList>

#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace body4d::ui {

/// Work for the one worker thread. Throws Error on failure; returns with `cancelled` set when asked to stop.
using RunJob = std::function<RunSummary(const std::stop_token& stop, const ProgressFn& progress,
                                        const std::function<void(const std::string&)>& notice)>;

/// Runs one job at a time on a worker thread, further ones in the order they came, and reports on the GUI thread. Cancelling is an outcome, not an error.
class RunController : public QObject {
    Q_OBJECT
public:
    explicit RunController(QObject* parent = nullptr);
    ~RunController() override;

    /// @param title shown while it runs: "Run", "Export"  @returns false when another job runs
    bool start(const QString& title, RunJob job);
    /// Starts now, or after everything that runs, is paused or waits.
    void enqueue(const QString& title, RunJob job);
    [[nodiscard]] QStringList waiting() const;
    void dropWaiting(int index);
    /// Stops like cancel(), and keeps the job and what waits for resume(): jobs go on from what is finished.
    void pause();
    void resume();
    [[nodiscard]] bool paused() const { return paused_; }
    /// Forgets what waits and what is paused; for closing a project.
    void clearWaiting();
    [[nodiscard]] bool running() const { return running_; }
    [[nodiscard]] bool cancelling() const { return cancelling_; }
    [[nodiscard]] const QString& title() const { return title_; }
    [[nodiscard]] const Progress& progress() const { return progress_; }
    /// Only asks; `finished` follows when the worker has stopped. A paused job is given up.
    void cancel();

Q_SIGNALS:
    void started(const QString& title);
    void progressed(const body4d::Progress& progress);
    void noticed(const QString& sentence);
    void cancelRequested();
    void finished(const body4d::RunSummary& summary);
    void failed(const body4d::ui::UserMessage& message);
    void queueChanged();
    void pausedChanged(bool paused);

private:
    struct Waiting {
        QString title;
        RunJob job;
    };
    void setPaused(bool paused);
    void startNext();

    bool running_ = false, cancelling_ = false, pausing_ = false, paused_ = false;
    QString title_;
    RunJob job_; ///< of the job that runs or is paused
    std::deque<Waiting> waiting_;
    Progress progress_;
    std::jthread worker_; // last: joined first
};

} // namespace body4d::ui

Q_DECLARE_METATYPE(body4d::Progress)
Q_DECLARE_METATYPE(body4d::RunSummary)

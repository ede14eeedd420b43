#pragma once

#include "models/blazepose/task_thread.h"
#include "models/blazepose/wide_layers.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace body4d::blazepose {

/// Threads that share the bands of a crop with their caller. They wait between crops: work of a millisecond ends before a
/// thread started for it would have run. Where other work keeps them from their core, the caller does their bands.
class BandCrew {
public:
    using Work = std::function<void(BandOf)>;

    BandCrew(int bands, int threads) : bands_(bands) {
        for (int i = 1; i < threads; ++i) {
            helpers_.push_back(std::make_unique<TaskThread<void>>());
        }
    }
    [[nodiscard]] int bands() const { return bands_; }

    /// Calls work(band) for every band and returns once all are done. Rethrows what one of them threw.
    void run(const Work& work) {
        if (bands_ == 1) {
            work(BandOf{});
            return;
        }
        const auto job = std::make_shared<Job>(work, bands_);
        for (const auto& helper : helpers_) {
            (void)helper->submit([job] { job->takePart(); });
        }
        job->takePart();
        job->wait();
    }

private:
    /// Bands to be taken; a helper that comes late finds none left and does not touch the work.
    class Job {
    public:
        Job(const Work& work, int bands) : work_(work), bands_(bands) {}
        void takePart() {
            for (int band = next_++; band < bands_; band = next_++) {
                std::exception_ptr failure;
                try {
                    work_(BandOf{band, bands_});
                } catch (...) {
                    failure = std::current_exception();
                }
                const std::scoped_lock lock(mutex_);
                failure_ = failure ? failure : failure_;
                if (++done_ == bands_) {
                    allDone_.notify_all();
                }
            }
        }
        void wait() {
            std::unique_lock lock(mutex_);
            allDone_.wait(lock, [this] { return done_ == bands_; });
            if (failure_) {
                std::rethrow_exception(failure_);
            }
        }

    private:
        const Work& work_; ///< valid until wait() returns
        int bands_;
        std::atomic<int> next_ = 0;
        std::mutex mutex_;
        std::condition_variable allDone_;
        int done_ = 0;
        std::exception_ptr failure_;
    };

    int bands_;
    std::vector<std::unique_ptr<TaskThread<void>>> helpers_;
};

} // namespace body4d::blazepose

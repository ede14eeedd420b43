#pragma once

#include "models/blazepose/task_thread.h"
#include "models/blazepose/wide_layers.h"

#include <memory>
#include <vector>

namespace body4d::blazepose {

/// Threads that wait for their band of a crop: work of a millisecond ends before a thread started for it would have run.
class BandCrew {
public:
    explicit BandCrew(int bands) {
        for (int i = 1; i < bands; ++i) {
            helpers_.push_back(std::make_unique<TaskThread<void>>());
        }
    }
    [[nodiscard]] int bands() const { return static_cast<int>(helpers_.size()) + 1; }

    /// Calls work(band) for every band, the first one on the caller's thread, and returns once all are done. Rethrows what
    /// one of them threw.
    template <typename Work>
    void run(const Work& work) {
        std::vector<std::shared_future<void>> others;
        for (int i = 1; i < bands(); ++i) {
            others.push_back(helpers_[static_cast<std::size_t>(i - 1)]->submit([&work, i, this] { work(BandOf{i, bands()}); }));
        }
        std::exception_ptr own;
        try {
            work(BandOf{0, bands()});
        } catch (...) {
            own = std::current_exception(); // the others still use `work`
        }
        for (const auto& other : others) {
            other.wait();
        }
        if (own) {
            std::rethrow_exception(own);
        }
        for (const auto& other : others) {
            other.get();
        }
    }

private:
    std::vector<std::unique_ptr<TaskThread<void>>> helpers_;
};

} // namespace body4d::blazepose

#pragma once

#include "nn/graph_cache.h"

#include <stdexcept>

namespace body4d::testing {

/// Stands for a GPU's recorder: a "recording" runs the computation again, on the memory that it was recorded with. What
/// comes out is right only where the computation depends on its inputs alone, which is what real recordings need.
class FakeRecorder final : public nn::WorkRecorder {
public:
    std::unique_ptr<nn::RecordedWork> record(const std::function<void()>& work) override {
        if (failures > 0) {
            --failures;
            throw std::runtime_error(failure);
        }
        ++recorded;
        work(); // sets up where results are
        return std::make_unique<Again>(work, alive);
    }
    int recorded = 0;
    int failures = 0; ///< calls that fail from now on
    std::string failure = "operation not permitted when stream is capturing";
    std::shared_ptr<int> alive = std::make_shared<int>(0); ///< recordings that exist

private:
    class Again final : public nn::RecordedWork {
    public:
        Again(std::function<void()> work, std::shared_ptr<int> alive)
            : work_(std::move(work)), alive_(std::move(alive)) {
            ++*alive_;
        }
        ~Again() override { --*alive_; }
        void launch() override { work_(); }

    private:
        std::function<void()> work_;
        std::shared_ptr<int> alive_;
    };
};

} // namespace body4d::testing

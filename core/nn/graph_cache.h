#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "nn/side_stream.h"

namespace body4d::nn {

/// Work for a device that was recorded, to be launched as a whole as often as wanted. It reads and writes the
/// same memory every time.
class RecordedWork {
public:
    virtual ~RecordedWork() = default;
    virtual void launch() = 0; ///< into the thread's own queue
};

/// Records what is asked of a device instead of doing it.
class WorkRecorder {
public:
    virtual ~WorkRecorder() = default;
    /// @param work must not wait for the device
    /// @throws what `work` throws, or c10::Error where the device cannot record something that it asks for
    [[nodiscard]] virtual std::unique_ptr<RecordedWork> record(const std::function<void()>& work) = 0;
};

/// The recorder of a CUDA device. Null on the CPU, and where the program was built without it: it lies in a
/// library of its own, which is loaded when a GPU asks for it, because it needs CUDA's headers to be compiled.
[[nodiscard]] std::shared_ptr<WorkRecorder> workRecorder(c10::Device device);

/// Runs computations whose shapes come again. Asking for operators one by one costs the host more than small
/// ones cost a GPU; once inputs of the same shapes have come a few times, the whole computation is recorded,
/// and from then on it is one launch. Without a recorder, and where recording fails, everything is computed as
/// it stands. Thread-safe; threads that share a recording follow one another on the device.
class GraphCache {
public:
    using Tensors = std::vector<at::Tensor>;
    using Compute = std::function<Tensors(const Tensors&)>;

    /// Runs of a shape before it is worth a recording. The first also pays for what libraries set up once,
    /// which cannot be recorded.
    static constexpr int kRunsBefore = 3;

    /// @param recorder null: never records
    /// @param most recordings that are kept; each holds the memory that its computation takes
    explicit GraphCache(std::shared_ptr<WorkRecorder> recorder, std::size_t most = 8)
        : recorder_(std::move(recorder)), most_(most) {}

    /// @param part name of the computation with all that decides what it does beside the inputs
    /// @param inputs on one device
    /// @param compute a pure function of the inputs and of tensors that never change (weights); must not read
    /// values of the device
    /// @returns what compute returns; the caller's own
    [[nodiscard]] Tensors operator()(std::string_view part, const Tensors& inputs, const Compute& compute);

    /// Whether anything is ever recorded.
    [[nodiscard]] bool active() const { return recorder_ != nullptr; }
    /// Lets go of all recordings and their memory.
    void clear();
    [[nodiscard]] std::size_t recordings() const;
    [[nodiscard]] std::size_t launches() const; ///< so far

private:
    struct Entry {
        std::string key;
        int runs = 0;
        bool refused = false;
        std::unique_ptr<RecordedWork> work; ///< null: not recorded
        Tensors inputs, outputs;            ///< the memory that it reads and writes
        SideStream::Mark used;              ///< behind its last use
        void forget(); ///< the recording and its memory, once the device is done with them
    };
    Entry& entryOf(std::string key);
    void record(Entry& entry, const Tensors& inputs, const Compute& compute);
    Tensors repeat(Entry& entry, const Tensors& inputs);
    void dropRecordings();

    const std::shared_ptr<WorkRecorder> recorder_;
    const std::size_t most_;
    mutable std::mutex mutex_;
    std::list<Entry> entries_; ///< the one used last in front
    std::size_t launches_ = 0;
};

/// The next size on a ladder of about four steps per doubling, at least n: batches that are filled up to it have few
/// shapes. @param n at least 1
[[nodiscard]] std::int64_t bucketOf(std::int64_t n);

} // namespace body4d::nn

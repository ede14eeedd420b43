#include "nn/graph_cache.h"

#include "base/error.h"
#include "base/log.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <bit>
#include <dlfcn.h>
#include <filesystem>
#include <utility>

#include "nn/cuda/recorder_entry.h"

namespace body4d::nn {
namespace {

namespace fs = std::filesystem;

/// Shapes whose runs are counted at most.
constexpr std::size_t kMostShapes = 64;

std::string keyOf(std::string_view part, const GraphCache::Tensors& inputs) {
    std::string key(part);
    for (const auto& x : inputs) {
        key += '|';
        key += x.device().str();
        key += at::toString(x.scalar_type());
        for (const auto d : x.sizes()) {
            key += ' ';
            key += std::to_string(d);
        }
    }
    return key;
}

std::string firstLineOf(const std::exception& e) {
    const auto* ours = dynamic_cast<const c10::Error*>(&e);
    const std::string text = ours != nullptr ? ours->what_without_backtrace() : e.what();
    return text.substr(0, text.find('\n'));
}

/// Beside the library or program that this code is a part of.
RecorderEntry* recorderEntry() {
    static RecorderEntry* const entry = []() -> RecorderEntry* {
        Dl_info here{};
        if (dladdr(reinterpret_cast<const void*>(&workRecorder), &here) == 0 || here.dli_fname == nullptr) {
            return nullptr;
        }
        const auto folder = fs::path(here.dli_fname).parent_path();
        for (const auto& place : {folder, folder / "../lib"}) {
            std::error_code code;
            const auto file = place / kRecorderLibrary;
            if (!fs::is_regular_file(file, code)) {
                continue;
            }
            if (void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
                return reinterpret_cast<RecorderEntry*>(dlsym(library, kRecorderSymbol));
            }
            log(LogLevel::Warning,
                std::string("CUDA graphs are not available, which costs speed: ") + dlerror() + ".");
        }
        return nullptr;
    }();
    return entry;
}

} // namespace

std::shared_ptr<WorkRecorder> workRecorder(c10::Device device) {
    auto* entry = device.is_cuda() ? recorderEntry() : nullptr;
    return std::shared_ptr<WorkRecorder>(entry != nullptr ? entry(kRecorderAbi, device.index()) : nullptr);
}

void GraphCache::Entry::forget() {
    used.wait();
    work.reset();
    inputs = outputs = {};
    runs = 0;
}

GraphCache::Entry& GraphCache::entryOf(std::string key) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
    if (found != entries_.end()) {
        entries_.splice(entries_.begin(), entries_, found);
    } else {
        entries_.emplace_front().key = std::move(key);
        if (entries_.size() > kMostShapes) {
            entries_.back().forget();
            entries_.pop_back();
        }
    }
    return entries_.front();
}

GraphCache::Tensors GraphCache::operator()(std::string_view part, const Tensors& inputs,
                                           const Compute& compute) {
    BODY4D_EXPECT(!inputs.empty());
    if (!recorder_) {
        return compute(inputs);
    }
    try {
        if (const std::scoped_lock lock(mutex_); true) {
            auto& entry = entryOf(keyOf(part, inputs));
            if (!entry.work && !entry.refused && ++entry.runs > kRunsBefore) {
                record(entry, inputs, compute);
            }
            if (entry.work) {
                return repeat(entry, inputs);
            }
        }
        return compute(inputs);
    } catch (const c10::OutOfMemoryError&) {
        clear(); // the caller tries again with less, and needs the room
        throw;
    }
}

void GraphCache::record(Entry& entry, const Tensors& inputs, const Compute& compute) {
    std::size_t kept = 0;
    for (auto& other : entries_) { // the one used longest ago makes room
        if (other.work && ++kept >= most_) {
            other.forget();
        }
    }
    try {
        for (const auto& x : inputs) {
            entry.inputs.push_back(x.clone(at::MemoryFormat::Contiguous));
        }
        entry.work = recorder_->record([&entry, compute] { entry.outputs = compute(entry.inputs); });
    } catch (const std::exception& e) {
        // Speed is all that is lost. Memory that ran out is a reason to keep no recordings at all.
        entry.refused = true;
        entry.inputs = entry.outputs = {};
        const auto why = firstLineOf(e);
        log(LogLevel::Debug, "Not recorded: " + entry.key + ": " + why);
        if (why.find("out of memory") != std::string::npos) {
            dropRecordings();
        }
    }
}

GraphCache::Tensors GraphCache::repeat(Entry& entry, const Tensors& inputs) {
    entry.used.holdBack();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        entry.inputs[i].copy_(inputs[i], /*non_blocking=*/true);
    }
    entry.work->launch();
    ++launches_;
    Tensors own;
    own.reserve(entry.outputs.size());
    for (const auto& x : entry.outputs) {
        own.push_back(x.clone());
    }
    entry.used = SideStream::Mark::here(inputs.front().device());
    return own;
}

void GraphCache::dropRecordings() {
    for (auto& entry : entries_) {
        entry.forget();
    }
}

void GraphCache::clear() {
    const std::scoped_lock lock(mutex_);
    dropRecordings();
}

std::size_t GraphCache::recordings() const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const Entry& e) { return e.work != nullptr; }));
}

std::size_t GraphCache::launches() const {
    const std::scoped_lock lock(mutex_);
    return launches_;
}

std::int64_t bucketOf(std::int64_t n) {
    // A quarter of the power of two below is the step, so that at most a fifth of a call is filling.
    const auto step = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(n, 1)))) / 4);
    return (n + step - 1) / step * step;
}

} // namespace body4d::nn

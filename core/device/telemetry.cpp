#include "device/telemetry.h"

#include "base/parallel.h"
#include "device/nvml.h"
#include "device/proc.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

namespace body4d {
namespace {

constexpr auto kPeriod = std::chrono::milliseconds(100);
constexpr std::size_t kHistory = 6000; ///< ten minutes

void raise(std::optional<std::int64_t>& peak, const std::optional<std::int64_t>& value) {
    if (value) {
        peak = std::max(peak.value_or(0), *value);
    }
}

} // namespace

DeviceDescription describeDevice() {
    DeviceDescription device;
    device.cpu = detail::cpuModel();
    device.cores = usableCores();
    device.memoryBytes = detail::systemMemory().totalBytes;
    if (const auto nvml = detail::Nvml::load()) {
        device.gpu = nvml->gpuName();
        device.driver = nvml->driver();
        if (const auto memory = nvml->memory()) {
            device.gpuMemoryBytes = memory->totalBytes;
        }
    }
    return device;
}

struct Telemetry::Impl {
    using Clock = std::chrono::steady_clock;

    mutable std::mutex mutex;
    std::condition_variable_any wake;
    std::deque<TelemetrySample> samples;
    std::vector<StagePeak> peaks;
    std::optional<StagePeak> current;
    Clock::time_point stageStart;
    bool exactPeak = false;
    std::function<AllocatorUse()> probe;

    const Clock::time_point start = Clock::now();
    std::unique_ptr<detail::Nvml> nvml; ///< used by the sampling thread only
    double lastCpu = 0, lastSeconds = 0;
    std::jthread thread; ///< last member: joined first

    void loop(const std::stop_token& stop) {
        nvml = detail::Nvml::load();
        while (!stop.stop_requested()) {
            sample();
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kPeriod, [] { return false; });
        }
    }

    void sample() {
        TelemetrySample s;
        s.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        const auto use = detail::processUse();
        const auto memory = detail::systemMemory();
        s.processBytes = use.residentBytes;
        s.systemTotalBytes = memory.totalBytes;
        s.systemAvailableBytes = memory.availableBytes;
        if (s.seconds > lastSeconds) {
            s.cpuLoad = std::max(0.0, (use.cpuSeconds - lastCpu) / (s.seconds - lastSeconds));
        }
        lastCpu = use.cpuSeconds;
        lastSeconds = s.seconds;
        if (nvml) {
            if (const auto device = nvml->memory()) {
                s.deviceUsedBytes = device->usedBytes;
                s.deviceTotalBytes = device->totalBytes;
            }
            s.deviceLoad = nvml->load01();
            s.deviceProcessBytes = nvml->processBytes();
        }
        std::function<AllocatorUse()> ask;
        {
            const std::scoped_lock lock(mutex);
            ask = probe;
        }
        if (ask) {
            const auto held = ask();
            s.allocatorBytes = held.current;
            s.allocatorPeakBytes = held.peak;
            s.allocatorReservedBytes = held.reserved;
        }
        const std::scoped_lock lock(mutex);
        take(s);
        samples.push_back(s);
        if (samples.size() > kHistory) {
            samples.pop_front();
        }
    }

    void take(const TelemetrySample& s) {
        if (current) {
            current->processPeakBytes = std::max(current->processPeakBytes, s.processBytes);
            raise(current->devicePeakBytes, s.deviceUsedBytes);
            raise(current->allocatorPeakBytes, s.allocatorBytes);
        }
    }

    void close() {
        if (!current) {
            return;
        }
        current->seconds = std::chrono::duration<double>(Clock::now() - stageStart).count();
        // Ten samples a second miss short peaks; the kernel's own high-water mark does not.
        current->processPeakBytes =
            std::max(current->processPeakBytes,
                     exactPeak ? detail::peakResidentBytes() : detail::processUse().residentBytes);
        const auto same = std::find_if(peaks.begin(), peaks.end(),
                                       [&](const StagePeak& p) { return p.stage == current->stage; });
        if (same == peaks.end()) {
            peaks.push_back(*current);
        } else {
            same->seconds += current->seconds;
            same->processPeakBytes = std::max(same->processPeakBytes, current->processPeakBytes);
            raise(same->devicePeakBytes, current->devicePeakBytes);
            raise(same->allocatorPeakBytes, current->allocatorPeakBytes);
        }
        current.reset();
    }
};

Telemetry::Telemetry() : impl_(std::make_unique<Impl>()) {
    impl_->thread = std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->loop(stop); });
}

Telemetry::~Telemetry() = default;

TelemetrySample Telemetry::latest() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->samples.empty() ? TelemetrySample() : impl_->samples.back();
}

std::vector<TelemetrySample> Telemetry::history(double seconds) const {
    const std::scoped_lock lock(impl_->mutex);
    const auto& all = impl_->samples;
    if (all.empty()) {
        return {};
    }
    const double from = all.back().seconds - seconds;
    const auto first =
        std::find_if(all.begin(), all.end(), [from](const auto& s) { return s.seconds >= from; });
    return {first, all.end()};
}

void Telemetry::beginStage(const std::string& stage) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->close();
    impl_->exactPeak = detail::resetPeakResident();
    impl_->current = StagePeak{
        .stage = stage, .seconds = 0, .processPeakBytes = 0, .devicePeakBytes = {}, .allocatorPeakBytes = {}};
    impl_->stageStart = Impl::Clock::now();
}

void Telemetry::endStage() {
    const std::scoped_lock lock(impl_->mutex);
    impl_->close();
}

std::vector<Telemetry::StagePeak> Telemetry::stagePeaks() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->peaks;
}

void Telemetry::setAllocatorProbe(std::function<AllocatorUse()> probe) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->probe = std::move(probe);
}

} // namespace body4d

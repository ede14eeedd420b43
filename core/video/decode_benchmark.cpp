#include "video/decode_benchmark.h"

#include "video/peer_program_internal.h"
#include "video/video_reader.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <unistd.h>
#include <vector>

namespace body4d {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// @param prepare  gives what is asked for the frame; its time does not count
template <typename Prepare>
DecodeBenchmark::Seeks timeSeeks(const std::vector<std::int64_t>& goals, const Prepare& prepare) {
    std::vector<double> times;
    double cpu = 0;
    for (const std::int64_t goal : goals) {
        const auto reader = prepare();
        const double cpuBefore = detail::ownCpuSeconds();
        const auto start = Clock::now();
        (void)reader->read(goal);
        times.push_back(since(start) * 1e3);
        cpu += detail::ownCpuSeconds() - cpuBefore;
    }
    std::sort(times.begin(), times.end());
    return {times[times.size() / 2], times.back(), 1e3 * cpu / static_cast<double>(times.size())};
}

/// Frames as the window reads them.
struct Window {
    static constexpr std::size_t kCacheBytes = std::size_t{512} << 20;
    explicit Window(const std::filesystem::path& video) : source(video, kCacheBytes) {}
    ImagePtr read(std::int64_t index) { return source.frame(index); }
    FrameSource source;
};

/// Resident memory of this process.
double residentMiB() {
    long long pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

} // namespace

DecodeBenchmark benchmarkDecode(const std::filesystem::path& video, int rounds, int seeks) {
    DecodeBenchmark result;
    double best = 0, peerBest = 0;
    for (int round = 0; round < std::max(rounds, 1); ++round) {
        const double cpuBefore = detail::ownCpuSeconds();
        const auto start = Clock::now();
        const auto reader = VideoReader::open(video);
        result.openMs = since(start) * 1e3;
        result.frames = reader->info().frameCount;
        for (std::int64_t i = 0; i < result.frames; ++i) {
            (void)reader->read(i);
        }
        const double seconds = since(start);
        if (round == 0 || seconds < best) {
            best = seconds;
            result.cpuSeconds = detail::ownCpuSeconds() - cpuBefore;
        }
        const auto peer = detail::runPeer({"ffmpeg", "-v", "quiet", "-nostdin", "-i", "file:" + video.string(), "-map",
                                           "0:v:0", "-pix_fmt", "rgb24", "-f", "null", "-"});
        if (peer.good && (peerBest == 0 || peer.seconds < peerBest)) {
            peerBest = peer.seconds;
            result.peerCpuSeconds = peer.cpuSeconds;
        }
    }
    result.framesPerSecond = static_cast<double>(result.frames) / best;
    result.peerFramesPerSecond = peerBest > 0 ? static_cast<double>(result.frames) / peerBest : 0;

    std::mt19937 random(1);
    std::vector<std::int64_t> goals;
    for (int i = 0; i < std::max(seeks, 1); ++i) {
        goals.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(result.frames)));
    }
    VideoReader::Options options;
    options.keepBytes = 0; // frames kept from earlier seeks would answer most of the later ones
    result.firstSeeks = timeSeeks(goals, [&] { return VideoReader::open(video, options); });
    const double residentBefore = residentMiB();
    const auto reader = VideoReader::open(video, options);
    result.seeks = timeSeeks(goals, [&] { return reader.get(); });
    result.seekMiB = residentMiB() - residentBefore;
    const auto window = std::make_unique<Window>(video);
    result.windowSeeks = timeSeeks(goals, [&] { return window.get(); });
    return result;
}

} // namespace body4d

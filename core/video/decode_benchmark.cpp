#include "video/decode_benchmark.h"

#include "video/video_reader.h"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <random>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace body4d {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpuOf(const rusage& usage) {
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ownCpu() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return cpuOf(usage);
}

/// @returns seconds, negative when the program is not there or fails
double runPeer(const std::filesystem::path& video, double& cpu) {
    const std::string input = "file:" + video.string();
    std::vector<std::string> words = {"ffmpeg", "-v",       "quiet", "-nostdin", "-i",   input, "-map",
                                      "0:v:0",  "-pix_fmt", "rgb24", "-f",       "null", "-"};
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int descriptor : {0, 1, 2}) {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null",
                                         descriptor == 0 ? O_RDONLY : O_WRONLY, 0);
    }
    const auto start = Clock::now();
    pid_t child = 0;
    const int code = posix_spawnp(&child, "ffmpeg", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        return -1;
    }
    int status = 0;
    rusage usage{};
    if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return -1;
    }
    cpu = cpuOf(usage);
    return since(start);
}

/// @param prepare  gives what is asked for the frame; its time does not count
template <typename Prepare>
DecodeBenchmark::Seeks timeSeeks(const std::vector<std::int64_t>& goals, const Prepare& prepare) {
    std::vector<double> times;
    double cpu = 0;
    for (const std::int64_t goal : goals) {
        const auto reader = prepare();
        const double cpuBefore = ownCpu();
        const auto start = Clock::now();
        (void)reader->read(goal);
        times.push_back(since(start) * 1e3);
        cpu += ownCpu() - cpuBefore;
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
        const double cpuBefore = ownCpu();
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
            result.cpuSeconds = ownCpu() - cpuBefore;
        }
        double cpu = 0;
        const double peer = runPeer(video, cpu);
        if (peer > 0 && (peerBest == 0 || peer < peerBest)) {
            peerBest = peer;
            result.peerCpuSeconds = cpu;
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

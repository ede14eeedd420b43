#pragma once

#include "base/progress.h"
#include "models/scene_bench.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Time of one estimate, from pictures in memory to depths and cameras in memory.
struct SpeedRow {
    int frames = 0;
    double seconds = 0, deviation = 0; ///< mean and standard deviation
    double processorSeconds = 0;       ///< of all threads: on a busy machine the better measure of a CPU's work
    std::int64_t peakBytes = 0;        ///< weights included
    std::int64_t processPeakBytes = 0; ///< of main memory, the weights' pages included; 0: not known
    std::string failure;               ///< one sentence, where it was not measured
};

/// @param keep called with the rows so far whenever one is done; may be empty
/// @throws Cancelled
std::vector<SpeedRow> measureSpeed(SceneBench& bench, const std::vector<int>& frames, int width, int height,
                                   int warmUps, int repeats, const ProgressFn& progress,
                                   const std::stop_token& stop,
                                   const std::function<void(const std::vector<SpeedRow>&)>& keep = {});

/// What others say of VGGT-1B. Never measured here.
struct PublishedSpeed {
    std::string machine, source;
    int width = 0, height = 0;
    std::vector<std::pair<int, double>> secondsByFrames;
    /// @returns 0 where nothing was published for that number
    [[nodiscard]] double seconds(int frames) const;
};
[[nodiscard]] const std::vector<PublishedSpeed>& publishedSpeeds();

/// Memory of what was measured as a line over frames: fixed part and part of each frame, by least squares;
/// zeros where fewer than two rows were measured.
struct MemoryLine {
    double fixedBytes = 0, bytesPerFrame = 0;
};
[[nodiscard]] MemoryLine memoryLine(const std::vector<SpeedRow>& rows);

/// A table with the published figures beside those of this run, and sentences about both.
[[nodiscard]] std::string speedMarkdown(const std::string& model, const std::string& machine, int width,
                                        int height, const SceneBenchConditions& conditions,
                                        const std::vector<SpeedRow>& rows);

} // namespace body4d

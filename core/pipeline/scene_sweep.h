#pragma once

#include "base/image.h"
#include "base/progress.h"
#include "device/telemetry.h"
#include "models/scene_bench.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// One configuration of the sweep over memory.
struct SweepRow {
    std::string name;
    int scenes = 1; ///< "batch"
    int frames = 1; ///< of a scene: "seq"
    int side = 518; ///< of a square picture
};
/// The founding note's 17, in its order. One that is called "1frames" has four, as there.
[[nodiscard]] std::vector<SweepRow> sweepRows();
/// Rows by name, or written as SCENESxFRAMESxSIDE. @throws Error{Usage}
[[nodiscard]] std::vector<SweepRow> sweepRows(const std::vector<std::string>& names);

struct SweepOptions {
    std::vector<SweepRow> rows = sweepRows();
    int warmUps = 2, repeats = 5;
    /// Divides sides, down to a multiple of 14: the sweep in small, for machines without a GPU. 1: as it is.
    int shrink = 1;
    int mostFrames = 0;   ///< rows with more are skipped, and say so; 0: none
    bool asInNote = true; ///< also measure as the founding note did
};

/// One variant of one row.
struct SweepFigures {
    bool measured = false;
    double milliseconds = 0, deviation = 0; ///< mean and standard deviation of the timed runs
    std::int64_t peakBytes = 0;             ///< weights included
    std::int64_t keptBytes = 0;
    std::string failure; ///< one sentence, where it was not measured
};

struct SweepResult {
    SweepRow row;
    int side = 0; ///< as measured
    /// As in the founding note: warm-ups reach the transformer only, everything-kept runs first, and what a
    /// run kept stays in memory until the next one of its kind is done, and through the other variant's.
    SweepFigures notedEverything, notedKept;
    /// Both warm from end to end, nothing of any other run alive, the order alternating.
    SweepFigures everything, kept;
    std::string skipped; ///< why nothing was measured
    [[nodiscard]] bool both() const { return everything.measured && kept.measured; }
};

struct SweepReport {
    std::string model;
    SweepOptions options;
    SceneBenchConditions conditions;
    SceneBenchSizes sizes;
    DeviceDescription device;
    bool onGpu = false;
    /// What else the figures depend on, in any words: file of the weights, limits, threads.
    std::string circumstances;
    std::vector<SweepResult> results; ///< of the rows so far, in their order
    int begun = 0; ///< how often the row behind them was begun by a program that then vanished
    [[nodiscard]] bool finished() const { return results.size() == options.rows.size(); }
};

/// A sweep without a row yet. @throws Error{Usage}
[[nodiscard]] SweepReport beginSweep(SceneBench& bench, const std::string& model, bool onGpu,
                                     const SweepOptions& options, const std::string& circumstances = {});

/// Runs the rows that are not there yet; one that fails is recorded and the next one follows.
/// @param keep called when a row begins, when it is done and when it is stopped; may be empty
/// @throws Cancelled with the finished rows in `report`
void continueSweep(SweepReport& report, SceneBench& bench, const ProgressFn& progress, const std::stop_token& stop,
                   const std::function<void(const SweepReport&)>& keep = {});

/// A line for each row: the founding note's columns in its order, then the corrected ones and the conditions.
[[nodiscard]] std::string sweepCsv(const SweepReport& report);
/// Averages, best and worst, by resolution, by frames with the crossover, all rows.
[[nodiscard]] std::string sweepMarkdown(const SweepReport& report);

/// Writes the rows so far: benchmark_vram_sweep_STAMP.csv, .md and .unfinished.json, from which a sweep goes on.
void keepSweep(const SweepReport& report, const std::filesystem::path& folder, const std::string& stamp);

/// Takes over the rows of the newest unfinished sweep in `folder` that was asked for in the same way, with the same
/// network on the same machine.
/// @returns its stamp; empty: there is none, and `report` stays as it is
[[nodiscard]] std::string resumeSweep(SweepReport& report, const std::filesystem::path& folder);

/// Writes benchmark_vram_sweep_STAMP.csv and .md, and four plots as .svg and, where `writePicture` is given,
/// as .png; what keepSweep() left for going on is removed.
/// @returns the files
std::vector<std::filesystem::path>
writeSweep(const SweepReport& report, const std::filesystem::path& folder, const std::string& stamp,
           const std::function<void(const std::filesystem::path&, const Image&)>& writePicture);

} // namespace body4d

#include "pipeline/scene_sweep.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <new>

namespace body4d {
namespace {

SweepRow rowFromText(const std::string& text) {
    for (const auto& row : sweepRows()) {
        if (row.name == text) {
            return row;
        }
    }
    SweepRow row{text};
    int used = 0;
    if (std::sscanf(text.c_str(), "%dx%dx%d%n", &row.scenes, &row.frames, &row.side, &used) != 3 ||
        used != static_cast<int>(text.size()) || row.scenes < 1 || row.frames < 1 || row.side < 14 ||
        row.side > 4096 || row.side % 14 != 0) {
        throw Error(ErrorCode::Usage, "There is no row '" + text + "' in the sweep.",
                    "Use names such as 8frames_large_res, or SCENESxFRAMESxSIDE with a side that is a "
                    "multiple of 14.");
    }
    return row;
}

/// Mean and deviation of a variant's runs, with its highest peak.
class Runs {
public:
    void add(const SceneBenchPass& pass, std::int64_t peak) {
        times_.push_back(pass.milliseconds);
        peak_ = std::max(peak_, peak);
        kept_ = pass.keptBytes;
    }
    [[nodiscard]] SweepFigures figures() const {
        SweepFigures f;
        f.measured = !times_.empty();
        f.peakBytes = peak_;
        f.keptBytes = kept_;
        for (const double t : times_) {
            f.milliseconds += t / static_cast<double>(times_.size());
        }
        for (const double t : times_) {
            f.deviation += (t - f.milliseconds) * (t - f.milliseconds) / static_cast<double>(times_.size());
        }
        f.deviation = std::sqrt(f.deviation);
        return f;
    }

private:
    std::vector<double> times_;
    std::int64_t peak_ = 0, kept_ = 0;
};

/// Does what is measured; what goes wrong is told in `figures` and the sweep goes on.
void recorded(SweepFigures& figures, const std::function<void()>& measure) {
    try {
        measure();
    } catch (const Cancelled&) {
        throw;
    } catch (const Error& e) {
        figures = {};
        figures.failure = e.what() + (e.detail().empty() ? std::string() : " (" + e.detail() + ")");
    } catch (const std::bad_alloc&) {
        figures = {};
        figures.failure = "Not enough memory.";
    } catch (const std::exception& e) {
        figures = {};
        figures.failure = e.what();
    }
}

class Sweep {
public:
    Sweep(SceneBench& bench, const SweepOptions& options, const std::stop_token& stop)
        : bench_(bench), options_(options), stop_(stop) {}

    [[nodiscard]] SweepResult unmeasured(const SweepRow& row) const {
        SweepResult result;
        result.row = row;
        result.side = std::max(14, row.side / options_.shrink / 14 * 14);
        return result;
    }

    SweepResult measure(const SweepRow& row) {
        auto result = unmeasured(row);
        if (options_.mostFrames > 0 && row.scenes * row.frames > options_.mostFrames) {
            result.skipped = "skipped: more than " + std::to_string(options_.mostFrames) + " frames";
            return result;
        }
        request_.scenes = row.scenes;
        request_.frames = row.frames;
        request_.width = request_.height = result.side;
        if (options_.asInNote) {
            asInNote(result);
        }
        corrected(result);
        return result;
    }

private:
    SceneBenchPass run(SceneVariant variant, bool heads = true) {
        request_.variant = variant;
        request_.heads = heads;
        return bench_.run(request_, stop_);
    }

    void asInNote(SweepResult& result) {
        std::shared_ptr<void> alive[2]; // what the last run of each variant kept
        for (const auto variant : {SceneVariant::EverythingKept, SceneVariant::KeptOutputs}) {
            const bool everything = variant == SceneVariant::EverythingKept;
            auto& figures = everything ? result.notedEverything : result.notedKept;
            auto& held = alive[everything ? 0 : 1];
            recorded(figures, [&] {
                for (int i = 0; i < options_.warmUps; ++i) {
                    (void)run(variant, false);
                }
                Runs runs;
                bench_.resetPeak();
                for (int i = 0; i < options_.repeats; ++i) {
                    const auto pass = run(variant);
                    held = pass.kept;
                    runs.add(pass, bench_.peakBytes());
                }
                figures = runs.figures();
            });
        }
    }

    void corrected(SweepResult& result) {
        for (int i = 0; i < std::max(1, options_.warmUps / 2); ++i) {
            recorded(result.everything, [&] { (void)run(SceneVariant::EverythingKept); });
            recorded(result.kept, [&] { (void)run(SceneVariant::KeptOutputs); });
        }
        Runs everything, kept;
        for (int i = 0; i < options_.repeats; ++i) {
            for (int turn = 0; turn < 2; ++turn) {
                const bool first = (i + turn) % 2 == 0; // everything first, then last
                auto& figures = first ? result.everything : result.kept;
                if (!figures.failure.empty()) {
                    continue;
                }
                recorded(figures, [&] {
                    bench_.resetPeak();
                    const auto pass = run(first ? SceneVariant::EverythingKept : SceneVariant::KeptOutputs);
                    (first ? everything : kept).add(pass, bench_.peakBytes());
                });
            }
        }
        if (result.everything.failure.empty()) {
            result.everything = everything.figures();
        }
        if (result.kept.failure.empty()) {
            result.kept = kept.figures();
        }
    }

    SceneBench& bench_;
    const SweepOptions& options_;
    const std::stop_token& stop_;
    SceneBenchRequest request_;
};

} // namespace

std::vector<SweepRow> sweepRows() {
    std::vector<SweepRow> rows = {
        {"small_2frames", 1, 2, 112}, {"small_4frames", 1, 4, 112}, {"medium_B1_S8", 1, 8, 224},
        {"medium_B2_S4", 2, 4, 224},  {"medium_B4_S2", 4, 2, 224},  {"res_112", 1, 4, 112},
        {"res_224", 1, 4, 224},       {"res_448", 1, 4, 448},       {"1frames_large_res", 1, 4, 518}};
    for (int frames = 2; frames <= 256; frames *= 2) {
        rows.push_back({std::to_string(frames) + "frames_large_res", 1, frames, 518});
    }
    return rows;
}

std::vector<SweepRow> sweepRows(const std::vector<std::string>& names) {
    std::vector<SweepRow> rows;
    for (const auto& name : names) {
        rows.push_back(rowFromText(name));
    }
    return rows;
}

SweepReport beginSweep(SceneBench& bench, const std::string& model, bool onGpu, const SweepOptions& options,
                       const std::string& circumstances) {
    if (options.repeats < 1 || options.warmUps < 0 || options.shrink < 1) {
        throw Error(ErrorCode::Usage, "A sweep needs at least one timed run, and shrinks by at least 1.",
                    "Use --repeats 5 --warm-ups 2 --shrink 1.");
    }
    SweepReport report;
    report.model = model;
    report.options = options;
    report.sizes = bench.sizes();
    report.device = describeDevice();
    report.onGpu = onGpu;
    report.conditions = bench.conditions(8, 518, 518);
    report.circumstances = circumstances;
    return report;
}

void continueSweep(SweepReport& report, SceneBench& bench, const ProgressFn& progress, const std::stop_token& stop,
                   const std::function<void(const SweepReport&)>& keep) {
    // The system ends a program that takes too much memory without a word: such a row is tried once more, then left.
    constexpr int kMostTries = 2;
    const auto kept = [&] {
        if (keep) {
            keep(report);
        }
    };
    Sweep sweep(bench, report.options, stop);
    while (!report.finished()) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        const auto& row = report.options.rows[report.results.size()];
        if (progress) {
            Progress p;
            p.stage = "sweep";
            p.phase = row.name;
            p.done = static_cast<long long>(report.results.size());
            p.total = static_cast<long long>(report.options.rows.size());
            progress(p);
        }
        SweepResult result;
        if (report.begun >= kMostTries) {
            result = sweep.unmeasured(row);
            result.skipped = "failed: the program vanished in this row " + std::to_string(report.begun) +
                             " times, probably for want of memory";
        } else {
            ++report.begun;
            kept();
            try {
                result = sweep.measure(row);
            } catch (const Cancelled&) {
                --report.begun; // stopped, which says nothing about the row
                kept();
                throw;
            }
        }
        report.begun = 0;
        report.results.push_back(std::move(result));
        kept();
    }
}

} // namespace body4d

#include "base/files.h"
#include "export/chart.h"
#include "pipeline/scene_sweep.h"
#include "pipeline/scene_sweep_internal.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <functional>
#include <map>

namespace body4d {
namespace fs = std::filesystem;
namespace {

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string text(const char* format, ...) {
    char line[512];
    va_list values;
    va_start(values, format);
    std::vsnprintf(line, sizeof line, format, values);
    va_end(values);
    return line;
}

double mib(std::int64_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
}

/// By how much b is below a, percent.
double reduction(std::int64_t a, std::int64_t b) {
    return a > 0 ? 100 * (1 - static_cast<double>(b) / static_cast<double>(a)) : 0;
}

int framesOf(const SweepResult& r) {
    return r.row.scenes * r.row.frames;
}

double framesPerSecond(const SweepResult& r, const SweepFigures& f) {
    return f.measured && f.milliseconds > 0 ? 1e3 * framesOf(r) / f.milliseconds : 0;
}

std::string quoted(const std::string& words) {
    std::string out = "\"";
    for (const char c : words) {
        out += c == '"' ? "\"\"" : std::string(1, c == '\n' ? ' ' : c);
    }
    return out + "\"";
}

std::string statusOf(const SweepReport& report, const SweepResult& r) {
    if (!r.skipped.empty()) {
        return r.skipped;
    }
    std::string status;
    const auto add = [&](const char* what, const SweepFigures& f) {
        if (!f.failure.empty()) {
            status += (status.empty() ? "" : "; ") + std::string(what) + ": " + f.failure;
        }
    };
    if (report.options.asInNote) {
        add("everything kept, as in the founding note", r.notedEverything);
        add("kept outputs, as in the founding note", r.notedKept);
    }
    add("everything kept", r.everything);
    add("kept outputs", r.kept);
    return status.empty() ? "ok" : status;
}

/// Time, deviation of both, speedup: empty where something was not measured.
std::string timeFields(const SweepFigures& everything, const SweepFigures& kept) {
    std::string out;
    for (const auto* f : {&everything, &kept}) {
        out += f->measured ? text(",%.3f,%.3f", f->milliseconds, f->deviation) : ",,";
    }
    return out + (everything.measured && kept.measured
                      ? text(",%.4f", everything.milliseconds / kept.milliseconds)
                      : ",");
}

std::string memoryFields(const SweepFigures& everything, const SweepFigures& kept,
                         std::int64_t SweepFigures::*bytes) {
    std::string out;
    for (const auto* f : {&everything, &kept}) {
        out += f->measured ? text(",%lld", static_cast<long long>(f->*bytes)) : ",";
    }
    return out + (everything.measured && kept.measured
                      ? text(",%.4f", reduction(everything.*bytes, kept.*bytes))
                      : ",");
}

/// Mean, worst and best of something over rows.
struct Spread {
    double sum = 0, low = 0, high = 0;
    int count = 0;
    std::string lowName, highName;
    void add(double value, const std::string& name) {
        if (count == 0 || value < low) {
            low = value, lowName = name;
        }
        if (count == 0 || value > high) {
            high = value, highName = name;
        }
        sum += value;
        ++count;
    }
    [[nodiscard]] double mean() const { return count > 0 ? sum / count : 0; }
};

using detail::machineOf;

using Pick = std::function<std::pair<const SweepFigures*, const SweepFigures*>(const SweepResult&)>;

void averages(std::string& out, const SweepReport& report, const Pick& pick) {
    Spread speed, memory, storage;
    for (const auto& r : report.results) {
        const auto [everything, kept] = pick(r);
        if (everything->measured && kept->measured) {
            speed.add(everything->milliseconds / kept->milliseconds, r.row.name);
            memory.add(reduction(everything->peakBytes, kept->peakBytes), r.row.name);
            storage.add(reduction(everything->keptBytes, kept->keptBytes), r.row.name);
        }
    }
    if (speed.count == 0) {
        out += "No row has figures of both variants.\n";
        return;
    }
    out += text("- speedup: mean %.3f, worst %.3f (%s), best %.3f (%s)\n", speed.mean(), speed.low,
                speed.lowName.c_str(), speed.high, speed.highName.c_str());
    out += text("- peak memory: %+.2f %% less on average, worst %+.2f %% (%s), best %+.2f %% (%s)\n",
                memory.mean(), memory.low, memory.lowName.c_str(), memory.high, memory.highName.c_str());
    out += text("- kept outputs: %.2f %% smaller on average, %.2f to %.2f %%\n", storage.mean(), storage.low,
                storage.high);
}

void byResolution(std::string& out, const SweepReport& report) {
    std::map<int, std::vector<const SweepResult*>> groups;
    for (const auto& r : report.results) {
        if (r.both()) {
            groups[r.side].push_back(&r);
        }
    }
    out +=
        "\n## By resolution (corrected)\n\n| side | rows | speedup | everything kept ms | kept outputs ms | "
        "everything kept MiB | kept outputs MiB | less memory |\n|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for (const auto& [side, rows] : groups) {
        const auto n = static_cast<double>(rows.size());
        double speed = 0, fullMs = 0, keptMs = 0, full = 0, kept = 0, less = 0;
        for (const auto* r : rows) {
            speed += r->everything.milliseconds / r->kept.milliseconds / n;
            fullMs += r->everything.milliseconds / n;
            keptMs += r->kept.milliseconds / n;
            full += mib(r->everything.peakBytes) / n;
            kept += mib(r->kept.peakBytes) / n;
            less += reduction(r->everything.peakBytes, r->kept.peakBytes) / n;
        }
        out += text("| %d | %zu | %.3f | %.1f | %.1f | %.1f | %.1f | %.2f %% |\n", side, rows.size(), speed,
                    fullMs, keptMs, full, kept, less);
    }
}

/// Rows of one scene at the largest side, by frames; one for each number of frames.
std::vector<const SweepResult*> scaling(const SweepReport& report) {
    int side = 0;
    for (const auto& r : report.results) {
        side = r.both() ? std::max(side, r.side) : side;
    }
    std::map<int, const SweepResult*> rows;
    for (const auto& r : report.results) {
        if (r.both() && r.side == side && r.row.scenes == 1) {
            rows.emplace(r.row.frames, &r);
        }
    }
    std::vector<const SweepResult*> out;
    for (const auto& [frames, r] : rows) {
        out.push_back(r);
    }
    return out;
}

/// From which number of frames on a condition holds for all larger ones; 0: for none.
int from(const std::vector<const SweepResult*>& rows, const std::function<bool(const SweepResult&)>& holds) {
    int first = 0;
    for (auto r = rows.rbegin(); r != rows.rend() && holds(**r); ++r) {
        first = (*r)->row.frames;
    }
    return first;
}

void byFrames(std::string& out, const SweepReport& report) {
    const auto rows = scaling(report);
    if (rows.empty()) {
        return;
    }
    out += text("\n## By frames at %d pixels (corrected)\n\n| frames | everything kept MiB | kept outputs "
                "MiB | less | "
                "frames/s, everything kept | frames/s, kept outputs |\n|---:|---:|---:|---:|---:|---:|\n",
                rows.front()->side);
    for (const auto* r : rows) {
        out += text("| %d | %.1f | %.1f | %.2f %% | %.2f | %.2f |\n", r->row.frames,
                    mib(r->everything.peakBytes), mib(r->kept.peakBytes),
                    reduction(r->everything.peakBytes, r->kept.peakBytes), framesPerSecond(*r, r->everything),
                    framesPerSecond(*r, r->kept));
    }
    const auto sentence = [&](const char* what, double percent) {
        const int frames = from(rows, [&](const SweepResult& r) {
            return reduction(r.everything.peakBytes, r.kept.peakBytes) >= percent;
        });
        out += frames > 0 ? text("%s from %d frames on. ", what, frames)
                          : text("%s at no number of frames measured here. ", what);
    };
    out += "\nCrossover: ";
    sentence("keeping only what is read needs less memory", 1e-9);
    sentence("It needs at most half", 50);
    const int faster =
        from(rows, [](const SweepResult& r) { return r.kept.milliseconds <= r.everything.milliseconds; });
    out += faster > 0 ? text("It is at least as fast from %d frames on.\n", faster)
                      : "At the largest number of frames it is not faster.\n";
}

void allRows(std::string& out, const SweepReport& report, const Pick& pick, bool withStatus) {
    out += "\n| name | batch | seq | frames | img | full_ms | opt_ms | speedup | full_mem_MB | opt_mem_MB | "
           "mem_red_% | "
           "storage_red_% |";
    out += withStatus ? " frames/s | status |\n" : "\n";
    out += "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";
    out += withStatus ? "---:|---|\n" : "\n";
    for (const auto& r : report.results) {
        const auto [everything, kept] = pick(r);
        const bool both = everything->measured && kept->measured;
        out += text("| %s | %d | %d | %d | %d |", r.row.name.c_str(), r.row.scenes, r.row.frames, framesOf(r),
                    r.side);
        const auto cell = [&](bool there, double value, int digits) {
            out += there ? text(" %.*f |", digits, value) : " |";
        };
        cell(everything->measured, everything->milliseconds, 3);
        cell(kept->measured, kept->milliseconds, 3);
        cell(both, both ? everything->milliseconds / kept->milliseconds : 0, 3);
        cell(everything->measured, mib(everything->peakBytes), 2);
        cell(kept->measured, mib(kept->peakBytes), 2);
        cell(both, reduction(everything->peakBytes, kept->peakBytes), 3);
        cell(both, reduction(everything->keptBytes, kept->keptBytes), 3);
        if (withStatus) {
            cell(kept->measured, framesPerSecond(r, *kept), 2);
            out += " " + statusOf(report, r) + " |";
        }
        out += "\n";
    }
}

Pick corrected() {
    return [](const SweepResult& r) { return std::pair{&r.everything, &r.kept}; };
}

std::vector<std::pair<std::string, Chart>> charts(const SweepReport& report) {
    const Rgb grey{128, 132, 140}, blue{20, 105, 214}, orange{214, 106, 20};
    const auto rows = scaling(report);
    Chart memory, less, time, resolution;
    const std::string of = report.model + (report.conditions.randomWeights ? " (random weights)" : "") +
                           (rows.empty() ? "" : text(", %d pixels", rows.front()->side));
    const std::string on = machineOf(report) + ", LibTorch " + report.conditions.libtorch + ", " +
                           report.conditions.dtype + ", attention: " + report.conditions.attention;
    memory.title = "Peak memory by frames: " + of;
    memory.yLabel = "MiB";
    less.title = "Memory saved by keeping only what is read: " + of;
    less.yLabel = "%";
    time.title = "Speed by frames: " + of;
    time.yLabel = "frames/s";
    for (auto* chart : {&memory, &less, &time}) {
        chart->subtitle = on;
        chart->xLabel = "frames";
        chart->logX = true;
    }
    memory.logY = time.logY = true;
    memory.series = {{"everything kept", {}, grey},
                     {"kept outputs", {}, blue},
                     {"everything kept, as in the note", {}, grey, true},
                     {"kept outputs, as in the note", {}, blue, true}};
    less.series = {{"corrected", {}, blue}, {"as in the note", {}, orange, true}};
    time.series = {{"everything kept", {}, grey}, {"kept outputs", {}, blue}};
    for (const auto* r : rows) {
        const double frames = r->row.frames;
        memory.series[0].points.push_back({frames, mib(r->everything.peakBytes)});
        memory.series[1].points.push_back({frames, mib(r->kept.peakBytes)});
        less.series[0].points.push_back({frames, reduction(r->everything.peakBytes, r->kept.peakBytes)});
        if (r->notedEverything.measured && r->notedKept.measured) {
            memory.series[2].points.push_back({frames, mib(r->notedEverything.peakBytes)});
            memory.series[3].points.push_back({frames, mib(r->notedKept.peakBytes)});
            less.series[1].points.push_back(
                {frames, reduction(r->notedEverything.peakBytes, r->notedKept.peakBytes)});
        }
        time.series[0].points.push_back({frames, framesPerSecond(*r, r->everything)});
        time.series[1].points.push_back({frames, framesPerSecond(*r, r->kept)});
    }
    resolution.title = "Peak memory by resolution, four frames: " + report.model +
                       (report.conditions.randomWeights ? " (random weights)" : "");
    resolution.subtitle = on;
    resolution.xLabel = "side, pixels";
    resolution.yLabel = "MiB";
    resolution.series = {{"everything kept", {}, grey}, {"kept outputs", {}, blue}};
    std::map<int, const SweepResult*> four;
    for (const auto& r : report.results) {
        if (r.both() && r.row.scenes == 1 && r.row.frames == 4) {
            four.emplace(r.side, &r);
        }
    }
    for (const auto& [side, r] : four) {
        resolution.series[0].points.push_back({static_cast<double>(side), mib(r->everything.peakBytes)});
        resolution.series[1].points.push_back({static_cast<double>(side), mib(r->kept.peakBytes)});
    }
    return {{"memory", memory}, {"saved", less}, {"speed", time}, {"resolution", resolution}};
}

} // namespace

std::string sweepCsv(const SweepReport& report) {
    std::string out =
        "name,batch,seq,total_frames,img_size,patch_size,embed_dim,depth,num_heads,full_time_ms,full_time_"
        "std_ms,"
        "opt_time_ms,opt_time_std_ms,speedup,full_mem_bytes,opt_mem_bytes,mem_reduction_pct,full_storage_"
        "bytes,"
        "opt_storage_bytes,storage_reduction_pct,"
        "corrected_full_time_ms,corrected_full_time_std_ms,corrected_opt_time_ms,corrected_opt_time_std_ms,"
        "corrected_speedup,corrected_full_mem_bytes,corrected_opt_mem_bytes,corrected_mem_reduction_pct,"
        "full_frames_per_s,opt_frames_per_s,model,weights,device,driver,cuda,cudnn,libtorch,dtype,attention,"
        "memory_books,status\n";
    const auto& c = report.conditions;
    std::string conditions;
    for (const auto& word :
         {report.model, std::string(c.randomWeights ? "random" : "from file"), machineOf(report),
          report.device.driver, c.cuda, c.cudnn, c.libtorch, c.dtype, c.attention, c.memory}) {
        conditions += "," + quoted(word);
    }
    for (const auto& r : report.results) {
        out += text("%s,%d,%d,%d,%d,%lld,%lld,%lld,%lld", r.row.name.c_str(), r.row.scenes, r.row.frames,
                    framesOf(r), r.side, static_cast<long long>(report.sizes.patch),
                    static_cast<long long>(report.sizes.width), static_cast<long long>(report.sizes.depth),
                    static_cast<long long>(report.sizes.heads));
        out += timeFields(r.notedEverything, r.notedKept);
        out += memoryFields(r.notedEverything, r.notedKept, &SweepFigures::peakBytes);
        out += memoryFields(report.options.asInNote ? r.notedEverything : r.everything,
                            report.options.asInNote ? r.notedKept : r.kept, &SweepFigures::keptBytes);
        out += timeFields(r.everything, r.kept);
        out += memoryFields(r.everything, r.kept, &SweepFigures::peakBytes);
        for (const auto* f : {&r.everything, &r.kept}) {
            out += f->measured ? text(",%.4f", framesPerSecond(r, *f)) : ",";
        }
        out += conditions + "," + quoted(statusOf(report, r)) + "\n";
    }
    return out;
}

std::string sweepMarkdown(const SweepReport& report) {
    const auto& c = report.conditions;
    std::string out = "# Memory sweep: " + report.model + "\n\n";
    if (!report.finished()) {
        out += text("**Unfinished: %zu of %zu rows.** The same command with the same folder goes on with the next one.\n\n",
                    report.results.size(), report.options.rows.size());
    }
    if (c.randomWeights) {
        out +=
            "**Random weights**: times and memory are those of the network, its pictures mean nothing.\n\n";
    }
    out += text("- network: %lld wide, %lld blocks, %lld heads, %.1f M parameters loaded, weights %.1f MiB\n",
                static_cast<long long>(report.sizes.width), static_cast<long long>(report.sizes.depth),
                static_cast<long long>(report.sizes.heads),
                1e-6 * static_cast<double>(report.sizes.parameters), mib(report.sizes.weightBytes));
    out += "- machine: " + machineOf(report) + "\n";
    if (report.onGpu) {
        out += "- driver " + report.device.driver + ", CUDA " + c.cuda + ", cuDNN " + c.cudnn + "\n";
    }
    out += "- LibTorch " + c.libtorch + ", " + c.dtype + ", attention kernel: " + c.attention + "\n";
    out += "- memory: " + c.memory + "\n";
    out +=
        text("- %d warm-ups, %d timed runs of each variant", report.options.warmUps, report.options.repeats);
    out += report.options.shrink > 1
               ? text("; **sides divided by %d**: no figure here is one of the full sweep\n",
                      report.options.shrink)
               : "\n";
    out += "\n`full` keeps everything as the official program does; `opt` keeps what the heads read, as this "
           "program "
           "does. MB are MiB.\n\n## Averages, corrected\n\nBoth variants warm from end to end, nothing of "
           "another run "
           "in memory, the order alternating.\n\n";
    averages(out, report, corrected());
    byResolution(out, report);
    byFrames(out, report);
    out += "\n## All rows, corrected\n";
    allRows(out, report, corrected(), true);
    if (report.options.asInNote) {
        const Pick noted = [](const SweepResult& r) { return std::pair{&r.notedEverything, &r.notedKept}; };
        out += "\n## As in the founding note\n\nWarm-ups reach the transformer only, `full` always runs "
               "first, and what "
               "a run kept stays in memory through the next one and through all of `opt`. What `opt` is "
               "charged for "
               "here is in part memory of `full`.\n\n";
        averages(out, report, noted);
        allRows(out, report, noted, false);
    }
    return out;
}

std::vector<fs::path> writeSweep(const SweepReport& report, const fs::path& folder, const std::string& stamp,
                                 const std::function<void(const fs::path&, const Image&)>& writePicture) {
    auto files = detail::writeSweepTables(report, folder, stamp);
    const std::string stem = detail::sweepStem(stamp);
    for (const auto& [name, chart] : charts(report)) {
        files.push_back(folder / (stem + "_" + name + ".svg"));
        writeFileAtomically(files.back(), chartSvg(chart));
        if (writePicture) {
            files.push_back(folder / (stem + "_" + name + ".png"));
            writePicture(files.back(), chartImage(chart));
        }
    }
    detail::forgetSweep(folder, stamp);
    return files;
}

} // namespace body4d

#include "pipeline/scene_speed.h"

#include "base/error.h"
#include "device/proc.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <new>

namespace body4d {
namespace {

constexpr double kGib = 1024.0 * 1024 * 1024;

std::string figure(const char* format, double value) {
    char text[48];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

SpeedRow measure(SceneBench& bench, const SceneBenchRequest& request, int warmUps, int repeats,
                 const std::stop_token& stop) {
    SpeedRow row;
    row.frames = request.frames;
    std::vector<double> seconds;
    try {
        for (int i = 0; i < warmUps; ++i) {
            (void)bench.run(request, stop);
        }
        bench.resetPeak();
        const bool fresh = detail::resetPeakResident();
        const double before = detail::processUse().cpuSeconds;
        for (int i = 0; i < repeats; ++i) {
            seconds.push_back(1e-3 * bench.run(request, stop).milliseconds);
        }
        row.processorSeconds = (detail::processUse().cpuSeconds - before) / repeats;
        row.peakBytes = bench.peakBytes();
        row.processPeakBytes = fresh ? detail::peakResidentBytes() : 0;
    } catch (const Error& e) {
        row.failure = e.what();
        return row;
    } catch (const std::bad_alloc&) {
        row.failure = "Not enough memory.";
        return row;
    }
    const auto n = static_cast<double>(seconds.size());
    for (const double s : seconds) {
        row.seconds += s / n;
    }
    for (const double s : seconds) {
        row.deviation += (s - row.seconds) * (s - row.seconds) / n;
    }
    row.deviation = std::sqrt(row.deviation);
    return row;
}

} // namespace

std::vector<SpeedRow> measureSpeed(SceneBench& bench, const std::vector<int>& frames, int width, int height,
                                   int warmUps, int repeats, const ProgressFn& progress,
                                   const std::stop_token& stop,
                                   const std::function<void(const std::vector<SpeedRow>&)>& keep) {
    if (frames.empty() || repeats < 1 || width < 14 || height < 14 || width % 14 != 0 || height % 14 != 0) {
        throw Error(ErrorCode::Usage, "Speed is measured at sizes that are multiples of 14, at least once.",
                    "Use --frames 1,8,20 --size 518x392 --repeats 5.");
    }
    std::vector<SpeedRow> rows;
    for (const int n : frames) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        if (n < 1) {
            throw Error(ErrorCode::Usage, "There is no estimate of " + std::to_string(n) + " frames.",
                        "Use --frames 1,8,20.");
        }
        if (progress) {
            Progress p;
            p.stage = "inference";
            p.phase = std::to_string(n) + " frames";
            p.done = static_cast<long long>(rows.size());
            p.total = static_cast<long long>(frames.size());
            progress(p);
        }
        SceneBenchRequest request;
        request.frames = n;
        request.width = width;
        request.height = height;
        rows.push_back(measure(bench, request, warmUps, repeats, stop));
        if (keep) {
            keep(rows);
        }
    }
    return rows;
}

double PublishedSpeed::seconds(int frames) const {
    for (const auto& [n, s] : secondsByFrames) {
        if (n == frames) {
            return s;
        }
    }
    return 0;
}

const std::vector<PublishedSpeed>& publishedSpeeds() {
    static const std::vector<PublishedSpeed> all = {
        {"H100",
         "VGGT's README; by its memory figures 518x392, the transformer alone, flash attention 3",
         518,
         392,
         {{1, 0.04},
          {2, 0.05},
          {4, 0.07},
          {8, 0.11},
          {10, 0.14},
          {20, 0.31},
          {50, 1.04},
          {100, 3.12},
          {200, 8.75}}},
        {"RTX 4080 SUPER",
         "founding note of this program; 518x518, float32 weights, heads included",
         518,
         518,
         {{1, 0.19}, {8, 0.94}, {20, 3.02}}}};
    return all;
}

MemoryLine memoryLine(const std::vector<SpeedRow>& rows) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (const auto& row : rows) {
        if (row.failure.empty()) {
            const double frames = row.frames, bytes = static_cast<double>(row.peakBytes);
            n += 1, x += frames, y += bytes, xx += frames * frames, xy += frames * bytes;
        }
    }
    const double spread = n * xx - x * x;
    if (spread <= 0) {
        return {};
    }
    const double slope = (n * xy - x * y) / spread;
    return {(y - slope * x) / n, slope};
}

std::string speedMarkdown(const std::string& model, const std::string& machine, int width, int height,
                          const SceneBenchConditions& conditions, const std::vector<SpeedRow>& rows) {
    std::string out =
        "# Inference: " + model + (conditions.randomWeights ? " (random weights)" : "") + "\n\n";
    out += "- machine: " + machine + "; LibTorch " + conditions.libtorch +
           (conditions.cuda.empty() ? "" : ", CUDA " + conditions.cuda + ", cuDNN " + conditions.cudnn) +
           "\n";
    out += "- " + conditions.dtype + "; attention kernel: " + conditions.attention + "\n- pictures of " +
           std::to_string(width) + "x" + std::to_string(height) +
           "; from pictures in memory to depths and cameras in memory\n- memory: " + conditions.memory +
           "\n\n| frames | seconds | +- | frames/s | peak GiB |";
    std::string rule = "|---:|---:|---:|---:|---:|";
    for (const auto& published : publishedSpeeds()) {
        out += " " + published.machine + ", published, s | ratio |";
        rule += "---:|---:|";
    }
    out += "\n" + rule + "\n";
    for (const auto& row : rows) {
        out += "| " + std::to_string(row.frames) + " |";
        if (!row.failure.empty()) {
            out += " " + row.failure + " | | | |";
        } else {
            out += figure(" %.3f |", row.seconds) + figure(" %.3f |", row.deviation) +
                   figure(" %.2f |", row.frames / row.seconds) +
                   figure(" %.2f |", static_cast<double>(row.peakBytes) / kGib);
        }
        for (const auto& published : publishedSpeeds()) {
            const double seconds = published.seconds(row.frames);
            out += seconds > 0 ? figure(" %.2f |", seconds) : " |";
            out += seconds > 0 && row.failure.empty() ? figure(" %.2f |", seconds / row.seconds) : " |";
        }
        out += "\n";
    }
    out += "\nThe published columns are VGGT-1B's on other machines and were not measured here:\n";
    for (const auto& published : publishedSpeeds()) {
        out += "- " + published.machine + ": " + published.source + "\n";
    }
    out += "\nA ratio above 1 means that this run was faster.";
    if (model != "vggt-1b") {
        out += " This run's network is another one: the ratios compare tasks, not programs.";
    }
    const auto line = memoryLine(rows);
    if (line.bytesPerFrame > 0) {
        out += " Memory here is about " + figure("%.2f GiB", line.fixedBytes / kGib) + " and " +
               figure("%.1f MiB", line.bytesPerFrame / (1 << 20)) + " a frame;" +
               figure(" 12 GiB hold about %.0f frames.", (12 * kGib - line.fixedBytes) / line.bytesPerFrame);
    }
    const auto first =
        std::find_if(rows.begin(), rows.end(), [](const SpeedRow& r) { return r.failure.empty(); });
    const auto last =
        std::find_if(rows.rbegin(), rows.rend(), [](const SpeedRow& r) { return r.failure.empty(); });
    if (first != rows.end() && first->frames < last->frames) {
        const double each = (last->seconds / last->frames) / (first->seconds / first->frames);
        out += " A frame among " + std::to_string(last->frames) + " takes " + figure("%.2f", each) +
               " times what one among " + std::to_string(first->frames) + " takes: " +
               (each > 1.2   ? "attention over all frames, which grows with their square, is felt.\n"
                : each < 0.8 ? "small inputs do not fill the machine.\n"
                             : "time grows with the number of frames.\n");
    } else {
        out += "\n";
    }
    return out;
}

} // namespace body4d

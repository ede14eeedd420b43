// The rows of a sweep on disk as soon as each is done, and back.
#include "base/error.h"
#include "base/files.h"
#include "pipeline/scene_sweep_internal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <system_error>

namespace body4d {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPrefix = "benchmark_vram_sweep_";
constexpr const char* kUnfinished = ".unfinished.json";

/// All that the figures depend on: rows of another sweep must not stand beside these.
std::string keyOf(const SweepReport& report) {
    const auto& o = report.options;
    const auto& c = report.conditions;
    std::string key;
    const auto add = [&key](const std::string& word) { key += word + "|"; };
    for (const auto& word : {report.model, detail::machineOf(report), report.device.driver, report.circumstances,
                             c.libtorch, c.cuda, c.cudnn, c.dtype, c.attention, c.memory}) {
        add(word);
    }
    for (const auto number :
         {std::int64_t{c.randomWeights}, report.sizes.parameters, std::int64_t{o.warmUps}, std::int64_t{o.repeats},
          std::int64_t{o.shrink}, std::int64_t{o.mostFrames}, std::int64_t{o.asInNote}}) {
        add(std::to_string(number));
    }
    for (const auto& row : o.rows) {
        add(row.name + " " + std::to_string(row.scenes) + " " + std::to_string(row.frames) + " " +
            std::to_string(row.side));
    }
    return key;
}

/// The variants of a row once, for both directions.
template <typename Result, typename F>
void eachVariant(Result& r, F&& f) {
    f("noted_everything", r.notedEverything);
    f("noted_kept", r.notedKept);
    f("everything", r.everything);
    f("kept", r.kept);
}

Json toJson(const SweepResult& result) {
    Json json{{"name", result.row.name}, {"side", result.side}, {"skipped", result.skipped}};
    eachVariant(result, [&json](const char* name, const SweepFigures& f) {
        json[name] = {{"measured", f.measured},   {"ms", f.milliseconds},    {"deviation", f.deviation},
                      {"peak_bytes", f.peakBytes}, {"kept_bytes", f.keptBytes}, {"failure", f.failure}};
    });
    return json;
}

SweepResult resultFrom(const Json& json, const SweepRow& row) {
    SweepResult result;
    result.row = row;
    result.side = json.at("side");
    result.skipped = json.at("skipped");
    eachVariant(result, [&json](const char* name, SweepFigures& f) {
        const auto& from = json.at(name);
        f.measured = from.at("measured");
        f.milliseconds = from.at("ms");
        f.deviation = from.at("deviation");
        f.peakBytes = from.at("peak_bytes");
        f.keptBytes = from.at("kept_bytes");
        f.failure = from.at("failure");
    });
    return result;
}

/// @returns whether the file holds rows of this very sweep
bool take(const fs::path& file, const std::string& key, SweepReport& report) {
    try {
        const auto json = Json::parse(readTextFile(file));
        const auto& rows = json.at("rows");
        if (json.at("key") != key || rows.size() > report.options.rows.size()) {
            return false;
        }
        std::vector<SweepResult> results;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            results.push_back(resultFrom(rows[i], report.options.rows[i]));
        }
        report.begun = json.at("begun");
        report.results = std::move(results);
        return true;
    } catch (const Json::exception&) {
        return false; // a damaged file is none
    } catch (const Error&) {
        return false;
    }
}

} // namespace

namespace detail {

std::string machineOf(const SweepReport& report) {
    return report.onGpu ? report.device.gpu
                        : report.device.cpu + ", " + std::to_string(report.device.cores) + " cores";
}

std::string sweepStem(const std::string& stamp) {
    return kPrefix + stamp;
}

std::vector<fs::path> writeSweepTables(const SweepReport& report, const fs::path& folder, const std::string& stamp) {
    const auto stem = sweepStem(stamp);
    std::vector<fs::path> files = {folder / (stem + ".csv"), folder / (stem + ".md")};
    writeFileAtomically(files[0], sweepCsv(report));
    writeFileAtomically(files[1], sweepMarkdown(report));
    return files;
}

void forgetSweep(const fs::path& folder, const std::string& stamp) {
    std::error_code code;
    fs::remove(folder / (sweepStem(stamp) + kUnfinished), code);
}

} // namespace detail

void keepSweep(const SweepReport& report, const fs::path& folder, const std::string& stamp) {
    Json json{{"key", keyOf(report)}, {"begun", report.begun}, {"rows", Json::array()}};
    for (const auto& result : report.results) {
        json["rows"].push_back(toJson(result));
    }
    // A row's failure may quote anything: what is no UTF-8 must not end the sweep.
    writeFileAtomically(folder / (detail::sweepStem(stamp) + kUnfinished),
                        json.dump(1, ' ', false, Json::error_handler_t::replace));
    detail::writeSweepTables(report, folder, stamp);
}

std::string resumeSweep(SweepReport& report, const fs::path& folder) {
    std::vector<std::string> stamps;
    std::error_code code;
    for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
        const auto name = at->path().filename().string();
        if (name.starts_with(kPrefix) && name.ends_with(kUnfinished)) {
            const std::string_view rest = std::string_view(name).substr(std::string_view(kPrefix).size());
            stamps.emplace_back(rest.substr(0, rest.size() - std::string_view(kUnfinished).size()));
        }
    }
    std::sort(stamps.rbegin(), stamps.rend());
    const auto key = keyOf(report);
    const auto found = std::find_if(stamps.begin(), stamps.end(), [&](const std::string& stamp) {
        return take(folder / (detail::sweepStem(stamp) + kUnfinished), key, report);
    });
    return found != stamps.end() ? *found : std::string();
}

} // namespace body4d

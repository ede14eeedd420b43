#include "pipeline/damaged_tracks.h"

#include "base/files.h"
#include "base/log.h"
#include "pipeline/stage_keys.h"
#include "pipeline/track_store.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace body4d::detail {
namespace {

constexpr Direction kDirections[] = {Direction::Forward, Direction::Backward};

/// Stamps of batches that were found sound, in a file that may be deleted at any time.
class SoundBatches {
public:
    explicit SoundBatches(const std::filesystem::path& project) : file_(project / "cache" / "sound_tracks.json") {
        try {
            if (std::error_code ec; std::filesystem::exists(file_, ec)) {
                stamps_ = nlohmann::json::parse(readTextFile(file_)).get<std::map<std::string, std::string>>();
            }
        } catch (const std::exception&) {
            stamps_.clear(); // everything is looked at again
        }
        kept_ = stamps_;
    }
    [[nodiscard]] bool has(const std::string& batch, const std::string& stamp) const {
        const auto it = stamps_.find(batch);
        return it != stamps_.end() && !stamp.empty() && it->second == stamp;
    }
    /// From now on only these count.
    void replace(std::map<std::string, std::string> stamps) { stamps_ = std::move(stamps); }
    void save() const {
        if (stamps_ == kept_) {
            return;
        }
        try {
            writeFileAtomically(file_, std::string_view(nlohmann::json(stamps_).dump(0)));
        } catch (const std::exception& e) {
            log(LogLevel::Info, std::string("sound_tracks.json was not written: ") + e.what());
        }
    }

private:
    std::filesystem::path file_;
    std::map<std::string, std::string> stamps_, kept_; ///< by batch; `kept_` is in the file
};

std::string nameOf(Direction direction, TargetId id, FrameRange range) {
    return std::string(directionName(direction)) + '/' + std::to_string(id) + '/' + std::to_string(range.begin);
}

} // namespace

void forgetDamagedTracks(Job& job) {
    const TrackStore store(job.project.folder());
    const auto key = segmentKey(job.document);
    const bool all = job.writer.worldKey() != groundKey(job.writer.asComputed(job.document));
    SoundBatches known(job.project.folder());
    std::map<std::string, std::string> stamps;
    for (const auto direction : kDirections) {
        auto journal = job.writer.journal(direction, true);
        if (journal.key != key) { // another one is begun anyway
            continue;
        }
        std::map<TargetId, std::size_t> sound; // batches before the first damaged one
        std::string why;
        for (const auto& [id, ranges] : journal.batches) {
            for (std::size_t i = 0; i < ranges.size() && !sound.contains(id); ++i) {
                const auto name = nameOf(direction, id, ranges[i]);
                auto stamp = store.batchStamp(direction, id, ranges[i]);
                try {
                    if (all || !known.has(name, stamp)) {
                        (void)store.readBatch(direction, id, ranges[i]);
                    }
                    stamps[name] = std::move(stamp);
                } catch (const std::exception& e) {
                    sound[id] = i;
                    why = e.what();
                }
            }
        }
        if (sound.empty()) {
            continue;
        }
        log(LogLevel::Info, why);
        const bool kept = job.writer.rewind(direction, journal, key, [&](const SessionCheckpoint& c) {
            return std::all_of(sound.begin(), sound.end(), [&](const auto& s) {
                const auto saved = c.batches.find(s.first);
                return saved == c.batches.end() || saved->second <= s.second;
            });
        });
        if (!kept) {
            job.writer.resetSession(direction);
        }
        job.notice("Saved tracks of this project are damaged. They are tracked again.");
    }
    known.replace(std::move(stamps));
    known.save();
}

void trustTracks(const Job& job) {
    const TrackStore store(job.project.folder());
    std::map<std::string, std::string> stamps;
    for (const auto direction : kDirections) {
        for (const auto& [id, ranges] : job.writer.journal(direction, false).batches) {
            for (const auto& range : ranges) {
                stamps[nameOf(direction, id, range)] = store.batchStamp(direction, id, range);
            }
        }
    }
    SoundBatches known(job.project.folder());
    known.replace(std::move(stamps));
    known.save();
}

} // namespace body4d::detail

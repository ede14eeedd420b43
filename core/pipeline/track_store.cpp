#include "pipeline/track_store.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/safetensors_stream.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

enum Flag : std::uint8_t { kFirm = 1, kPrompted = 2, kAfterCut = 4 };

nlohmann::json toJson(const std::vector<FrameRange>& ranges) {
    auto out = nlohmann::json::array();
    for (const auto& r : ranges) {
        out.push_back({r.begin, r.end});
    }
    return out;
}

FrameRange rangeOf(const nlohmann::json& j) {
    return {j.at(0).get<std::int64_t>(), j.at(1).get<std::int64_t>()};
}

std::string batchName(Direction direction, FrameRange range) {
    char text[80];
    std::snprintf(text, sizeof text, "%s_%06lld_%06lld.safetensors", directionName(direction),
                  static_cast<long long>(range.begin), static_cast<long long>(range.end - 1));
    return text;
}

void readHands(const SafetensorsFile& tracks, std::vector<TargetFrame>& frames) {
    const auto n = static_cast<std::int64_t>(frames.size());
    constexpr std::int64_t kH = kHandLandmarkCount;
    const auto px = tracks.values<float>("hands_px", {n, 2, kH, 3});
    const auto world = tracks.values<float>("hands_world", {n, 2, kH, 3});
    const auto roi = tracks.values<double>("hands_roi", {n, 2, 4});
    const auto scores = tracks.values<float>("hands_score_side", {n, 2, 2});
    for (std::size_t i = 0; i < 2 * frames.size(); ++i) {
        HandLandmarks& hand = frames[i / 2].hands[i % 2];
        for (std::size_t k = 0; k < hand.points.size(); ++k) {
            const auto at = 3 * (i * hand.points.size() + k);
            hand.points[k].px = {px[at], px[at + 1], px[at + 2]};
            hand.points[k].world = {world[at], world[at + 1], world[at + 2]};
        }
        hand.roi = {roi[4 * i], roi[4 * i + 1], roi[4 * i + 2], roi[4 * i + 3]};
        hand.score = scores[2 * i];
        hand.sideScore = scores[2 * i + 1];
    }
}

} // namespace

const char* directionName(Direction direction) {
    return direction == Direction::Forward ? "forward" : "backward";
}

fs::path TrackStore::batchFile(const char* kind, Direction direction, TargetId id, FrameRange range) const {
    return folder_ / kind / std::to_string(id) / batchName(direction, range);
}

fs::path TrackStore::journalFile(Direction direction) const {
    return folder_ / "tracks" / (std::string("session_") + directionName(direction) + ".safetensors");
}

fs::path TrackStore::checkpointFile(Direction direction, std::int64_t next) const {
    char text[80];
    std::snprintf(text, sizeof text, "session_%s_at_%06lld.safetensors", directionName(direction),
                  static_cast<long long>(next));
    return folder_ / "tracks" / text;
}

void TrackStore::writeCheckpoint(Direction direction, std::int64_t next, std::span<const std::byte> state) const {
    SafetensorsWriter writer;
    writer.addBytes("state", DType::U8, state, {static_cast<std::int64_t>(state.size())});
    writer.write(checkpointFile(direction, next));
}

std::vector<std::byte> TrackStore::readCheckpoint(Direction direction, std::int64_t next) const {
    requireSound(checkpointFile(direction, next));
    const SafetensorsFile in(checkpointFile(direction, next));
    const auto bytes = in.at("state").bytes;
    return {bytes.begin(), bytes.end()};
}

void TrackStore::removeCheckpoint(Direction direction, std::int64_t next) const {
    std::error_code ec;
    fs::remove(checkpointFile(direction, next), ec);
}

void TrackStore::writeBatch(Direction direction, TargetId id, const std::vector<TargetFrame>& frames) const {
    BODY4D_EXPECT(!frames.empty());
    const auto n = static_cast<std::int64_t>(frames.size());
    const FrameRange range{frames.front().frame, frames.back().frame + 1};
    BODY4D_EXPECT(range.size() == n);
    constexpr std::int64_t kL = kPoseLandmarkCount, kH = kHandLandmarkCount;

    std::vector<std::uint8_t> state, flags;
    std::vector<double> px, world, roi, handRoi;
    std::vector<float> point, frameValues, handPx, handWorld, handScores;
    std::vector<std::uint32_t> counts;
    std::vector<std::int64_t> offsets{0};
    std::vector<std::int32_t> sizes;
    for (const auto& f : frames) {
        state.push_back(static_cast<std::uint8_t>(f.state));
        flags.push_back(static_cast<std::uint8_t>((f.firm ? kFirm : 0) | (f.prompted ? kPrompted : 0) |
                                                  (f.afterCut ? kAfterCut : 0)));
        for (const auto& p : f.pose.points) {
            px.insert(px.end(), {p.px.x, p.px.y});
            world.insert(world.end(), {p.world.x, p.world.y, p.world.z});
            point.insert(point.end(), {p.z, p.visibility, p.presence});
        }
        const auto& r = f.pose.roi;
        roi.insert(roi.end(), {r.centreX, r.centreY, r.side, r.angle});
        for (const HandLandmarks& hand : f.hands) {
            for (const HandLandmark& p : hand.points) {
                handPx.insert(handPx.end(), {p.px.x, p.px.y, p.px.z});
                handWorld.insert(handWorld.end(), {p.world.x, p.world.y, p.world.z});
            }
            handRoi.insert(handRoi.end(),
                           {hand.roi.centreX, hand.roi.centreY, hand.roi.side, hand.roi.angle});
            handScores.insert(handScores.end(), {hand.score, hand.sideScore});
        }
        frameValues.insert(frameValues.end(), {f.pose.score, f.confidence, f.similarity});
        counts.insert(counts.end(), f.mask.counts.begin(), f.mask.counts.end());
        offsets.push_back(static_cast<std::int64_t>(counts.size()));
        sizes.insert(sizes.end(), {f.mask.width, f.mask.height});
    }

    // Masks first: a track file without its masks would not be readable.
    SafetensorsWriter masks;
    masks.setMetadata("content",
                      "run lengths, column by column from a run of zeros (COCO), one mask a frame");
    masks.add("counts", counts, {static_cast<std::int64_t>(counts.size())});
    masks.add("offsets", offsets, {n + 1});
    masks.add("size", sizes, {n, 2});
    masks.write(batchFile("masks", direction, id, range));

    SafetensorsWriter tracks;
    tracks.setMetadata("content", "landmarks of one person, pixels of the upright frame and metres");
    tracks.add("state", state, {n});
    tracks.add("flags", flags, {n});
    tracks.add("landmarks_px", px, {n, kL, 2});
    tracks.add("landmarks_world", world, {n, kL, 3});
    tracks.add("landmarks_z_visibility_presence", point, {n, kL, 3});
    tracks.add("roi", roi, {n, 4});
    tracks.add("score_confidence_similarity", frameValues, {n, 3});
    if (std::any_of(handScores.begin(), handScores.end(), [](float v) { return v > 0; })) {
        tracks.add("hands_px", handPx, {n, 2, kH, 3});
        tracks.add("hands_world", handWorld, {n, 2, kH, 3});
        tracks.add("hands_roi", handRoi, {n, 2, 4});
        tracks.add("hands_score_side", handScores, {n, 2, 2});
    }
    tracks.write(batchFile("tracks", direction, id, range));
}

std::vector<TargetFrame> TrackStore::readBatch(Direction direction, TargetId id, FrameRange range) const {
    const auto n = range.size();
    constexpr std::int64_t kL = kPoseLandmarkCount;
    requireSound(batchFile("tracks", direction, id, range));
    requireSound(batchFile("masks", direction, id, range));
    const SafetensorsFile tracks(batchFile("tracks", direction, id, range));
    const SafetensorsFile masks(batchFile("masks", direction, id, range));
    const auto state = tracks.values<std::uint8_t>("state", {n});
    const auto flags = tracks.values<std::uint8_t>("flags", {n});
    const auto px = tracks.values<double>("landmarks_px", {n, kL, 2});
    const auto world = tracks.values<double>("landmarks_world", {n, kL, 3});
    const auto point = tracks.values<float>("landmarks_z_visibility_presence", {n, kL, 3});
    const auto roi = tracks.values<double>("roi", {n, 4});
    const auto values = tracks.values<float>("score_confidence_similarity", {n, 3});
    const auto counts = masks.values<std::uint32_t>("counts");
    const auto offsets = masks.values<std::int64_t>("offsets", {n + 1});
    const auto sizes = masks.values<std::int32_t>("size", {n, 2});

    std::vector<TargetFrame> frames(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < frames.size(); ++i) {
        auto& f = frames[i];
        f.frame = range.begin + static_cast<std::int64_t>(i);
        f.state = static_cast<FrameState>(std::min<std::uint8_t>(state[i], 3));
        f.firm = (flags[i] & kFirm) != 0;
        f.prompted = (flags[i] & kPrompted) != 0;
        f.afterCut = (flags[i] & kAfterCut) != 0;
        for (std::size_t l = 0; l < kPoseLandmarkCount; ++l) {
            auto& p = f.pose.points[l];
            const auto at = i * kPoseLandmarkCount + l;
            p.px = {px[2 * at], px[2 * at + 1]};
            p.world = {world[3 * at], world[3 * at + 1], world[3 * at + 2]};
            p.z = point[3 * at];
            p.visibility = point[3 * at + 1];
            p.presence = point[3 * at + 2];
        }
        f.pose.roi = {roi[4 * i], roi[4 * i + 1], roi[4 * i + 2], roi[4 * i + 3]};
        f.pose.score = values[3 * i];
        f.confidence = values[3 * i + 1];
        f.similarity = values[3 * i + 2];
        f.mask.width = sizes[2 * i];
        f.mask.height = sizes[2 * i + 1];
        const auto from = offsets[i], to = offsets[i + 1];
        if (from < 0 || to < from || to > static_cast<std::int64_t>(counts.size())) {
            throw Error(ErrorCode::Input, "A saved mask of frame " + std::to_string(f.frame) + " is damaged.",
                        "Delete the folder 'masks' of the project and run again.", folder_.string());
        }
        f.mask.counts.assign(counts.begin() + from, counts.begin() + to);
    }
    if (tracks.contains("hands_px")) {
        readHands(tracks, frames);
    }
    return frames;
}

std::string TrackStore::batchStamp(Direction direction, TargetId id, FrameRange range) const {
    std::string stamp;
    for (const char* kind : {"tracks", "masks"}) {
        const auto file = batchFile(kind, direction, id, range);
        std::error_code failed, failedToo;
        const auto size = fs::file_size(file, failed);
        const auto time = fs::last_write_time(file, failedToo);
        if (failed || failedToo) {
            return {};
        }
        stamp += std::to_string(size) + '@' + std::to_string(time.time_since_epoch().count()) + ' ';
    }
    return stamp;
}

void TrackStore::removeBatch(Direction direction, TargetId id, FrameRange range) const {
    std::error_code ec;
    fs::remove(batchFile("tracks", direction, id, range), ec);
    fs::remove(batchFile("masks", direction, id, range), ec);
}

void TrackStore::writeJournal(Direction direction, const SessionJournal& journal) const {
    nlohmann::json j;
    j["key"] = journal.key;
    j["origin"] = journal.origin;
    j["next"] = journal.next;
    j["finished"] = journal.finished;
    j["cuts"] = journal.cuts;
    j["batches"] = nlohmann::json::object();
    for (const auto& [id, ranges] : journal.batches) {
        j["batches"][std::to_string(id)] = toJson(ranges);
    }
    j["tail"] = nlohmann::json::object();
    for (const auto& [id, range] : journal.tail) {
        j["tail"][std::to_string(id)] = {range.begin, range.end};
    }
    j["checkpoints"] = nlohmann::json::array();
    for (const auto& c : journal.checkpoints) {
        nlohmann::json saved{{"key", c.key}, {"next", c.next}, {"batches", nlohmann::json::object()}};
        for (const auto& [id, count] : c.batches) {
            saved["batches"][std::to_string(id)] = count;
        }
        j["checkpoints"].push_back(std::move(saved));
    }
    SafetensorsWriter writer;
    writer.setMetadata("journal", j.dump());
    writer.addBytes("state", DType::U8, journal.state, {static_cast<std::int64_t>(journal.state.size())});
    writer.write(journalFile(direction));
}

SessionJournal TrackStore::readJournal(Direction direction, bool withState) const {
    const auto file = journalFile(direction);
    if (std::error_code ec; !fs::exists(file, ec)) {
        return {};
    }
    try {
        requireSound(file);
        const SafetensorsFile in(file);
        const auto j = nlohmann::json::parse(in.metadata().at("journal"));
        SessionJournal journal;
        journal.key = j.at("key").get<std::string>();
        journal.origin = j.at("origin").get<std::int64_t>();
        journal.next = j.at("next").get<std::int64_t>();
        journal.finished = j.at("finished").get<bool>();
        journal.cuts = j.at("cuts").get<std::vector<std::int64_t>>();
        for (const auto& [id, ranges] : j.at("batches").items()) {
            auto& list = journal.batches[std::stoi(id)];
            for (const auto& r : ranges) {
                list.push_back(rangeOf(r));
            }
        }
        for (const auto& [id, range] : j.at("tail").items()) {
            journal.tail[std::stoi(id)] = rangeOf(range);
        }
        for (const auto& saved : j.value("checkpoints", nlohmann::json::array())) {
            auto& c = journal.checkpoints.emplace_back();
            c.key = saved.at("key").get<std::string>();
            c.next = saved.at("next").get<std::int64_t>();
            for (const auto& [id, count] : saved.at("batches").items()) {
                c.batches[std::stoi(id)] = count.get<std::size_t>();
            }
        }
        if (withState) {
            const auto bytes = in.at("state").bytes;
            journal.state.assign(bytes.begin(), bytes.end());
        }
        return journal;
    } catch (const std::exception& e) {
        logWarning("The tracking journal " + file.filename().string() +
                   " is damaged and is not used: " + e.what());
        return {};
    }
}

void TrackStore::removeJournal(Direction direction) const {
    std::error_code ec;
    fs::remove(journalFile(direction), ec);
}

void TrackStore::removeLeftovers(const SessionJournal& forward, const SessionJournal& backward) const {
    std::set<fs::path> named;
    const auto collect = [&](Direction direction, const SessionJournal& journal) {
        for (const auto& [id, ranges] : journal.batches) {
            for (const auto& range : ranges) {
                named.insert(batchFile("tracks", direction, id, range));
                named.insert(batchFile("masks", direction, id, range));
            }
        }
    };
    collect(Direction::Forward, forward);
    collect(Direction::Backward, backward);
    for (const auto& c : forward.checkpoints) {
        named.insert(checkpointFile(Direction::Forward, c.next));
    }
    for (const auto& c : backward.checkpoints) {
        named.insert(checkpointFile(Direction::Backward, c.next));
    }
    for (const char* kind : {"tracks", "masks"}) {
        std::error_code ec;
        std::vector<fs::path> doomed;
        for (fs::recursive_directory_iterator it(folder_ / kind, ec), end; !ec && it != end;
             it.increment(ec)) {
            const auto name = it->path().filename().string();
            const bool batch = name.starts_with("forward_") || name.starts_with("backward_") ||
                               name.find("_at_") != std::string::npos;
            if (batch && it->is_regular_file(ec) && !named.contains(it->path())) {
                doomed.push_back(it->path());
            }
        }
        for (const auto& path : doomed) {
            fs::remove(path, ec);
        }
    }
}

} // namespace body4d::detail

#pragma once

#include "base/annotation.h"
#include "base/pose_track.h"
#include "video/video_reader.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Answer to a click: what would be tracked.
struct SegmentPreview {
    bool found = false;
    TargetFrame frame;       ///< mask and pose where found
    std::string reason;      ///< where not found: one sentence for the person
};

/// A target with the prompts that concern a session.
struct SessionTarget {
    TargetId id = 0;
    std::vector<Prompt> prompts;
    /// Frames on which the person says that the target is not in the picture. Only engines that take masks look
    /// at it: they do not search there, and do not remember what they would have found.
    std::vector<FrameRange> absent = {};
};

enum class Direction { Forward, Backward };

/// Result of one step: frames that are final, for any of the targets, in the order of the session's direction.
struct SessionStep {
    struct Item {
        TargetId id = 0;
        TargetFrame frame;
    };
    std::vector<Item> items;
};

/// Tracks several targets over frames in one direction. A frame's result may come a few steps late (a weak run can be
/// taken back); per target, frames come out in order and none is left out.
class SegmenterSession {
public:
    virtual ~SegmenterSession();
    /// @param frame the next one in the session's direction. Targets whose first prompt has not been reached are absent.
    /// @param newShot the picture before (in presentation order: this one and its predecessor) belongs to another shot
    [[nodiscard]] virtual SessionStep advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                                              const std::stop_token& stop) = 0;
    /// What is still held back, after the last frame.
    [[nodiscard]] virtual SessionStep finish() = 0;
    /// Everything needed to go on in another process after the frame last advanced, bit-equal.
    [[nodiscard]] virtual std::vector<std::byte> saveState() const = 0;
    virtual void restoreState(std::span<const std::byte> state) = 0;
    /// Right before the frame to advance next, so many frames whose pictures it needs again after restoreState() to go on
    /// bit-equal: they are no part of the state.
    [[nodiscard]] virtual std::int64_t lookBack() const { return 0; }
    /// One of them, in the session's direction.
    virtual void showAgain(std::int64_t /*index*/, const ImagePtr& /*frame*/) {}
};

/// What a network takes and has done so far, for the profile.
struct EngineUse {
    std::string device, precision;      ///< "NVIDIA H100", "bfloat16"
    std::int64_t weightBytes = 0;       ///< on the device
    std::int64_t framesEncoded = 0;     ///< frames that went through the image encoder
    std::int64_t framesReused = 0;      ///< frames whose features were still there
    std::int64_t personFrames = 0;      ///< targets times frames
    double seconds = 0;                 ///< of wall time in sessions
    int framesPerCall = 0, targetsPerCall = 0; ///< what memory allowed last
};

/// Engine of the segment stage.
class Segmenter {
public:
    struct Options {
        int batch = 16;          ///< crops per inference call at most; never changes results
        int threads = 0;         ///< 0: all usable cores
        bool sharpenEdges = true; ///< mask edges follow the frame's edges
        bool needMasks = true;
        bool hands = true;       ///< measure hands where they are large and clear enough
        bool likeReference = false; ///< engines of SAM-Body4D's decide as that application does, mistakes included
    };
    virtual ~Segmenter();
    /// Whether painted masks and marks of absence steer the tracking; otherwise a mask is turned into a box and a
    /// click before the engine sees it.
    [[nodiscard]] virtual bool takesMasks() const { return false; }
    /// Since the engine was made; nothing where it keeps no account.
    [[nodiscard]] virtual std::optional<EngineUse> use() const { return std::nullopt; }
    [[nodiscard]] virtual const std::string& name() const = 0; ///< "blazepose"
    /// Mask and pose under a person's prompts on one frame; for the window, at once.
    [[nodiscard]] virtual SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt, const std::stop_token& stop) = 0;
    /// Everybody on a frame, clearest first.
    [[nodiscard]] virtual std::vector<SegmentPreview> findPeople(const ImagePtr& frame, const std::stop_token& stop) = 0;
    /// @param targets with their prompts; every prompted frame seeds or corrects its target when the session reaches it
    [[nodiscard]] virtual std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget> targets, double fps,
                                                                         Direction direction) = 0;
};

/// Joins what forward and backward sessions say of one target: before its first prompt the backward result, after the
/// last the forward one, between two prompts the frame where both agree best.
[[nodiscard]] TargetTrack joinTracks(const TargetTrack& forward, const TargetTrack& backward,
                                     std::span<const Prompt> prompts);

/// The embedded default: BlazePose on OpenVINO. @param modelsDir folder of the .tflite files
/// @throws Error{MissingModel} naming the file and the set-up command
[[nodiscard]] std::unique_ptr<Segmenter> makeBlazePoseSegmenter(const std::filesystem::path& modelsDir,
                                                                const std::filesystem::path& cacheDir,
                                                                const Segmenter::Options& options);

} // namespace body4d

#pragma once

#include "models/segmenter.h"
#include "pipeline/project.h"

#include <optional>
#include <string>

namespace body4d::detail {

/// Keys name everything that a stage's result depends on, and nothing else: equal keys mean that a stored
/// result is still right. Names and colours of targets, batch sizes and budgets are in none of them. The
/// segment stage tracks all targets jointly, so its key covers the prompts of all.
[[nodiscard]] std::string segmentKey(const ProjectDocument& document);
/// The same for what a session has met once `next` is the frame to advance next: only the prompts of frames before
/// that, in its direction. A session decides about a frame without a look at later prompts, so with equal keys and the
/// same origin its state and what it has saved are equal.
[[nodiscard]] std::string prefixKey(const ProjectDocument& document, Direction direction, std::int64_t next);
[[nodiscard]] std::string reconstructKey(const ProjectDocument& document, TargetId id);
[[nodiscard]] std::string completeKey(const ProjectDocument& document, TargetId id);
/// How the camera turned: depends on the background, hence on everybody's masks, but on nobody's body.
[[nodiscard]] std::string cameraKey(const ProjectDocument& document);
/// One world for all targets.
[[nodiscard]] std::string groundKey(const ProjectDocument& document);

/// The document as its bodies and its world were computed: with their wider range, where they are right for all else that
/// it says. What was computed over more frames holds for fewer, so that narrowing the range and widening it back costs
/// nothing.  @param worldKey of the stored world  @param computed frames of the stored world
[[nodiscard]] ProjectDocument asComputed(ProjectDocument document, const std::string& worldKey, FrameRange computed);

/// What the network of the scene sees: the video, its own options and the range; nobody's prompts.
[[nodiscard]] std::string sceneKey(const ProjectDocument& document);

/// Name with version, for files: "blazepose 1".
[[nodiscard]] std::string engineVersion(const std::string& engine);

/// Frames that a session in a direction must advance through; nothing when none are needed. Half-open and
/// rising for both directions (a backward session starts at end - 1).
[[nodiscard]] std::optional<FrameRange> sessionFrames(const ProjectDocument& document, Direction direction);

} // namespace body4d::detail

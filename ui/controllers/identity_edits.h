#pragma once

#include "pipeline/project.h"

#include <optional>

namespace body4d::ui {

/// Surgery on who is who: plain functions on the document, so that each is one undo step.

/// From `frame` on the two exchange their prompts; a point on each pins the exchange where it is known.
/// @param whereA, whereB points on A and B in that frame, before the exchange
void swapFrom(ProjectDocument& document, TargetId a, TargetId b, std::int64_t frame,
              const std::optional<PointPrompt>& whereA, const std::optional<PointPrompt>& whereB);

/// The target ends before `frame`; a new one with its later prompts begins there.
/// @param where a point on the person in that frame  @returns the new target's id; 0: nothing was done
TargetId splitAt(ProjectDocument& document, TargetId id, std::int64_t frame, const std::optional<PointPrompt>& where);

/// `gone` becomes part of `kept`, whose prompts win where both have some on a frame.
void mergeInto(ProjectDocument& document, TargetId kept, TargetId gone);

/// The prompt of a frame, made where it is missing; prompts stay ordered.
Prompt& promptAt(Target& target, std::int64_t frame);
void dropEmptyPrompts(Target& target);

} // namespace body4d::ui

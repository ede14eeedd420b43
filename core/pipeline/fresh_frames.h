#pragma once

#include "pipeline/project.h"
#include "pipeline/track_store.h"

#include <span>
#include <vector>

namespace body4d::detail {

/// Frames whose saved tracking an edit has left as it was: running again will give the same, bit for bit. A target's
/// frames depend on the session that speaks for them (forwards from the last prompt on, backwards before the first,
/// between prompts both), and a session on everything that it met before: with several people in it also on theirs.
/// @param journals forwards and backwards
/// @returns rising, apart from each other
[[nodiscard]] std::vector<FrameRange> freshFrames(const ProjectDocument& document, const Target& target,
                                                  std::span<const SessionJournal, 2> journals);

} // namespace body4d::detail

#pragma once

#include "pipeline/job.h"

namespace body4d::detail {

/// Saved tracks that are not as they were written are forgotten, with what was tracked after them: they are tracked again,
/// from the last state that was kept before, and the person is told. Where bodies are to be made of them, every byte is
/// looked at; else only files of another size or time than when they were last found sound.
void forgetDamagedTracks(Job& job);

/// Notes that all saved tracks are sound: what was there was looked at, the rest has just been written.
void trustTracks(const Job& job);

} // namespace body4d::detail

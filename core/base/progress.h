#pragma once

#include <functional>
#include <string>

namespace body4d {

/// State of the running job. `done` of `total` items (frames, person-frames, files) of the current phase.
struct Progress {
    std::string stage;       ///< "segment", "reconstruct", "complete", "export", ...
    std::string phase;       ///< one short sentence for people, may be empty
    long long done = 0;
    long long total = 0;     ///< 0: not known
    double perSecond = 0;    ///< recent rate; 0: not known
    double etaSeconds = -1;  ///< for the whole job; negative: not known
};
/// Called from worker threads; must not block.
using ProgressFn = std::function<void(const Progress&)>;

} // namespace body4d

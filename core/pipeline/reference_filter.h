#pragma once

#include "base/annotation.h"
#include "base/image.h"
#include "body/body_parameters.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace body4d::detail {

/// Of one person in one window of SAM-Body4D.
struct ReferenceWindow {
    std::vector<std::uint8_t> present; ///< a frame: the person has a mask there
    std::vector<std::uint8_t> visible; ///< a frame: and is not hidden; empty: wherever it is present
};

/// SAM-Body4D's smoothing of body and hand parameters (gaomingqi/sam-body4d, revision 914dcdf,
/// utils/kalman.py: kalman_smooth_mhr_params_per_obj_id_adaptive), in single precision as there.
/// @param values [frames, width]  @param width numbers a frame
void referenceSmoothPose(std::span<float> values, std::size_t width, const ReferenceWindow& window);
/// The same for the body's rotation (ema_smooth_global_rot_per_obj_id_adaptive): angles as they are, which a
/// turn over pi breaks.  @param values [frames, 3]
void referenceSmoothRotation(std::span<float> values, const ReferenceWindow& window);

/// How much of a person SAM-Body4D takes to be visible (app.py, on_4d_generation): the common share of the mask and
/// of the whole person's mask; 1 where that is not believed: the mask lies in the picture's margin or is the larger
/// one, the whole person is very long or, the first target only, most of the picture. More than 0.7 is visible.
[[nodiscard]] double referenceVisibility(const RleMask& seen, const RleMask& whole, TargetId id);

/// Everything that SAM-Body4D does with the parameters of one person over time: windows that know nothing of
/// each other, pose and hands smoothed twice, shape and scale of the first frame for the whole clip.
/// @param frames no value: the person is not there
/// @param visible a frame, see ReferenceWindow; empty: never hidden
/// @param windowFrames SAM-Body4D's batch size
/// One thing differs: where the person is missing in the first frame of its first window, SAM-Body4D takes
/// shape and scale from somebody else; here they are those of the person's own first frame.
void smoothLikeReference(std::span<std::optional<BodyParameters>> frames, std::span<const std::uint8_t> visible,
                         std::size_t windowFrames);

} // namespace body4d::detail

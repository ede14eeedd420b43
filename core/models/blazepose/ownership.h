#pragma once

#include "models/blazepose/observation.h"

#include <memory>
#include <span>
#include <vector>

namespace body4d::blazepose {

/// Other people seen on the same frame.
using Others = std::vector<const Observation*>;

/// Could the two crops share a person's pixels?
[[nodiscard]] bool mayOverlap(const Roi& a, const Roi& b);

/// Mask of `o` without the pixels that belong to `others`: those in another's mask whose skeleton is nearer,
/// with a margin in crop pixels of 64 in the others' favour (negative: in favour of `o`). Null when nothing
/// is taken away.
[[nodiscard]] std::shared_ptr<const CropMask>
ownershipMask(const Observation& o, std::span<const Observation* const> others, double margin);

/// Hides `others` in a crop of `roi` under the backdrop's colours, 2 frame pixels wider than their masks.
void paintOut(Crop& crop, const Roi& roi, std::span<const Observation* const> others,
              const Backdrop& backdrop);

/// Hides everything but `person` in a crop of `roi`, a little wider than their mask says.
void paintAround(Crop& crop, const Roi& roi, const Observation& person, const Backdrop& backdrop);

/// Share of the mask's pixels that lie near a bone, 0..1. A skeleton that is turned or on the wrong limb
/// leaves parts of the person's mask uncovered even where the network is sure of itself.
[[nodiscard]] double skeletonCoverage(const Observation& o, const CropMask& mask);

/// Mean distance of two skeletons' main points in the picture, as a share of the side of seenPart(); below
/// kSamePerson both are one person.
[[nodiscard]] double skeletonDifference(const Observation& a, const Observation& b);
inline constexpr double kSamePerson = 0.1;

/// Intersection over union of two people's own masks, sampled on the smaller crop; 0..1.
[[nodiscard]] double maskOverlap(const Observation& a, const Observation& b);

} // namespace body4d::blazepose

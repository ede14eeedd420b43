#pragma once

#include "models/blazepose/pose_nets.h"
#include "models/segmenter.h"

#include <memory>

namespace body4d::posed {

/// Adds landmarks of body and hands to an engine that knows masks only, and lets it find people.
/// @param masks an engine whose sessions bring out what they hold at any finish() and then go on as before
[[nodiscard]] std::unique_ptr<Segmenter> withLandmarks(std::unique_ptr<Segmenter> masks,
                                                       std::shared_ptr<blazepose::PoseNetworks> networks,
                                                       const Segmenter::Options& options);

} // namespace body4d::posed

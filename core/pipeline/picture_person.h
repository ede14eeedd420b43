#pragma once

#include "body/body_track.h"
#include "body/body_parameters.h"
#include "body/parameter_motion.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace body4d::detail {

/// What is said of a body on a frame beside its mesh, under the official output's names.
using BodyFields = std::map<std::string, std::vector<float>>;

/// Parameters under the names of the official output; what the network said before anything was shared or
/// smoothed stands beside them under its own names.
struct NamedParameter {
    const char *name, *raw;
    std::vector<float> BodyParameters::*member;
};
inline constexpr NamedParameter kNamedParameters[] = {
    {"global_rot", "raw_global_rot", &BodyParameters::globalRot},
    {"body_pose_params", "raw_body_pose_params", &BodyParameters::bodyPose},
    {"hand_pose_params", "raw_hand_pose_params", &BodyParameters::hand},
    {"shape_params", "raw_shape_params", &BodyParameters::shape},
    {"scale_params", "raw_scale_params", &BodyParameters::scale}};
inline constexpr const char* kRawTranslation = "raw_cam_t";

void addRaw(BodyFields& fields, const BodyParameters& raw);
/// What addRaw() wrote; nothing where the person was not read.
[[nodiscard]] std::optional<BodyParameters> rawOf(const BodyFrame& frame);

/// One target's way from readings to bodies.
struct PicturePerson {
    const TargetTrack* track = nullptr;
    ParameterTrack raw, parameters;    ///< by the track's frames
    std::vector<BodyFields> fields;    ///< what else was said, by the track's frames
    std::vector<std::size_t> shots;    ///< first frames of shots but the first, as indices of the track
    std::vector<std::uint8_t> between; ///< 1 where the person is seen and not looked at: interpolated
};

/// Whether a network can look at the person on a frame.
[[nodiscard]] bool isSeen(const TargetFrame& frame);
/// Chooses the frames that are not looked at. @param perSecond bodies a second; 0: on all frames
void leaveOut(PicturePerson& person, double fps, double perSecond);
/// One shape and scale for the person: the median over frames that the tracker is sure of and in which the
/// person is whole, number by number.
void shareShape(PicturePerson& person);

} // namespace body4d::detail

#pragma once

#include "base/geometry.h"
#include "body/body_track.h"

#include <cstdint>
#include <span>
#include <vector>

namespace body4d {

/// How the camera turned, per frame. Within a shot every rotation refers to the shot's first frame.
struct CameraPath {
    std::int64_t firstFrame = 0;
    bool moves = false;                   ///< false: every rotation is the identity
    /// What turning and zooming leave unexplained of the background's motion, in pixels of a picture 480 wide (upper
    /// quantiles over points and frames of the worst shot). Much more than 1: the camera travels, which is not measured.
    double parallaxPx = 0;
    std::vector<Mat3> shotFromCam;        ///< one a frame: directions in that frame's camera to the shot's first camera
    std::vector<std::int64_t> shotStarts; ///< first frames of the second and later shots, ascending
};

struct WorldOptions {
    double pitchSigmaRadians = 0.15; ///< how far cameras usually look up or down
    double rollSigmaRadians = 0.04;  ///< how level cameras usually are held
    double maxPitchRadians = 0.9;    ///< beyond this a solution is not believed
    double depthSigma = 0.05;        ///< relative error of a body's distance from frame to frame
    double sizeSigma = 0.06;         ///< relative error of a person's assumed height: distances scale with it
    std::vector<bool> sizeKnown;     ///< per track: its height was measured by other means; may be shorter than the tracks
    double leanSigmaRadians = 0.12;  ///< how far the trunk of a standing person is from upright, forwards and backwards
};

/// What the ground was found from, for reports and for the window's "why is it tilted?".
struct WorldReport {
    int contactSamples = 0;       ///< foot points that decided
    int uprightSamples = 0;       ///< frames in which somebody stood upright
    double pitchRadians = 0;      ///< of the first shot's first camera; positive looks down
    double rollRadians = 0;       ///< of the same; positive: turned clockwise about its line of sight
    double cameraHeightMetres = 0;
    double tiltSigmaRadians = 0;  ///< posterior standard deviation of the vertical
    double contactResidualMetres = 0; ///< robust spread of the deciding points about the ground
    double planeSigmaMetres = 0;      ///< posterior standard deviation of the ground under the people, at its worst
    double disagreement = 1;          ///< how much less the contacts lie on a plane than errors of distance explain, at least 1
    std::vector<double> targetScale;  ///< per track: factor on size and distance that would put its feet on the ground
};

/// Finds the vertical and the ground from the feet and trunks of all targets, robustly, with the prior of a camera held
/// level, and the camera's pose in that world: x right of the first camera, y up, z towards it, metres, ground at 0,
/// below the first shot's first camera at x = z = 0. Each shot is solved by itself.
/// Without feet the height of the hips over the ground is that of a standing person.
/// @param tracks bodies in camera space, at least one with a frame that is not absent; otherwise the camera is taken as
///     level and 1.5 m high
/// @param path empty shotFromCam: the camera rests
/// @param report may be null
[[nodiscard]] WorldFrame solveWorld(std::span<const BodyTrack* const> tracks, const CameraPath& path,
                                    const WorldOptions& options, WorldReport* report = nullptr);

/// The world of a frame; the nearest one where `frame` lies outside.
[[nodiscard]] const RigidTransform& worldFromCamAt(const WorldFrame& world, std::int64_t frame);

/// Scales a body and its distance: the picture stays the same, sizes and the path change.
void scaleTrack(BodyTrack& track, double factor);

} // namespace body4d

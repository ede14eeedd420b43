#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "body/world.h"

#include <cstdint>
#include <memory>
#include <span>

namespace body4d {

struct CameraMotionOptions {
    int workSidePx = 480;           ///< longer side of the grey picture that is measured
    int maxCorners = 160;
    double movingPx = 1.5;          ///< the camera counts as moving beyond this many pixels of the work picture ...
    double movingShare = 0.02;      ///< ... on at least this share of the frames
};

/// Measures how the camera turns, from corners of the background. People are masked out; what moves by itself is
/// outvoted. Frames must come in rising order without gaps; the result depends on them alone, so a resumed run that
/// feeds the same frames gets the same path.
class CameraMotionEstimator {
public:
    /// @param camera of the full frame; its focal length turns pixels into angles
    explicit CameraMotionEstimator(const Intrinsics& camera, const CameraMotionOptions& options = {});
    ~CameraMotionEstimator();
    CameraMotionEstimator(CameraMotionEstimator&&) noexcept;
    CameraMotionEstimator& operator=(CameraMotionEstimator&&) noexcept;

    /// @param people masks of people in full resolution; empty ones and none at all are fine
    /// @param newShot this frame starts another shot
    /// @param shotFocalPx read where a shot starts: its focal length in full pixels; 0: the constructor's
    void push(std::int64_t index, const Image& frame, std::span<const RleMask* const> people, bool newShot = false,
              double shotFocalPx = 0);
    /// The path of all frames so far. Rests are exactly the identity.
    [[nodiscard]] CameraPath path() const;
    /// Share of the frames whose turning could be measured (enough background), 0..1.
    [[nodiscard]] double measuredShare() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d

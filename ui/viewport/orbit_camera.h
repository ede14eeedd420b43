#pragma once

#include "base/geometry.h"

#include <optional>
#include <span>

namespace body4d::ui {

/// A turntable camera about a focal point; y is up, metres, radians. Plain mathematics, no toolkit.
class OrbitCamera {
public:
    enum class Preset { Front, Back, Left, Right, Top, ThreeQuarter };

    [[nodiscard]] Vec3 position() const;
    [[nodiscard]] Vec3 focalPoint() const;
    [[nodiscard]] Vec3 up() const;
    [[nodiscard]] double distance() const { return distance_; }
    [[nodiscard]] double yaw() const { return yaw_; }
    [[nodiscard]] double pitch() const { return pitch_; }
    /// Vertical field of view in radians, for a view of this aspect ratio.
    [[nodiscard]] double fieldOfView(double aspect) const;
    [[nodiscard]] bool orthographic() const { return orthographic_; }
    void setOrthographic(bool on) { orthographic_ = on; }
    /// Half the height of what is seen at the focal point, metres.
    [[nodiscard]] double halfHeight() const;

    /// Turns by fractions of the view's height.
    void orbit(double dx, double dy);
    /// Moves so that what is at the focal point's depth follows the pointer; fractions of the view's height.
    void pan(double dx, double dy);
    /// Comes closer by `factor` (< 1) while `anchor` stays where it is on screen.
    void zoom(double factor, Vec3 anchor);
    void setFocalPoint(Vec3 point);
    void setDistance(double metres);
    void setPreset(Preset preset);
    void setAngles(double yaw, double pitch);
    /// Shows a box whole, keeping the direction.
    void fit(Vec3 low, Vec3 high, double aspect);
    /// Shows points as large and as much in the middle as they go, keeping the direction.
    void fit(std::span<const Vec3> points, double aspect);

    /// Looks through a video's camera; orbiting or panning leaves it from there.
    void lookThrough(const RigidTransform& worldFromCam, const Intrinsics& camera);
    [[nodiscard]] bool lookingThrough() const { return through_.has_value(); }
    void leaveLookThrough();

    /// Ray of a point of the view. @param x, y in -1..1, y up
    struct Ray {
        Vec3 origin, direction; ///< direction has unit length
    };
    [[nodiscard]] Ray ray(double x, double y, double aspect) const;
    /// @returns x, y in -1..1 and the depth along the view direction
    [[nodiscard]] Vec3 project(Vec3 point, double aspect) const;

private:
    struct Axes {
        Vec3 right, up, back;
    };
    [[nodiscard]] Axes axes() const;

    Vec3 focal_{0, 0.9, -3};
    double yaw_ = 0.5, pitch_ = 0.22, distance_ = 5;
    double fov_ = 0.61; ///< 35 degrees
    bool orthographic_ = false;
    struct Through {
        RigidTransform worldFromCam;
        Intrinsics camera;
    };
    std::optional<Through> through_;
};

} // namespace body4d::ui

#pragma once

#include "base/image.h"
#include "body/body_model.h"

#include <cstdint>
#include <span>
#include <vector>

namespace body4d::detail {

/// Numbers on the pixels of a part of a picture, at a reduced size.
struct PictureField {
    Box region;       ///< whole pixels of the picture
    double scale = 1; ///< pixels of the field per pixel of the picture
    int width = 0, height = 0;
    std::vector<float> values; ///< row-major
};

/// Carries the outline of a person from frames in which they are seen to frames in which they are hidden.
/// What a mask has more or less than the body that is drawn there (clothes, hair, a bag) is kept as the
/// difference of two signed distances; it is bound to the nearest surface of the body and moves along with
/// it.
class CarriedOutline {
public:
    explicit CarriedOutline(const BodyModel& model);

    /// A frame in which the person is seen.
    struct Source {
        PictureField beyond; ///< metres by which the mask's outline lies outside the body's
        std::vector<Vec2>
            places; ///< [V] of the body's vertices, pixels of the field; empty: nothing was seen
        double metresPerPixel = 0; ///< of the field, at the body's distance
    };
    /// @param vertices the body as it is drawn there  @param camera that sees it  @param mask measured
    [[nodiscard]] Source learn(std::span<const Vec3f> vertices, const Intrinsics& camera,
                               const RleMask& mask) const;

    struct Weighted {
        const Source* source = nullptr;
        double weight = 0; ///< what is missing to a sum of 1 is the body as it is drawn
    };
    /// The region around a body in which its outline is looked at, without values.
    /// @param longSide pixels of the body's field at most
    [[nodiscard]] PictureField around(std::span<const Vec3f> vertices, const Intrinsics& camera,
                                      double longSide = kFieldPixels) const;
    /// Fills a region with the metres by which places lie inside a body's outline, below 0 outside, with what
    /// is carried to it.
    void fill(PictureField& field, std::span<const Vec3f> vertices, const Intrinsics& camera,
              std::span<const Weighted> sources) const;

    static constexpr double kFieldPixels = 200; ///< longer side of a person in fields

private:
    const BodyModel& model_;
    std::vector<std::uint16_t> jointOfVertex_; ///< the one that moves it most
};

/// The places of a picture where a field is above a level. 0 and 255.
[[nodiscard]] Mask maskAbove(const PictureField& field, double level, const Intrinsics& camera);

/// How much each of some frames tells of another's outline: part of what a mask has beyond the body stays,
/// the rest (a thing that passes before the body, a limb that was put beside itself) is gone a moment later.
/// @param seconds of the frames that tell  @param at of the other
[[nodiscard]] std::vector<double> carriedShares(std::span<const double> seconds, double at);

} // namespace body4d::detail

#include "models/blazepose/seen_part.h"

#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace body4d::blazepose {

namespace {

constexpr double kBodyHalf = 0.4;   // of the crop's side, from the hips to both ends of a body
constexpr double kWhole = 0.8;      // of a body, from which on it counts as all of it
constexpr double kLeastShare = 0.2; // of a body: of less nothing can be measured
constexpr double kBeyond = 0.05;     // of the crop's side, below the picture
constexpr double kLeans = 0.15, kAboutUpright = 0.6; // radians: people do lean so much; from where on they lie
constexpr std::array<int, 5> kTrunkAndHead{0, 11, 12, 23, 24};

} // namespace

Roi seenPart(const Roi& roi, int frameWidth, int frameHeight) {
    const Vec2 up{std::sin(roi.angle), -std::cos(roi.angle)};
    const bool upright = std::abs(up.y) >= std::abs(up.x);
    const double limit = upright ? frameHeight : frameWidth, middle = upright ? roi.centreY : roi.centreX;
    const double along = upright ? up.y : up.x, half = kBodyHalf * roi.side * std::abs(along);
    const double from = std::clamp(middle - half, 0.0, limit), to = std::clamp(middle + half, 0.0, limit);
    if (limit <= 0 || half <= 0 || to - from >= kWhole * 2 * half) {
        return roi;
    }
    const double ahead = (0.5 * (from + to) - middle) / along;
    return {roi.centreX + ahead * up.x, roi.centreY + ahead * up.y,
            std::max(kLeastShare, (to - from) / (2 * half)) * roi.side, roi.angle};
}

Roi seenPart(const Observation& o) {
    return seenPart(o.roi, o.frameWidth, o.frameHeight);
}

bool inPicture(const Observation& o, Vec2 place) {
    return o.frameWidth <= 0 ||
           (place.x >= 0 && place.y >= 0 && place.x < o.frameWidth && place.y < o.frameHeight);
}

Vec2 seenStep(const Observation& a, const Observation& b) {
    const Vec2 whole = centre(b.roi) - centre(a.roi);
    if (inPicture(a, centre(a.roi)) && inPicture(b, centre(b.roi))) {
        return whole;
    }
    for (const std::span<const int> points : {std::span<const int>(kTrunkAndHead), std::span<const int>(kMainPoints)}) {
        Vec2 sum;
        int count = 0;
        for (const int k : points) {
            const auto i = static_cast<std::size_t>(k);
            if (inPicture(a, a.px[i]) && inPicture(b, b.px[i])) {
                sum = sum + (b.px[i] - a.px[i]);
                ++count;
            }
        }
        if (count > 0) {
            return (1.0 / count) * sum;
        }
    }
    return whole;
}

bool standUnderShoulders(Observation& o) {
    Vec2& hips = o.px[33];
    Vec2& size = o.px[34];
    const Roi crop = roiFromPoints(hips, size);
    const Vec2 shoulders = 0.5 * (o.px[11] + o.px[12]);
    const double lean = std::abs(wrapAngle(crop.angle));
    if (o.frameHeight <= 0 || hips.y < o.frameHeight + kBeyond * crop.side || lean < kLeans ||
        lean > kAboutUpright || !inPicture(o, o.px[0]) || !inPicture(o, shoulders)) {
        return false;
    }
    const double length = norm(size - hips);
    hips.x = 0.5 * (o.px[0].x + shoulders.x);
    size = {hips.x, hips.y - length};
    return true;
}

} // namespace body4d::blazepose

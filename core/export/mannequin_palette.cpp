#include "export/mannequin_palette.h"

#include "export/overlay_renderer.h"

#include <algorithm>
#include <cmath>

namespace body4d {
namespace {

Rgb mix(const Rgb& a, const Rgb& b, double share) {
    Rgb out{};
    for (std::size_t c = 0; c < 3; ++c) {
        out[c] = static_cast<std::uint8_t>(std::lround(a[c] + share * (b[c] - a[c])));
    }
    return out;
}

} // namespace

Rgb parseColour(const std::string& text) {
    Rgb out{160, 164, 170};
    if (text.size() == 7 && text[0] == '#' &&
        text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos) {
        for (std::size_t c = 0; c < 3; ++c) {
            out[c] = static_cast<std::uint8_t>(std::stoi(text.substr(1 + 2 * c, 2), nullptr, 16));
        }
    }
    return out;
}

Rgb regionColour(BodyRegion region, const std::string& targetColour) {
    const Rgb target = parseColour(targetColour);
    const Rgb neutral{205, 207, 211};
    switch (region) {
    case BodyRegion::Suit:
        return mix(target, neutral, 0.10);
    case BodyRegion::SuitAccent:
        return mix(target, {24, 28, 36}, 0.28);
    case BodyRegion::Feet:
        return mix(target, {24, 28, 36}, 0.45);
    case BodyRegion::Eyes:
        return {120, 126, 134};
    case BodyRegion::Head:
    case BodyRegion::Hands:
        break;
    }
    return mix(neutral, target, 0.06);
}

const char* regionName(BodyRegion region) {
    switch (region) {
    case BodyRegion::Head:
        return "head";
    case BodyRegion::Suit:
        return "suit";
    case BodyRegion::SuitAccent:
        return "suit_accent";
    case BodyRegion::Hands:
        return "hands";
    case BodyRegion::Feet:
        return "feet";
    case BodyRegion::Eyes:
        break;
    }
    return "eyes";
}

std::vector<BodyRegion> triangleRegions(const MeshTopology& topology) {
    std::vector<BodyRegion> regions(topology.triangles.size(), BodyRegion::Suit);
    if (topology.triangleRegion.size() == regions.size()) { // the body knows its seams
        for (std::size_t t = 0; t < regions.size(); ++t) {
            regions[t] =
                static_cast<BodyRegion>(std::min<int>(topology.triangleRegion[t], kBodyRegionCount - 1));
        }
        return regions;
    }
    if (topology.region.empty()) {
        return regions;
    }
    for (std::size_t t = 0; t < regions.size(); ++t) {
        const auto& [a, b, c] = topology.triangles[t];
        const std::uint8_t ra = topology.region[a], rb = topology.region[b], rc = topology.region[c];
        const std::uint8_t most = rb == rc ? rb : ra;
        regions[t] = static_cast<BodyRegion>(std::min<int>(most, kBodyRegionCount - 1));
    }
    return regions;
}

double linearFromSrgb(std::uint8_t value) {
    const double s = value / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
}

} // namespace body4d

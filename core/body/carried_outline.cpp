#include "body/detail/carried_outline.h"

#include "body/detail/silhouette_match.h"
#include "body/mask_sampling.h"
#include "body/rasterizer.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::detail {

namespace {

constexpr double kBand = 0.2;        // metres around the outline in which something may be worn or carried
constexpr double kLasting = 0.4;     // of what a mask has beyond the body, by variance: the share that stays,
constexpr double kFadeSeconds = 0.2; // how soon most of the rest is gone,
constexpr double kOutlineNoise = 0.05; // and what is of one frame only

/// For every pixel the nearest one that is on, by its index; -1 everywhere where none is.
/// (Felzenszwalb and Huttenlocher's lower envelope of parabolas, columns first.)
void nearestOn(const std::vector<std::uint8_t>& on, int width, int height,
               std::vector<std::int32_t>& nearest) {
    constexpr int kFar = 1 << 14;
    nearest.assign(on.size(), -1);
    std::vector<int> row(on.size(), -1); // of the nearest pixel that is on in the same column
    for (int x = 0; x < width; ++x) {
        int last = -kFar;
        for (int y = 0; y < height; ++y) {
            const auto i = static_cast<std::size_t>(y) * width + x;
            last = on[i] != 0 ? y : last;
            row[i] = last;
        }
        last = kFar;
        for (int y = height; y-- > 0;) {
            const auto i = static_cast<std::size_t>(y) * width + x;
            last = on[i] != 0 ? y : last;
            if (last - y < y - row[i]) {
                row[i] = last;
            }
        }
    }
    std::vector<int> column(static_cast<std::size_t>(width));
    std::vector<double> from(static_cast<std::size_t>(width) + 1);
    for (int y = 0; y < height; ++y) {
        const auto base = static_cast<std::size_t>(y) * width;
        const auto squared = [&](int x) {
            const double d = row[base + x] - y;
            return d * d;
        };
        int k = -1;
        for (int x = 0; x < width; ++x) {
            if (std::abs(row[base + x]) >= kFar) {
                continue;
            }
            double meet = -std::numeric_limits<double>::infinity();
            while (k >= 0) {
                const int c = column[static_cast<std::size_t>(k)];
                meet = (squared(x) + static_cast<double>(x) * x - squared(c) - static_cast<double>(c) * c) /
                       (2.0 * (x - c));
                if (meet > from[static_cast<std::size_t>(k)]) {
                    break;
                }
                --k;
            }
            if (k < 0) {
                meet = -std::numeric_limits<double>::infinity();
            }
            ++k;
            column[static_cast<std::size_t>(k)] = x;
            from[static_cast<std::size_t>(k)] = meet;
        }
        if (k < 0) {
            continue;
        }
        int at = 0;
        for (int x = 0; x < width; ++x) {
            while (at < k && from[static_cast<std::size_t>(at) + 1] < x) {
                ++at;
            }
            const int c = column[static_cast<std::size_t>(at)];
            nearest[base + x] = row[base + c] * width + c;
        }
    }
}

/// Signed distances of all pixels from the outline, positive inside, and the nearest pixel inside.
struct Outline {
    std::vector<float> distance; ///< pixels
    std::vector<std::int32_t> nearestInside;
};

Outline outlineOf(std::vector<std::uint8_t> inside, int width, int height) {
    Outline out;
    std::vector<std::int32_t> nearestOutside;
    nearestOn(inside, width, height, out.nearestInside);
    for (std::uint8_t& v : inside) {
        v = v != 0 ? 0 : 1;
    }
    nearestOn(inside, width, height, nearestOutside);
    out.distance.resize(inside.size());
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto i = static_cast<std::size_t>(y) * width + x;
            const bool outside = inside[i] != 0;
            const std::int32_t other = outside ? out.nearestInside[i] : nearestOutside[i];
            const double d = other < 0 ? 1e4 : std::hypot(other % width - x, other / width - y) - 0.5;
            out.distance[i] = static_cast<float>(outside ? -d : d);
        }
    }
    return out;
}

/// The region around a body in which its outline is looked at.
PictureField fieldAround(Box box, const Intrinsics& camera, double metresPerPx, double longSide) {
    PictureField out;
    const double margin = kBand / metresPerPx;
    out.scale = std::min(1.0, longSide / std::max({box.width(), box.height(), 1.0}));
    // Nothing is known beyond the picture.
    const auto place = [&](double v, int limit) { return std::clamp(v, 0.0, static_cast<double>(limit)); };
    out.region = {
        std::floor(place(box.x0 - margin, camera.width)), std::floor(place(box.y0 - margin, camera.height)),
        std::ceil(place(box.x1 + margin, camera.width)), std::ceil(place(box.y1 + margin, camera.height))};
    return out;
}

double meanDepth(std::span<const Vec3f> vertices) {
    double sum = 0;
    for (const Vec3f& v : vertices) {
        sum += v.z;
    }
    return std::max(sum / static_cast<double>(std::max<std::size_t>(1, vertices.size())), 0.1);
}

std::vector<Vec2> projected(std::span<const Vec3f> vertices, const Intrinsics& camera) {
    std::vector<Vec2> out;
    out.reserve(vertices.size());
    for (const Vec3f& v : vertices) {
        out.push_back(project(camera, {v.x, v.y, v.z}));
    }
    return out;
}

/// Value between pixel centres; 0 outside.
double at(const PictureField& field, double x, double y) {
    x -= 0.5;
    y -= 0.5;
    if (x < 0 || y < 0 || x > field.width - 1 || y > field.height - 1) {
        return 0;
    }
    const int x0 = std::min(static_cast<int>(x), field.width - 2),
              y0 = std::min(static_cast<int>(y), field.height - 2);
    if (x0 < 0 || y0 < 0) {
        return 0;
    }
    const double u = x - x0, v = y - y0;
    const float* p = field.values.data() + static_cast<std::size_t>(y0) * field.width + x0;
    return (1 - v) * ((1 - u) * p[0] + u * p[1]) + v * ((1 - u) * p[field.width] + u * p[field.width + 1]);
}

/// From pixels of one picture to those of another: a turn and a zoom in the picture's plane.
struct Turn {
    double cosine = 1, sine = 0;
};

/// How each part of a body lies elsewhere against here, from the places of its vertices.
std::vector<Turn> turnsBetween(std::span<const Vec2> here, std::span<const Vec2> elsewhere,
                               std::span<const std::uint16_t> partOfVertex, std::size_t parts, double zoom) {
    std::vector<Vec2> middle(parts), middleElsewhere(parts);
    std::vector<double> count(parts, 0), cosine(parts, 0), sine(parts, 0);
    for (std::size_t v = 0; v < here.size(); ++v) {
        const std::size_t p = partOfVertex[v];
        middle[p] = middle[p] + here[v];
        middleElsewhere[p] = middleElsewhere[p] + elsewhere[v];
        ++count[p];
    }
    for (std::size_t v = 0; v < here.size(); ++v) {
        const std::size_t p = partOfVertex[v];
        const Vec2 a = here[v] - (1 / count[p]) * middle[p],
                   b = elsewhere[v] - (1 / count[p]) * middleElsewhere[p];
        cosine[p] += a.x * b.x + a.y * b.y;
        sine[p] += a.x * b.y - a.y * b.x;
    }
    std::vector<Turn> out(parts);
    for (std::size_t p = 0; p < parts; ++p) {
        const double length = std::hypot(cosine[p], sine[p]);
        out[p] = length > 1e-9 ? Turn{zoom * cosine[p] / length, zoom * sine[p] / length} : Turn{zoom, 0};
    }
    return out;
}

} // namespace

CarriedOutline::CarriedOutline(const BodyModel& model) : model_(model) {
    const SkinWeights& skin = model.skin();
    const auto perVertex = static_cast<std::size_t>(skin.perVertex);
    const std::size_t count = skin.weight.size() / perVertex;
    for (std::size_t v = 0; v < count; ++v) {
        const auto first = skin.weight.begin() + static_cast<std::ptrdiff_t>(v * perVertex);
        const auto heaviest = std::max_element(first, first + static_cast<std::ptrdiff_t>(perVertex));
        jointOfVertex_.push_back(
            static_cast<std::uint16_t>(skin.joint[static_cast<std::size_t>(heaviest - skin.weight.begin())]));
    }
}

CarriedOutline::Source CarriedOutline::learn(std::span<const Vec3f> vertices, const Intrinsics& camera,
                                             const RleMask& mask) const {
    Source out;
    const double metresPerPx = meanDepth(vertices) / camera.focalPx;
    Box box = projectedBox(vertices, camera);
    out.beyond = fieldAround(box, camera, metresPerPx, kFieldPixels);
    if (box.area() == 0) {
        return out;
    }
    PictureField& field = out.beyond;
    const Intrinsics window = windowed(camera, field.region, field.scale);
    Mask body, seen;
    silhouette(vertices, model_.topology(), window, body);
    sampleMask(mask, field.region, field.scale, seen);
    field.width = body.width;
    field.height = body.height;
    out.metresPerPixel = metresPerPx / field.scale;
    const auto distances = [&](const Mask& m) {
        std::vector<std::uint8_t> inside(m.values.size());
        std::transform(m.values.begin(), m.values.end(), inside.begin(),
                       [](std::uint8_t v) { return v >= 128 ? 1 : 0; });
        return outlineOf(std::move(inside), m.width, m.height).distance;
    };
    const std::vector<float> ofBody = distances(body), ofMask = distances(seen);
    field.values.resize(ofBody.size());
    for (std::size_t i = 0; i < ofBody.size(); ++i) {
        const auto metres = [&](float d) { return std::clamp(d * out.metresPerPixel, -kBand, kBand); };
        field.values[i] = static_cast<float>(metres(ofMask[i]) - metres(ofBody[i]));
    }
    out.places = projected(vertices, window);
    return out;
}

PictureField CarriedOutline::around(std::span<const Vec3f> vertices, const Intrinsics& camera, double longSide) const {
    return fieldAround(projectedBox(vertices, camera), camera, meanDepth(vertices) / camera.focalPx, longSide);
}

void CarriedOutline::fill(PictureField& field, std::span<const Vec3f> vertices, const Intrinsics& camera,
                          std::span<const Weighted> sources) const {
    const double metresPerPx = meanDepth(vertices) / camera.focalPx;
    const Intrinsics window = windowed(camera, field.region, field.scale);
    DepthImage drawn;
    rasterize(vertices, model_.topology(), window, drawn);
    field.width = drawn.width;
    field.height = drawn.height;
    std::vector<std::uint8_t> inside(drawn.triangle.size());
    std::transform(drawn.triangle.begin(), drawn.triangle.end(), inside.begin(),
                   [](std::int32_t t) { return t >= 0 ? 1 : 0; });
    const Outline outline = outlineOf(std::move(inside), field.width, field.height);
    const std::vector<Vec2> places = projected(vertices, window);
    const double metresPerPixel = metresPerPx / field.scale;
    std::vector<std::vector<Turn>> turns;
    for (const Weighted& w : sources) {
        turns.push_back(turnsBetween(places, w.source->places, jointOfVertex_, model_.joints().size(),
                                     metresPerPixel / w.source->metresPerPixel));
    }
    field.values.resize(outline.distance.size());
    for (int y = 0; y < field.height; ++y) {
        for (int x = 0; x < field.width; ++x) {
            const auto i = static_cast<std::size_t>(y) * field.width + x;
            double d = outline.distance[i] * metresPerPixel;
            if (std::abs(d) < 2 * kBand && outline.nearestInside[i] >= 0) {
                const auto triangle = static_cast<std::size_t>(
                    drawn.triangle[static_cast<std::size_t>(outline.nearestInside[i])]);
                const std::uint32_t v = model_.topology().triangles[triangle][0];
                const Vec2 off = Vec2{x + 0.5, y + 0.5} - places[v];
                for (std::size_t s = 0; s < sources.size(); ++s) {
                    const Source& source = *sources[s].source;
                    const Turn& turn = turns[s][jointOfVertex_[v]];
                    const Vec2 there = source.places[v] + Vec2{turn.cosine * off.x - turn.sine * off.y,
                                                               turn.sine * off.x + turn.cosine * off.y};
                    d += sources[s].weight * at(source.beyond, there.x, there.y);
                }
            }
            field.values[i] = static_cast<float>(d);
        }
    }
}

Mask maskAbove(const PictureField& field, double level, const Intrinsics& camera) {
    Mask out(camera.width, camera.height);
    for (int y = static_cast<int>(field.region.y0); y < static_cast<int>(field.region.y1); ++y) {
        const double fieldY = std::clamp((y + 0.5 - field.region.y0) * field.scale, 0.5, field.height - 0.5);
        for (int x = static_cast<int>(field.region.x0); x < static_cast<int>(field.region.x1); ++x) {
            const double fieldX =
                std::clamp((x + 0.5 - field.region.x0) * field.scale, 0.5, field.width - 0.5);
            out.row(y)[x] = at(field, fieldX, fieldY) > level ? 255 : 0;
        }
    }
    return out;
}

std::vector<double> carriedShares(std::span<const double> seconds, double at) {
    const auto alike = [](double a, double b) {
        return (1 - kOutlineNoise) * (kLasting + (1 - kLasting) * std::exp(-std::abs(a - b) / kFadeSeconds));
    };
    const auto count = static_cast<Eigen::Index>(seconds.size());
    Eigen::MatrixXd among(count, count);
    Eigen::VectorXd with(count);
    for (Eigen::Index i = 0; i < count; ++i) {
        const double s = seconds[static_cast<std::size_t>(i)];
        with[i] = alike(s, at);
        for (Eigen::Index j = 0; j < count; ++j) {
            among(i, j) = alike(s, seconds[static_cast<std::size_t>(j)]) + (i == j ? kOutlineNoise : 0);
        }
    }
    const Eigen::VectorXd shares = among.ldlt().solve(with);
    return {shares.begin(), shares.end()};
}

} // namespace body4d::detail

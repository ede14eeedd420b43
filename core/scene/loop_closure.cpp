// Loops from what is there already: pictures and depths of the passes. No network runs again.
#include "scene/loop_closure.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "scene/draw.h"
#include "scene/unproject.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <filesystem>
#include <map>

namespace body4d {
namespace {

struct Grey {
    int width = 0, height = 0;
    std::vector<float> values;
    [[nodiscard]] float at(int x, int y) const {
        return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(x)];
    }
    float& at(int x, int y) {
        return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(x)];
    }
};

Grey greyOf(const Image& image) {
    Grey grey{image.width, image.height, {}};
    grey.values.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
    for (std::size_t i = 0; i < grey.values.size(); ++i) {
        grey.values[i] =
            0.299F * image.rgb[3 * i] + 0.587F * image.rgb[3 * i + 1] + 0.114F * image.rgb[3 * i + 2];
    }
    return grey;
}

/// The mean of what each pixel of a smaller picture covers.
Grey shrunk(const Grey& from, int width, int height) {
    Grey out{width, height,
             std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
    for (int y = 0; y < height; ++y) {
        const int top = y * from.height / height, bottom = std::max(top + 1, (y + 1) * from.height / height);
        for (int x = 0; x < width; ++x) {
            const int left = x * from.width / width, right = std::max(left + 1, (x + 1) * from.width / width);
            float sum = 0;
            for (int v = top; v < bottom; ++v) {
                for (int u = left; u < right; ++u) {
                    sum += from.at(u, v);
                }
            }
            out.at(x, y) = sum / static_cast<float>((bottom - top) * (right - left));
        }
    }
    return out;
}

Grey blurred(const Grey& from) {
    constexpr int kReach = 2;
    auto pass = [](const Grey& in, int dx, int dy) {
        Grey out = in;
        for (int y = 0; y < in.height; ++y) {
            for (int x = 0; x < in.width; ++x) {
                float sum = 0;
                for (int k = -kReach; k <= kReach; ++k) {
                    sum += in.at(std::clamp(x + k * dx, 0, in.width - 1),
                                 std::clamp(y + k * dy, 0, in.height - 1));
                }
                out.at(x, y) = sum / (2 * kReach + 1);
            }
        }
        return out;
    };
    return pass(pass(from, 1, 0), 0, 1);
}

/// A picture as a whole: small, grey, of mean 0 and length 1.
std::vector<float> signatureOf(const Image& image) {
    constexpr int kWidth = 24, kHeight = 16;
    auto small = shrunk(blurred(greyOf(image)), kWidth, kHeight).values;
    float mean = 0, square = 0;
    for (const float v : small) {
        mean += v / static_cast<float>(small.size());
    }
    for (auto& v : small) {
        v -= mean;
        square += v * v;
    }
    const float length = std::sqrt(square);
    for (auto& v : small) {
        v = length > 1e-3F ? v / length : 0;
    }
    return small;
}

constexpr int kPatch = 15; ///< reach of a corner's description

struct Corner {
    Vec3 place;       ///< in the view's world
    double depth = 0; ///< along z
    std::array<std::uint64_t, 4> bits{};
};

/// Pairs of pixels whose order describes a corner: near its middle more than at the rim.
const std::array<std::array<int, 4>, 256>& comparisons() {
    static const auto table = [] {
        std::array<std::array<int, 4>, 256> out{};
        Draw draw;
        const auto coordinate = [&] { // of a bell-shaped distribution
            int sum = 0;
            for (int i = 0; i < 3; ++i) {
                sum += static_cast<int>(draw.below(11)) - 5;
            }
            return std::clamp(sum, -kPatch + 1, kPatch - 1);
        };
        for (auto& pair : out) {
            do {
                pair = {coordinate(), coordinate(), coordinate(), coordinate()};
            } while (pair[0] == pair[2] && pair[1] == pair[3]);
        }
        return out;
    }();
    return table;
}

/// Strength of corners: the smaller eigenvalue of the gradients' covariance.
Grey cornerStrength(const Grey& image) {
    const auto size = image.values.size();
    Grey xx{image.width, image.height, std::vector<float>(size)}, xy = xx, yy = xx;
    for (int y = 1; y + 1 < image.height; ++y) {
        for (int x = 1; x + 1 < image.width; ++x) {
            const float gx = image.at(x + 1, y) - image.at(x - 1, y),
                        gy = image.at(x, y + 1) - image.at(x, y - 1);
            xx.at(x, y) = gx * gx;
            xy.at(x, y) = gx * gy;
            yy.at(x, y) = gy * gy;
        }
    }
    xx = blurred(xx);
    xy = blurred(xy);
    yy = blurred(yy);
    for (std::size_t i = 0; i < size; ++i) {
        const float a = xx.values[i], b = xy.values[i], c = yy.values[i];
        xx.values[i] = 0.5F * (a + c - std::sqrt((a - c) * (a - c) + 4 * b * b));
    }
    return xx;
}

/// Depth at a place of the picture where its surface is whole; not positive elsewhere.
double steadyDepth(const SceneView& view, int x, int y) {
    constexpr double kStep = 0.1;
    const auto depth = [&](int u, int v) {
        return view.depth[static_cast<std::size_t>(v) * static_cast<std::size_t>(view.camera.width) +
                          static_cast<std::size_t>(u)];
    };
    if (x < 1 || y < 1 || x + 1 >= view.camera.width || y + 1 >= view.camera.height ||
        !isDepth(depth(x, y))) {
        return 0;
    }
    const auto own = static_cast<double>(depth(x, y));
    for (int v = y - 1; v <= y + 1; ++v) {
        for (int u = x - 1; u <= x + 1; ++u) {
            if (!isDepth(depth(u, v)) || std::abs(static_cast<double>(depth(u, v)) - own) > kStep * own) {
                return 0;
            }
        }
    }
    return own;
}

std::vector<Corner> cornersOf(const SceneView& view) {
    std::vector<Corner> corners;
    const PointFinder points(view);
    const auto full = greyOf(*view.image);
    for (const double scale : {1.0, 0.7, 0.5}) { // a place is seen from other distances, too
        const int width = static_cast<int>(std::lround(scale * full.width)),
                  height = static_cast<int>(std::lround(scale * full.height));
        if (width <= 2 * kPatch + 1 || height <= 2 * kPatch + 1) {
            continue;
        }
        const auto smooth = blurred(scale < 1 ? shrunk(full, width, height) : full);
        const auto strength = cornerStrength(smooth);
        constexpr int kCell = 8; // the strongest of each cell, so that all of the picture has its say
        constexpr float kFlat = 4;
        for (int top = kPatch; top + kCell <= height - kPatch; top += kCell) {
            for (int left = kPatch; left + kCell <= width - kPatch; left += kCell) {
                int x = left, y = top;
                for (int v = top; v < top + kCell; ++v) {
                    for (int u = left; u < left + kCell; ++u) {
                        if (strength.at(u, v) > strength.at(x, y)) {
                            x = u;
                            y = v;
                        }
                    }
                }
                if (strength.at(x, y) < kFlat) {
                    continue;
                }
                const int u = std::min(full.width - 1, (2 * x + 1) * full.width / (2 * width)),
                          v = std::min(full.height - 1, (2 * y + 1) * full.height / (2 * height));
                const double depth = steadyDepth(view, u, v);
                if (!(depth > 0)) {
                    continue;
                }
                Corner corner{points.at(u, v, depth), depth, {}};
                const auto& pairs = comparisons();
                for (std::size_t i = 0; i < pairs.size(); ++i) {
                    const auto& p = pairs[i];
                    if (smooth.at(x + p[0], y + p[1]) < smooth.at(x + p[2], y + p[3])) {
                        corner.bits[i / 64] |= std::uint64_t{1} << (i % 64);
                    }
                }
                corners.push_back(corner);
            }
        }
    }
    return corners;
}

int distanceOf(const Corner& a, const Corner& b) {
    int sum = 0;
    for (std::size_t i = 0; i < a.bits.size(); ++i) {
        sum += std::popcount(a.bits[i] ^ b.bits[i]);
    }
    return sum;
}

/// Corners that are each other's nearest, and much nearer than the second.
std::vector<PointPair> pairsOf(const std::vector<Corner>& earlier, const std::vector<Corner>& later) {
    constexpr int kFarthest = 70; // of 256 bits; strangers differ in 128
    constexpr double kClear = 0.9;
    struct Best {
        std::size_t index = 0;
        int first = 257, second = 257;
        void take(std::size_t i, int d) {
            if (d < first) {
                second = first;
                first = d;
                index = i;
            } else if (d < second) {
                second = d;
            }
        }
    };
    std::vector<Best> there(later.size()), back(earlier.size());
    for (std::size_t l = 0; l < later.size(); ++l) {
        for (std::size_t e = 0; e < earlier.size(); ++e) {
            const int d = distanceOf(later[l], earlier[e]);
            there[l].take(e, d);
            back[e].take(l, d);
        }
    }
    std::vector<PointPair> pairs;
    for (std::size_t l = 0; l < later.size(); ++l) {
        const auto& b = there[l];
        if (b.first <= kFarthest && b.first < kClear * b.second && back[b.index].index == l) {
            const auto& e = earlier[b.index];
            pairs.push_back({later[l].place, e.place, e.depth, 1});
        }
    }
    return pairs;
}

/// Share of the later view's depths that agree with the earlier view's where that looks at the same places,
/// of at least a good part of the picture; else 0.
double agreement(const SceneView& earlier, const SceneView& later, const Sim3& earlierFromLater) {
    constexpr double kLike = 0.06, kPart = 0.15;
    const PointFinder points(later);
    std::size_t tried = 0, seen = 0, alike = 0;
    const int step = std::max(1, later.camera.width / 80);
    for (int y = step / 2; y < later.camera.height; y += step) {
        for (int x = step / 2; x < later.camera.width; x += step) {
            const double depth = steadyDepth(later, x, y);
            if (!(depth > 0)) {
                continue;
            }
            ++tried;
            const auto p = earlier.cameraFromWorld * (earlierFromLater * points.at(x, y, depth));
            const auto& c = earlier.camera;
            if (!(p.z > 0)) {
                continue;
            }
            const double u = std::round(c.fx * p.x / p.z + c.cx), v = std::round(c.fy * p.y / p.z + c.cy);
            if (!(u >= 0 && v >= 0 && u < c.width && v < c.height)) {
                continue;
            }
            const double own = steadyDepth(earlier, static_cast<int>(u), static_cast<int>(v));
            if (own > 0) {
                ++seen;
                alike += std::abs(p.z / own - 1) < kLike ? 1 : 0;
            }
        }
    }
    return static_cast<double>(seen) > kPart * static_cast<double>(tried)
               ? static_cast<double>(alike) / static_cast<double>(seen)
               : 0;
}

std::optional<SceneLoop> loopOf(const SceneView& earlier, const std::vector<Corner>& earlierCorners,
                                const SceneView& later, const std::vector<Corner>& laterCorners) {
    const auto pairs = pairsOf(earlierCorners, laterCorners);
    constexpr std::size_t kFewest = 20;
    constexpr double kNear = 0.05, kShare = 0.2, kAgree = 0.6;
    if (pairs.size() < kFewest) {
        return std::nullopt;
    }
    // Fewer than half of the pairs may be right: three that the most others agree with.
    constexpr int kTriples = 1000;
    Draw draw;
    std::vector<PointPair> triple(3), best, agreeing;
    for (int i = 0; i < kTriples; ++i) {
        for (auto& corner : triple) {
            corner = pairs[draw.below(pairs.size())];
        }
        const auto candidate = exactSim3(triple);
        if (!candidate) {
            continue;
        }
        agreeing.clear();
        std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(agreeing),
                     [&](const PointPair& p) { return norm(*candidate * p.from - p.to) < kNear * p.size; });
        if (agreeing.size() > best.size()) {
            best.swap(agreeing);
        }
    }
    if (best.size() < kFewest ||
        static_cast<double>(best.size()) < kShare * static_cast<double>(pairs.size())) {
        return std::nullopt;
    }
    SceneLoop loop;
    loop.earlierFromLater = fitSim3(best);
    loop.matches = best.size();
    if (!loop.earlierFromLater.found || agreement(earlier, later, loop.earlierFromLater.transform) < kAgree) {
        return std::nullopt;
    }
    std::vector<double> sizes;
    for (const auto& p : best) {
        sizes.push_back(p.size / loop.earlierFromLater.transform.scale);
    }
    loop.size = upperMedian(sizes);
    loop.earlierFrame = earlier.frame;
    loop.laterFrame = later.frame;
    return loop;
}

bool complete(const SceneView& view) {
    return view.hasCamera && view.image != nullptr && view.image->width == view.camera.width &&
           view.image->height == view.camera.height;
}

/// Two views that look alike.
struct Candidate {
    float likeness = 0;
    std::size_t earlierPass = 0, laterPass = 0, earlierView = 0, laterView = 0;
};

} // namespace

std::optional<SceneLoop> matchViews(const SceneView& earlier, const SceneView& later) {
    BODY4D_EXPECT(complete(earlier) && complete(later));
    return loopOf(earlier, cornersOf(earlier), later, cornersOf(later));
}

std::vector<SceneLoop> findLoops(std::span<const std::filesystem::path> files, const std::stop_token& stop) {
    const auto stopIfAsked = [&stop] {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
    };
    constexpr std::size_t kViewsOfPass = 12, kTriesOfPair = 3;
    struct Signature {
        std::size_t pass = 0, view = 0;
        std::vector<float> values;
    };
    std::vector<std::vector<Signature>> signatures(files.size());
    for (std::size_t p = 0; p < files.size(); ++p) {
        const ViewFile file(files[p]);
        const auto step = std::max<std::size_t>(1, file.size() / kViewsOfPass);
        for (std::size_t i = 0; i < file.size(); i += step) {
            stopIfAsked();
            const auto view = file.read(i);
            if (complete(view)) {
                signatures[p].push_back({p, i, signatureOf(*view.image)});
            }
        }
    }
    constexpr float kAlike = 0.4F;
    const auto moreAlike = [](const Candidate& a, const Candidate& b) { return a.likeness > b.likeness; };
    // Time stays linear in the number of passes, and so does memory: of a pair of passes that closed two tries at most
    // are passed over, so that no more candidates than these are ever looked at.
    const std::size_t most = 20 + 4 * files.size(), enough = kTriesOfPair * most;
    std::vector<Candidate> candidates;
    for (std::size_t later = 2; later < files.size(); ++later) {
        stopIfAsked();
        for (std::size_t earlier = 0; earlier + 1 < later; ++earlier) {
            std::vector<Candidate> here;
            for (const auto& a : signatures[earlier]) {
                for (const auto& b : signatures[later]) {
                    float likeness = 0;
                    for (std::size_t k = 0; k < a.values.size(); ++k) {
                        likeness += a.values[k] * b.values[k];
                    }
                    if (likeness > kAlike) {
                        here.push_back({likeness, earlier, later, a.view, b.view});
                    }
                }
            }
            const auto tries = std::min(kTriesOfPair, here.size());
            std::partial_sort(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(tries), here.end(), moreAlike);
            candidates.insert(candidates.end(), here.begin(), here.begin() + static_cast<std::ptrdiff_t>(tries));
            if (candidates.size() >= 2 * enough) {
                std::stable_sort(candidates.begin(), candidates.end(), moreAlike);
                candidates.resize(enough);
            }
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(), moreAlike);
    // The most alike first; each pair of passes closes once.
    std::map<std::pair<std::size_t, std::size_t>, bool> closed;
    std::vector<SceneLoop> loops;
    for (std::size_t i = 0, tries = 0; i < candidates.size() && tries < most; ++i) {
        const auto& c = candidates[i];
        auto& done = closed[{c.earlierPass, c.laterPass}];
        if (done) {
            continue;
        }
        stopIfAsked();
        ++tries;
        const auto earlier = ViewFile(files[c.earlierPass]).read(c.earlierView),
                   later = ViewFile(files[c.laterPass]).read(c.laterView);
        if (auto loop = loopOf(earlier, cornersOf(earlier), later, cornersOf(later))) {
            loop->earlier = c.earlierPass;
            loop->later = c.laterPass;
            loops.push_back(*loop);
            done = true;
        }
    }
    return loops;
}

} // namespace body4d

#include "scene/cloud_filters.h"

#include "base/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace body4d {
namespace {

/// Bits of a positive float rise with its value: the leading 20 of 31 are exponent and 12 bits of the
/// fraction.
constexpr int kDroppedBits = 11;
constexpr std::size_t kBins = std::size_t{1} << (31 - kDroppedBits);

float lowerEdge(std::size_t bin) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bin) << kDroppedBits);
}

struct Cell {
    std::int64_t x = 0, y = 0, z = 0;
    bool operator==(const Cell&) const = default;
};

struct CellHash {
    std::size_t operator()(const Cell& c) const {
        auto mix = [](std::uint64_t h, std::int64_t v) {
            h ^= static_cast<std::uint64_t>(v) + 0x9E3779B97F4A7C15ULL + (h << 6) + (h >> 2);
            h ^= h >> 31;
            return h * 0xBF58476D1CE4E5B9ULL;
        };
        return static_cast<std::size_t>(mix(mix(mix(0, c.x), c.y), c.z));
    }
};

Cell cellOf(const Vec3f& p, double edge) {
    const auto index = [edge](float v) {
        constexpr double kFarthest = 1e18; // what lies beyond shares a cell
        return static_cast<std::int64_t>(std::clamp(std::floor(static_cast<double>(v) / edge), -kFarthest, kFarthest));
    };
    return {index(p.x), index(p.y), index(p.z)};
}

template <typename T>
void assign(std::vector<T>& to, std::size_t at, const std::vector<T>& from, std::size_t index) {
    if (!from.empty() && !to.empty()) {
        to[at] = from[index];
    }
}

/// An edge with which about `limit` cells are taken, as a surface would take them.
double firstEdge(const PointCloud& cloud, std::size_t limit) {
    const auto bounds = boundsOf(cloud);
    const double diagonal = norm(Vec3{bounds.upper.x - bounds.lower.x, bounds.upper.y - bounds.lower.y,
                                      bounds.upper.z - bounds.lower.z});
    return std::max(diagonal / std::sqrt(static_cast<double>(limit)) / 4, 1e-9);
}

} // namespace

QuantileSketch::QuantileSketch() : bins_(kBins, 0) {}

void QuantileSketch::add(std::span<const float> values) {
    for (const float v : values) {
        if (std::isfinite(v) && v > 0) {
            ++bins_[std::bit_cast<std::uint32_t>(v) >> kDroppedBits];
            ++count_;
        }
    }
}

double QuantileSketch::percentile(double percent) const {
    if (count_ == 0) {
        return 0;
    }
    const double rank = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_ - 1);
    double before = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        const auto here = static_cast<double>(bins_[i]);
        if (here > 0) {
            last = i;
            if (before + here > rank) {
                const double inside = here > 1 ? (rank - before) / here : 0;
                return lowerEdge(i) + inside * (static_cast<double>(lowerEdge(i + 1)) - lowerEdge(i));
            }
        }
        before += here;
    }
    return lowerEdge(last);
}

float confidenceThreshold(const QuantileSketch& confidences, double percentile) {
    constexpr double kSure = 1.05;
    constexpr double kBestTenth = 90;
    // The sketch errs by one step at most; where all are equal none may fall below.
    constexpr double kStep = 1 - 1.0 / 4096;
    const double low = kStep * confidences.percentile(percentile),
                 high = kStep * confidences.percentile(kBestTenth);
    return static_cast<float>(std::min(std::max(kSure, low), high));
}

struct CappedCloud::Impl {
    std::size_t limit;
    double edge;
    PointCloud cloud;
    std::unordered_map<Cell, std::uint32_t, CellHash> cells;

    void copyPoint(std::size_t at, const PointCloud& from, std::size_t i) {
        cloud.positions[at] = from.positions[i];
        assign(cloud.colours, at, from.colours, i);
        assign(cloud.confidence, at, from.confidence, i);
        assign(cloud.normals, at, from.normals, i);
        assign(cloud.sources, at, from.sources, i);
    }

    /// Coarser until at most three quarters of the limit are taken: each regrowth makes room for many points.
    void coarsen() {
        constexpr double kGrowth = 1.2, kHuge = 1e12;
        if (edge <= 0) {
            edge = firstEdge(cloud, limit) / kGrowth;
        }
        do {
            edge *= kGrowth;
            cells.clear();
            std::vector<std::uint32_t> kept;
            for (std::uint32_t i = 0; i < cloud.size(); ++i) {
                const auto [place, fresh] = cells.try_emplace(cellOf(cloud.positions[i], edge),
                                                              static_cast<std::uint32_t>(kept.size()));
                if (fresh) {
                    kept.push_back(i);
                } else if (!cloud.confidence.empty() &&
                           cloud.confidence[i] > cloud.confidence[kept[place->second]]) {
                    kept[place->second] = i;
                }
            }
            cloud.keep(kept);
        } while (cloud.size() > limit - limit / 4 && edge < kHuge);
        if (cloud.size() > limit) { // around the origin eight cells meet, however large they are
            std::vector<std::uint32_t> first(limit);
            std::iota(first.begin(), first.end(), 0U);
            cloud.keep(first);
            std::erase_if(cells, [&](const auto& cell) { return cell.second >= limit; });
        }
    }

    void add(const PointCloud& more) {
        for (std::size_t i = 0; i < more.size(); ++i) {
            const auto& p = more.positions[i];
            if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) {
                continue;
            }
            if (edge > 0) {
                const auto [place, fresh] =
                    cells.try_emplace(cellOf(p, edge), static_cast<std::uint32_t>(cloud.size()));
                if (!fresh) {
                    if (!more.confidence.empty() && !cloud.confidence.empty() &&
                        more.confidence[i] > cloud.confidence[place->second]) {
                        copyPoint(place->second, more, i);
                    }
                    continue;
                }
            }
            const auto push = [&](auto& to, const auto& from) {
                if (!from.empty() && to.size() + 1 == cloud.positions.size()) {
                    to.push_back(from[i]);
                }
            };
            cloud.positions.push_back(p);
            push(cloud.colours, more.colours);
            push(cloud.confidence, more.confidence);
            push(cloud.normals, more.normals);
            push(cloud.sources, more.sources);
            if (cloud.size() > limit) {
                coarsen();
            }
        }
    }
};

CappedCloud::CappedCloud(std::size_t limit, double voxel)
    : impl_(std::make_unique<Impl>(Impl{std::max<std::size_t>(1, limit), voxel, {}, {}})) {}
CappedCloud::~CappedCloud() = default;

void CappedCloud::add(const PointCloud& cloud) {
    impl_->add(cloud);
}

std::size_t CappedCloud::size() const {
    return impl_->cloud.size();
}

double CappedCloud::voxel() const {
    return impl_->edge;
}

PointCloud CappedCloud::take() {
    auto& cloud = impl_->cloud;
    const auto whole = [&](auto& list) {
        if (list.size() != cloud.positions.size()) {
            list.clear(); // some of what was added had none
        }
    };
    whole(cloud.colours);
    whole(cloud.confidence);
    whole(cloud.normals);
    whole(cloud.sources);
    impl_->cells.clear();
    return std::move(cloud);
}

PointCloud voxelFiltered(const PointCloud& cloud, double voxel) {
    CappedCloud filter(cloud.size() + 1, voxel);
    filter.add(cloud);
    return filter.take();
}

PointCloud capped(const PointCloud& cloud, std::size_t limit) {
    CappedCloud filter(limit, 0);
    filter.add(cloud);
    return filter.take();
}

std::vector<std::uint32_t> confidentPoints(const PointCloud& cloud, float minimumConfidence) {
    std::vector<std::uint32_t> indices;
    for (std::uint32_t i = 0; i < cloud.size(); ++i) {
        if (cloud.confidence.empty() || cloud.confidence[i] >= minimumConfidence) {
            indices.push_back(i);
        }
    }
    return indices;
}

Mask grownMask(const Mask& mask, int width, int height, int radius) {
    Mask out(width, height);
    if (mask.empty() || width <= 0 || height <= 0) {
        return out;
    }
    // Every source pixel inside marks all pixels of the new size that it touches, then rows and columns grow.
    Mask touched(width, height);
    for (int y = 0; y < mask.height; ++y) {
        const int top = static_cast<int>(static_cast<std::int64_t>(y) * height / mask.height);
        const int bottom = std::min<int>(
            height - 1, static_cast<int>((static_cast<std::int64_t>(y + 1) * height - 1) / mask.height));
        for (int x = 0; x < mask.width; ++x) {
            if (mask.row(y)[x] < 128) {
                continue;
            }
            const int left = static_cast<int>(static_cast<std::int64_t>(x) * width / mask.width);
            const int right = std::min<int>(
                width - 1, static_cast<int>((static_cast<std::int64_t>(x + 1) * width - 1) / mask.width));
            for (int v = top; v <= bottom; ++v) {
                std::fill(touched.row(v) + left, touched.row(v) + right + 1, std::uint8_t{255});
            }
        }
    }
    Mask wide(width, height);
    for (int y = 0; y < height; ++y) {
        int last = -radius - 1; // column of the last inside pixel, from both sides
        for (int x = 0; x < width; ++x) {
            last = touched.row(y)[x] != 0 ? x : last;
            wide.row(y)[x] = x - last <= radius ? 255 : 0;
        }
        last = width + radius + 1;
        for (int x = width - 1; x >= 0; --x) {
            last = touched.row(y)[x] != 0 ? x : last;
            wide.row(y)[x] = last - x <= radius ? 255 : wide.row(y)[x];
        }
    }
    for (int y = 0; y < height; ++y) {
        for (int v = std::max(0, y - radius); v <= std::min(height - 1, y + radius); ++v) {
            for (int x = 0; x < width; ++x) {
                out.row(y)[x] = std::max(out.row(y)[x], wide.row(v)[x]);
            }
        }
    }
    return out;
}

} // namespace body4d

#pragma once

#include "base/image.h"
#include "scene/point_cloud.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace body4d {

/// Percentiles of any number of positive values in fixed memory, to one part in two thousand.
class QuantileSketch {
public:
    QuantileSketch();
    /// Values that are not finite or not positive are left out.
    void add(std::span<const float> values);
    /// @param percent 0..100  @returns 0 where nothing was added
    [[nodiscard]] double percentile(double percent) const;
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    std::vector<std::uint64_t> bins_;
    std::uint64_t count_ = 0;
};

/// What Depth Anything 3's program keeps: confidence of at least 1.05, but never fewer than the best tenth of
/// the pixels, and never those below the percentile.
[[nodiscard]] float confidenceThreshold(const QuantileSketch& confidences, double percentile);

/// A cloud that takes any number of points and holds at most a fixed number of them, spread over space: the
/// surest point of each cell of a grid, whose cells grow as needed.
class CappedCloud {
public:
    /// @param limit at most so many points, at least 1  @param voxel smallest edge of a cell; 0: every point
    /// counts until
    ///        the limit is reached
    CappedCloud(std::size_t limit, double voxel);
    ~CappedCloud();
    void add(const PointCloud& cloud);
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] double voxel() const; ///< edge of a cell now; 0: no cells were needed
    /// Gives the points away.
    [[nodiscard]] PointCloud take();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One point, the surest, for each cell of a grid.
[[nodiscard]] PointCloud voxelFiltered(const PointCloud& cloud, double voxel);
/// At most `limit` points, spread over space.
[[nodiscard]] PointCloud capped(const PointCloud& cloud, std::size_t limit);
/// Indices of the points that pass, for a slider in a window: no copies are made.
[[nodiscard]] std::vector<std::uint32_t> confidentPoints(const PointCloud& cloud, float minimumConfidence);

/// A mask in another size, grown by `radius` pixels of that size: inside wherever any of it may lie.
[[nodiscard]] Mask grownMask(const Mask& mask, int width, int height, int radius);

} // namespace body4d

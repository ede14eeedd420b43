#pragma once

#include "base/scene_view.h"
#include "scene/npz_stream.h"

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace body4d {

/// Views as Depth Anything 3's `npz` has them: image u8 [N,H,W,3], depth and conf f32 [N,H,W], extrinsics f64
/// [N,3,4] (world to camera), intrinsics f64 [N,3,3]; with frames i64 [N] and, where the network tells, sky
/// u8 [N,H,W]; world_points f32 [N,H,W,3] and world_points_conf f32 [N,H,W] of networks with point maps; and feat_layer_B
/// f32 [N,rows,columns,channels] of each block B whose features were asked for. Arrays that the views lack are left out.
/// Atomic. @throws Error{Output}
void writeViews(const std::filesystem::path& path, std::span<const SceneView> views);

/// Reads such a file view by view; only what is asked for comes into memory.
class ViewFile {
public:
    /// @throws Error{Input} when arrays are missing or do not fit each other
    explicit ViewFile(const std::filesystem::path& path);
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(count_); }
    [[nodiscard]] std::int64_t frame(std::size_t i) const;
    /// Without features. @param withImage false: without its picture, too
    [[nodiscard]] SceneView read(std::size_t i, bool withImage = true) const;
    [[nodiscard]] bool hasPoints() const;
    /// Blocks whose features are here, ascending.
    [[nodiscard]] const std::vector<int>& featureBlocks() const { return featureBlocks_; }
    /// @throws Error{Input} when there are none of that block
    [[nodiscard]] SceneFeatures features(std::size_t i, int block) const;
    [[nodiscard]] int width() const { return width_; }
    [[nodiscard]] int height() const { return height_; }

private:
    NpzView arrays_;
    std::int64_t count_ = 0;
    int width_ = 0, height_ = 0;
    std::vector<int> featureBlocks_;
};

/// Consecutive frames seen in one pass: [begin, end) of the sampled frames.
struct ViewChunk {
    std::int64_t begin = 0, end = 0;
    bool operator==(const ViewChunk&) const = default;
};
/// Passes of at most `size` frames of which neighbours share `overlap`; the last one ends with the last
/// frame.
/// @param overlap below size
[[nodiscard]] std::vector<ViewChunk> planChunks(std::int64_t frames, std::int64_t size, std::int64_t overlap);

} // namespace body4d

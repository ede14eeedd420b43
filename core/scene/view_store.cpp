#include "scene/view_store.h"

#include "base/error.h"

#include <algorithm>
#include <cstring>

namespace body4d {
namespace {

std::int64_t elements(const SceneView& view) {
    return static_cast<std::int64_t>(view.camera.width) * view.camera.height;
}

constexpr const char* kFeatures = "feat_layer_"; ///< as the official program names them; the block follows

constexpr const char *kPoints = "world_points", *kPointsConfidence = "world_points_conf"; ///< as VGGT's programs

template <typename T>
std::vector<T> copyOf(std::span<const std::byte> bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
}

} // namespace

void writeViews(const std::filesystem::path& path, std::span<const SceneView> views) {
    BODY4D_EXPECT(!views.empty());
    const auto& first = views.front();
    const auto n = static_cast<std::int64_t>(views.size());
    const std::int64_t height = first.camera.height, width = first.camera.width;
    for (const auto& view : views) {
        BODY4D_EXPECT(view.camera.width == width && view.camera.height == height &&
                      static_cast<std::int64_t>(view.depth.size()) == elements(view) &&
                      view.confidence.size() == (first.confidence.empty() ? 0 : view.depth.size()) &&
                      view.sky.size() == (first.sky.empty() ? 0 : view.depth.size()) &&
                      view.points.size() == (first.points.empty() ? 0 : 3 * view.depth.size()) &&
                      view.pointsConfidence.size() == view.points.size() / 3 && view.hasCamera == first.hasCamera && view.features.size() == first.features.size() &&
                      (view.image != nullptr) == (first.image != nullptr));
    }
    NpzStream out(path);
    out.begin("depth", DType::F32, {n, height, width});
    for (const auto& view : views) {
        out.write(view.depth);
    }
    if (!first.confidence.empty()) {
        out.begin("conf", DType::F32, {n, height, width});
        for (const auto& view : views) {
            out.write(view.confidence);
        }
    }
    if (first.hasCamera) {
        out.begin("extrinsics", DType::F64, {n, 3, 4});
        for (const auto& view : views) {
            const auto& r = view.cameraFromWorld.rotation.m;
            const auto& t = view.cameraFromWorld.translation;
            out.write(
                std::vector<double>{r[0], r[1], r[2], t.x, r[3], r[4], r[5], t.y, r[6], r[7], r[8], t.z});
        }
        out.begin("intrinsics", DType::F64, {n, 3, 3});
        for (const auto& view : views) {
            const auto& c = view.camera;
            out.write(std::vector<double>{c.fx, 0, c.cx, 0, c.fy, c.cy, 0, 0, 1});
        }
    }
    if (!first.sky.empty()) {
        out.begin("sky", DType::U8, {n, height, width});
        for (const auto& view : views) {
            out.write(view.sky);
        }
    }
    if (!first.points.empty()) {
        out.begin(kPoints, DType::F32, {n, height, width, 3});
        for (const auto& view : views) {
            out.write(view.points);
        }
        out.begin(kPointsConfidence, DType::F32, {n, height, width});
        for (const auto& view : views) {
            out.write(view.pointsConfidence);
        }
    }
    if (first.image != nullptr) {
        out.begin("image", DType::U8, {n, height, width, 3});
        for (const auto& view : views) {
            out.write(view.image->rgb);
        }
    }
    for (std::size_t f = 0; f < first.features.size(); ++f) {
        const auto& like = first.features[f];
        out.begin(kFeatures + std::to_string(like.block), DType::F32, {n, like.rows, like.columns, like.channels});
        for (const auto& view : views) {
            out.write(view.features[f].values);
        }
    }
    out.begin("frames", DType::I64, {n});
    for (const auto& view : views) {
        out.write(std::vector<std::int64_t>{view.frame});
    }
    out.finish();
}

ViewFile::ViewFile(const std::filesystem::path& path) : arrays_(path) {
    const auto& depth = arrays_.at("depth");
    const auto broken = [&](const std::string& name) {
        return Error(ErrorCode::Input,
                     path.filename().string() + " has an array '" + name + "' of a wrong shape.",
                     "Run the scene command again; it makes the file anew.", path.string());
    };
    constexpr std::int64_t kLargestSide = 1 << 16;
    if (depth.shape.size() != 3 || depth.type != DType::F32 || depth.shape[1] > kLargestSide ||
        depth.shape[2] > kLargestSide || depth.shape[1] <= 0 || depth.shape[2] <= 0) {
        throw broken("depth");
    }
    count_ = depth.shape[0];
    height_ = static_cast<int>(depth.shape[1]);
    width_ = static_cast<int>(depth.shape[2]);
    const auto require = [&](const std::string& name, DType type, std::vector<std::int64_t> shape,
                             bool must) {
        if (!arrays_.contains(name) && !must) {
            return;
        }
        const auto& array = arrays_.at(name);
        if (array.type != type || array.shape != shape) {
            throw broken(name);
        }
    };
    require("frames", DType::I64, {count_}, true);
    require("conf", DType::F32, depth.shape, false);
    require("sky", DType::U8, depth.shape, false);
    require(kPoints, DType::F32, {count_, height_, width_, 3}, false);
    require(kPointsConfidence, DType::F32, depth.shape, arrays_.contains(kPoints));
    require("image", DType::U8, {count_, height_, width_, 3}, false);
    require("extrinsics", DType::F64, {count_, 3, 4}, arrays_.contains("intrinsics"));
    require("intrinsics", DType::F64, {count_, 3, 3}, arrays_.contains("extrinsics"));
    constexpr int kMostBlocks = 1000;
    for (int block = 0; block < kMostBlocks; ++block) {
        const auto name = kFeatures + std::to_string(block);
        if (arrays_.contains(name)) {
            const auto& array = arrays_.at(name);
            if (array.type != DType::F32 || array.shape.size() != 4 || array.shape[0] != count_) {
                throw broken(name);
            }
            featureBlocks_.push_back(block);
        }
    }
}

bool ViewFile::hasPoints() const {
    return arrays_.contains(kPoints);
}

SceneFeatures ViewFile::features(std::size_t i, int block) const {
    const auto& array = arrays_.at(kFeatures + std::to_string(block));
    return {block, static_cast<int>(array.shape[1]), static_cast<int>(array.shape[2]),
            static_cast<int>(array.shape[3]), copyOf<float>(array.item(static_cast<std::int64_t>(i)))};
}

std::int64_t ViewFile::frame(std::size_t i) const {
    return copyOf<std::int64_t>(arrays_.at("frames").item(static_cast<std::int64_t>(i))).front();
}

SceneView ViewFile::read(std::size_t i, bool withImage) const {
    const auto n = static_cast<std::int64_t>(i);
    SceneView view;
    view.frame = frame(i);
    view.camera.width = width_;
    view.camera.height = height_;
    view.depth = copyOf<float>(arrays_.at("depth").item(n));
    if (arrays_.contains("conf")) {
        view.confidence = copyOf<float>(arrays_.at("conf").item(n));
    }
    if (arrays_.contains("sky")) {
        view.sky = copyOf<std::uint8_t>(arrays_.at("sky").item(n));
    }
    if (arrays_.contains(kPoints)) {
        view.points = copyOf<float>(arrays_.at(kPoints).item(n));
        view.pointsConfidence = copyOf<float>(arrays_.at(kPointsConfidence).item(n));
    }
    if (withImage && arrays_.contains("image")) {
        Image image(width_, height_);
        image.rgb = copyOf<std::uint8_t>(arrays_.at("image").item(n));
        view.image = std::make_shared<const Image>(std::move(image));
    }
    if (arrays_.contains("extrinsics")) {
        const auto e = copyOf<double>(arrays_.at("extrinsics").item(n));
        const auto k = copyOf<double>(arrays_.at("intrinsics").item(n));
        view.hasCamera = true;
        view.cameraFromWorld.rotation.m = {e[0], e[1], e[2], e[4], e[5], e[6], e[8], e[9], e[10]};
        view.cameraFromWorld.translation = {e[3], e[7], e[11]};
        view.camera.fx = k[0];
        view.camera.cx = k[2];
        view.camera.fy = k[4];
        view.camera.cy = k[5];
    }
    return view;
}

std::vector<ViewChunk> planChunks(std::int64_t frames, std::int64_t size, std::int64_t overlap) {
    BODY4D_EXPECT(frames > 0 && size > 0 && overlap >= 0 && overlap < size);
    std::vector<ViewChunk> chunks;
    for (std::int64_t begin = 0;; begin += size - overlap) {
        const auto end = std::min(begin + size, frames);
        chunks.push_back({begin, end});
        if (end == frames) {
            return chunks;
        }
    }
}

} // namespace body4d

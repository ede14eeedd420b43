#include "models/scene_blocks/views.h"

#include "base/error.h"

#include <ATen/ATen.h>

#include <cstring>

namespace body4d::scene_blocks {

at::Tensor picturesOf(const SceneRequest& request) {
    if (request.pictures.empty()) {
        throw Error(ErrorCode::Usage, "There are no pictures to see a place in.", "Give at least one.");
    }
    const auto& first = *request.pictures.front();
    if (first.width % 14 != 0 || first.height % 14 != 0 || first.empty()) {
        throw Error(ErrorCode::Usage, "The sides of the pictures must be multiples of 14.",
                    "This is a mistake of the program: please report it.");
    }
    const auto frames = static_cast<std::int64_t>(request.pictures.size());
    auto pictures = at::empty({frames, first.height, first.width, 3}, at::kByte);
    auto* to = pictures.mutable_data_ptr<std::uint8_t>();
    for (const auto& picture : request.pictures) {
        if (picture->width != first.width || picture->height != first.height) {
            throw Error(ErrorCode::Usage, "The pictures of one pass must have one size.",
                        "This is a mistake of the program: please report it.");
        }
        std::memcpy(to, picture->rgb.data(), picture->rgb.size());
        to += picture->rgb.size();
    }
    return pictures;
}

std::vector<SceneView> viewsOf(const SceneRequest& request, const at::Tensor& depth,
                               const at::Tensor& confidence, const at::Tensor& extrinsics,
                               const at::Tensor& intrinsics) {
    const auto plane = [](const at::Tensor& maps, std::int64_t i) {
        const auto one = maps[i].contiguous();
        const auto* values = one.const_data_ptr<float>();
        return std::vector<float>(values, values + one.numel());
    };
    std::vector<SceneView> views(request.pictures.size());
    for (std::size_t i = 0; i < views.size(); ++i) {
        const auto n = static_cast<std::int64_t>(i);
        auto& view = views[i];
        view.frame = n;
        view.image = request.pictures[i];
        view.camera.width = view.image->width;
        view.camera.height = view.image->height;
        view.depth = plane(depth, n);
        if (confidence.defined()) {
            view.confidence = plane(confidence, n);
        }
        if (!extrinsics.defined()) {
            continue;
        }
        const auto pose = extrinsics[n].to(at::kDouble).contiguous(),
                   lens = intrinsics[n].to(at::kDouble).contiguous();
        const auto* e = pose.const_data_ptr<double>();
        const auto* k = lens.const_data_ptr<double>();
        view.hasCamera = true;
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                view.cameraFromWorld.rotation(r, c) = e[4 * r + c];
            }
        }
        view.cameraFromWorld.translation = {e[3], e[7], e[11]};
        view.camera.fx = k[0];
        view.camera.fy = k[4];
        view.camera.cx = k[2];
        view.camera.cy = k[5];
    }
    return views;
}

} // namespace body4d::scene_blocks

#include "models/moge2/engine.h"

#include "base/error.h"
#include "models/moge2/network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>
#include <system_error>

#include "nn/side_stream.h"

namespace body4d::moge2 {
namespace {

/// Lenses that people film with see less than this and more than that along the longer side.
constexpr double kWidestDegrees = 150, kNarrowestDegrees = 5;

class Moge2 final : public FovNetwork {
public:
    Moge2(const std::filesystem::path& file, const nn::Placement& placement, int tokens)
        : placement_(placement), tokens_(tokens) {
        const nn::EngineScope scope(placement);
        nn::LoadOptions options;
        options.placement = placement;
        // Norms and positions keep their precision; matrices run in the placement's.
        for (const char* kept : {"encoder.backbone.norm", "encoder.backbone.pos_embed",
                                 "encoder.backbone.cls_token", "encoder.image_"}) {
            options.placement.rules.emplace_back(kept, at::kFloat);
        }
        for (std::int64_t i = 0; i < network_.config.depth; ++i) {
            for (const char* part : {".norm1", ".norm2", ".ls1", ".ls2"}) {
                options.placement.rules.emplace_back("encoder.backbone.blocks." + std::to_string(i) + part,
                                                     at::kFloat);
            }
        }
        options.names = officialNames();
        (void)nn::loadStrict(network_, Checkpoint::open(file), options);
    }

    [[nodiscard]] double focalPx(const Image& picture) const override {
        const std::scoped_lock lock(mutex_);
        return nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            const auto pixels = nn::uploadBytes(picture.rgb.data(), {picture.height, picture.width, 3}, placement_.device);
            const auto image = pixels.permute({2, 0, 1}).unsqueeze(0).to(at::kFloat) / 255;
            const double focal =
                moge2::focalPx(network_.focalOf(image, tokens_), picture.width, picture.height);
            const double degrees =
                2 * std::atan(std::max(picture.width, picture.height) / (2 * focal)) * 180 / std::numbers::pi;
            if (!std::isfinite(focal) || focal <= 0 || degrees > kWidestDegrees ||
                degrees < kNarrowestDegrees) {
                throw Error(
                    ErrorCode::Input, "MoGe-2 cannot tell from the picture how wide the camera sees.",
                    "Set the field of view yourself (camera.fov_degrees) with engines.intrinsics=prior.",
                    "focal length " + std::to_string(focal) + " px");
            }
            return focal;
        });
    }

private:
    nn::Placement placement_;
    int tokens_;
    Network network_;
    mutable std::mutex mutex_;
};

} // namespace

std::unique_ptr<FovNetwork> makeFovNetwork(const ModelFolder& modelsDir,
                                           const nn::Placement& placement, int tokens) {
    const auto file = modelsDir / kCheckpointFile;
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::MissingModel, "The weights of MoGe-2 are not here.",
                    "Fetch them with body4d models get moge2, or add model.pt of "
                    "https://huggingface.co/Ruicheng/moge-2-vitl-normal with body4d models add; or set the field of view "
                    "yourself with engines.intrinsics=prior.",
                    file.string());
    }
    return nn::guarded(
        [&]() -> std::unique_ptr<FovNetwork> { return std::make_unique<Moge2>(file, placement, tokens); });
}

} // namespace body4d::moge2

#pragma once

#include "body/measured_body.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace body4d {

/// What moves MHR: coefficients of identity and expression, and the body's parameters: translation (3,
/// decimetres), rotation (3) and angles (130) of the pose, then what sets the bones' lengths (68).
inline constexpr std::size_t kMhrIdentityCount = 45, kMhrExpressionCount = 72, kMhrParameterCount = 204,
                             kMhrFirstLength = 136;

/// The asset's place in the models folder.
inline constexpr const char* kMhrAssetFile = "sam3d_body/mhr_model.pt";

/// A person's body at rest, for viewport and export.
struct MhrPerson {
    std::shared_ptr<const BodyModel> model;
    std::vector<Mat3> frames; ///< of the joints at rest, camera axes; see turnsFromRest()
};

/// The MHR body model (facebookresearch/MHR, Apache-2.0) with the values of the official TorchScript asset,
/// without LibTorch: skeleton in float64, identity, expression and corrective shapes, linear blend skinning.
/// Immutable.
class MhrModel {
public:
    /// Large tensors stay in the mapped file. @param file mhr_model.pt, or the same tensors in safetensors
    /// @throws Error{MissingModel} where there is no file, Error{Input} naming missing and wrong-shaped
    /// tensors
    [[nodiscard]] static std::shared_ptr<const MhrModel> load(const std::filesystem::path& file);
    ~MhrModel();

    [[nodiscard]] std::size_t vertexCount() const;
    [[nodiscard]] const std::vector<std::array<std::uint32_t, 3>>& triangles() const;
    /// The heaviest joints of every vertex first.
    [[nodiscard]] const SkinWeights& skin() const;

    /// @param identity [45]  @param parameters [204]  @param expression [72], or empty for a face at rest
    /// @param correctives false: without the shapes that correct bent joints
    /// @returns camera axes, metres, around the body's own origin; rotations are the joints' frames
    [[nodiscard]] MeasuredSurface pose(std::span<const float> identity, std::span<const float> parameters,
                                       std::span<const float> expression = {}, bool correctives = true) const;
    /// The body of a person with every angle at zero. @param parameters [204]; only the lengths count
    [[nodiscard]] MhrPerson person(std::span<const float> identity, std::span<const float> parameters) const;

private:
    struct Data;
    explicit MhrModel(std::unique_ptr<const Data> data);
    std::unique_ptr<const Data> data_;
};

/// For whoever reads the asset. @param flaws missing and wrong-shaped tensors, a line each  @throws Error{Input}
[[noreturn]] void refuseMhrAsset(const std::filesystem::path& file, const std::string& flaws);

} // namespace body4d

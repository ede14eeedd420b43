#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "nn/runtime.h"

namespace body4d::sam3d_body {

/// Joints of a batch of bodies. Centimetres, y up, facing +z, the person's left at +x.
struct MhrSkeleton {
    at::Tensor transforms; ///< float64 [B, joints, 4, 4]: a joint's frame to the world, with its scale
    at::Tensor joints;     ///< float32 [B, joints, 3]
    at::Tensor rotations;  ///< float32 [B, joints, 3, 3], where they were asked for
    at::Tensor scales;     ///< float32 [B, joints], with the rotations
    at::Tensor features;   ///< float32 [B, 9 (joints - 2)]: rotations, which the correctives look at
};

/// The MHR body model (facebookresearch/MHR, Apache-2.0) on tensors, with the values of the official
/// TorchScript asset: skeleton in float64, identity, expression and corrective shapes, linear blend skinning.
/// Any batch, a chosen set of vertices, no loop over joints. Thread-safe.
class Mhr {
public:
    Mhr() = default; ///< empty, to be assigned to
    /// Vertices with everything that moves them.
    struct Part {
        std::int64_t count = 0;
        at::Tensor base;        ///< [n, 3]
        at::Tensor identity;    ///< [45, 3 n]
        at::Tensor expression;  ///< [72, 3 n]
        at::Tensor correctives; ///< [3 n, hidden]
        at::Tensor skin;        ///< [n, joints]
    };

    /// @param file mhr_model.pt, or the same tensors in safetensors
    /// @throws Error{Input} naming missing and wrong-shaped tensors, Error{MissingModel} where there is no
    /// file
    [[nodiscard]] static Mhr load(const std::filesystem::path& file, at::Device device);

    /// @param parameters float32 [B, 204]  @param frames also rotations and scales
    [[nodiscard]] MhrSkeleton skeleton(const at::Tensor& parameters, bool frames = true) const;
    [[nodiscard]] const Part& whole() const { return whole_; }
    /// @param vertices int64 [n]
    [[nodiscard]] Part part(const at::Tensor& vertices) const;
    /// @param identity float32 [B, 45]  @param expression float32 [B, 72], or undefined for a face at rest
    /// @param correctives false: without the shapes that correct bent joints
    /// @returns float32 [B, n, 3], centimetres
    [[nodiscard]] at::Tensor vertices(const Part& part, const MhrSkeleton& skeleton,
                                      const at::Tensor& identity, const at::Tensor& expression = {},
                                      bool correctives = true) const;
    [[nodiscard]] std::int64_t vertexCount() const { return whole_.count; }
    [[nodiscard]] std::int64_t triangleCount() const { return triangles_; }

private:
    Part whole_;
    std::int64_t joints_ = 0, triangles_ = 0;
    at::Tensor parameterTransform_; ///< [7 joints, 204]
    at::Tensor offsets_;            ///< float64 [joints, 3]
    /// float64 [joints, 1, 27] and [joints, 6, 27]: each joint's turns about z (on top of its rest), y and x
    /// from three cosines and three sines
    at::Tensor turnsBase_, turnsOfAngles_;
    at::Tensor quarter_;                ///< float64 [2, 1]: from angles to those whose sines are both
    at::Tensor still_;                  ///< float64 [1, joints + 1, 4, 4]: affine, the last one the world
    std::vector<at::Tensor> ancestors_; ///< int64 [joints + 1]: 1, 2, 4, ... steps towards the root
    at::Tensor
        lineage_; ///< float64 [joints, joints]: 1 where the row is an ancestor of the column or the same
    at::Tensor inverseBind_;    ///< float64 [joints, 4, 4]
    at::Tensor activation_;     ///< [hidden, 9 (joints - 2)]
    at::Tensor activationRest_; ///< [hidden]: of joints that are not bent, negative
};

} // namespace body4d::sam3d_body

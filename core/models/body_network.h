#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "body/body_model.h"
#include "body/body_parameters.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// A person in a picture, to be looked at.
struct BodyQuery {
    ImagePtr frame;
    std::shared_ptr<const Mask> mask; ///< of the frame's size; the person's box follows from it
    Intrinsics camera;
};

/// What the network says of a query, without a mesh.
struct BodyReading {
    BodyParameters parameters;
    std::map<std::string, std::vector<float>> fields; ///< everything else, under the official output's names
};

/// A posed body; camera axes, metres, relative to the parameters' translation.
struct PosedMesh3d {
    std::vector<Vec3f> vertices;
    std::vector<Vec3> joints;
    std::vector<Mat3> rotations; ///< joints' frames, as the body model has them
    std::vector<Vec3> keypoints; ///< the network's own
    std::map<std::string, std::vector<float>> fields;
};

/// How closely a network looks at people.
enum class BodyDetail {
    Body, ///< one look at everybody
    Full  ///< and one at each hand that is large enough, three times the work
};

/// A network that turns pictures of people into bodies of a parametric model. Thread-safe, one call at a time
/// on the device. Out of memory arrives as OutOfMemoryError.
class BodyNetwork {
public:
    virtual ~BodyNetwork();
    /// Rows do not see each other: any split into batches gives the same. An empty mask is a broken contract.
    [[nodiscard]] virtual std::vector<BodyReading> look(std::span<const BodyQuery> queries,
                                                        BodyDetail detail = BodyDetail::Body) const = 0;
    [[nodiscard]] virtual std::vector<PosedMesh3d> pose(std::span<const BodyParameters> bodies) const = 0;
    [[nodiscard]] virtual const std::vector<std::array<std::uint32_t, 3>>& triangles() const = 0;
    /// Ties the mesh to the joints; correctives of bent joints come on top.
    [[nodiscard]] virtual const SkinWeights& skin() const = 0;
    /// Memory that one row of look() and of pose() takes, about; for the first guess of a batch.
    [[nodiscard]] virtual std::int64_t bytesPerQuery(BodyDetail detail = BodyDetail::Body) const = 0;
    [[nodiscard]] virtual std::int64_t bytesPerPose() const = 0;
    [[nodiscard]] virtual bool onGpu() const = 0;
};

} // namespace body4d

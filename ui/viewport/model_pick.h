#pragma once

#include "ui/frame/cloud_data.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/orbit_camera.h"

#include <optional>

namespace body4d::ui {

/// Where a ray first meets a model's meshes, as they are posed now: the distance along it.
[[nodiscard]] std::optional<double> pickMesh(const OrbitCamera::Ray& ray, const ImportedModel& model);
/// The nearest point of a cloud under a ray. @param slope how far beside it a point may lie, as a share of its distance
/// @param hideLeastSure as in CloudStyle  @returns the distance along the ray
[[nodiscard]] std::optional<double> pickCloud(const OrbitCamera::Ray& ray, const CloudData& cloud, double slope,
                                              double hideLeastSure);

} // namespace body4d::ui

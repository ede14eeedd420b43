#include "models/depth_anything3/nested.h"

#include "base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace body4d::da3 {
namespace {

constexpr float kSky = 0.3F;
constexpr std::size_t kFewPixels = 10;

std::span<float> pixels(at::Tensor& t) {
    return {t.mutable_data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}
std::span<const float> pixels(const at::Tensor& t) {
    return {t.const_data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}

/// Between the two nearest ranks, as torch.quantile.
double quantile(std::vector<float>& values, double q) {
    const double rank = q * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(rank);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(low);
    std::nth_element(values.begin(), at, values.end());
    const double lower = *at;
    if (low + 1 >= values.size()) {
        return lower;
    }
    const double upper = *std::min_element(at + 1, values.end());
    return lower + (upper - lower) * (rank - static_cast<double>(low));
}

} // namespace

void pushSkyBack(Output& mono) {
    const auto sky = pixels(std::as_const(mono.sky));
    const auto depth = pixels(mono.depth);
    std::vector<float> ground;
    for (std::size_t i = 0; i < sky.size(); ++i) {
        if (sky[i] < kSky) {
            ground.push_back(depth[i]);
        }
    }
    if (ground.size() <= kFewPixels || sky.size() - ground.size() <= kFewPixels) {
        return;
    }
    const auto far = static_cast<float>(quantile(ground, 0.99));
    for (std::size_t i = 0; i < sky.size(); ++i) {
        if (!(sky[i] < kSky)) {
            depth[i] = far;
        }
    }
}

double toMetres(Output& anyView, const Output& metric) {
    auto metricOutput = metric;
    metricOutput.depth = metric.depth.clone();
    pushSkyBack(metricOutput); // as the branch does on its own
    const auto& k = anyView.cameras.intrinsics;
    const auto focal = (k.select(1, 0).select(1, 0) + k.select(1, 1).select(1, 1)) / 2;
    metricOutput.depth.mul_(focal.view({-1, 1, 1}) / 300.0);

    const auto sky = pixels(std::as_const(metricOutput.sky));
    const auto metres = pixels(std::as_const(metricOutput.depth));
    const auto depth = pixels(anyView.depth), confidence = pixels(anyView.confidence);
    std::vector<float> sure;
    for (std::size_t i = 0; i < sky.size(); ++i) {
        if (sky[i] < kSky) {
            sure.push_back(confidence[i]);
        }
    }
    if (sure.size() <= kFewPixels) {
        throw Error(ErrorCode::Input,
                    "The pictures show hardly anything but sky: there is no scale to be found.",
                    "Use a model without metres (da3-large), or other pictures.");
    }
    const auto median = static_cast<float>(quantile(sure, 0.5));
    double both = 0, own = 0;
    for (std::size_t i = 0; i < sky.size(); ++i) {
        if (confidence[i] >= median && sky[i] < kSky && metres[i] > 1e-2F && depth[i] > 1e-3F) {
            both += static_cast<double>(metres[i]) * depth[i];
            own += static_cast<double>(depth[i]) * depth[i];
        }
    }
    const double scale = both / std::max(own, 1e-12);
    anyView.depth.mul_(scale);
    anyView.cameras.extrinsics.narrow(2, 3, 1).mul_(scale);

    std::vector<float> ground;
    for (std::size_t i = 0; i < sky.size(); ++i) {
        if (sky[i] < kSky) {
            ground.push_back(depth[i]);
        }
    }
    const auto far = static_cast<float>(std::min(quantile(ground, 0.99), 200.0));
    for (std::size_t i = 0; i < sky.size(); ++i) {
        if (!(sky[i] < kSky)) {
            depth[i] = far;
            confidence[i] = 1;
        }
    }
    anyView.sky = metricOutput.sky;
    return scale;
}

} // namespace body4d::da3

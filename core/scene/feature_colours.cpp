#include "scene/feature_colours.h"

#include "base/error.h"

#include <Eigen/Dense>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace body4d {
namespace {

constexpr std::uint64_t kMostSamples = 100'000;
constexpr double kClipped = 0.1; ///< at either end
constexpr double kSmallestRange = 1e-4;

/// As torch.quantile, between two neighbours where the rank is no whole number. Sorts.
double quantile(std::vector<float>& values, double q) {
    std::sort(values.begin(), values.end());
    const double at = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const auto above = std::min(below + 1, values.size() - 1);
    const double part = at - static_cast<double>(below);
    return (1 - part) * values[below] + part * values[above];
}

} // namespace

struct FeatureColours::Impl {
    Impl(int width, std::uint64_t patches)
        : channels(width), stride(std::max<std::uint64_t>(1, (patches + kMostSamples - 1) / kMostSamples)),
          products(Eigen::MatrixXd::Zero(width, width)), sum(Eigen::VectorXd::Zero(width)) {
        constexpr Eigen::Index kAtOnce = 256;
        waiting.resize(width, kAtOnce);
    }

    /// Calls fn with those of the patches that count.
    template <typename Fn>
    void forSamples(std::span<const float> features, std::uint64_t& seen, Fn&& fn) const {
        const auto width = static_cast<std::size_t>(channels);
        BODY4D_EXPECT(features.size() % width == 0);
        for (std::size_t at = 0; at < features.size(); at += width) {
            if (seen++ % stride == 0) {
                fn(features.data() + at);
            }
        }
    }

    [[nodiscard]] Eigen::VectorXd vectorOf(const float* patch) const {
        Eigen::VectorXd v(channels);
        for (int c = 0; c < channels; ++c) {
            v[c] = std::isfinite(patch[c]) ? static_cast<double>(patch[c]) : 0.0;
        }
        return v;
    }

    void flush() {
        if (filled > 0) {
            products.selfadjointView<Eigen::Lower>().rankUpdate(waiting.leftCols(filled));
            filled = 0;
        }
    }

    void settle() {
        if (settled) {
            return;
        }
        settled = true;
        flush();
        const double n = static_cast<double>(std::max<std::uint64_t>(1, samples));
        mean = sum / n;
        Eigen::MatrixXd spread = products.selfadjointView<Eigen::Lower>();
        spread -= n * mean * mean.transpose();
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(spread);
        const auto kept = std::min<Eigen::Index>(3, channels);
        axes = Eigen::MatrixXd::Zero(channels, 3);
        for (Eigen::Index k = 0; k < kept; ++k) {
            Eigen::VectorXd axis = solver.eigenvectors().col(channels - 1 - k);
            // Either way round is right: one of the two, always the same.
            Eigen::Index largest = 0;
            axis.cwiseAbs().maxCoeff(&largest);
            axes.col(k) = axis[largest] < 0 ? Eigen::VectorXd(-axis) : axis;
        }
        products.resize(0, 0);
        waiting.resize(0, 0);
    }

    [[nodiscard]] Eigen::Vector3d along(const float* patch) const {
        return axes.transpose() * (vectorOf(patch) - mean);
    }

    void fixRanges() {
        for (std::size_t k = 0; k < 3; ++k) {
            if (!values[k].empty()) {
                low[k] = quantile(values[k], kClipped);
                high[k] = quantile(values[k], 1 - kClipped);
                values[k] = {};
            }
        }
    }

    const int channels;
    const std::uint64_t stride; ///< of so many patches one counts
    std::uint64_t learnt = 0, measured = 0, samples = 0;
    Eigen::MatrixXd products; ///< sum of x x^T, lower half
    Eigen::VectorXd sum, mean;
    Eigen::MatrixXd waiting; ///< columns that are not in `products` yet
    Eigen::Index filled = 0;
    bool settled = false;
    Eigen::MatrixXd axes; ///< [channels, 3]
    std::array<std::vector<float>, 3> values;
    std::array<double, 3> low{}, high{};
};

FeatureColours::FeatureColours(int channels, std::uint64_t patches)
    : impl_(std::make_unique<Impl>(channels, patches)) {
    BODY4D_EXPECT(channels > 0);
}

FeatureColours::~FeatureColours() = default;

void FeatureColours::learn(std::span<const float> features) {
    auto& i = *impl_;
    BODY4D_EXPECT(!i.settled);
    i.forSamples(features, i.learnt, [&i](const float* patch) {
        const auto v = i.vectorOf(patch);
        i.sum += v;
        i.waiting.col(i.filled) = v;
        ++i.samples;
        if (++i.filled == i.waiting.cols()) {
            i.flush();
        }
    });
}

void FeatureColours::measure(std::span<const float> features) {
    auto& i = *impl_;
    i.settle();
    i.forSamples(features, i.measured, [&i](const float* patch) {
        const auto p = i.along(patch);
        for (std::size_t k = 0; k < 3; ++k) {
            i.values[k].push_back(static_cast<float>(p[static_cast<Eigen::Index>(k)]));
        }
    });
}

Image FeatureColours::picture(std::span<const float> features, int rows, int columns) {
    auto& i = *impl_;
    i.settle();
    i.fixRanges();
    BODY4D_EXPECT(features.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
                                         static_cast<std::size_t>(i.channels));
    Image image(columns, rows);
    for (std::size_t n = 0; n < image.rgb.size() / 3; ++n) {
        const auto p = i.along(features.data() + n * static_cast<std::size_t>(i.channels));
        for (std::size_t k = 0; k < 3; ++k) {
            const double range = std::max(i.high[k] - i.low[k], kSmallestRange);
            const double x = std::clamp((p[static_cast<Eigen::Index>(k)] - i.low[k]) / range, 0.0, 1.0);
            image.rgb[3 * n + k] = static_cast<std::uint8_t>(255 * x); // cut off, as the official program does
        }
    }
    return image;
}

} // namespace body4d

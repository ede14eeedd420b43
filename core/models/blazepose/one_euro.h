#pragma once

#include "base/geometry.h"

#include <array>
#include <cmath>

namespace body4d::blazepose {

/// Causal speed-adaptive low-pass (Casiez et al., CHI 2012) for the two alignment points that steer the crop.
class AlignmentFilter {
public:
    struct State {
        bool primed = false;
        std::array<double, 4> value{}, slope{};
    };
    void reset() { state_.primed = false; }
    [[nodiscard]] bool primed() const { return state_.primed; }

    /// @param scale side of the crop in pixels: speeds are relative to the person's size
    void push(Vec2 hips, Vec2 sizePoint, double dt, double scale) {
        const std::array<double, 4> x{hips.x, hips.y, sizePoint.x, sizePoint.y};
        if (!state_.primed) {
            state_ = {true, x, {}};
            return;
        }
        const double slopeGain = gain(kDerivativeCutoff, dt);
        for (std::size_t i = 0; i < 4; ++i) {
            const double slope = (x[i] - state_.value[i]) / dt / scale;
            state_.slope[i] += slopeGain * (slope - state_.slope[i]);
            state_.value[i] +=
                gain(kMinCutoff + kBeta * std::abs(state_.slope[i]), dt) * (x[i] - state_.value[i]);
        }
    }
    [[nodiscard]] Vec2 hips() const { return {state_.value[0], state_.value[1]}; }
    [[nodiscard]] Vec2 sizePoint() const { return {state_.value[2], state_.value[3]}; }
    [[nodiscard]] const State& state() const { return state_; }
    void setState(const State& state) { state_ = state; }

private:
    static constexpr double kMinCutoff = 0.01, kBeta = 10, kDerivativeCutoff = 1;
    static double gain(double cutoff, double dt) { return 1 / (1 + 1 / (6.283185307179586 * cutoff * dt)); }
    State state_;
};

} // namespace body4d::blazepose

#include "models/depth_anything3/reference_view.h"

#include "base/error.h"

#include <ATen/ATen.h>

namespace body4d::da3 {

ReferenceView referenceViewFromName(const std::string& name) {
    if (name == "saddle_balanced") {
        return ReferenceView::SaddleBalanced;
    }
    if (name == "saddle_sim_range") {
        return ReferenceView::SaddleSimRange;
    }
    if (name == "first") {
        return ReferenceView::First;
    }
    if (name == "middle") {
        return ReferenceView::Middle;
    }
    throw Error(ErrorCode::Usage, "There is no reference view '" + name + "'.",
                "Use saddle_balanced, saddle_sim_range, first or middle.");
}

std::int64_t chooseReference(const at::Tensor& tokens, ReferenceView strategy) {
    const auto frames = tokens.size(0);
    if (strategy == ReferenceView::First) {
        return 0;
    }
    if (strategy == ReferenceView::Middle) {
        return frames / 2;
    }
    const auto norms = tokens.norm(2, -1);
    const auto unit = tokens / norms.unsqueeze(1);
    const auto similarity = at::mm(unit, unit.t()) - at::eye(frames, tokens.options());
    if (strategy == ReferenceView::SaddleSimRange) {
        return (similarity.amax(1) - similarity.amin(1)).argmax().item<std::int64_t>();
    }
    const auto distance = [](const at::Tensor& x) { // from the middle of the range that the frames span
        const auto lowest = x.amin();
        return ((x - lowest) / (x.amax() - lowest + 1e-8) - 0.5).abs();
    };
    const auto score = distance(similarity.sum(1) / static_cast<double>(frames - 1)) + distance(norms) +
                       distance(unit.var(-1));
    return score.argmin().item<std::int64_t>();
}

} // namespace body4d::da3

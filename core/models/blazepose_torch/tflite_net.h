#pragma once

#include "models/blazepose_torch/tflite_graph.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "nn/runtime.h"

namespace body4d::blazepose {

/// The networks of a TensorFlow Lite file on LibTorch, for batches. Images are [N, C, H, W] in memory order
/// N, H, W, C, which is how the file thinks and what both oneDNN and cuDNN run best. Not changed by running:
/// threads may share it.
class TfliteNet {
public:
    /// Weights are converted and put on the placement's device. @throws Error{Input} when the graph is
    /// inconsistent, OutOfMemoryError
    TfliteNet(const TfliteGraph& graph, const nn::Placement& placement);
    /// @param input float [N, H, W, C], on the placement's device
    /// @returns the file's outputs in its order, on the device, float, contiguous in the file's axes with N
    /// in front
    [[nodiscard]] std::vector<at::Tensor> operator()(const at::Tensor& input) const;
    [[nodiscard]] std::int64_t parameters() const { return parameters_; }
    /// Of the outputs, in the file's order.
    [[nodiscard]] const std::vector<std::string>& outputNames() const { return outputNames_; }

private:
    using Op = TfliteGraph::Op;
    struct Step {
        TfliteGraph::Node node;
        at::Tensor weight, bias; ///< of convolutions and layers
        /// Pad: as constant_pad_nd wants them; Reshape: the shape of the result; ResizeBilinear: height and
        /// width.
        std::vector<std::int64_t> numbers;
        std::vector<int> lastUses; ///< tensors that nobody reads after this step
    };
    void addConvolution(const TfliteGraph& graph, Step& step);
    void addLinear(const TfliteGraph& graph, Step& step);
    [[nodiscard]] at::Tensor compute(const Step& step, const std::vector<at::Tensor>& values) const;

    nn::Placement placement_;
    std::vector<Step> steps_;
    std::size_t tensorCount_ = 0;
    int input_ = 0;
    std::vector<int> outputs_;
    std::vector<std::string> outputNames_;
    std::vector<at::Tensor> constants_; ///< by tensor index; undefined: computed
    std::int64_t parameters_ = 0;
};

} // namespace body4d::blazepose

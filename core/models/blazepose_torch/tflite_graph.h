#pragma once

#include "base/files.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d::blazepose {

/// A network out of a TensorFlow Lite file: constants and operators, as far as the pose networks need them.
/// Activations are NHWC in the file. Constants come out expanded: half precision and sparse ones as plain
/// floats.
class TfliteGraph {
public:
    enum class Op {
        Add,
        Concat,
        Conv,
        DepthwiseConv,
        DepthToSpace,
        Linear,
        Logistic,
        MaxPool,
        Mean,
        Pad,
        Reshape,
        ResizeBilinear
    };
    enum class Activation { None, Relu, Relu6 };

    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<float> values;       ///< of a constant of floats
        std::vector<std::int64_t> whole; ///< of a constant of whole numbers
        [[nodiscard]] bool constant() const { return !values.empty() || !whole.empty(); }
    };
    struct Node {
        Op op = Op::Add;
        std::vector<int> inputs, outputs; ///< indices into tensors(); -1: an optional input that is absent
        Activation activation = Activation::None;
        bool same = false; ///< padding of convolutions and pools: as TensorFlow's SAME; else none
        int strideX = 1, strideY = 1, dilationX = 1, dilationY = 1, kernelX = 1, kernelY = 1;
        int axis = 0;           ///< Concat
        int block = 1;          ///< DepthToSpace
        bool keepsDims = false; ///< Mean
    };

    /// @throws Error{Input} naming the flaw; hostile files cannot make it read or allocate beyond the file's
    /// size and the expansion of its constants, which is limited
    [[nodiscard]] static TfliteGraph read(const std::filesystem::path& path);
    [[nodiscard]] static TfliteGraph parse(std::span<const std::byte> bytes, const std::string& name);

    [[nodiscard]] const std::vector<Tensor>& tensors() const { return tensors_; }
    [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; } ///< in the order of computation
    [[nodiscard]] const std::vector<int>& inputs() const { return inputs_; }
    [[nodiscard]] const std::vector<int>& outputs() const { return outputs_; }

private:
    std::vector<Tensor> tensors_;
    std::vector<Node> nodes_;
    std::vector<int> inputs_, outputs_;
};

} // namespace body4d::blazepose

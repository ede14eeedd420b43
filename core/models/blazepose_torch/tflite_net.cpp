#include "models/blazepose_torch/tflite_net.h"

#include "base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <optional>

namespace body4d::blazepose {
namespace {

[[noreturn]] void inconsistent(const char* why) {
    throw Error(ErrorCode::Input, std::string("A pose network is inconsistent: ") + why + ".",
                "Run packaging/setup.sh again; it replaces the files by the right version.");
}

at::Tensor fromFile(const TfliteGraph::Tensor& t) {
    auto count = std::int64_t{1};
    for (const auto d : t.shape) {
        count *= d;
    }
    if (count != static_cast<std::int64_t>(t.values.size())) {
        inconsistent("a constant has another size than its shape");
    }
    return at::tensor(at::ArrayRef<float>(t.values), at::kFloat).view(t.shape);
}

/// Zeros before and after one axis such that ceil(size / stride) windows fit, the odd one behind.
std::array<std::int64_t, 2> samePadding(std::int64_t size, std::int64_t kernel, int stride, int dilation) {
    const auto out = (size + stride - 1) / stride;
    const auto total = std::max<std::int64_t>((out - 1) * stride + (kernel - 1) * dilation + 1 - size, 0);
    return {total / 2, total - total / 2};
}

at::Tensor activated(at::Tensor x, TfliteGraph::Activation activation) {
    switch (activation) {
    case TfliteGraph::Activation::None:
        return x;
    case TfliteGraph::Activation::Relu:
        return x.relu_();
    case TfliteGraph::Activation::Relu6:
        return x.clamp_(0, 6);
    }
    return x;
}

/// Axes as the file has them.
at::Tensor toFileOrder(const at::Tensor& x) {
    return x.dim() == 4 ? x.permute({0, 2, 3, 1}) : x;
}

} // namespace

TfliteNet::TfliteNet(const TfliteGraph& graph, const nn::Placement& placement)
    : placement_(placement), tensorCount_(graph.tensors().size()), outputs_(graph.outputs()),
      constants_(graph.tensors().size()) {
    if (graph.inputs().size() != 1) {
        inconsistent("it has not exactly one input");
    }
    for (const auto index : outputs_) {
        outputNames_.push_back(graph.tensors()[static_cast<std::size_t>(index)].name);
    }
    input_ = graph.inputs()[0];
    const nn::EngineScope scope(placement_);
    const auto& tensors = graph.tensors();
    for (const auto& node : graph.nodes()) {
        Step step;
        step.node = node;
        const auto constant = [&](std::size_t i) -> const TfliteGraph::Tensor& {
            return tensors[static_cast<std::size_t>(node.inputs[i])];
        };
        if (node.op == Op::Conv || node.op == Op::DepthwiseConv) {
            addConvolution(graph, step);
        } else if (node.op == Op::Linear) {
            addLinear(graph, step);
        } else if (node.op == Op::Mean) {
            auto axes = constant(1).whole;
            std::sort(axes.begin(), axes.end());
            if (axes != std::vector<std::int64_t>{1, 2}) {
                inconsistent("a mean is not over the picture");
            }
        } else if (node.op == Op::Pad) {
            const auto& pads = constant(1).whole;
            if (pads.size() != 8) {
                inconsistent("a padding is not of four axes");
            }
            // From [N, H, W, C] x [before, after] to the last axis first of N, C, H, W.
            step.numbers = {pads[4], pads[5], pads[2], pads[3], pads[6], pads[7], pads[0], pads[1]};
        } else if (node.op == Op::Reshape) {
            step.numbers = tensors[static_cast<std::size_t>(node.outputs[0])].shape;
            if (step.numbers.empty()) {
                inconsistent("a result has no axes");
            }
        } else if (node.op == Op::ResizeBilinear) {
            const auto& shape = tensors[static_cast<std::size_t>(node.outputs[0])].shape;
            if (shape.size() != 4) {
                inconsistent("what is resized is no picture");
            }
            step.numbers = {shape[1], shape[2]};
        } else if (node.op == Op::Add || node.op == Op::Concat) {
            for (const int i : node.inputs) {
                const auto index = static_cast<std::size_t>(i);
                if (!tensors[index].values.empty() && !constants_[index].defined()) {
                    auto value = fromFile(tensors[index]);
                    value = value.dim() == 4 ? value.permute({0, 3, 1, 2}) : value;
                    constants_[index] = value.to(placement_.options());
                    parameters_ += value.numel();
                }
            }
        }
        steps_.push_back(std::move(step));
    }
    // From the end: who reads a tensor first, reads it last.
    std::vector<bool> needed(tensorCount_);
    for (const int i : outputs_) {
        needed[static_cast<std::size_t>(i)] = true;
    }
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
        for (const int i : step->node.inputs) {
            if (i >= 0 && !needed[static_cast<std::size_t>(i)]) {
                needed[static_cast<std::size_t>(i)] = true;
                step->lastUses.push_back(i);
            }
        }
    }
}

void TfliteNet::addConvolution(const TfliteGraph& graph, Step& step) {
    const auto& node = step.node;
    const auto& weights = graph.tensors()[static_cast<std::size_t>(node.inputs[1])];
    if (weights.shape.size() != 4 || weights.values.empty()) {
        inconsistent("a convolution has no weights");
    }
    const auto stored = fromFile(weights);
    // [out, kh, kw, in] or, one filter a channel, [1, kh, kw, channels].
    const auto turned = stored.permute(node.op == Op::Conv ? std::vector<std::int64_t>{0, 3, 1, 2}
                                                           : std::vector<std::int64_t>{3, 0, 1, 2});
    step.weight = turned.to(placement_.options()).contiguous(at::MemoryFormat::ChannelsLast);
    parameters_ += step.weight.numel();
    if (node.inputs.size() > 2 && node.inputs[2] >= 0) {
        const auto& bias = graph.tensors()[static_cast<std::size_t>(node.inputs[2])];
        if (static_cast<std::int64_t>(bias.values.size()) != step.weight.size(0)) {
            inconsistent("a convolution's bias does not fit");
        }
        step.bias = fromFile(bias).flatten().to(placement_.options());
        parameters_ += step.bias.numel();
    }
}

void TfliteNet::addLinear(const TfliteGraph& graph, Step& step) {
    const auto& node = step.node;
    const auto& weights = graph.tensors()[static_cast<std::size_t>(node.inputs[1])];
    if (weights.shape.size() != 2 || weights.values.empty()) {
        inconsistent("a layer has no weights");
    }
    step.weight = fromFile(weights).to(placement_.options()); // [out, in]
    parameters_ += step.weight.numel();
    if (node.inputs.size() > 2 && node.inputs[2] >= 0) {
        const auto& bias = graph.tensors()[static_cast<std::size_t>(node.inputs[2])];
        if (static_cast<std::int64_t>(bias.values.size()) != step.weight.size(0)) {
            inconsistent("a layer's bias does not fit");
        }
        step.bias = fromFile(bias).flatten().to(placement_.options());
        parameters_ += step.bias.numel();
    }
}

at::Tensor TfliteNet::compute(const Step& step, const std::vector<at::Tensor>& values) const {
    const auto& node = step.node;
    const auto in = [&](std::size_t i) -> const at::Tensor& {
        const auto index = static_cast<std::size_t>(node.inputs[i]);
        const auto& value = constants_[index].defined() ? constants_[index] : values[index];
        if (!value.defined()) {
            inconsistent("an operator reads what nobody computed");
        }
        return value;
    };
    at::Tensor x = in(0);
    const auto padded = [&](std::int64_t kernelY, std::int64_t kernelX) {
        // {y, x} to hand to the operator; one-sided padding has to be made real before.
        const auto y = samePadding(x.size(2), kernelY, node.strideY, node.dilationY),
                   h = samePadding(x.size(3), kernelX, node.strideX, node.dilationX);
        if (!node.same) {
            return std::array<std::int64_t, 2>{0, 0};
        }
        if (y[0] == y[1] && h[0] == h[1]) {
            return std::array<std::int64_t, 2>{y[0], h[0]};
        }
        x = at::constant_pad_nd(x, {h[0], h[1], y[0], y[1]});
        return std::array<std::int64_t, 2>{0, 0};
    };
    switch (node.op) {
    case Op::Conv:
    case Op::DepthwiseConv: {
        const auto pad = padded(step.weight.size(2), step.weight.size(3));
        return activated(at::conv2d(x, step.weight, step.bias, {node.strideY, node.strideX}, pad,
                                    {node.dilationY, node.dilationX},
                                    node.op == Op::DepthwiseConv ? step.weight.size(0) : 1),
                         node.activation);
    }
    case Op::Linear: {
        const auto rows = toFileOrder(x).reshape({x.size(0), -1});
        if (rows.size(1) != step.weight.size(1)) {
            inconsistent("a layer's weights do not fit");
        }
        const auto bias = step.bias.defined() ? std::optional<at::Tensor>(step.bias) : std::nullopt;
        return activated(at::linear(rows, step.weight, bias), node.activation);
    }
    case Op::Mean:
        return x.mean({2, 3}, node.keepsDims);
    case Op::Add:
        return activated(at::add(x, in(1)), node.activation);
    case Op::Concat: {
        std::vector<at::Tensor> parts;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            parts.push_back(in(i));
        }
        const std::array<std::int64_t, 4> fileToOurs{0, 2, 3, 1};
        const auto axis = node.axis < 0 ? node.axis + x.dim() : node.axis;
        return activated(
            at::cat(parts, x.dim() == 4 && axis < 4 ? fileToOurs[static_cast<std::size_t>(axis)] : axis),
            node.activation);
    }
    case Op::Pad:
        return at::constant_pad_nd(x, step.numbers);
    case Op::MaxPool:
        if (node.same && (samePadding(x.size(2), node.kernelY, node.strideY, 1)[1] > 0 ||
                          samePadding(x.size(3), node.kernelX, node.strideX, 1)[1] > 0)) {
            inconsistent("a pool is padded");
        }
        return activated(at::max_pool2d(x, {node.kernelY, node.kernelX}, {node.strideY, node.strideX}),
                         node.activation);
    case Op::ResizeBilinear:
        return at::upsample_bilinear2d(x, step.numbers, /*align_corners=*/false);
    case Op::DepthToSpace: { // channel (dy * b + dx) * C + c goes to (b * y + dy, b * x + dx)
        const auto n = x.size(0), b = std::int64_t{node.block}, c = x.size(1) / (b * b), h = x.size(2),
                   w = x.size(3);
        return x.reshape({n, b, b, c, h, w}).permute({0, 3, 4, 1, 5, 2}).reshape({n, c, h * b, w * b});
    }
    case Op::Logistic:
        return at::sigmoid(x);
    case Op::Reshape: {
        auto shape = step.numbers;
        shape[0] = x.size(0);
        auto y = toFileOrder(x).reshape(shape);
        return y.dim() == 4 ? y.permute({0, 3, 1, 2}) : y;
    }
    }
    inconsistent("an operator is unknown");
}

std::vector<at::Tensor> TfliteNet::operator()(const at::Tensor& input) const {
    return nn::guarded([&] {
        std::vector<at::Tensor> values(tensorCount_);
        values[static_cast<std::size_t>(input_)] = input.permute({0, 3, 1, 2}); // memory stays N, H, W, C
        for (const auto& step : steps_) {
            values[static_cast<std::size_t>(step.node.outputs[0])] = compute(step, values);
            for (const int i : step.lastUses) {
                values[static_cast<std::size_t>(i)].reset();
            }
        }
        std::vector<at::Tensor> out;
        for (const int i : outputs_) {
            const auto& value = values[static_cast<std::size_t>(i)];
            if (!value.defined()) {
                inconsistent("an output is not computed");
            }
            out.push_back(toFileOrder(value).to(at::kFloat).contiguous());
        }
        return out;
    });
}

} // namespace body4d::blazepose

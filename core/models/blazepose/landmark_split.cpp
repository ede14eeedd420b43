#include "base/log.h"
#include "models/blazepose/landmark_split_internal.h"

#include <openvino/op/add.hpp>
#include <openvino/op/clamp.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/group_conv.hpp>
#include <openvino/op/interpolate.hpp>
#include <openvino/op/pad.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/transpose.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace body4d::blazepose {

namespace {

using Value = ov::Output<ov::Node>;

/// The network is not the one that was expected.
struct Different : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <typename Op>
bool is(const Value& value) {
    return ov::is_type<Op>(value.get_node());
}

Value input(const Value& value, std::size_t index) {
    return value.get_node()->input_value(index);
}

/// Through what changes order or precision only.
Value behindOrder(Value value) {
    while (is<ov::op::v1::Transpose>(value) || is<ov::op::v0::Convert>(value)) {
        value = input(value, 0);
    }
    return value;
}

/// A convolution with its bias, and the activation behind it where there is one.
struct Layer {
    Value in, weights, bias, out;
    bool perChannel = false;
};

Value afterClamp(const Value& value) {
    for (const auto& use : value.get_target_inputs()) {
        if (const auto* clamp = ov::as_type<ov::op::v0::Clamp>(use.get_node())) {
            if (clamp->get_min() != 0 || clamp->get_max() != 6) {
                throw Different("activation");
            }
            return use.get_node()->output(0);
        }
    }
    throw Different("no activation");
}

/// The layer whose sum with its bias is `sum`.
Layer layerOf(const Value& sum) {
    if (!is<ov::op::v1::Add>(sum)) {
        throw Different("bias");
    }
    Layer out;
    for (std::size_t i = 0; i < 2; ++i) {
        const Value convolution = input(sum, i);
        out.perChannel = is<ov::op::v1::GroupConvolution>(convolution);
        if (out.perChannel || is<ov::op::v1::Convolution>(convolution)) {
            out.in = input(convolution, 0);
            out.weights = input(convolution, 1);
            out.bias = input(sum, 1 - i);
            out.out = sum;
            const auto channels = convolution.get_shape().at(1);
            if (ov::shape_size(out.bias.get_shape()) != channels) {
                throw Different("bias of a convolution");
            }
            return out;
        }
    }
    throw Different("convolution");
}

const std::vector<std::int64_t> kPads{0, 0, 1, 1}; // of planes, one row and column of zeros all around

std::vector<std::int64_t> padsOf(const Value& pad, std::size_t index) {
    const Value value = input(pad, index);
    ov::Model constant(ov::OutputVector{value}, ov::ParameterVector{});
    ov::TensorVector out{ov::Tensor(value.get_element_type(), value.get_shape())};
    if (value.get_element_type() != ov::element::i64 || !constant.evaluate(out, ov::TensorVector{})) {
        throw Different("padding");
    }
    const auto* first = out[0].data<const std::int64_t>();
    return {first, first + out[0].get_size()};
}

/// The layer with so many outputs that takes `from`, perhaps with zeros around it.
Layer layerBehind(const Value& from, std::size_t outputs, bool perChannel, bool clamped) {
    for (const auto& use : from.get_target_inputs()) {
        const Value next = use.get_node()->output(0);
        const bool padded = is<ov::op::v1::Pad>(next) || is<ov::op::v12::Pad>(next);
        if (padded && (padsOf(next, 1) != kPads || padsOf(next, 2) != kPads)) {
            throw Different("padding");
        }
        if (padded || is<ov::op::v1::Transpose>(next)) {
            try {
                return layerBehind(next, outputs, perChannel, clamped);
            } catch (const Different&) {
                continue; // another branch
            }
        }
        if ((perChannel ? is<ov::op::v1::GroupConvolution>(next) : is<ov::op::v1::Convolution>(next)) &&
            next.get_shape().at(1) == outputs) {
            for (const auto& sum : next.get_target_inputs()) {
                Layer layer = layerOf(sum.get_node()->output(0));
                layer.out = clamped ? afterClamp(layer.out) : layer.out;
                return layer;
            }
        }
    }
    throw Different("layer");
}

struct BlockLayers {
    Value in;
    Layer depth, mix;
};

/// The block that ends in `out`: ReLU6(x + mix(depth(x))).
BlockLayers blockOf(const Value& out) {
    if (!is<ov::op::v0::Clamp>(out) || !is<ov::op::v1::Add>(input(out, 0))) {
        throw Different("block");
    }
    const Value sum = input(out, 0);
    for (std::size_t i = 0; i < 2; ++i) {
        try {
            BlockLayers block{input(sum, 1 - i), {}, layerOf(input(sum, i))};
            if (!block.mix.perChannel && is<ov::op::v0::Clamp>(block.mix.in)) {
                block.depth = layerOf(input(block.mix.in, 0));
                if (block.depth.perChannel && behindOrder(block.depth.in) == behindOrder(block.in)) {
                    return block;
                }
            }
        } catch (const Different&) { // the other side of the sum, then
        }
    }
    throw Different("block");
}

/// What is doubled in size to give `value`.
Value doubledFrom(const Value& value) {
    const Value resized = behindOrder(value);
    const auto* resize = dynamic_cast<const ov::op::util::InterpolateBase*>(resized.get_node());
    using Base = ov::op::util::InterpolateBase;
    if (resize == nullptr ||
        resize->get_attrs().coordinate_transformation_mode != Base::CoordinateTransformMode::HALF_PIXEL ||
        (resize->get_attrs().mode != Base::InterpolateMode::LINEAR_ONNX &&
         resize->get_attrs().mode != Base::InterpolateMode::LINEAR)) {
        throw Different("resize");
    }
    const Value small = behindOrder(input(resized, 0));
    if (small.get_shape().at(2) * 2 != value.get_shape().at(2)) {
        throw Different("size");
    }
    return small;
}

std::vector<float> numbersOf(const Value& value) {
    // Stored in half precision, in another order: the library works them out.
    ov::Model constant(ov::OutputVector{value}, ov::ParameterVector{});
    ov::TensorVector out{ov::Tensor(value.get_element_type(), value.get_shape())};
    if (value.get_element_type() != ov::element::f32 || !constant.evaluate(out, ov::TensorVector{})) {
        throw Different("weights");
    }
    const auto* first = out[0].data<const float>();
    return {first, first + out[0].get_size()};
}

Convolution convolutionOf(const Layer& layer) {
    const ov::Shape shape = layer.weights.get_shape(); // [out, in, h, w], or [groups, 1, 1, h, w]
    Convolution out;
    out.outputs = static_cast<int>(shape.at(0));
    out.inputs = layer.perChannel ? 1 : static_cast<int>(shape.at(1));
    out.side = static_cast<int>(shape.back());
    out.weights = numbersOf(layer.weights);
    out.bias = numbersOf(layer.bias);
    return out;
}

Value outputOfSize(const ov::Model& model, std::size_t size) {
    for (const auto& result : model.get_results()) {
        if (ov::shape_size(result->get_shape()) == size) {
            return result->input_value(0);
        }
    }
    throw Different("outputs");
}

SplitLandmarks split(const ov::Model& model) {
    if (model.get_parameters().size() != 1) {
        throw Different("inputs");
    }
    SplitLandmarks out;
    const Layer first = layerBehind(model.get_parameters().front()->output(0), 24, false, true);
    const Layer depth = layerBehind(first.out, 24, true, true);
    const Layer mix = layerBehind(depth.out, 16, false, false);
    const Layer expand = layerBehind(mix.out, 64, false, true);
    const Layer halve = layerBehind(expand.out, 64, true, true);
    const Layer project = layerBehind(halve.out, kNarrowIn, false, false);
    const Layer skipDepth = layerBehind(mix.out, 16, true, true);
    const Layer skipMix = layerBehind(skipDepth.out, kNarrowOut, false, true);

    const Value logits = outputOfSize(model, static_cast<std::size_t>(kLandmarkSide) * kLandmarkSide);
    const Layer mask = layerOf(behindOrder(logits));
    std::array<BlockLayers, 2> fine, coarse;
    fine[1] = blockOf(mask.in);
    fine[0] = blockOf(behindOrder(fine[1].in));
    coarse[1] = blockOf(doubledFrom(fine[0].in));
    coarse[0] = blockOf(coarse[1].in);
    if (!is<ov::op::v1::Add>(coarse[0].in)) {
        throw Different("skip");
    }
    const bool skipFirst = input(coarse[0].in, 0) == skipMix.out;
    if (!skipFirst && input(coarse[0].in, 1) != skipMix.out) {
        throw Different("skip");
    }
    const Value back = doubledFrom(input(coarse[0].in, skipFirst ? 1 : 0));
    const ov::Shape in{1, kNarrowIn, kNarrowSide, kNarrowSide};
    if (project.out.get_shape() != in ||
        back.get_shape() != ov::Shape{1, kNarrowOut, kNarrowSide, kNarrowSide}) {
        throw Different("size of the narrow part");
    }

    out.wide.first = convolutionOf(first);
    out.wide.depth = convolutionOf(depth);
    out.wide.mix = convolutionOf(mix);
    out.wide.expand = convolutionOf(expand);
    out.wide.halve = convolutionOf(halve);
    out.wide.project = convolutionOf(project);
    out.wide.skipDepth = convolutionOf(skipDepth);
    out.wide.skipMix = convolutionOf(skipMix);
    for (std::size_t i = 0; i < 2; ++i) {
        out.wide.coarse[i] = {convolutionOf(coarse[i].depth), convolutionOf(coarse[i].mix)};
        out.wide.fine[i] = {convolutionOf(fine[i].depth), convolutionOf(fine[i].mix)};
    }
    out.wide.mask = convolutionOf(mask);

    ov::OutputVector results{back};
    for (const auto& result : model.get_results()) {
        if (result->input_value(0) != logits) {
            results.push_back(result->input_value(0));
        }
    }
    const auto parameter = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, in);
    Value(project.out).replace(parameter->output(0));
    out.narrow = std::make_shared<ov::Model>(results, ov::ParameterVector{parameter}, "pose_landmark_narrow");
    return out;
}

} // namespace

std::optional<SplitLandmarks> splitLandmarks(const std::shared_ptr<ov::Model>& model) {
    try {
        return split(*model);
    } catch (const std::exception& e) {
        log(LogLevel::Info, std::string("The landmark network runs in one piece: ") + e.what());
        return std::nullopt;
    }
}

} // namespace body4d::blazepose

#include "models/blazepose_torch/tflite_graph.h"

#include "base/error.h"
#include "base/safetensors.h"
#include "models/blazepose_torch/flat_table_internal.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace body4d::blazepose {
namespace {

// The schema of TensorFlow Lite (tensorflow/compiler/mlir/lite/schema/schema.fbs), numbers of fields and
// enumerations.
namespace model {
constexpr int kOperatorCodes = 1, kSubgraphs = 2, kBuffers = 4;
}
namespace subgraph {
constexpr int kTensors = 0, kInputs = 1, kOutputs = 2, kOperators = 3;
}
namespace tensor {
constexpr int kShape = 0, kType = 1, kBuffer = 2, kName = 3, kSparsity = 6;
}
namespace sparsity {
constexpr int kOrder = 0, kBlockMap = 1, kDimensions = 2;
constexpr int kFormat = 0, kDenseSize = 1, kSegmentsType = 2, kSegments = 3, kIndicesType = 4, kIndices = 5;
} // namespace sparsity
namespace node {
constexpr int kCode = 0, kInputs = 1, kOutputs = 2, kOptions = 4;
}
enum TensorType : std::int8_t { kFloat32 = 0, kFloat16 = 1, kInt32 = 2, kInt64 = 4 };
enum Builtin : std::int32_t {
    kAdd = 0,
    kConcatenation = 2,
    kConv2d = 3,
    kDepthwiseConv2d = 4,
    kDepthToSpace = 5,
    kDequantize = 6,
    kFullyConnected = 9,
    kLogistic = 14,
    kMaxPool2d = 17,
    kReshape = 22,
    kResizeBilinear = 23,
    kPad = 34,
    kMean = 40,
    kDensify = 124
};

/// Values that the constants of one network may expand to: thirty times the pose networks'.
constexpr std::uint64_t kMostValues = 100'000'000;
constexpr std::int64_t kLongestSide = 1 << 24;

struct RawTensor {
    std::vector<std::int64_t> shape;
    int type = -1;
    std::span<const std::byte> data;
    std::optional<FlatTable> sparsity;
};

class Parser {
public:
    Parser(const FlatBytes& bytes, std::vector<TfliteGraph::Tensor>& tensors,
           std::vector<TfliteGraph::Node>& nodes)
        : bytes_(bytes), tensors_(tensors), nodes_(nodes) {}

    void run(std::vector<int>& inputs, std::vector<int>& outputs) {
        const auto root = FlatTable::root(bytes_);
        const auto graphs = root.tables(model::kSubgraphs);
        if (graphs.size() != 1) {
            bytes_.fail("it does not hold exactly one graph");
        }
        const auto buffers = root.tables(model::kBuffers);
        for (const auto& t : graphs[0].tables(subgraph::kTensors)) {
            addTensor(t, buffers);
        }
        std::vector<std::int32_t> codes;
        for (const auto& c : root.tables(model::kOperatorCodes)) {
            // The number moved from an 8-bit field to one of 32 bits; the larger one is meant.
            codes.push_back(
                std::max<std::int32_t>(c.scalar<std::int8_t>(0, 0), c.scalar<std::int32_t>(3, 0)));
        }
        for (const auto& n : graphs[0].tables(subgraph::kOperators)) {
            const auto code = n.scalar<std::uint32_t>(node::kCode, 0);
            if (code >= codes.size()) {
                bytes_.fail("an operator has no kind");
            }
            addNode(n, codes[code]);
        }
        inputs = graphs[0].vector<std::int32_t>(subgraph::kInputs);
        outputs = graphs[0].vector<std::int32_t>(subgraph::kOutputs);
        checkIndices(inputs);
        checkIndices(outputs);
    }

private:
    void addTensor(const FlatTable& t, const std::vector<FlatTable>& buffers) {
        RawTensor raw;
        std::int64_t count = 1;
        for (const auto d : t.vector<std::int32_t>(tensor::kShape)) {
            if (d < 0 || d > kLongestSide || __builtin_mul_overflow(count, std::int64_t{d}, &count)) {
                bytes_.fail("a tensor has an impossible shape");
            }
            raw.shape.push_back(d);
        }
        raw.type = t.scalar<std::int8_t>(tensor::kType, 0);
        const auto buffer = t.scalar<std::uint32_t>(tensor::kBuffer, 0);
        if (buffer >= buffers.size()) {
            bytes_.fail("a tensor has no buffer");
        }
        raw.data = buffers[buffer].vectorBytes(0, 1);
        raw.sparsity = t.table(tensor::kSparsity);
        TfliteGraph::Tensor out;
        out.shape = raw.shape;
        const auto name = t.vectorBytes(tensor::kName, 1);
        out.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
        if (!raw.data.empty() && !raw.sparsity) {
            fillDense(raw, static_cast<std::uint64_t>(count), out);
        }
        raw_.push_back(std::move(raw));
        tensors_.push_back(std::move(out));
    }

    float valueAt(const RawTensor& raw, std::uint64_t i) const {
        if (raw.type == kFloat16) {
            std::uint16_t half = 0;
            std::memcpy(&half, raw.data.data() + 2 * i, 2);
            return halfToFloat(half);
        }
        float value = 0;
        std::memcpy(&value, raw.data.data() + 4 * i, 4);
        return value;
    }
    static std::uint64_t sizeOf(int type) {
        switch (type) {
        case kFloat32:
        case kInt32:
            return 4;
        case kFloat16:
            return 2;
        case kInt64:
            return 8;
        default:
            return 0;
        }
    }
    void claim(std::uint64_t values) {
        expanded_ += values;
        if (expanded_ > kMostValues) {
            bytes_.fail("its constants are larger than any network's");
        }
    }
    void fillDense(const RawTensor& raw, std::uint64_t count, TfliteGraph::Tensor& out) {
        const auto size = sizeOf(raw.type);
        if (size == 0) {
            return; // of a type that no operator here reads: quantised networks are refused by their
                    // operators
        }
        if (raw.data.size() / size != count || raw.data.size() % size != 0) {
            bytes_.fail("a constant has another size than its shape");
        }
        claim(count);
        if (raw.type == kInt32 || raw.type == kInt64) {
            for (std::uint64_t i = 0; i < count; ++i) {
                std::int64_t value = 0;
                if (raw.type == kInt32) {
                    std::int32_t narrow = 0;
                    std::memcpy(&narrow, raw.data.data() + 4 * i, 4);
                    value = narrow;
                } else {
                    std::memcpy(&value, raw.data.data() + 8 * i, 8);
                }
                out.whole.push_back(value);
            }
            return;
        }
        out.values.resize(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            out.values[i] = valueAt(raw, i);
        }
    }

    /// Segments and column indices come as vectors of 8, 16 or 32 bits, told by the union's type.
    std::vector<std::uint32_t> indexVector(const FlatTable& dimension, int typeField, int field) const {
        const auto holder = dimension.table(field);
        std::vector<std::uint32_t> out;
        if (!holder) {
            return out;
        }
        const auto copy = [&out](const auto& values) { out.assign(values.begin(), values.end()); };
        switch (dimension.scalar<std::uint8_t>(typeField, 0)) {
        case 1:
            copy(holder->vector<std::int32_t>(0));
            break;
        case 2:
            copy(holder->vector<std::uint16_t>(0));
            break;
        case 3:
            copy(holder->vector<std::uint8_t>(0));
            break;
        default:
            bytes_.fail("a sparse constant has an unknown index type");
        }
        return out;
    }
    /// Rows of the first three dimensions in full, the last one by column: the only form that the networks
    /// use.
    void densify(int from, int to) {
        const RawTensor& raw = raw_[static_cast<std::size_t>(from)];
        if (!raw.sparsity || raw.shape.empty() || (raw.type != kFloat16 && raw.type != kFloat32)) {
            bytes_.fail("a sparse constant has no description");
        }
        const auto dimensions = raw.sparsity->tables(sparsity::kDimensions);
        const auto order = raw.sparsity->vector<std::int32_t>(sparsity::kOrder);
        bool usual = dimensions.size() == raw.shape.size() && order.size() == raw.shape.size() &&
                     raw.sparsity->vector<std::int32_t>(sparsity::kBlockMap).empty();
        std::uint64_t rows = 1;
        for (std::size_t i = 0; usual && i < dimensions.size(); ++i) {
            const bool last = i + 1 == dimensions.size();
            usual = order[i] == static_cast<std::int32_t>(i) &&
                    dimensions[i].scalar<std::int8_t>(sparsity::kFormat, 0) == (last ? 1 : 0) &&
                    (last || dimensions[i].scalar<std::int32_t>(sparsity::kDenseSize, 0) == raw.shape[i]);
            rows *= last ? 1 : static_cast<std::uint64_t>(raw.shape[i]);
            usual = usual && rows <= kMostValues;
        }
        if (!usual) {
            bytes_.fail("a sparse constant is stored in an unknown order");
        }
        const auto segments = indexVector(dimensions.back(), sparsity::kSegmentsType, sparsity::kSegments);
        const auto columns = indexVector(dimensions.back(), sparsity::kIndicesType, sparsity::kIndices);
        const auto width = static_cast<std::uint64_t>(raw.shape.back());
        if (segments.size() != rows + 1 || raw.data.size() / sizeOf(raw.type) != columns.size() ||
            segments.front() != 0 || segments.back() != columns.size() ||
            !std::is_sorted(segments.begin(), segments.end()) ||
            std::any_of(columns.begin(), columns.end(), [&](std::uint32_t c) { return c >= width; })) {
            bytes_.fail("a sparse constant does not fit its description");
        }
        claim(rows * width); // a short side times a short side: no overflow
        auto& out = tensors_[static_cast<std::size_t>(to)];
        out.shape = raw.shape;
        out.values.assign(rows * width, 0.F);
        for (std::uint64_t row = 0; row < rows; ++row) {
            for (std::uint64_t k = segments[row]; k < segments[row + 1]; ++k) {
                out.values[row * width + columns[k]] = valueAt(raw, k);
            }
        }
    }

    void checkIndices(const std::vector<std::int32_t>& indices) const {
        for (const auto i : indices) {
            if (i < 0 || static_cast<std::size_t>(i) >= tensors_.size()) {
                bytes_.fail("an operator refers to a tensor that is not there");
            }
        }
    }

    void addNode(const FlatTable& n, std::int32_t code) {
        TfliteGraph::Node out;
        const auto inputs = n.vector<std::int32_t>(node::kInputs),
                   outputs = n.vector<std::int32_t>(node::kOutputs);
        checkIndices(outputs);
        for (const auto i : inputs) {
            if (i != -1) {
                checkIndices({i});
            }
        }
        out.inputs.assign(inputs.begin(), inputs.end());
        out.outputs.assign(outputs.begin(), outputs.end());
        if (out.outputs.size() != 1 || out.inputs.empty() || out.inputs[0] < 0) {
            bytes_.fail("an operator has not one result");
        }
        const auto first = static_cast<std::size_t>(out.inputs[0]),
                   result = static_cast<std::size_t>(out.outputs[0]);
        if (code == kDensify) {
            densify(out.inputs[0], out.outputs[0]);
            return;
        }
        if (code == kDequantize) {
            if (tensors_[first].values.empty()) {
                bytes_.fail("it is a quantised network");
            }
            if (first != result) { // each constant is expanded once and read once
                tensors_[result].values = std::exchange(tensors_[first].values, {});
            }
            return;
        }
        readOptions(n.table(node::kOptions), code, out);
        checkArity(code, out);
        nodes_.push_back(std::move(out));
    }
    void checkArity(std::int32_t code, const TfliteGraph::Node& n) const {
        std::size_t wanted = 1;
        if (code == kAdd || code == kPad || code == kConv2d || code == kDepthwiseConv2d ||
            code == kFullyConnected || code == kMean) {
            wanted = 2;
        }
        const auto all = std::min(n.inputs.size(), code == kConcatenation ? n.inputs.size() : wanted);
        if (n.inputs.size() < wanted ||
            std::any_of(n.inputs.begin(), n.inputs.begin() + static_cast<std::ptrdiff_t>(all),
                        [](int i) { return i < 0; })) {
            bytes_.fail("an operator lacks an input");
        }
    }
    TfliteGraph::Activation activation(std::int8_t code) const {
        switch (code) {
        case 0:
            return TfliteGraph::Activation::None;
        case 1:
            return TfliteGraph::Activation::Relu;
        case 3:
            return TfliteGraph::Activation::Relu6;
        default:
            bytes_.fail("it has an activation that is not known here");
        }
    }
    void readOptions(const std::optional<FlatTable>& options, std::int32_t code,
                     TfliteGraph::Node& out) const {
        using Op = TfliteGraph::Op;
        const auto byte = [&](int field) {
            return options ? options->scalar<std::int8_t>(field, 0) : std::int8_t{0};
        };
        const auto number = [&](int field, std::int32_t otherwise) {
            const auto value = options ? options->scalar<std::int32_t>(field, otherwise) : otherwise;
            if (value < -8 || value > 4096) {
                bytes_.fail("an operator has an impossible setting");
            }
            return value;
        };
        const auto positive = [&](int field, std::int32_t otherwise) {
            const auto value = number(field, otherwise);
            if (value < 1) {
                bytes_.fail("an operator has an impossible setting");
            }
            return value;
        };
        const auto window = [&] {
            out.same = byte(0) == 0;
            out.strideX = positive(1, 1);
            out.strideY = positive(2, 1);
        };
        switch (code) {
        case kAdd:
            out.op = Op::Add;
            out.activation = activation(byte(0));
            return;
        case kConcatenation:
            out.op = Op::Concat;
            out.axis = number(0, 0);
            out.activation = activation(byte(1));
            return;
        case kConv2d:
            out.op = Op::Conv;
            window();
            out.activation = activation(byte(3));
            out.dilationX = positive(4, 1);
            out.dilationY = positive(5, 1);
            return;
        case kDepthwiseConv2d:
            out.op = Op::DepthwiseConv;
            window();
            out.activation = activation(byte(4));
            out.dilationX = positive(5, 1);
            out.dilationY = positive(6, 1);
            return;
        case kDepthToSpace:
            out.op = Op::DepthToSpace;
            out.block = positive(0, 1);
            return;
        case kFullyConnected:
            out.op = Op::Linear;
            out.activation = activation(byte(0));
            if (byte(1) != 0) {
                bytes_.fail("the weights of a layer are shuffled");
            }
            return;
        case kLogistic:
            out.op = Op::Logistic;
            return;
        case kMaxPool2d:
            out.op = Op::MaxPool;
            window();
            out.kernelX = positive(3, 1);
            out.kernelY = positive(4, 1);
            out.activation = activation(byte(5));
            return;
        case kMean:
            out.op = Op::Mean;
            out.keepsDims = byte(0) != 0;
            return;
        case kPad:
            out.op = Op::Pad;
            return;
        case kReshape:
            out.op = Op::Reshape;
            return;
        case kResizeBilinear:
            out.op = Op::ResizeBilinear;
            if (byte(2) != 0 || byte(3) == 0) {
                bytes_.fail("it resizes between corners instead of pixel centres");
            }
            return;
        default:
            bytes_.fail("it has an operator that is not known here (" + std::to_string(code) + ")");
        }
    }

    const FlatBytes& bytes_;
    std::vector<TfliteGraph::Tensor>& tensors_;
    std::vector<TfliteGraph::Node>& nodes_;
    std::vector<RawTensor> raw_;
    std::uint64_t expanded_ = 0;
};

} // namespace

TfliteGraph TfliteGraph::parse(std::span<const std::byte> bytes, const std::string& name) {
    const FlatBytes flat(bytes, [&](const std::string& why) {
        throw Error(ErrorCode::Input, name + " is not a network that can be read: " + why + ".",
                    "Run packaging/setup.sh again; it replaces the file by the right version.", name);
    });
    if (bytes.size() < 8 || std::memcmp(bytes.data() + 4, "TFL3", 4) != 0) {
        flat.fail("it is no TensorFlow Lite file");
    }
    TfliteGraph graph;
    Parser(flat, graph.tensors_, graph.nodes_).run(graph.inputs_, graph.outputs_);
    return graph;
}

TfliteGraph TfliteGraph::read(const std::filesystem::path& path) {
    const MappedFile file(path);
    return parse(file.bytes(), path.filename().string());
}

} // namespace body4d::blazepose

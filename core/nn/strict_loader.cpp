#include "nn/strict_loader.h"

#include "base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace body4d::nn {
namespace {

std::string filledIn(const std::string& pattern, const std::vector<std::string_view>& groups) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const auto digit = i + 1 < pattern.size() ? static_cast<std::size_t>(pattern[i + 1] - '1') : 9;
        if (pattern[i] == '$' && digit < groups.size()) {
            out += groups[digit];
            ++i;
        } else {
            out.push_back(pattern[i]);
        }
    }
    return out;
}

std::string shapeText(at::IntArrayRef shape) {
    std::string out = "[";
    for (const auto d : shape) {
        out += (out.size() > 1 ? ", " : "") + std::to_string(d);
    }
    return out + "]";
}

/// Tensors of the file that make up one of ours, in order.
struct Source {
    struct Piece {
        const CheckpointTensor* stored = nullptr;
        std::int64_t row = -1; ///< of dimension 0; -1: all of it
        [[nodiscard]] std::vector<std::int64_t> shape() const {
            auto shape = stored->shape;
            if (row >= 0) {
                shape[0] = 1;
            }
            return shape;
        }
    };
    std::map<int, Piece> pieces;
    std::string theirs; ///< name of one of them, for messages
};

constexpr std::string_view kEachRow = "[*]";
constexpr std::int64_t kMostRows = 4096;

std::pair<std::string, int> splitPiece(const std::string& name) {
    const auto hash = name.rfind('#');
    if (hash == std::string::npos || hash + 1 == name.size() || name.size() - hash > 4 ||
        name.find_first_not_of("0123456789", hash + 1) != std::string::npos) {
        return {name, 0};
    }
    return {name.substr(0, hash), std::stoi(name.substr(hash + 1))};
}

std::vector<std::int64_t> joinedShape(const Source& source) {
    auto shape = source.pieces.begin()->second.shape();
    for (auto piece = std::next(source.pieces.begin()); piece != source.pieces.end(); ++piece) {
        const auto more = piece->second.shape();
        const bool fits = more.size() == shape.size() && !more.empty() &&
                          std::equal(more.begin() + 1, more.end(), shape.begin() + 1);
        if (!fits) {
            return {-1};
        }
        shape[0] += more[0];
    }
    return shape;
}

} // namespace

std::string NameTable::ours(const std::string& theirs) const {
    std::vector<std::string_view> groups;
    for (const auto& pattern : unused) {
        if (matchesPattern(pattern, theirs)) {
            return {};
        }
    }
    for (const auto& rule : renames) {
        groups.clear();
        if (matchesPattern(rule.from, theirs, &groups)) {
            return filledIn(rule.to, groups);
        }
    }
    return theirs;
}

at::ScalarType toScalarType(DType type) {
    switch (type) {
    case DType::U8:
        return at::kByte;
    case DType::I8:
        return at::kChar;
    case DType::I16:
        return at::kShort;
    case DType::I32:
        return at::kInt;
    case DType::I64:
        return at::kLong;
    case DType::F16:
        return at::kHalf;
    case DType::BF16:
        return at::kBFloat16;
    case DType::F32:
        return at::kFloat;
    case DType::F64:
        return at::kDouble;
    case DType::Bool:
        return at::kBool;
    case DType::C64:
        return at::kComplexFloat;
    case DType::U16:
        return at::kUInt16;
    case DType::U32:
        return at::kUInt32;
    case DType::U64:
        return at::kUInt64;
    }
    return at::kFloat;
}

DType toDType(at::ScalarType type) {
    for (const DType candidate :
         {DType::U8, DType::I8, DType::I16, DType::I32, DType::I64, DType::F16, DType::BF16, DType::F32,
          DType::F64, DType::Bool, DType::C64, DType::U16, DType::U32, DType::U64}) {
        if (toScalarType(candidate) == type) {
            return candidate;
        }
    }
    throw Error(ErrorCode::Internal, "A tensor has a type that no checkpoint can hold.",
                "This is a mistake of the program: please report it with the line below.",
                at::toString(type));
}

at::Tensor toTensor(const Checkpoint& file, const CheckpointTensor& stored, at::Device device,
                    at::ScalarType dtype, bool mapped) {
    const auto type = toScalarType(stored.dtype);
    const auto options = at::TensorOptions().dtype(type);
    if (stored.count() == 0) {
        return at::empty(stored.shape, options.device(device).dtype(dtype));
    }
    // Nobody may write to these: the mapping is read-only.
    void* bytes = const_cast<std::byte*>(stored.bytes.data());
    const auto size = byteSize(stored.dtype);
    at::Tensor values;
    if (reinterpret_cast<std::uintptr_t>(bytes) % size == 0) {
        const auto release = [owner = file.owner()](void*) {};
        values = stored.contiguous() ? at::from_blob(bytes, stored.shape, release, options)
                                     : at::from_blob(bytes, stored.shape, stored.strides, release, options);
    } else {
        // Files that were packed without alignment: vector loads want whole elements in their places.
        const auto elements = static_cast<std::int64_t>(stored.bytes.size() / size);
        const at::Tensor aligned = at::empty({elements}, options);
        std::memcpy(aligned.mutable_data_ptr(), bytes, stored.bytes.size());
        values = stored.contiguous() ? aligned.view(stored.shape)
                                     : aligned.as_strided(stored.shape, stored.strides);
    }
    if (device.is_cpu() && type == dtype && mapped && stored.contiguous()) {
        return values;
    }
    return values.to(at::TensorOptions().device(device).dtype(dtype), /*non_blocking=*/false, /*copy=*/true,
                     at::MemoryFormat::Contiguous);
}

Manifest manifestOf(const detail::FieldMap& fields) {
    Manifest manifest;
    for (const auto& [name, field] : fields) {
        const auto sizes = field.tensor->sizes();
        manifest.tensors[name] = {toDType(field.tensor->scalar_type()), {sizes.begin(), sizes.end()}};
    }
    return manifest;
}

namespace detail {

void FieldCollector::take(const std::string& key, at::Tensor& tensor) {
    BODY4D_EXPECT(fields.emplace(key, Field{&tensor}).second);
}

LoadReport loadFields(const FieldMap& fields, const Checkpoint& file, const LoadOptions& options) {
    LoadReport report;
    std::vector<std::string> missing, surplus, misshapen, mistyped;
    std::map<std::string, Source> sources;
    for (const auto& [name, stored] : file.tensors()) {
        if (!name.starts_with(options.prefix)) {
            continue;
        }
        const auto theirs = name.substr(options.prefix.size());
        const auto target = options.names.ours(theirs);
        if (target.empty()) {
            ++report.unused;
            continue;
        }
        const auto take = [&, &theirName = name, &tensor = stored](const std::string& wanted,
                                                                   std::int64_t row) {
            const auto [key, piece] = splitPiece(wanted);
            if (!fields.contains(key)) {
                surplus.push_back(theirName);
                return;
            }
            auto& source = sources[key];
            source.theirs = theirName;
            if (!source.pieces.emplace(piece, Source::Piece{&tensor, row}).second) {
                surplus.push_back(theirName + " (a second source of " + key + ")");
            }
        };
        if (const auto each = target.find(kEachRow); each == std::string::npos) {
            take(target, -1);
        } else {
            const auto rows = stored.shape.empty() ? 0 : std::min(stored.shape[0], kMostRows);
            for (std::int64_t row = 0; row < rows; ++row) {
                auto wanted = target;
                take(wanted.replace(each, kEachRow.size(), std::to_string(row)), row);
            }
        }
    }
    for (const auto& [key, field] : fields) {
        const auto found = sources.find(key);
        if (found == sources.end()) {
            missing.push_back(options.prefix + key);
            continue;
        }
        const auto shape = joinedShape(found->second);
        if (at::IntArrayRef(shape) != field.tensor->sizes()) {
            misshapen.push_back(options.prefix + key + " is " + shapeText(shape) + " instead of " +
                                shapeText(field.tensor->sizes()));
        }
        const auto wanted = field.tensor->scalar_type();
        for (const auto& [index, piece] : found->second.pieces) {
            const auto type = toScalarType(piece.stored->dtype);
            if (type != wanted && !(at::isFloatingType(type) && at::isFloatingType(wanted))) {
                mistyped.push_back(options.prefix + key + " is " + at::toString(type) + " instead of " +
                                   at::toString(wanted));
                break;
            }
        }
    }
    std::string counts, names;
    const auto add = [&](const std::vector<std::string>& list, const char* what) {
        if (!list.empty()) {
            counts += (counts.empty() ? "" : ", ") + std::to_string(list.size()) + " " + what;
            names += std::string(what) + ":\n";
            for (const auto& line : list) {
                names += "  " + line + "\n";
            }
        }
    };
    add(missing, "missing");
    add(surplus, "surplus");
    add(misshapen, "of another shape");
    add(mistyped, "of another type");
    if (!counts.empty()) {
        throw Error(ErrorCode::Input,
                    file.path().filename().string() +
                        " is not the checkpoint that this network needs: tensors " + counts + ".",
                    "Get the official file again; body4d models lists what belongs where.",
                    file.path().string() + "\n" + names);
    }
    // All is there: only now anything is read, and nothing of the network changes before everything could be.
    std::vector<std::pair<at::Tensor*, at::Tensor>> loaded;
    loaded.reserve(fields.size());
    for (const auto& [key, field] : fields) {
        const auto& pieces = sources.at(key).pieces;
        const auto wanted = at::isFloatingType(field.tensor->scalar_type()) ? options.placement.dtypeOf(key)
                                                                            : field.tensor->scalar_type();
        std::vector<at::Tensor> parts;
        for (const auto& [index, piece] : pieces) {
            auto part = toTensor(file, *piece.stored, options.placement.device, wanted, options.mapped);
            parts.push_back(piece.row >= 0 ? part.narrow(0, piece.row, 1).contiguous() : std::move(part));
        }
        at::Tensor value = parts.size() == 1 ? parts.front() : at::cat(parts, 0);
        ++report.tensors;
        report.parameters += value.numel();
        report.bytes += static_cast<std::int64_t>(value.nbytes());
        loaded.emplace_back(field.tensor, std::move(value));
    }
    for (auto& [place, value] : loaded) {
        *place = std::move(value);
    }
    return report;
}

} // namespace detail
} // namespace body4d::nn

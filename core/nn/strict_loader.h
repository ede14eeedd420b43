#pragma once

#include "base/checkpoint.h"
#include "base/manifest.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nn/fields.h"
#include "nn/runtime.h"

namespace body4d::nn {

/// Names of a file's tensors to names of ours. In `from`, * stands for one or more characters without a dot
/// and ** for any number of any; `to` takes what they matched as $1, $2, ... An ending #0, #1, ... in `to`
/// makes the tensor a piece of ours, and the pieces are joined along dimension 0: {"*.q_proj.weight",
/// "$1.qkv.weight#0"}. The other way round, [*] in `to` makes every row of the tensor one of ours, named by
/// its number: {"points.weight", "points.[*].weight"}.
struct Rename {
    std::string from, to;
};

/// How a file's names map to a port's: the first rule that matches a name counts, a name that none matches
/// stays.
struct NameTable {
    std::vector<Rename> renames;
    /// Tensors of the file that the port knows and does not use; patterns as in Rename, of the file's own
    /// names.
    std::vector<std::string> unused;

    /// Empty: the tensor is not used.
    [[nodiscard]] std::string ours(const std::string& theirs) const;
};

struct LoadOptions {
    Placement placement;
    NameTable names;
    /// Only names that begin with this are ours to load, everything else in the file is somebody else's; it
    /// is stripped before the table is applied. Empty: the whole file.
    std::string prefix;
    /// Tensors that need no conversion stay in the mapped file instead of being copied to memory (CPU only).
    bool mapped = true;
};

struct LoadReport {
    std::int64_t tensors = 0, parameters = 0;
    std::int64_t bytes = 0;  ///< as loaded, in the placement's precision
    std::int64_t unused = 0; ///< tensors of the file that the table names as such
};

namespace detail {
struct Field {
    at::Tensor* tensor = nullptr; ///< of the meta device, or a value to be replaced
};
using FieldMap = std::map<std::string, Field>;

class FieldCollector final : public Fields {
public:
    FieldMap fields;

protected:
    void take(const std::string& key, at::Tensor& tensor) override;
};

LoadReport loadFields(const FieldMap& fields, const Checkpoint& file, const LoadOptions& options);
} // namespace detail

/// All tensors of a network by key; names must be unique.
template <typename Module>
[[nodiscard]] detail::FieldMap fieldsOf(Module& module) {
    detail::FieldCollector collector;
    module.fields(collector);
    return std::move(collector.fields);
}

/// What a network expects, for comparison with an official file's manifest.
[[nodiscard]] Manifest manifestOf(const detail::FieldMap& fields);

/// Fills a network from a file: every tensor of the network must be in the file with its shape, and every
/// tensor of the file in the network or in `names.unused`. Floating point converts to the placement's
/// precision, other types must match. All or nothing: on an error the network is as before.
/// @throws Error{Input}: the sentence counts, detail() names every missing, surplus, wrong-shaped and
/// wrong-typed tensor
/// @throws OutOfMemoryError
template <typename Module>
LoadReport loadStrict(Module& module, const Checkpoint& file, const LoadOptions& options = {}) {
    return detail::loadFields(fieldsOf(module), file, options);
}

/// One tensor of a file on a device, without a copy where none is needed.
/// @param mapped false: the values are always copied out of the file
[[nodiscard]] at::Tensor toTensor(const Checkpoint& file, const CheckpointTensor& stored, at::Device device,
                                  at::ScalarType dtype, bool mapped = true);
[[nodiscard]] at::ScalarType toScalarType(DType type);
[[nodiscard]] DType toDType(at::ScalarType type);

} // namespace body4d::nn

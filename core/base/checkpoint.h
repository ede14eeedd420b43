#pragma once

#include "base/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// One tensor of a checkpoint, in place in the mapped file.
struct CheckpointTensor {
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    /// Elements to the next item of each dimension; empty where the values lie in C order. Never negative.
    std::vector<std::int64_t> strides;
    /// Little-endian values, from the first element to the last one that shape and strides reach. The start
    /// need not be aligned to the element.
    std::span<const std::byte> bytes;
    [[nodiscard]] std::int64_t count() const;
    [[nodiscard]] bool contiguous() const { return strides.empty(); }
};

/// The tensors of a model file by name, without LibTorch and without executing anything. Understood by
/// content, not by name: safetensors, an index.json of shards, and PyTorch's zip files (.pt, .pth, .ckpt,
/// TorchScript archives).
///
/// Of a PyTorch file the state dict is taken: the top-level dict where it holds tensors, else what lies under
/// "state_dict", "model" or "module" in it, with the nested levels' names joined by dots (as in a TorchScript
/// archive, whose modules' attributes become names). Plain values beside it are kept as `metadata()`.
///
/// The file is memory-mapped; copies share the mapping, and every span is valid as long as one of them lives.
/// Broken and hostile files end in an Error, in time and memory bounded by the size of the file.
class Checkpoint {
public:
    /// @throws Error{Input} naming the file, the flaw and where known the tensor
    [[nodiscard]] static Checkpoint open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] const std::map<std::string, CheckpointTensor>& tensors() const;
    [[nodiscard]] bool contains(const std::string& name) const { return tensors().contains(name); }
    /// @throws Error{Input} when missing
    [[nodiscard]] const CheckpointTensor& at(const std::string& name) const;
    /// Text by key: a safetensors file's metadata; of a PyTorch file the top level's strings as they are and
    /// its numbers, lists and dicts as JSON, such as "model_config".
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const;
    /// What keeps the bytes alive.
    [[nodiscard]] std::shared_ptr<const void> owner() const { return data_; }

private:
    struct Data;
    explicit Checkpoint(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
    friend class CheckpointBuilder;
    std::shared_ptr<const Data> data_;
};

} // namespace body4d

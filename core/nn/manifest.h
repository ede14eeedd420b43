#pragma once

#include "base/checkpoint.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "nn/strict_loader.h"

namespace body4d::nn {

/// Names, shapes and types of a model's tensors: what an official file holds, or what a port built on the
/// meta device expects. As text, one tensor a line, sorted by name: `layers.0.attn.qkv.weight F32 [3072,
/// 1024]`; a name may hold a range, `blocks.{0..31}.norm1.weight F32 [1024]`, which stands for one line each;
/// # begins a comment.
struct Manifest {
    struct Entry {
        DType dtype = DType::F32;
        std::vector<std::int64_t> shape;
        bool operator==(const Entry&) const = default;
    };
    std::map<std::string, Entry> tensors;

    [[nodiscard]] std::int64_t parameters() const;
    [[nodiscard]] std::string text() const; ///< ranges written out
    /// @throws Error{Input} naming file and line
    [[nodiscard]] static Manifest read(const std::filesystem::path& file);
    [[nodiscard]] static Manifest parse(const std::string& text, const std::string& source);
    [[nodiscard]] static Manifest of(const Checkpoint& file);
    [[nodiscard]] static Manifest of(const detail::FieldMap& fields);
};

/// One line a difference, empty where equal: "missing NAME", "surplus NAME", "NAME is F32 [3] instead of F32
/// [4]".
[[nodiscard]] std::vector<std::string> differences(const Manifest& wanted, const Manifest& found);

} // namespace body4d::nn

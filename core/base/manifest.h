#pragma once

#include "base/checkpoint.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace body4d {

/// Matches `text` against a pattern where * stands for one or more characters without a dot and ** for any number of
/// any, and collects what they stood for. Shortest matches first, so that a star ends where the following text begins.
[[nodiscard]] bool matchesPattern(std::string_view pattern, std::string_view text,
                                  std::vector<std::string_view>* groups = nullptr);

/// Names, shapes and types of a model's tensors: what an official file holds, or what a port built on the meta device
/// expects. As text, one tensor a line: `layers.0.attn.qkv.weight F32 [3072, 1024]`; a name may hold ranges and
/// alternatives, `blocks.{0..31}.norm{1,2}.weight F32 [1024]`, which stand for one line each. `unused PATTERN` names
/// tensors of the file that nobody here reads, whose shapes are left open. # begins a comment.
struct Manifest {
    struct Entry {
        DType dtype = DType::F32;
        std::vector<std::int64_t> shape;
        bool operator==(const Entry&) const = default;
    };
    std::map<std::string, Entry> tensors;
    std::vector<std::string> unused; ///< patterns, see matchesPattern()

    [[nodiscard]] std::int64_t parameters() const;
    [[nodiscard]] std::string text() const; ///< ranges written out
    /// @throws Error{Input} naming file and line
    [[nodiscard]] static Manifest read(const std::filesystem::path& file);
    [[nodiscard]] static Manifest parse(const std::string& text, const std::string& source);
    [[nodiscard]] static Manifest of(const Checkpoint& file);
};

/// One line a difference, empty where equal: "missing NAME", "surplus NAME", "NAME is F32 [3] instead of F32 [4]".
[[nodiscard]] std::vector<std::string> differences(const Manifest& wanted, const Manifest& found);

} // namespace body4d

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace body4d::detail {

struct Download {
    std::string url;
    std::filesystem::path target;
    std::int64_t bytes = 0; ///< 0: what the server says counts
    std::string sha256;     ///< empty: what the server says counts, where it says anything
    std::string token;      ///< sent to the host of `url` only
    std::string gateHelp;   ///< remedy for an answer that says that one may not
};

/// Fetches `url` to `target`: into TARGET.part first, which a later call continues when the server still has
/// the same content; size and SHA-256 are checked before it is renamed. Lost connections are taken up again.
/// @param check runs on the finished part before the rename; throws to refuse it
/// @param progress bytes there and in all (0: not known)
/// @throws Error, Cancelled; the part stays for the next time unless its content is wrong
void fetch(const Download& download, const std::function<void(const std::filesystem::path&)>& check,
           const std::function<void(std::int64_t, std::int64_t)>& progress, const std::stop_token& stop);

} // namespace body4d::detail

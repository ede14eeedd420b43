#pragma once

#include "base/checkpoint.h"

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace body4d::detail {

/// Tensors and plain values of a file that torch.save or torch.jit.save wrote; spans point into `file`.
struct TorchArchive {
    std::map<std::string, CheckpointTensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// @param fail called with half a sentence about the flaw; must throw
[[nodiscard]] TorchArchive readTorchArchive(std::span<const std::byte> file,
                                            const std::function<void(const std::string&)>& fail);

/// Whether the bytes begin like a file of torch.save's, in today's form (zip) or that of before version 1.6.
[[nodiscard]] bool looksLikeTorch(std::span<const std::byte> file);

} // namespace body4d::detail

#pragma once

#include "base/log.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace body4d {

/// One CUDA device as LibTorch sees it.
struct TorchDevice {
    std::string name;
    std::int64_t totalBytes = 0, freeBytes = 0;
};

/// What the caching allocator of a device holds.
struct AllocatorBytes {
    std::int64_t current = 0, peak = 0;
    std::int64_t reserved = 0; ///< current and what is kept for later
};

/// What the program hands to the plug-in, which has its own copy of core's static libraries.
struct TorchHost {
    void (*log)(LogLevel level, std::string_view message) = nullptr;
};

class TorchEngines; ///< models/torch_engines.h

/// Entry to everything that runs on LibTorch. It lives in a shared library of its own, so that a machine
/// without LibTorch runs the rest of the program. Thread-safe. No exception of LibTorch's leaves it: out of
/// memory arrives as OutOfMemoryError, everything else as Error.
class TorchPlugin {
public:
    virtual ~TorchPlugin();
    [[nodiscard]] virtual std::string version() const = 0; ///< "2.11.0"
    /// Empty without an NVIDIA driver.
    [[nodiscard]] virtual std::vector<TorchDevice> devices() const = 0;
    /// Zeros for the CPU (device -1), which has no allocator of LibTorch's.
    [[nodiscard]] virtual AllocatorBytes allocator(int device) const = 0;
    virtual void resetPeak(int device) = 0;
    /// Gives memory that the allocator keeps for later back to the devices.
    virtual void emptyCache() = 0;
    [[nodiscard]] virtual TorchEngines& engines() = 0;
};

/// The plug-in, or why it is not there.
struct TorchPluginStatus {
    TorchPlugin* plugin = nullptr; ///< owned by the process, never unloaded
    std::string reason;            ///< one sentence where plugin is null
    std::string remedy;
    std::filesystem::path torchRoot;
};

/// Loads LibTorch and a plug-in, which is refused where it was built with other headers than this program.
/// @param module the plug-in  @param root LibTorch's folder
[[nodiscard]] TorchPluginStatus loadTorchPlugin(const std::filesystem::path& module, const std::filesystem::path& root);

/// Loads LibTorch and the plug-in on the first call (0.5 s; do it on a worker thread) and remembers the
/// outcome. LibTorch is looked for in $BODY4D_TORCH_ROOT and where the build found it; the plug-in beside the
/// program's own libraries. CUDA is switched on where a driver is present.
[[nodiscard]] const TorchPluginStatus& torchPlugin();
/// Whether the plug-in and LibTorch lie where torchPlugin() would load them from. Loads nothing.
[[nodiscard]] bool torchPluginInstalled();
/// The plug-in where it was loaded before; null otherwise. Never loads anything.
[[nodiscard]] TorchPlugin* loadedTorchPlugin() noexcept;

} // namespace body4d

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
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
};

/// Raised by the number that the two sides must agree on before they talk.
inline constexpr int kTorchPluginAbi = 1;

/// Entry to everything that runs on LibTorch. It lives in a shared library of its own, so that a machine without
/// LibTorch runs the rest of the program. Thread-safe. No exception of LibTorch's leaves it: out of memory arrives as
/// std::bad_alloc, everything else as std::runtime_error with one line.
class TorchPlugin {
public:
    virtual ~TorchPlugin();
    [[nodiscard]] virtual std::string version() const = 0; ///< "2.11.0"
    /// Empty without an NVIDIA driver.
    [[nodiscard]] virtual std::vector<TorchDevice> devices() const = 0;
    [[nodiscard]] virtual AllocatorBytes allocator(int device) const = 0;
    virtual void resetPeak(int device) = 0;
    virtual void emptyCache() = 0;
    /// Runs a small fixed convolutional network over `batch` synthetic pictures of size x size and returns one number
    /// a picture. Proves that the library, the device and the memory accounting work; equal on every device within
    /// 1e-3 relative. @param device -1: CPU
    [[nodiscard]] virtual std::vector<float> probe(int device, int batch, int size) = 0;
};

/// The plug-in, or why it is not there.
struct TorchPluginStatus {
    TorchPlugin* plugin = nullptr; ///< owned by the process, never unloaded
    std::string reason;            ///< one sentence where plugin is null
    std::string remedy;
    std::filesystem::path torchRoot;
};

/// Loads LibTorch and the plug-in on the first call (0.5 s; do it on a worker thread) and remembers the outcome.
/// LibTorch is looked for in $BODY4D_TORCH_ROOT and where the build found it; the plug-in beside the program's own
/// libraries. CUDA is switched on where a driver is present.
[[nodiscard]] const TorchPluginStatus& torchPlugin();

} // namespace body4d

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/cuda_driver.h"

namespace body4d::nn {

/// A kernel of this program in CUDA's C++: its text, and what nvcc made of it where the build found one.
struct KernelProgram {
    struct Text {
        std::string_view name, text; ///< as an #include says it, and what stands in it
    };
    const char* entry = nullptr; ///< name of the kernel, extern "C"
    Text source;
    std::vector<Text> headers;
    std::span<const unsigned char> binary; ///< for several GPUs in one; empty: compiled when first asked for
};

/// The CUDA compiler that comes with LibTorch for GPUs; empty where there is none.
/// @param torchLibraries LibTorch's folder `lib`
[[nodiscard]] std::filesystem::path findKernelCompiler(const std::filesystem::path& torchLibraries);
/// The same beside the LibTorch that this process runs.
[[nodiscard]] std::filesystem::path kernelCompilerOfTorch();

/// Compiles for GPUs of a compute capability (89: 8.9), or of the highest below it that the compiler knows.
/// @param compiler see findKernelCompiler()
/// @returns what a driver loads  @throws Error{Internal} with the compiler's words
[[nodiscard]] std::string compileKernel(const KernelProgram& program, int computeCapability,
                                        const std::filesystem::path& compiler);

/// A kernel that is ready on one GPU. Thread-safe; stays loaded until the process ends.
class DeviceKernel {
public:
    struct Extent {
        unsigned x = 1, y = 1, z = 1;
    };
    /// @param compiler for programs without a binary that the GPU takes
    /// @throws Error{Internal}
    DeviceKernel(const KernelProgram& program, int device, const CudaDriver& driver,
                 const std::filesystem::path& compiler);
    /// Puts it into a queue and returns at once.
    /// @param arguments where each of the kernel's arguments lies  @param stream a cudaStream_t  @throws
    /// Error{Internal}
    void launch(const Extent& grid, const Extent& block, std::span<void*> arguments, void* stream) const;
    /// Where it comes from, for people: "built with the program", "compiled here for compute capability 8.9".
    [[nodiscard]] const std::string& origin() const { return origin_; }

private:
    void enter() const; ///< the calling thread may have no context yet
    const CudaDriver& driver_;
    int device_;
    CudaDriver::Handle function_ = nullptr;
    std::string origin_;
};

} // namespace body4d::nn

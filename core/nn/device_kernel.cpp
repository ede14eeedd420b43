#include "nn/device_kernel.h"

#include "base/error.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <dlfcn.h>
#include <iterator>
#include <system_error>
#include <type_traits>

namespace body4d::nn {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
    throw Error(ErrorCode::Internal, "A kernel of the program does not run on this GPU.",
                "LibTorch's own operators do its work, somewhat slower.", what);
}

/// NVRTC's functions; each returns 0 where it succeeds.
struct Compiler {
    using Program = void*;
    int (*createProgram)(Program*, const char* text, const char* name, int headers, const char* const* texts,
                         const char* const* names) = nullptr;
    int (*compileProgram)(Program, int options, const char* const*) = nullptr;
    int (*destroyProgram)(Program*) = nullptr;
    int (*getLogSize)(Program, std::size_t*) = nullptr;
    int (*getLog)(Program, char*) = nullptr;
    int (*getBinarySize)(Program, std::size_t*) = nullptr;
    int (*getBinary)(Program, char*) = nullptr;
    int (*getPtxSize)(Program, std::size_t*) = nullptr;
    int (*getPtx)(Program, char*) = nullptr;
    int (*getArchitectureCount)(int*) = nullptr;
    int (*getArchitectures)(int*) = nullptr;

    explicit Compiler(const fs::path& file) {
        // It looks for its other half by name alone, which is found only where that is loaded already or the system knows it.
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(file.parent_path(), none)) {
            const auto name = entry.path().filename().string();
            if (name.starts_with("libnvrtc-builtins.so")) {
                dlopen(entry.path().c_str(), RTLD_NOW | RTLD_GLOBAL);
            }
        }
        void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            const char* why = dlerror();
            fail(why != nullptr ? why : "no compiler");
        }
        const auto find = [&](const char* name, auto& function) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
            if (function == nullptr) {
                fail(file.filename().string() + " has no " + name);
            }
        };
        find("nvrtcCreateProgram", createProgram);
        find("nvrtcCompileProgram", compileProgram);
        find("nvrtcDestroyProgram", destroyProgram);
        find("nvrtcGetProgramLogSize", getLogSize);
        find("nvrtcGetProgramLog", getLog);
        find("nvrtcGetCUBINSize", getBinarySize);
        find("nvrtcGetCUBIN", getBinary);
        find("nvrtcGetPTXSize", getPtxSize);
        find("nvrtcGetPTX", getPtx);
        find("nvrtcGetNumSupportedArchs", getArchitectureCount);
        find("nvrtcGetSupportedArchs", getArchitectures);
    }

    [[nodiscard]] std::vector<int> architectures() const {
        int count = 0;
        if (getArchitectureCount(&count) != 0 || count <= 0) {
            fail("NVRTC knows no GPU");
        }
        std::vector<int> all(static_cast<std::size_t>(count));
        if (getArchitectures(all.data()) != 0) {
            fail("NVRTC knows no GPU");
        }
        return all;
    }
};

/// A text of which the compiler tells the size first.
template <typename Size, typename Get>
std::string textOf(Compiler::Program program, Size size, Get get) {
    std::size_t bytes = 0;
    if (size(program, &bytes) != 0 || bytes == 0) {
        return {};
    }
    std::string text(bytes, '\0');
    return get(program, text.data()) == 0 ? text : std::string();
}

} // namespace

fs::path findKernelCompiler(const fs::path& torchLibraries) {
    // Wheels bring it beside the package torch, an unpacked LibTorch among its own libraries.
    std::vector<fs::path> folders = {torchLibraries};
    std::error_code code;
    for (const auto& entry : fs::directory_iterator((torchLibraries / "../../nvidia").lexically_normal(), code)) {
        folders.push_back(entry.path() / "lib");
    }
    std::vector<fs::path> found;
    for (const auto& folder : folders) {
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(folder, none)) {
            const auto name = entry.path().filename().string();
            if (name.starts_with("libnvrtc") && name.find(".so") != std::string::npos &&
                name.find("builtins") == std::string::npos && name.find(".alt") == std::string::npos) {
                found.push_back(entry.path());
            }
        }
    }
    return found.empty() ? fs::path() : *std::max_element(found.begin(), found.end());
}

fs::path kernelCompilerOfTorch() {
    Dl_info torch{};
    if (dladdr(reinterpret_cast<const void*>(&at::get_num_threads), &torch) == 0 ||
        torch.dli_fname == nullptr) {
        return {};
    }
    return findKernelCompiler(fs::path(torch.dli_fname).parent_path());
}

std::string compileKernel(const KernelProgram& program, int computeCapability, const fs::path& file) {
    if (file.empty()) {
        fail("it was built without nvcc, and there is no NVRTC beside LibTorch");
    }
    const Compiler compiler(file);
    const auto known = compiler.architectures();
    int chosen = 0;
    for (const int architecture : known) {
        if (architecture <= computeCapability) {
            chosen = std::max(chosen, architecture);
        }
    }
    if (chosen == 0) {
        fail("NVRTC does not compile for compute capability " + std::to_string(computeCapability) +
             " any more");
    }
    // Its own code for a GPU that the compiler knows; else text that the driver turns into such.
    const bool exact = chosen == computeCapability;
    const std::string text(program.source.text), name(program.source.name);
    std::vector<std::string> texts, names;
    for (const auto& header : program.headers) {
        texts.emplace_back(header.text);
        names.emplace_back(header.name);
    }
    const auto pointers = [](const std::vector<std::string>& strings) {
        std::vector<const char*> all;
        for (const auto& s : strings) {
            all.push_back(s.c_str());
        }
        return all;
    };
    const auto headerTexts = pointers(texts), headerNames = pointers(names);
    Compiler::Program unit = nullptr;
    if (compiler.createProgram(&unit, text.c_str(), name.c_str(), static_cast<int>(texts.size()),
                               headerTexts.data(), headerNames.data()) != 0) {
        fail("NVRTC does not start");
    }
    const std::string architecture =
        std::string("--gpu-architecture=") + (exact ? "sm_" : "compute_") + std::to_string(chosen);
    const char* options[] = {architecture.c_str(), "--std=c++17", "--fmad=false"};
    const bool good = compiler.compileProgram(unit, static_cast<int>(std::size(options)), options) == 0;
    const auto out = !good   ? textOf(unit, compiler.getLogSize, compiler.getLog)
                     : exact ? textOf(unit, compiler.getBinarySize, compiler.getBinary)
                             : textOf(unit, compiler.getPtxSize, compiler.getPtx);
    compiler.destroyProgram(&unit);
    if (!good || out.empty()) {
        fail("NVRTC: " + out);
    }
    return out;
}

DeviceKernel::DeviceKernel(const KernelProgram& program, int device, const CudaDriver& driver,
                           const fs::path& compiler)
    : driver_(driver), device_(device) {
    enter();
    CudaDriver::Handle module = nullptr;
    if (!program.binary.empty() && driver.moduleLoadData(&module, program.binary.data()) == 0) {
        origin_ = "built with the program";
    } else {
        const int capability = driver.computeCapabilityOf(device);
        const auto compiled = compileKernel(program, capability, compiler);
        if (const int error = driver.moduleLoadData(&module, compiled.data()); error != 0) {
            fail("loading: " + driver.describe(error));
        }
        origin_ = "compiled here for compute capability " + std::to_string(capability / 10) + "." +
                  std::to_string(capability % 10);
    }
    if (const int error = driver.moduleGetFunction(&function_, module, program.entry); error != 0) {
        fail(std::string(program.entry) + ": " + driver.describe(error));
    }
}

void DeviceKernel::enter() const {
    CudaDriver::Handle context = nullptr;
    if (driver_.contextGetCurrent(&context) == 0 && context != nullptr) {
        return;
    }
    int device = 0;
    if (driver_.deviceGet(&device, device_) != 0 || driver_.primaryContextRetain(&context, device) != 0 ||
        driver_.contextSetCurrent(context) != 0) {
        fail("the GPU does not answer");
    }
}

void DeviceKernel::launch(const Extent& grid, const Extent& block, std::span<void*> arguments,
                          void* stream) const {
    enter();
    if (const int error = driver_.launchKernel(function_, grid.x, grid.y, grid.z, block.x, block.y, block.z,
                                               0, stream, arguments.data(), nullptr);
        error != 0) {
        fail("launching: " + driver_.describe(error));
    }
}

} // namespace body4d::nn

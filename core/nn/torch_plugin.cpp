#include "nn/torch_plugin.h"

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

#include "nn/torch_interface.h"

namespace body4d {
namespace fs = std::filesystem;

TorchPlugin::~TorchPlugin() = default;

namespace {

std::atomic<TorchPlugin*> ready{nullptr};

fs::path executableFolder() {
    std::error_code ec;
    return fs::read_symlink("/proc/self/exe", ec).parent_path();
}

fs::path firstExisting(std::initializer_list<fs::path> candidates) {
    std::error_code ec;
    for (const auto& candidate : candidates) {
        if (!candidate.empty() && fs::exists(candidate, ec)) {
            return candidate;
        }
    }
    return {};
}

fs::path moduleFile() {
    const fs::path exe = executableFolder();
    return firstExisting({exe / "../lib/body4d/libbody4d_torch.so", exe / "../lib/libbody4d_torch.so",
                          exe / "libbody4d_torch.so"});
}

fs::path torchFolder() {
    const char* fromEnvironment = std::getenv("BODY4D_TORCH_ROOT");
    return firstExisting({fromEnvironment != nullptr ? fs::path(fromEnvironment) : fs::path(),
                          fs::path(BODY4D_TORCH_ROOT_DEFAULT)});
}

} // namespace

TorchPluginStatus loadTorchPlugin(const fs::path& module, const fs::path& root) {
    TorchPluginStatus status;
    const auto fail = [&](std::string reason, std::string remedy) {
        status.plugin = nullptr;
        status.reason = std::move(reason);
        status.remedy = std::move(remedy);
        return status;
    };
    if (module.empty()) {
        return fail(
            "The LibTorch engines are not installed.",
            "Build with LibTorch (packaging/setup.sh --torch on) or install the package body4d-torch.");
    }
    if (root.empty()) {
        return fail("LibTorch was not found.", "Run packaging/setup.sh --torch on, or set BODY4D_TORCH_ROOT "
                                               "to the folder 'torch' of a LibTorch 2.11.");
    }
    status.torchRoot = root;
    // By absolute path and in this order: the plug-in itself carries no path, the loader then matches by
    // name. CUDA has to be there before anybody asks whether it is, and only costs where a driver can answer.
    const auto open = [](const fs::path& path) {
        return dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr;
    };
    for (const char* name : {"libc10.so", "libtorch_cpu.so"}) {
        if (!open(root / "lib" / name)) {
            return fail(std::string("LibTorch does not load: ") + dlerror() + ".",
                        "Install LibTorch again with packaging/setup.sh --torch on.");
        }
    }
    if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) != nullptr) {
        open(root / "lib" / "libtorch_cuda.so"); // absent in a CPU build: then the CPU it is
    }
    void* library = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return fail(std::string("The LibTorch engines do not load: ") + dlerror() + ".",
                    "Build them against the LibTorch that is installed.");
    }
    // Nothing of another build may be called: what it is given and returns can lie differently in memory.
    const auto* interface = static_cast<const char*>(dlsym(library, "body4dTorchInterface"));
    using Factory = TorchPlugin* (*)(const TorchHost*);
    auto* factory = reinterpret_cast<Factory>(dlsym(library, "body4dTorchPlugin"));
    if (interface == nullptr || factory == nullptr || std::string_view(interface) != BODY4D_TORCH_INTERFACE) {
        return fail("The LibTorch engines (" + module.filename().string() + ") belong to another build of the program.",
                    "Install both from one release, or build both again from one source tree.");
    }
    static constexpr TorchHost host{&log};
    status.plugin = factory(&host);
    return status;
}

const TorchPluginStatus& torchPlugin() {
    static const TorchPluginStatus status = [] {
        auto loaded = loadTorchPlugin(moduleFile(), torchFolder());
        ready = loaded.plugin;
        return loaded;
    }();
    return status;
}

bool torchPluginInstalled() {
    return !moduleFile().empty() && !torchFolder().empty();
}

TorchPlugin* loadedTorchPlugin() noexcept {
    return ready;
}

} // namespace body4d

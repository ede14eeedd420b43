// libFuzzer target: opening a file as a checkpoint, whatever it is: safetensors, an index of shards,
// PyTorch's.
#include "base/checkpoint.h"
#include "base/error.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace body4d;
    static const int file = memfd_create("fuzz", MFD_CLOEXEC);
    static const std::string path = "/proc/self/fd/" + std::to_string(file);
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) {
        return 0;
    }
    try {
        const auto open = Checkpoint::open(path);
        std::size_t sum = 0;
        for (const auto& [name, tensor] : open.tensors()) {
            for (const auto b : tensor.bytes) { // a span beyond the mapping ends here
                sum += std::to_integer<std::size_t>(b);
            }
        }
        if (sum == SIZE_MAX) {
            std::abort(); // keeps the loop
        }
    } catch (const Error&) {
    }
    return 0;
}

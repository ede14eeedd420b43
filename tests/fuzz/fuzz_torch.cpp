// libFuzzer target: the reader of PyTorch's zip and pickle files. Any input ends in tensors inside it or in
// an Error.
#include "base/error.h"
#include "base/torch_archive_internal.h"

#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace body4d;
    const auto bytes = std::as_bytes(std::span(data, size));
    try {
        const auto archive = detail::readTorchArchive(
            bytes, [](const std::string& why) { throw Error(ErrorCode::Input, why, ""); });
        for (const auto& [name, tensor] : archive.tensors) {
            const bool inside = tensor.bytes.empty() ||
                                (tensor.bytes.data() >= bytes.data() &&
                                 tensor.bytes.data() + tensor.bytes.size() <= bytes.data() + bytes.size());
            if (!inside || tensor.count() < 0 ||
                (tensor.contiguous() &&
                 static_cast<std::size_t>(tensor.count()) * byteSize(tensor.dtype) != tensor.bytes.size())) {
                std::abort();
            }
        }
    } catch (const Error&) {
    }
    return 0;
}

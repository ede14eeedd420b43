// libFuzzer target: the reader of the embedded networks' files.
#include "base/error.h"
#include "models/blazepose_torch/tflite_graph.h"

#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace body4d;
    try {
        const auto graph = blazepose::TfliteGraph::parse(std::as_bytes(std::span(data, size)), "fuzz");
        const auto count = static_cast<int>(graph.tensors().size());
        for (const auto& node : graph.nodes()) {
            for (const int i : node.inputs) {
                if (i < -1 || i >= count) {
                    std::abort();
                }
            }
        }
    } catch (const Error&) {
    }
    return 0;
}

// A tool for developers, not a test: what a frame costs, with random weights, on synthetic frames.
// sam3_bench tiny|full FRAMES OBJECTS
#include "tiny_network.h"

#include "models/sam3/mask_bits.h"
#include "models/sam3/tracker.h"

#include <ATen/record_function.h>
#include <c10/core/InferenceMode.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>

using namespace body4d::sam3;

namespace {

double cpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

int operators = 0;

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "sam3_bench tiny|full FRAMES OBJECTS\n");
        return 2;
    }
    const bool full = std::strcmp(argv[1], "full") == 0;
    const int frames = std::atoi(argv[2]), objects = std::atoi(argv[3]);
    const c10::InferenceMode inference;
    Network network(full ? Config() : testing::tinyConfig());
    testing::Filler filler("a");
    network.fields(filler);
    // Present throughout: then as much is remembered as ever.
    network.sam_mask_decoder.pred_obj_score_head.layers[2].bias = at::full({1}, 3.0);
    network.prepare(c10::kCPU, Precision{});
    at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction&) {
                                   ++operators;
                                   return std::unique_ptr<at::ObserverContext>();
                               }).scopes({at::RecordScope::FUNCTION}));
    Tracker tracker(network, {});
    const auto side = network.config.imageSize;
    std::printf("frame  encode: CPU s, operators   track: CPU s, operators   remembered MiB\n");
    for (int t = 0; t < frames; ++t) {
        const auto image = testing::noise("frame" + std::to_string(t), {1, 3, side, side}) * 0.5;
        auto before = cpuSeconds();
        operators = 0;
        const auto features = network.encode(image);
        const double encode = cpuSeconds() - before;
        const int encodeOperators = operators;
        before = cpuSeconds();
        operators = 0;
        if (t == 0) {
            for (int id = 1; id <= objects; ++id) {
                tracker.prompt(id, 0, features, {{0.1F + 0.15F * static_cast<float>(id), 0.5F}});
            }
            tracker.commit(0, features);
        }
        const auto found = tracker.track(t, features);
        const auto bits = MaskBits::pack(found.logits, found.scores, 1280, 720).onHost();
        tracker.settle(bits.scores());
        std::printf("%5d  %14.2f %10d   %12.2f %10d   %14.1f\n", t, encode, encodeOperators,
                    cpuSeconds() - before, operators,
                    static_cast<double>(tracker.rememberedBytes()) / (1 << 20));
        std::fflush(stdout);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("peak resident memory %.0f MiB\n", static_cast<double>(usage.ru_maxrss) / 1024);
    return 0;
}

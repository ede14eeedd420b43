// VGGT against the official network (facebookresearch/vggt 44b3afb) with equal weights: a narrow one of full
// depth.
#include "tiny_weights.h"

#include "base/error.h"
#include "base/manifest.h"
#include "models/vggt/network.h"

#include <QtTest>
#include <c10/core/InferenceMode.h>

using namespace body4d;
using namespace body4d::vggt;
using namespace body4d::testing;

namespace {

constexpr double kTolerance = 1e-4;

Network tiny() {
    at::set_num_threads(1);
    Config config;
    config.width = 128;
    config.hidden = 512;
    config.patchDepth = 4;
    config.patchHeads = 4;
    config.patchHidden = 512;
    config.features = 32;
    config.channels = {16, 24, 32, 32};
    Network network(config, true);
    Filler filler("vggt");
    network.fields(filler);
    network.camera_head.fc2.bias.narrow(0, 7, 2).add_(0.4); // cameras that see something
    return network;
}

at::Tensor frames(std::int64_t n = 5) {
    const auto all =
        tensorOf(SafetensorsFile(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors"), "frames");
    return all.narrow(0, 0, 5).narrow(1, 35, 98).flip(0).narrow(0, 0, n).contiguous();
}

} // namespace

class VggtTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyStage();
    void oneFrame();
    void chunksChangeNothing();
    void orderOfTheOthersDoesNotMatter();
    void manifest();
    void cancelling();

private:
    void compare(const std::string& name, const at::Tensor& got) {
        const double error = relativeError(sampled(got), tensorOf(goldens_, name));
        worst_ = std::max(worst_, error);
        QVERIFY2(error <= kTolerance, (name + ": relative error " + std::to_string(error)).c_str());
    }
    c10::InferenceMode inference_;
    SafetensorsFile goldens_{BODY4D_SOURCE_DIR "/tests/data/scene/vggt.safetensors"};
    double worst_ = 0;
};

void VggtTest::everyStage() {
    RunOptions options;
    options.framesAtOnce = 2;
    options.inspect = [this](std::int64_t block, const at::Tensor& x) {
        const auto name = block < 0 ? "tokens" : "block." + std::to_string(block);
        if (block < 2 || block == 4 || block == 11 || block == 17 || block == 23) {
            compare(name, x);
        }
    };
    const auto out = tiny()(frames(), options);
    compare("depth", out.depth);
    compare("depth_conf", out.confidence);
    compare("world_points", out.points);
    compare("world_points_conf", out.pointsConfidence);
    compare("pose_enc", out.poses);
    compare("extrinsics", out.cameras.extrinsics);
    compare("intrinsics", out.cameras.intrinsics);
    qInfo("largest relative error: %.2g", worst_);
}

void VggtTest::oneFrame() {
    const auto out = tiny()(frames(1), {});
    compare("one.depth", out.depth);
    compare("one.pose_enc", out.poses);
}

void VggtTest::chunksChangeNothing() {
    const auto network = tiny();
    RunOptions whole;
    whole.framesAtOnce = whole.headFramesAtOnce = 5;
    const auto want = network(frames(), whole);
    for (const auto& [tokens, full] : {std::pair(1, 1), std::pair(2, 3), std::pair(50, 50)}) {
        RunOptions parts;
        parts.framesAtOnce = tokens;
        parts.headFramesAtOnce = full;
        const auto got = network(frames(), parts);
        QVERIFY(relativeError(got.depth, want.depth) <= 1e-5);
        QVERIFY(relativeError(got.points, want.points) <= 1e-5);
        QVERIFY(relativeError(got.poses, want.poses) <= 1e-5);
    }
}

void VggtTest::orderOfTheOthersDoesNotMatter() {
    const auto network = tiny();
    const auto all = frames();
    const auto swapped =
        at::cat({all.narrow(0, 0, 2), all.narrow(0, 3, 1), all.narrow(0, 2, 1), all.narrow(0, 4, 1)});
    const auto a = network(all, {}), b = network(swapped, {});
    QVERIFY(relativeError(b.depth[2], a.depth[3]) <= 1e-4);
    QVERIFY(relativeError(b.depth[4], a.depth[4]) <= 1e-4);
}

void VggtTest::manifest() {
    const auto official = Manifest::read(BODY4D_SOURCE_DIR "/tests/data/manifests/vggt_1b.txt");
    for (const bool points : {false, true}) {
        Network network({}, points);
        const auto names = officialNames(points);
        Manifest wanted;
        for (const auto& [key, entry] : official.tensors) {
            if (const auto ours = names.ours(key); !ours.empty()) {
                wanted.tensors[ours] = entry;
            }
        }
        const auto differ = differences(wanted, nn::manifestOf(nn::fieldsOf(network)));
        QVERIFY2(differ.empty(), differ.empty() ? "" : differ.front().c_str());
    }
}

void VggtTest::cancelling() {
    std::stop_source source;
    RunOptions options;
    options.stop = source.get_token();
    options.inspect = [&](std::int64_t block, const at::Tensor&) {
        if (block == 3) {
            source.request_stop();
        }
        QVERIFY(block <= 3);
    };
    QVERIFY_EXCEPTION_THROWN((void)tiny()(frames(2), options), Cancelled);
}

QTEST_APPLESS_MAIN(VggtTest)
#include "test_vggt.moc"

// Depth Anything 3 against the official program (depth-anything-3 0.1.1) with equal weights: tiny networks
// with everything that the real ones have. The goldens hold samples of each stage's output.
#include "tiny_weights.h"

#include "base/error.h"
#include "base/manifest.h"
#include "models/depth_anything3/estimator.h"
#include "models/depth_anything3/nested.h"
#include "models/depth_anything3/network.h"
#include "models/depth_anything3/ray_poses.h"

#include <QtTest>
#include <c10/core/InferenceMode.h>

#include <filesystem>
#include <fstream>

using namespace body4d;
using namespace body4d::da3;
using namespace body4d::testing;

namespace {

constexpr double kTolerance = 1e-4;

Config tinyConfig(bool anyView, bool gated = false) {
    Config config;
    config.width = 64;
    config.depth = 8;
    config.heads = 4;
    config.hidden = gated ? 176 : 256;
    config.gated = gated;
    config.altStart = anyView ? 2 : -1;
    config.outLayers =
        anyView ? std::array<std::int64_t, 4>{3, 5, 6, 7} : std::array<std::int64_t, 4>{1, 3, 5, 7};
    config.features = 32;
    config.channels = {16, 24, 32, 32};
    return config;
}

Network tiny(const std::string& seed, bool anyView, bool gated = false) {
    at::set_num_threads(1); // such small networks lose more by waiting for each other than they gain
    Network network(tinyConfig(anyView, gated), {.rays = true, .cameraEncoder = true});
    Filler filler(seed);
    network.fields(filler);
    return network;
}

} // namespace

class Da3Test : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyStageOfManyFrames();
    void referenceViews_data();
    void referenceViews();
    void fewFrames();
    void featuresOfBlocks();
    void knownCameras();
    void camerasOfKnownRays();
    void camerasOfPredictedRays();
    void gatedBlocks();
    void oneByOne();
    void metresFromTwoBranches();
    void chunksChangeNothing();
    void positionGrids();
    void manifests_data();
    void manifests();
    void filesOfEveryVariantAreRead();
    void cancelling();

private:
    void compare(const std::string& name, const at::Tensor& got) {
        const double error = relativeError(sampled(got), tensorOf(goldens_, name));
        worst_ = std::max(worst_, error);
        QVERIFY2(error <= kTolerance, (name + ": relative error " + std::to_string(error)).c_str());
    }
    /// Bytes [n, 98, 168, 3] of a real clip, last frame first.
    [[nodiscard]] static at::Tensor frames(std::int64_t n = 5) {
        const auto all =
            tensorOf(SafetensorsFile(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors"), "frames");
        return all.narrow(0, 0, 5).narrow(1, 35, 98).flip(0).narrow(0, 0, n).contiguous();
    }

    c10::InferenceMode inference_;
    SafetensorsFile goldens_{BODY4D_SOURCE_DIR "/tests/data/scene/da3.safetensors"};
    double worst_ = 0;
};

void Da3Test::everyStageOfManyFrames() {
    const auto network = tiny("da3", true);
    RunOptions options;
    options.rays = true;
    options.framesAtOnce = 2;
    options.inspect = [this](std::int64_t block, const at::Tensor& x) {
        compare(block < 0 ? "anyview.tokens" : "anyview.block." + std::to_string(block), x);
    };
    options.inspectLevel = [this](std::size_t level, const at::Tensor& x) {
        compare("anyview.project." + std::to_string(level), x);
    };
    const auto out = network(frames(), options);
    compare("anyview.depth", out.depth);
    compare("anyview.depth_conf", out.confidence);
    compare("anyview.pose", out.poses);
    compare("anyview.extrinsics", out.cameras.extrinsics);
    compare("anyview.intrinsics", out.cameras.intrinsics);
    compare("anyview.ray", out.rays.rays);
    compare("anyview.ray_conf", out.rays.confidence);
    qInfo("largest relative error so far: %.2g", worst_);
}

void Da3Test::referenceViews_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"first", "middle", "saddle_sim_range"}) {
        QTest::newRow(name) << name;
    }
}

void Da3Test::referenceViews() {
    QFETCH(QString, name);
    RunOptions options;
    options.reference = referenceViewFromName(name.toStdString());
    compare("anyview." + name.toStdString() + ".depth", tiny("da3", true)(frames(), options).depth);
    QVERIFY_EXCEPTION_THROWN((void)referenceViewFromName("last"), Error);
}

void Da3Test::fewFrames() {
    const auto network = tiny("da3", true);
    const auto two = network(frames(2), {});
    compare("anyview.two.depth", two.depth);
    compare("anyview.two.extrinsics", two.cameras.extrinsics);
    compare("anyview.one.depth", network(frames(1), {}).depth);
}

void Da3Test::featuresOfBlocks() {
    RunOptions options;
    options.framesAtOnce = 2;
    options.featureBlocks = {0, 4, 7}; // of which the latter two come with the reference view first
    const auto out = tiny("da3", true)(frames(), options);
    QCOMPARE(out.features.size(), std::size_t{3});
    for (std::size_t i = 0; i < 3; ++i) {
        QVERIFY(out.features[i].sizes() == (at::IntArrayRef{5, 7, 12, 64}));
        compare("anyview.feat." + std::to_string(options.featureBlocks[i]), out.features[i]);
    }
    compare("anyview.depth", out.depth);
    options.featureBlocks = {2};
    compare("mono.feat.2", tiny("mono", false)(frames(), options).features.at(0));
}

void Da3Test::knownCameras() {
    Cameras cameras{at::zeros({5, 3, 4}), at::zeros({5, 3, 3})};
    for (int i = 0; i < 5; ++i) {
        const double a = 0.1 * i;
        cameras.extrinsics[i] = at::tensor({std::cos(a), 0.0, std::sin(a), 0.2 * i, 0.0, 1.0, 0.0, -0.05 * i,
                                            -std::sin(a), 0.0, std::cos(a), 0.1 * i},
                                           at::kFloat)
                                    .view({3, 4});
        cameras.intrinsics[i] =
            at::tensor({150.0 + i, 0.0, 84.0, 0.0, 152.0, 49.0, 0.0, 0.0, 1.0}, at::kFloat).view({3, 3});
    }
    const auto network = tiny("da3", true);
    compare("posed.tokens", (*network.cam_enc)(cameras, 98, 168));
    RunOptions options;
    options.cameras = cameras;
    compare("posed.depth", network(frames(), options).depth);
    // Any turn survives the way to the network's nine numbers and back, whichever element of the quaternion
    // is largest.
    for (const double a : {0.1, 1.5, 3.0, 3.14}) {
        for (int axis = 0; axis < 3; ++axis) {
            auto q = at::zeros({1, 4}, at::kFloat);
            q[0][axis] = std::sin(a / 2);
            q[0][3] = std::cos(a / 2);
            Cameras turned = cameras;
            turned.extrinsics = cameras.extrinsics.clone();
            turned.extrinsics.narrow(2, 0, 3).copy_(scene_blocks::rotationMatrices(q).expand({5, 3, 3}));
            const auto back = camerasOf(posesOf(turned, 98, 168), 98, 168);
            QVERIFY(at::allclose(back.extrinsics, turned.extrinsics, 1e-4, 1e-4));
            QVERIFY(at::allclose(back.intrinsics, turned.intrinsics, 1e-4, 1e-3));
        }
    }
}

namespace {

/// The rounds that the program that made the goldens drew.
RayRounds goldenRounds(std::int64_t candidates) {
    RayRounds rounds(100);
    for (std::size_t r = 0; r < rounds.size(); ++r) {
        for (std::size_t k = 0; k < rounds[r].size(); ++k) {
            rounds[r][k] = static_cast<std::int64_t>(r * 37 + k * (101 + r)) % candidates;
        }
    }
    return rounds;
}

constexpr std::int64_t kRayRows = 56, kRayColumns = 96;

/// Rays of three known cameras with noise, of which every fifth is wrong.
RayHead::Rays knownRays() {
    const auto line = [](std::int64_t n) {
        return (2 * at::arange(n, at::kFloat) + 1) / static_cast<double>(n) - 1;
    };
    const auto x = line(kRayColumns).view({1, -1}).expand({kRayRows, kRayColumns}),
               y = line(kRayRows).view({-1, 1}).expand({kRayRows, kRayColumns});
    RayHead::Rays known{at::zeros({3, kRayRows, kRayColumns, 6}),
                        1 + noise("sure", {3, kRayRows, kRayColumns}).square()};
    for (int i = 0; i < 3; ++i) {
        const double a = 0.3 * i - 0.2;
        const auto dx = x * (0.6 + 0.1 * i), dy = y * (0.4 + 0.05 * i), length = 1.5 + 0.5 * x;
        const auto put = [&](std::int64_t channel, const at::Tensor& values) {
            known.rays[i].select(2, channel).copy_(values);
        };
        put(0, length * (std::cos(a) * dx + std::sin(a)));
        put(1, length * dy);
        put(2, length * (std::cos(a) - std::sin(a) * dx));
        put(3, at::full({}, 0.2 * i));
        put(4, at::full({}, -0.1));
        put(5, at::full({}, 0.3));
    }
    known.rays += 0.02 * noise("rays", {3, kRayRows, kRayColumns, 6});
    known.rays.select(3, 0).flatten(1).slice(1, 0, std::nullopt, 5) += 2;
    return known;
}

} // namespace

void Da3Test::camerasOfKnownRays() {
    const auto rays = knownRays();
    const Cameras none{at::zeros({3, 3, 4}), at::zeros({3, 3, 3})};
    const auto candidates = rayCandidates(kRayRows * kRayColumns);
    const auto official = camerasOfRays(rays, none, 98, 168, goldenRounds(candidates));
    compare("rays.extrinsics", official.extrinsics);
    compare("rays.intrinsics", official.intrinsics);
    // Other rounds find the same cameras, which are the true ones but for the noise.
    const auto own = camerasOfRays(rays, none, 98, 168, rayRounds(candidates));
    for (int i = 0; i < 3; ++i) {
        const double a = 0.3 * i - 0.2;
        QVERIFY(std::abs(own.extrinsics[i][0][0].item<double>() - std::cos(a)) < 0.005);
        QVERIFY(std::abs(own.extrinsics[i][2][0].item<double>() - std::sin(a)) < 0.005);
        QVERIFY(std::abs(own.intrinsics[i][0][0].item<double>() * (0.6 + 0.1 * i) / 84 - 1) < 0.01);
        QVERIFY(std::abs(own.intrinsics[i][1][1].item<double>() * (0.4 + 0.05 * i) / 49 - 1) < 0.01);
    }
    for (const auto& round : rayRounds(8)) { // eight of eight are all of them, each once
        auto sorted = round;
        std::sort(sorted.begin(), sorted.end());
        for (std::int64_t k = 0; k < 8; ++k) {
            QCOMPARE(sorted[static_cast<std::size_t>(k)], k);
        }
    }
    // Rays that are nowhere leave the camera that there is.
    RayHead::Rays nowhere{at::zeros_like(rays.rays), rays.confidence};
    const Cameras there{at::ones({3, 3, 4}), at::ones({3, 3, 3})};
    QVERIFY(at::equal(camerasOfRays(nowhere, there, 98, 168, rayRounds(candidates)).extrinsics,
                      there.extrinsics));
}

void Da3Test::camerasOfPredictedRays() {
    RunOptions options;
    options.rays = true;
    const auto out = tiny("da3", true)(frames(), options);
    const auto got =
        camerasOfRays(out.rays, out.cameras, 98, 168, goldenRounds(rayCandidates(kRayRows * kRayColumns)));
    // Of random weights, whose rays fit no camera well, so that small differences grow.
    const double error =
        relativeError(sampled(got.extrinsics), tensorOf(goldens_, "anyview.rays.extrinsics"));
    QVERIFY2(error < 1e-3, std::to_string(error).c_str());
}

void Da3Test::gatedBlocks() {
    const auto out = tiny("giant", true, true)(frames(), {});
    compare("giant.depth", out.depth);
    compare("giant.extrinsics", out.cameras.extrinsics);
}

void Da3Test::oneByOne() {
    auto out = tiny("mono", false)(frames(), {});
    compare("mono.raw_depth", out.depth);
    compare("mono.sky", out.sky);
    pushSkyBack(out);
    compare("mono.depth", out.depth);
}

void Da3Test::metresFromTwoBranches() {
    auto out = tiny("da3", true)(frames(), {});
    const auto metric = tiny("mono", false)(frames(), {});
    const double scale = toMetres(out, metric);
    const double want = tensorOf(goldens_, "nested.scale").item<double>();
    QVERIFY2(std::abs(scale / want - 1) < kTolerance, std::to_string(scale).c_str());
    compare("nested.depth", out.depth);
    compare("nested.depth_conf", out.confidence);
    compare("nested.extrinsics", out.cameras.extrinsics);
    auto skyOnly = metric;
    skyOnly.sky = at::ones_like(metric.sky);
    QVERIFY_EXCEPTION_THROWN((void)toMetres(out, skyOnly), Error);
}

void Da3Test::chunksChangeNothing() {
    const auto network = tiny("da3", true);
    RunOptions whole;
    whole.framesAtOnce = whole.headFramesAtOnce = 5;
    const auto want = network(frames(), whole);
    for (const auto& [tokens, full] :
         {std::pair(1, 1), std::pair(2, 3), std::pair(4, 2), std::pair(50, 50)}) {
        RunOptions parts;
        parts.framesAtOnce = tokens;
        parts.headFramesAtOnce = full;
        const auto got = network(frames(), parts);
        QVERIFY(relativeError(got.depth, want.depth) <= 1e-5);
        QVERIFY(relativeError(got.confidence, want.confidence) <= 1e-5);
        QVERIFY(relativeError(got.poses, want.poses) <= 1e-5);
    }
}

void Da3Test::positionGrids() {
    const auto grid = noise("pos", {1, 37 * 37, 8});
    for (const auto& [rows, columns] : {std::pair(21, 37), std::pair(20, 36), std::pair(37, 66)}) {
        const auto size = std::to_string(rows) + "x" + std::to_string(columns);
        const auto asImage = [&](const at::Tensor& tokens) { return tokens.transpose(1, 2).contiguous(); };
        compare("positions.da3." + size, asImage(scene_blocks::positionsByFactor(grid, rows, columns)));
        compare("positions.vggt." + size, asImage(scene_blocks::positionsBySize(grid, rows, columns)));
    }
}

namespace {

Manifest readManifest(const std::string& name) {
    return Manifest::read(BODY4D_SOURCE_DIR "/tests/data/manifests/" + name + ".txt");
}

/// A safetensors file with these tensors, whose values are a hole in the file.
void writeLike(const Manifest& manifest, const std::filesystem::path& path) {
    std::string header = "{";
    std::uint64_t offset = 0;
    for (const auto& [name, entry] : manifest.tensors) {
        std::string shape;
        std::uint64_t bytes = 4;
        for (const auto d : entry.shape) {
            shape += (shape.empty() ? "" : ",") + std::to_string(d);
            bytes *= static_cast<std::uint64_t>(d);
        }
        header += (header.size() > 1 ? "," : "") + ("\"" + name + R"(":{"dtype":"F32","shape":[)") + shape +
                  R"(],"data_offsets":[)" + std::to_string(offset) + "," + std::to_string(offset + bytes) +
                  "]}";
        offset += bytes;
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    {
        std::ofstream file(path, std::ios::binary);
        const std::uint64_t size = header.size();
        file.write(reinterpret_cast<const char*>(&size), 8);
        file << header;
    }
    std::filesystem::resize_file(path, 8 + header.size() + offset);
}

} // namespace

void Da3Test::manifests_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("prefix");
    QTest::newRow("small") << "da3_small"
                           << "model.";
    QTest::newRow("base") << "da3_base"
                          << "model.";
    QTest::newRow("large") << "da3_large"
                           << "model.";
    QTest::newRow("giant") << "da3_giant"
                           << "model.";
    QTest::newRow("metric, mono") << "da3metric_large"
                                  << "model.";
    QTest::newRow("nested, any view") << "da3nested_giant_large"
                                      << "model.da3.";
    QTest::newRow("nested, metric") << "da3nested_giant_large"
                                    << "model.da3_metric.";
}

void Da3Test::manifests() {
    QFETCH(QString, name);
    QFETCH(QString, prefix);
    const auto official = readManifest(name.toStdString());
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("model.safetensors").toStdString();
    writeLike(official, path);
    const auto file = Checkpoint::open(path);
    for (const bool everything : {false, true}) {
        const Network::Parts parts{everything, everything};
        Network network(configOf(file, prefix.toStdString()), parts);
        const auto names = officialNames(parts);
        Manifest wanted;
        for (const auto& [key, entry] : official.tensors) {
            if (key.starts_with(prefix.toStdString())) {
                const auto ours = names.ours(key.substr(prefix.size()));
                if (!ours.empty()) {
                    wanted.tensors[ours] = entry;
                }
            }
        }
        const auto differ = differences(wanted, nn::manifestOf(nn::fieldsOf(network)));
        QVERIFY2(differ.empty(), differ.empty() ? "" : differ.front().c_str());
    }
}

void Da3Test::filesOfEveryVariantAreRead() {
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("model.safetensors").toStdString();
    auto manifest = readManifest("da3_small");
    writeLike(manifest, path);
    const auto estimator = makeEstimator(path, {});
    QCOMPARE(estimator->traits().variant, std::string("da3-small"));
    QVERIFY(estimator->traits().cameras && estimator->traits().together && !estimator->traits().metres);
    const auto memory = estimator->memory(504, 504, 8);
    QVERIFY(memory.bytesPerFrame > 5'000'000 && memory.bytesPerFrame < 40'000'000);

    manifest.tensors.erase("model.cam_dec.fc_t.weight");
    manifest.tensors["model.surprise"] = {DType::F32, {1}};
    writeLike(manifest, path);
    try {
        (void)makeEstimator(path, {});
        QFAIL("a file with a missing and a surplus tensor was read");
    } catch (const Error& e) {
        QVERIFY(QString::fromStdString(e.detail()).contains("model.cam_dec.fc_t.weight"));
        QVERIFY(QString::fromStdString(e.detail()).contains("model.surprise"));
    }
    manifest.tensors.erase(
        "model.backbone.pretrained.blocks.11.norm1.weight"); // eleven blocks: nothing official
    writeLike(manifest, path);
    QVERIFY_EXCEPTION_THROWN((void)makeEstimator(path, {}), Error);
}

void Da3Test::cancelling() {
    std::stop_source source;
    RunOptions options;
    options.stop = source.get_token();
    options.inspect = [&](std::int64_t block, const at::Tensor&) {
        if (block == 3) {
            source.request_stop();
        }
        QVERIFY(block <= 3);
    };
    QVERIFY_EXCEPTION_THROWN((void)tiny("da3", true)(frames(2), options), Cancelled);
}

QTEST_APPLESS_MAIN(Da3Test)
#include "test_da3.moc"

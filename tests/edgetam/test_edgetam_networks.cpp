// EdgeTAM's networks, stage by stage, against the official ones (facebookresearch/EdgeTAM) with equal
// weights; and the whole model's list of tensors.
#include "tiny_edgetam.h"

#include "base/error.h"
#include "base/manifest.h"

#include <QTemporaryDir>
#include <QtTest>
#include <c10/core/InferenceMode.h>

#include <filesystem>

using namespace body4d;
using namespace body4d::edgetam;
using namespace body4d::edgetam::testing;
using sam3::testing::noise;
using sam3::testing::sampled;
using sam3::testing::tensorOf;

namespace {
constexpr double kTolerance = 1e-4; ///< largest error over largest value
}

class EdgetamNetworksTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void encoder();
    void memory();
    void memoryAttention();
    void foldingChangesNothing();
    void portHasExactlyTheOfficialTensors();
    void weightsFromAFile();
    void missingWeightsNameTheFile();
    void cleanupTestCase() { qInfo("largest relative error: %.2g", worst_); }

private:
    void compare(const std::string& name, const at::Tensor& got) {
        const auto want = tensorOf(goldens_, name), have = sampled(got);
        QVERIFY2(have.sizes() == want.sizes(), name.c_str());
        const double error = (have - want).abs().max().item<double>() / want.abs().max().item<double>();
        worst_ = std::max(worst_, error);
        QVERIFY2(error <= kTolerance, (name + ": relative error " + std::to_string(error)).c_str());
    }

    c10::InferenceMode inference_;
    SafetensorsFile goldens_{BODY4D_SOURCE_DIR "/tests/data/edgetam/networks.safetensors"};
    Network network_ = tinyNetwork();
    double worst_ = 0;
};

void EdgetamNetworksTest::encoder() {
    const auto x = image(0);
    compare("input", x);
    const auto maps = network_.trunk(x);
    for (std::size_t i = 0; i < maps.size(); ++i) {
        compare("trunk." + std::to_string(i), maps[i]);
    }
    const auto features = network_.encode(x);
    compare("features.s0", features.s0);
    compare("features.s1", features.s1);
    compare("features.top", features.top);
}

void EdgetamNetworksTest::memory() {
    const auto features = network_.encode(image(0));
    const auto mask = at::tanh(noise("memmask", {2, 1, 256, 256})) * 10;
    const auto map = network_.memoryEncoder(features.top, mask);
    compare("memory.map", map);
    compare("memory.latents", network_.condensed(map));
    // Row 6 without its temporal part is the place of each latent.
    compare("memory.positions", network_.memoryPositions[6] - network_.maskmem_tpos_enc[6][0]);
}

void EdgetamNetworksTest::memoryAttention() {
    const auto features = network_.encode(image(0));
    constexpr std::int64_t kTokens = 3 * 32 + 8;
    const auto memory = noise("mem", {kTokens, 2, 64}).transpose(0, 1).contiguous();
    const auto positions = noise("mempos", {kTokens, 1, 64}).transpose(0, 1).expand({2, kTokens, 64});
    compare("memory_attention.output",
            network_.memoryAttention(features.top, memory, positions, 8).flatten(2).transpose(1, 2));
}

void EdgetamNetworksTest::foldingChangesNothing() {
    const auto plain = tinyNetwork(3, false);
    const auto x = image(2);
    const auto a = network_.encode(x), b = plain.encode(x);
    for (const auto& [folded, unfolded] : {std::pair(a.s0, b.s0), {a.s1, b.s1}, {a.top, b.top}}) {
        const double error =
            (folded - unfolded).abs().max().item<double>() / unfolded.abs().max().item<double>();
        QVERIFY2(error < 1e-5, qPrintable(QString::number(error)));
    }
    // And something was folded: fewer parameters, and no norm is left.
    auto folded = network_, unfolded = plain;
    const auto less = nn::fieldsOf(folded), more = nn::fieldsOf(unfolded);
    QVERIFY(less.size() < more.size());
    for (const auto& [name, field] : less) {
        QVERIFY2(name.find(".bn.") == std::string::npos, name.c_str());
    }
}

void EdgetamNetworksTest::portHasExactlyTheOfficialTensors() {
    const auto official = Manifest::read(BODY4D_SOURCE_DIR "/tests/data/manifests/edgetam.txt");
    Network full;
    auto fields = nn::fieldsOf(full);
    const auto names = officialNames();
    std::int64_t values = 0;
    std::size_t count = 0;
    for (const auto& [name, entry] : official.tensors) {
        const auto ours = names.ours(name);
        QVERIFY2(fields.contains(ours), name.c_str());
        QVERIFY2(fields.at(ours).tensor->is_meta() &&
                     fields.at(ours).tensor->sizes() == at::IntArrayRef(entry.shape),
                 name.c_str());
        values += fields.at(ours).tensor->numel();
        ++count;
    }
    QCOMPARE(fields.size(), count);
    // All parameters but one that is never read, and the buffers of norms and prompt encoder.
    std::int64_t buffers = 0;
    for (const auto& [name, field] : fields) {
        const bool buffer = name.ends_with("running_mean") || name.ends_with("running_var") ||
                            name.ends_with("gaussian_matrix");
        buffers += buffer ? field.tensor->numel() : 0;
    }
    QCOMPARE(values - buffers, std::int64_t(13'895'794 - 256));
}

void EdgetamNetworksTest::weightsFromAFile() {
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("edgetam.pt").toStdString();
    Network source(tinyConfig());
    sam3::testing::fillIn(source, "e");
    const auto write = [&](const std::string& without) {
        SafetensorsWriter writer;
        const auto add = [&](std::string name, const at::Tensor& x) {
            // The official file's names.
            for (const auto& [ours, theirs] :
                 {std::pair("mlp.lin1", "mlp.layers.0"), {"mlp.lin2", "mlp.layers.1"}}) {
                if (const auto at = name.find(ours); at != std::string::npos) {
                    name.replace(at, std::string_view(ours).size(), theirs);
                }
            }
            const auto c = x.contiguous();
            writer.add(name, std::span(c.const_data_ptr<float>(), static_cast<std::size_t>(c.numel())),
                       c.sizes().vec());
        };
        for (const auto& [name, field] : nn::fieldsOf(source)) {
            if (name != without) {
                add(name, *field.tensor);
            }
        }
        add("no_mem_pos_enc", at::ones({1, 1, 256}));
        add("image_encoder.trunk.body.stem.conv1.bn.num_batches_tracked", at::ones({1}));
        writer.write(path);
    };
    write({});
    const auto model = load(path, nn::Placement(), tinyConfig());
    QCOMPARE(model->name, std::string("edgetam"));
    QVERIFY(model->weightBytes > 8'000'000);
    const auto x = image(0);
    // Equal but for rounding: where tensors lie in memory decides which kernels run.
    const auto got = model->network->encode(x).top, want = network_.encode(x).top;
    QVERIFY((got - want).abs().max().item<double>() < 1e-5 * want.abs().max().item<double>());
    write("spatial_perceiver.layers.1.self_attn.to_kv.weight");
    try {
        (void)load(path, nn::Placement(), tinyConfig());
        QFAIL("a tensor was missing");
    } catch (const Error& e) {
        QVERIFY(
            QString::fromStdString(e.detail()).contains("spatial_perceiver.layers.1.self_attn.to_kv.weight"));
    }
}

void EdgetamNetworksTest::missingWeightsNameTheFile() {
    QTemporaryDir folder;
    try {
        (void)makeSegmenter(folder.path().toStdString(), nn::Placement(), {});
        QFAIL("no error");
    } catch (const Error& e) {
        QCOMPARE(e.code(), ErrorCode::MissingModel);
        const auto remedy = QString::fromStdString(e.remedy());
        QVERIFY(remedy.contains("edgetam.pt") && remedy.contains(folder.path()));
    }
}

QTEST_APPLESS_MAIN(EdgetamNetworksTest)
#include "test_edgetam_networks.moc"

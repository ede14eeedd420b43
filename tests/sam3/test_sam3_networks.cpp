// Every stage against the official networks (facebookresearch/sam3) with equal weights: a tiny trunk, the
// tracker at full width. The goldens hold samples of each stage's output.
#include "tiny_network.h"

#include <QtTest>
#include <c10/core/InferenceMode.h>

#include "nn/blocks/positions.h"

using namespace body4d;
using namespace body4d::sam3;
using namespace body4d::sam3::testing;

namespace {

constexpr double kTolerance = 1e-4; ///< largest error over largest value

} // namespace

class Sam3NetworksTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void trunk();
    void neck();
    void promptEncoder();
    void maskDecoder_data();
    void maskDecoder();
    void memoryEncoder();
    void memoryAttention();
    void smallParts();

private:
    void compare(const std::string& name, const at::Tensor& got) {
        const auto want = tensorOf(goldens_, name);
        const auto have = sampled(got);
        QVERIFY2(have.sizes() == want.flatten().sizes(), (name + ": another size").c_str());
        const double error =
            (have - want.flatten()).abs().max().item<double>() / want.abs().max().item<double>();
        worst_ = std::max(worst_, error);
        QVERIFY2(error <= kTolerance, (name + ": relative error " + std::to_string(error)).c_str());
    }
    [[nodiscard]] at::Tensor image() const {
        const auto frames =
            tensorOf(SafetensorsFile(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors"), "frames");
        return (frames.narrow(0, 0, 1).permute({0, 3, 1, 2}).to(at::kFloat) / 255 - 0.5) / 0.5;
    }

    c10::InferenceMode inference_;
    SafetensorsFile goldens_{BODY4D_SOURCE_DIR "/tests/data/sam3/networks.safetensors"};
    Network network_ = tinyNetwork();
    Features features_;
    double worst_ = 0;
};

void Sam3NetworksTest::initTestCase() {
    features_ = network_.encode(image());
}

void Sam3NetworksTest::trunk() {
    compare("input", image());
    (void)network_.trunk(image(), [this](int block, const at::Tensor& x) {
        compare(block < 0 ? "trunk.ln_pre" : "trunk.blocks." + std::to_string(block), x);
    });
}

void Sam3NetworksTest::neck() {
    compare("features.s0", features_.s0);
    compare("features.s1", features_.s1);
    compare("features.top", features_.top);
    compare("features.position", nn::sinePositions(256, 12, 12));
    // Frames do not see each other.
    const auto twice = network_.encode(at::cat({image().flip(3), image()}));
    compare("features.top", twice.frame(1).top);
}

namespace {

at::Tensor points() {
    return at::tensor({40.0F, 60.5F, 100.25F, 20.0F, 10.0F, 150.0F, 80.0F, 160.0F}).view({1, 4, 2});
}
at::Tensor labels() {
    return at::tensor({1, 0, 2, 3}, at::kLong).view({1, 4});
}
at::Tensor mask() {
    return noise("mask", {1, 1, 48, 48}) * 8;
}

} // namespace

void Sam3NetworksTest::promptEncoder() {
    const auto& encoder = network_.sam_prompt_encoder;
    compare("prompt.sparse", encoder.embedPoints(points(), labels()));
    compare("prompt.dense", encoder.embedMask(mask()));
    compare("prompt.dense_pe", encoder.densePositions());
    const auto padding = encoder.embedPoints(at::zeros({1, 1, 2}), at::full({1, 1}, -1, at::kLong));
    QVERIFY(at::equal(padding, encoder.noPoints()));
}

void Sam3NetworksTest::maskDecoder_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("many");
    QTest::newRow("one click") << "one" << false;
    QTest::newRow("points, box and mask") << "many" << true;
}

void Sam3NetworksTest::maskDecoder() {
    QFETCH(QString, name);
    QFETCH(bool, many);
    const auto& encoder = network_.sam_prompt_encoder;
    const auto& decoder = network_.sam_mask_decoder;
    const auto sparse = many ? encoder.embedPoints(points(), labels())
                             : encoder.embedPoints(points().narrow(1, 0, 1), labels().narrow(1, 0, 1));
    const auto dense = many ? encoder.embedMask(mask()) : encoder.noMask();
    const auto image = features_.top + network_.no_mem_embed.view({1, -1, 1, 1}) + dense;
    const auto tokens = decoder.transform(image, sparse, encoder.densePositions());
    const auto prefix = "decoder." + name.toStdString() + ".";
    compare(prefix + "tokens", tokens.hidden);
    compare(prefix + "image", tokens.image);
    const auto masks = decoder.allMasks(tokens, decoder.upscale(tokens, features_));
    compare(prefix + "masks", masks);
    compare(prefix + "iou", decoder.qualities(tokens));
    compare(prefix + "mask_tokens", tokens.hidden.narrow(1, 2, 4));
    compare(prefix + "score", decoder.scores(tokens));
    if (many) {
        compare("pointer", network_.obj_ptr_proj(tokens.hidden.select(1, 2)));
    }
    // Choosing first draws the same mask as drawing all and choosing then.
    const auto best = decoder.qualities(tokens).slice(1, 1).argmax(1).item<std::int64_t>() + 1;
    QVERIFY(
        at::allclose(decoder.bestOfThree(tokens, features_).logits, masks.narrow(1, best, 1), 1e-5, 1e-5));
}

void Sam3NetworksTest::memoryEncoder() {
    const auto mask168 = noise("memmask", {2, 1, 168, 168}).tanh() * 10;
    const auto& encoder = network_.memoryEncoder;
    compare("memory.downsampled", encoder.downsample(mask168));
    compare("memory.features", encoder(features_.top, mask168));
    compare("memory.position", nn::sinePositions(64, 12, 12).expand({2, 64, 12, 12}));
}

void Sam3NetworksTest::memoryAttention() {
    const auto memory = noise("mem", {3 * 144 + 8, 2, 64}).transpose(0, 1).contiguous();
    const auto positions = noise("mempos", {3 * 144 + 8, 1, 64}).transpose(0, 1);
    const auto out =
        network_.memoryAttention(features_.top, memory, positions, 8, [this](int layer, const at::Tensor& x) {
            compare("memory_attention.layers." + std::to_string(layer), x);
        });
    compare("memory_attention.output", out.flatten(2).transpose(1, 2));
}

void Sam3NetworksTest::smallParts() {
    const auto distances = at::tensor({1.0F, 2.0F, 7.0F, -3.0F}) / 15;
    compare("time_code", network_.obj_ptr_tpos_proj(nn::sineCode(distances, 256)));
    compare("mask_downsample", network_.mask_downsample(noise("big", {1, 1, 192, 192})));
    qInfo("largest relative error of all stages: %.2g", worst_);
}

QTEST_APPLESS_MAIN(Sam3NetworksTest)
#include "test_sam3_networks.moc"

#include "base/error.h"
#include "nn/manifest.h"
#include "nn/strict_loader.h"

#include <QtTest>

#include <QTemporaryDir>

#include <ATen/ATen.h>

#include <optional>

using namespace body4d;
using namespace body4d::nn;
namespace fs = std::filesystem;

namespace {

struct Linear {
    at::Tensor weight, bias;
    Linear(std::int64_t in, std::int64_t out, bool withBias = true)
        : weight(parameter({out, in})), bias(withBias ? parameter({out}) : at::Tensor()) {}
    void fields(Fields& f) {
        f("weight", weight);
        f("bias", bias);
    }
};

struct Block {
    Linear qkv{2, 6}, proj{2, 2, false};
    void fields(Fields& f) {
        f("attn.qkv", qkv);
        f("attn.proj", proj);
    }
};

struct Net {
    std::vector<Block> blocks = std::vector<Block>(2);
    std::optional<Linear> head = Linear(2, 1);
    at::Tensor steps = parameter({1}, at::kLong);
    void fields(Fields& f) {
        f("blocks", blocks);
        f("head", head);
        f("steps", steps);
    }
};

} // namespace

class StrictLoaderTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theListOfFieldsIsTheManifest();
    void valuesArriveUnderTheirNames();
    void everyFaultIsNamedAtOnce();
    void aRefusedFileChangesNothing();
    void namesOfOthersAreTranslated();
    void theTableCoversEveryName();
    void precisionFollowsThePlacement();
    void mappedTensorsOutliveTheFile();
    void unalignedAndTurnedValuesAreRead();
    void manifestsCompare();
    void brokenManifestsNameTheLine();

private:
    QTemporaryDir dir_;
    fs::path path(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }
    /// A file for Net; `edit` may take tensors out or add some.
    Checkpoint file(const std::function<void(std::map<std::string, std::vector<std::int64_t>>&)>& edit = {},
                    const std::string& prefix = {}) const {
        std::map<std::string, std::vector<std::int64_t>> shapes;
        Net net;
        for (const auto& [key, field] : fieldsOf(net)) {
            shapes[key] = field.tensor->sizes().vec();
        }
        if (edit) {
            edit(shapes);
        }
        SafetensorsWriter writer;
        float next = 0;
        for (const auto& [key, shape] : shapes) {
            std::size_t n = 1;
            for (const auto d : shape) {
                n *= static_cast<std::size_t>(d);
            }
            if (key == "steps") {
                writer.add(prefix + key, std::vector<std::int64_t>(n, 3), shape);
                continue;
            }
            std::vector<float> values(n);
            for (auto& v : values) {
                v = next++;
            }
            writer.add(prefix + key, values, shape);
        }
        writer.write(path("net.safetensors"));
        return Checkpoint::open(path("net.safetensors"));
    }
    template <typename Module>
    static Error failure(Module& net, const Checkpoint& file, const LoadOptions& options = {}) {
        try {
            loadStrict(net, file, options);
        } catch (const Error& e) {
            return e;
        }
        return {ErrorCode::Internal, "nothing was thrown", ""};
    }
};

void StrictLoaderTest::theListOfFieldsIsTheManifest() {
    Net net;
    const auto manifest = Manifest::of(fieldsOf(net));
    QCOMPARE(manifest.text(), std::string("blocks.0.attn.proj.weight F32 [2, 2]\n"
                                          "blocks.0.attn.qkv.bias F32 [6]\n"
                                          "blocks.0.attn.qkv.weight F32 [6, 2]\n"
                                          "blocks.1.attn.proj.weight F32 [2, 2]\n"
                                          "blocks.1.attn.qkv.bias F32 [6]\n"
                                          "blocks.1.attn.qkv.weight F32 [6, 2]\n"
                                          "head.bias F32 [1]\n"
                                          "head.weight F32 [1, 2]\n"
                                          "steps I64 [1]\n"));
    QCOMPARE(manifest.parameters(), std::int64_t(2 * (4 + 6 + 12) + 3 + 1));
    net.head.reset();
    QCOMPARE(fieldsOf(net).size(), std::size_t(7));
}

void StrictLoaderTest::valuesArriveUnderTheirNames() {
    Net net;
    const auto report = loadStrict(net, file());
    QCOMPARE(report.tensors, std::int64_t(9));
    QCOMPARE(report.parameters, std::int64_t(48));
    QCOMPARE(report.bytes, std::int64_t(47 * 4 + 8));
    // Values count up in the order of the names.
    QVERIFY(at::equal(net.blocks[0].proj.weight, at::arange(4, at::kFloat).view({2, 2})));
    QVERIFY(at::equal(net.blocks[0].qkv.bias, at::arange(4, 10, at::kFloat)));
    QVERIFY(at::equal(net.head->weight, at::arange(45, 47, at::kFloat).view({1, 2})));
    QCOMPARE(net.steps.item<std::int64_t>(), std::int64_t(3));
    QVERIFY(!net.blocks[0].proj.bias.defined());
    const Linear& qkv = net.blocks[1].qkv;
    const auto y = at::linear(at::ones({1, 2}), qkv.weight, qkv.bias); // usable as it is
    QCOMPARE(y[0][0].item<float>(), 26.F + 32.F + 33.F);
}

void StrictLoaderTest::everyFaultIsNamedAtOnce() {
    Net net;
    const auto e = failure(net, file([](auto& shapes) {
        shapes.erase("blocks.1.attn.qkv.bias");
        shapes.erase("head.weight");
        shapes["head.wait"] = {1, 2};
        shapes["blocks.0.attn.proj.weight"] = {4};
        shapes["steps"] = {2};
    }));
    QVERIFY(e.code() == ErrorCode::Input);
    QVERIFY2(QString(e.what()).contains("2 missing, 1 surplus, 2 of another shape"), e.what());
    QVERIFY(QString(e.what()).contains("net.safetensors"));
    for (const char* name : {"  blocks.1.attn.qkv.bias\n", "  head.weight\n", "  head.wait\n",
                             "  blocks.0.attn.proj.weight is [4] instead of [2, 2]\n", "  steps is [2] instead of [1]\n"}) {
        QVERIFY2(QString::fromStdString(e.detail()).contains(name), name);
    }
    SafetensorsWriter writer;
    struct OnlySteps {
        at::Tensor steps = parameter({1}, at::kLong);
        void fields(Fields& f) { f("steps", steps); }
    } other;
    writer.add("steps", std::vector<float>{3}, {1});
    writer.write(path("typed.safetensors"));
    QVERIFY(QString(failure(other, Checkpoint::open(path("typed.safetensors"))).what()).contains("1 of another type"));
}

void StrictLoaderTest::aRefusedFileChangesNothing() {
    Net net;
    (void)failure(net, file([](auto& shapes) { shapes.erase("head.weight"); }));
    for (const auto& [key, field] : fieldsOf(net)) {
        QVERIFY2(field.tensor->is_meta(), key.c_str());
    }
}

void StrictLoaderTest::namesOfOthersAreTranslated() {
    // As transformers keeps it: three projections instead of one, layers under another name, and something not used.
    const auto theirs = file([](auto& shapes) {
        for (const std::string i : {"0", "1"}) {
            shapes.erase("blocks." + i + ".attn.qkv.weight");
            shapes.erase("blocks." + i + ".attn.qkv.bias");
            shapes.erase("blocks." + i + ".attn.proj.weight");
            for (const std::string part : {"q", "k", "v"}) {
                shapes["encoder.layer." + i + ".attention." + part + "_proj.weight"] = {2, 2};
                shapes["encoder.layer." + i + ".attention." + part + "_proj.bias"] = {2};
            }
            shapes["encoder.layer." + i + ".attention.o_proj.weight"] = {2, 2};
        }
        shapes["text.embedding.0.weight"] = {9};
    }, "model.");
    LoadOptions options;
    options.prefix = "model.";
    options.names.renames = {{"encoder.layer.*.attention.q_proj.*", "blocks.$1.attn.qkv.$2#0"},
                             {"encoder.layer.*.attention.k_proj.*", "blocks.$1.attn.qkv.$2#1"},
                             {"encoder.layer.*.attention.v_proj.*", "blocks.$1.attn.qkv.$2#2"},
                             {"encoder.layer.*.attention.o_proj.*", "blocks.$1.attn.proj.$2"}};
    options.names.unused = {"text.**"};
    Net net;
    const auto report = loadStrict(net, theirs, options);
    QCOMPARE(report.unused, std::int64_t(1));
    const auto part = [&](const char* name) {
        return toTensor(theirs, theirs.at("model.encoder.layer.1.attention." + std::string(name)), at::kCPU, at::kFloat);
    };
    QVERIFY(at::equal(net.blocks[1].qkv.weight,
                      at::cat({part("q_proj.weight"), part("k_proj.weight"), part("v_proj.weight")})));
    // A piece that is not there shows as a wrong shape of the whole.
    options.names.renames[2].to = "elsewhere";
    const auto e = failure(net, theirs, options);
    QVERIFY2(QString::fromStdString(e.detail()).contains("blocks.0.attn.qkv.weight is [4, 2] instead of [6, 2]"), e.detail().c_str());
}

void StrictLoaderTest::theTableCoversEveryName() {
    NameTable table;
    table.renames = {{"a.*.b", "x.$1"}, {"**.gamma", "$1.weight"}, {"*", "top.$1"}};
    table.unused = {"skip.**"};
    QCOMPARE(table.ours("a.12.b"), std::string("x.12"));
    QCOMPARE(table.ours("a.1.2.b"), std::string("a.1.2.b")); // * takes no dot
    QCOMPARE(table.ours("deep.er.gamma"), std::string("deep.er.weight"));
    QCOMPARE(table.ours("single"), std::string("top.single"));
    QCOMPARE(table.ours("skip.me.too"), std::string());
}

void StrictLoaderTest::precisionFollowsThePlacement() {
    LoadOptions options;
    options.placement.dtype = at::kBFloat16;
    options.placement.rules = {{"head.", at::kFloat}, {"head.bias", at::kDouble}};
    Net net;
    loadStrict(net, file(), options);
    QVERIFY(net.blocks[0].qkv.weight.scalar_type() == at::kBFloat16);
    QVERIFY(net.head->weight.scalar_type() == at::kFloat);
    QVERIFY(net.head->bias.scalar_type() == at::kDouble);
    QVERIFY(net.steps.scalar_type() == at::kLong);
    QVERIFY(at::equal(net.blocks[0].proj.weight.to(at::kFloat), at::arange(4, at::kFloat).view({2, 2})));
}

void StrictLoaderTest::mappedTensorsOutliveTheFile() {
    Net net;
    {
        const auto open = file();
        loadStrict(net, open);
        QCOMPARE(static_cast<const void*>(net.head->weight.const_data_ptr()),
                 static_cast<const void*>(open.at("head.weight").bytes.data())); // no copy was made
    }
    QVERIFY(at::equal(net.blocks[0].proj.weight, at::arange(4, at::kFloat).view({2, 2})));
    LoadOptions copied;
    copied.mapped = false;
    const auto open = file();
    loadStrict(net, open, copied);
    QVERIFY(net.head->weight.const_data_ptr() != static_cast<const void*>(open.at("head.weight").bytes.data()));
    net.head->weight.add_(1); // a copy may be changed
}

void StrictLoaderTest::unalignedAndTurnedValuesAreRead() {
    const auto plain = Checkpoint::open(fs::path(BODY4D_SOURCE_DIR) / "tests" / "data" / "checkpoints" / "plain.pt");
    const auto tensor = [&](const char* name) { return toTensor(plain, plain.at(name), at::kCPU, toScalarType(plain.at(name).dtype)); };
    const auto base = at::arange(24, at::kFloat).view({4, 6});
    QVERIFY(at::equal(tensor("shared"), base));
    QVERIFY(at::equal(tensor("transposed"), base.t()));
    QVERIFY(tensor("transposed").is_contiguous());
    QVERIFY(at::equal(tensor("slice"), base.slice(0, 1, 3).slice(1, 2, 5)));
    QCOMPARE(tensor("empty").sizes(), at::IntArrayRef({0, 4}));
    QVERIFY(tensor("complex").is_complex());
    CheckpointTensor shifted = plain.at("shared");
    shifted.bytes = std::span(shifted.bytes.data() + 1, shifted.bytes.size() - 4);
    shifted.shape = {23};
    const auto odd = toTensor(plain, shifted, at::kCPU, at::kFloat);
    QCOMPARE(reinterpret_cast<std::uintptr_t>(odd.const_data_ptr()) % 4, std::uintptr_t(0));
    float expected = 0;
    std::memcpy(&expected, shifted.bytes.data() + 4 * 7, 4);
    QCOMPARE(odd[7].item<float>(), expected);
}

void StrictLoaderTest::manifestsCompare() {
    Net net;
    const auto ours = Manifest::of(fieldsOf(net));
    const auto official = Manifest::parse("# as published\n"
                                          "blocks.{0..1}.attn.qkv.weight F32 [6, 2]\n"
                                          "blocks.{0..1}.attn.qkv.bias F32 [6]\n"
                                          "blocks.{0,1}.attn.proj.weight F32 [2, 2]  # no bias\n"
                                          "head.weight F32 [1, 2]\nhead.bias F32 [1]\nsteps I64 [1]\n", "test");
    QCOMPARE(differences(official, ours), std::vector<std::string>{});
    QCOMPARE(Manifest::parse(ours.text(), "test").tensors.size(), ours.tensors.size());
    auto other = official;
    other.tensors.erase("steps");
    other.tensors["head.bias"].shape = {2};
    other.tensors["extra"] = {};
    QCOMPARE(differences(other, ours), (std::vector<std::string>{"missing extra", "head.bias is F32 [1] instead of F32 [2]",
                                                                  "surplus steps"}));
}

void StrictLoaderTest::brokenManifestsNameTheLine() {
    for (const char* line : {"name", "name F99 [1]", "name F32", "name F32 [1", "name F32 [x]", "a.{0..} F32 [1]",
                             "a.{3..1} F32 [1]", "a.{0..999999999} F32 [1]", "a} F32 [1]", "a.{0..1 F32 [1]", "w F32 [1]\nw F32 [1]"}) {
        try {
            (void)Manifest::parse(std::string("# first\n") + line, "table");
            QFAIL(line);
        } catch (const Error& e) {
            QVERIFY2(QString::fromStdString(e.detail()).startsWith("table:"), line);
        }
    }
}

QTEST_APPLESS_MAIN(StrictLoaderTest)
#include "test_strict_loader.moc"

// SAM 3's tensors: that the port has exactly the official ones, and loads them from either kind of file.
#include "their_names.h"
#include "tiny_network.h"

#include "base/error.h"
#include "base/manifest.h"
#include "models/sam3/checkpoint_names.h"
#include "models/sam3/segmenter.h"
#include "models/sam3/tracker.h"

#include <QTemporaryDir>
#include <QtTest>
#include <c10/core/InferenceMode.h>

#include <filesystem>

using namespace body4d;
using namespace body4d::sam3;
using namespace body4d::sam3::testing;

class Sam3WeightsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        const c10::InferenceMode inference;
        model_ = tinyModel();
        image_ = clipImages().front();
    }
    void portHasExactlyTheOfficialTensors();
    void transformersNamesGiveTheSameTensors();
    void weightsFromAFile();
    void weightsFromATransformersFile();
    void missingWeightsNameTheFile();

private:
    std::shared_ptr<const Model> model_;
    ImagePtr image_;
};

void Sam3WeightsTest::portHasExactlyTheOfficialTensors() {
    // The list was taken from the official classes; which of it the tracker needs follows from the port.
    const auto official = Manifest::read(BODY4D_SOURCE_DIR "/tests/data/sam3/official_model.txt");
    QCOMPARE(official.tensors.size(), std::size_t(1465));
    const auto names = officialNames();
    std::map<std::string, std::vector<std::int64_t>> wanted;
    for (const auto& [name, entry] : official.tensors) {
        if (const auto ours = names.ours(name); !ours.empty()) {
            wanted[ours] = entry.shape;
        }
    }
    Network full{Config()};
    const auto fields = nn::fieldsOf(full);
    QCOMPARE(fields.size(), std::size_t(714));
    std::int64_t parameters = 0;
    for (const auto& [name, field] : fields) {
        QVERIFY(field.tensor->is_meta());
        QVERIFY2(wanted.contains(name), name.c_str());
        QVERIFY2(field.tensor->sizes() == at::IntArrayRef(wanted[name]), name.c_str());
        parameters += field.tensor->numel();
    }
    QCOMPARE(wanted.size(), fields.size());
    QCOMPARE(parameters, std::int64_t(464'930'690));
}

void Sam3WeightsTest::transformersNamesGiveTheSameTensors() {
    const auto stored = Manifest::read(BODY4D_SOURCE_DIR "/tests/data/sam3/transformers_model.txt");
    QCOMPARE(stored.tensors.size(), std::size_t(1797));
    Config config;
    config.classRow = false;
    Network full(config);
    const auto fields = nn::fieldsOf(full);
    auto values = valuesByOurNames(stored, transformersNames());
    QCOMPARE(values.size(), std::size_t(714));
    for (const auto& [key, field] : fields) {
        QVERIFY2(values[key] == field.tensor->numel(), key.c_str());
    }
}

void Sam3WeightsTest::weightsFromAFile() {
    const c10::InferenceMode inference;
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("sam3.pt").toStdString();
    Network source(tinyConfig());
    Filler filler("a");
    source.fields(filler);
    source.sam_mask_decoder.pred_obj_score_head.layers[2].bias = at::full({1}, 3.0);
    const auto write = [&](const std::string& without) {
        SafetensorsWriter writer;
        for (const auto& [name, field] : nn::fieldsOf(source)) {
            if (name != without) {
                addTensor(writer, name, *field.tensor);
            }
        }
        addTensor(writer, "detector.transformer.decoder.norm.weight", at::ones({4})); // somebody else's
        addTensor(writer, "tracker.no_mem_pos_enc", at::ones({1, 1, 256}));
        writer.write(path);
    };
    write({});
    const auto model = Model::load(path, nn::Placement(), tinyConfig());
    const auto image = model->prepare(*image_);
    QVERIFY(at::equal(image, model_->prepare(*image_)));
    QVERIFY(at::equal(model->network->encode(image).top, model_->network->encode(image).top));
    write("tracker.obj_ptr_proj.layers.1.bias");
    try {
        (void)Model::load(path, nn::Placement(), tinyConfig());
        QFAIL("a tensor was missing");
    } catch (const Error& e) {
        QVERIFY(QString::fromStdString(e.detail()).contains("tracker.obj_ptr_proj.layers.1.bias"));
    }
}

void Sam3WeightsTest::weightsFromATransformersFile() {
    // The tiny weights under the names of transformers: what was joined is taken apart, what was apart is
    // stacked.
    const c10::InferenceMode inference;
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("sam3.safetensors").toStdString();
    Network source(tinyConfig());
    fillIn(source, "a");
    SafetensorsWriter writer;
    const auto fields = nn::fieldsOf(source);
    const auto stored = Manifest::read(BODY4D_SOURCE_DIR "/tests/data/sam3/transformers_model.txt");
    QVERIFY(addUnderTheirNames(writer, fields, stored, transformersNames()) > 300);
    addTensor(writer, "detector_model.text_projection.bias", at::ones({4})); // somebody else's
    writer.write(path);
    const auto model = Model::load(path, nn::Placement(), tinyConfig());
    const auto image = model->prepare(*image_);
    QVERIFY(at::allclose(model->network->encode(image).top, model_->network->encode(image).top, 1e-5, 1e-5));
    Tracker a(*model->network, {}), b(*model_->network, {});
    const auto features = model->network->encode(image);
    // Every weight is the same (see transformersNamesGiveTheSameTensors). Where a file puts it in memory decides how a
    // product is vectorised, and so its last bits.
    QVERIFY(at::allclose(a.prompt(1, 0, features, {{0.5F, 0.5F}}), b.prompt(1, 0, features, {{0.5F, 0.5F}}), 1e-5, 1e-5));
}

void Sam3WeightsTest::missingWeightsNameTheFile() {
    QTemporaryDir folder;
    try {
        (void)makeSegmenter(folder.path().toStdString(), nn::Placement(), {});
        QFAIL("no error");
    } catch (const Error& e) {
        QCOMPARE(e.code(), ErrorCode::MissingModel);
        const auto remedy = QString::fromStdString(e.remedy());
        QVERIFY(remedy.contains("sam3.pt") && remedy.contains(folder.path()) && remedy.contains("body4d models get sam3"));
    }
}

QTEST_APPLESS_MAIN(Sam3WeightsTest)
#include "test_sam3_weights.moc"

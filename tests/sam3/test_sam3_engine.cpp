// The engine around the tracker: sessions, previews, weights from files, saved states, and what a frame
// costs.
#include "tiny_network.h"

#include "base/error.h"
#include "base/image.h"
#include "base/manifest.h"
#include "models/sam3/checkpoint_names.h"
#include "models/sam3/mask_bits.h"
#include "models/sam3/segmenter.h"
#include "models/sam3/session.h"

#include <ATen/record_function.h>
#include <QTemporaryDir>
#include <QtTest>
#include <c10/core/InferenceMode.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace body4d;
using namespace body4d::sam3;
using namespace body4d::sam3::testing;

namespace {

constexpr int kFrames = 6;

RleMask largest(const at::Tensor& logits) {
    const auto scores = at::zeros({2, 1});
    return MaskBits::pack(logits.unsqueeze(0), scores, 168, 168).mask(0);
}

double iou(const RleMask& a, const RleMask& b) {
    const auto x = decodeRle(a), y = decodeRle(b);
    double both = 0, any = 0;
    for (std::size_t i = 0; i < x.values.size(); ++i) {
        both += x.values[i] && y.values[i];
        any += x.values[i] || y.values[i];
    }
    return any > 0 ? both / any : 1;
}

/// Counts operators, and those that wait for a value of the device's.
class Counter {
public:
    Counter() {
        operators_ = reads_ = 0;
        handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction& f) {
                                                 ++operators_;
                                                 const std::string name = f.name();
                                                 reads_ += name == "aten::_local_scalar_dense";
                                                 return std::unique_ptr<at::ObserverContext>();
                                             }).scopes({at::RecordScope::FUNCTION}));
    }
    ~Counter() { at::removeCallback(handle_); }
    static int operators() { return operators_; }
    static int reads() { return reads_; }

private:
    at::CallbackHandle handle_;
    static inline int operators_ = 0, reads_ = 0;
};

} // namespace

class Sam3EngineTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void bitsAreRuns_data();
    void bitsAreRuns();
    void sessionFollowsTheOfficialOne_data();
    void sessionFollowsTheOfficialOne();
    void framesAheadChangeNothing();
    void savedStateContinuesBitEqual();
    void damagedStateIsAnError();
    void lateTargetsAndCorrections();
    void cutsAreMarked();
    void portHasExactlyTheOfficialTensors();
    void weightsFromAFile();
    void missingWeightsNameTheFile();
    void costOfAFrame();

private:
    using Frames = std::map<int, std::vector<TargetFrame>>; ///< by target
    void run(Session& session, int begin, int end, Frames& out, int step = 1) {
        for (int t = begin; t != end; t += step) {
            take(session.advance(t, images_[static_cast<std::size_t>(t)], false, {}), out);
        }
    }
    static void take(const SessionStep& step, Frames& out) {
        for (const auto& item : step.items) {
            out[item.id].push_back(item.frame);
        }
    }
    std::unique_ptr<Session> session(std::vector<SessionTarget> targets,
                                     Direction direction = Direction::Forward, int ahead = 1) {
        SessionOptions options;
        options.framesAhead = ahead;
        options.tracker.clipFrames = kFrames;
        return std::make_unique<Session>(model_, std::move(targets), direction, options);
    }
    /// Pixel centres are at integer + 0.5 with us.
    static Prompt click(std::int64_t frame, double x, double y, bool include = true) {
        Prompt prompt;
        prompt.frame = frame;
        prompt.points.push_back({x + 0.5, y + 0.5, include});
        return prompt;
    }
    static std::vector<SessionTarget> three() {
        Prompt box;
        box.frame = 1;
        box.box = Box{60.5, 50.5, 130.5, 120.5};
        return {{1, {click(0, 84, 84)}}, {2, {click(2, 30, 40)}}, {3, {box}}};
    }

    SafetensorsFile goldens_{BODY4D_SOURCE_DIR "/tests/data/sam3/tracker.safetensors"};
    std::vector<ImagePtr> images_;
    std::shared_ptr<const Model> model_;
};

void Sam3EngineTest::initTestCase() {
    const SafetensorsFile file(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors");
    const auto bytes = file.at("frames").bytes;
    for (int t = 0; t < kFrames; ++t) {
        auto image = std::make_shared<Image>(168, 168);
        std::memcpy(image->rgb.data(), bytes.data() + static_cast<std::size_t>(t) * image->rgb.size(),
                    image->rgb.size());
        images_.push_back(image);
    }
    const c10::InferenceMode inference;
    nn::Placement placement;
    placement.threads = 1;
    model_ = std::make_shared<Model>(Model{placement, tinyNetwork()});
}

void Sam3EngineTest::bitsAreRuns_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::addColumn<double>("bias");
    QTest::newRow("odd size") << 37 << 29 << 0.0;
    QTest::newRow("one column") << 1 << 67 << 0.0;
    QTest::newRow("empty") << 64 << 16 << -9.0;
    QTest::newRow("full") << 64 << 16 << 9.0;
    QTest::newRow("full, odd") << 13 << 11 << 9.0;
    QTest::newRow("few pixels") << 200 << 100 << -1.6;
}

void Sam3EngineTest::bitsAreRuns() {
    QFETCH(int, width);
    QFETCH(int, height);
    QFETCH(double, bias);
    // As many logits as pixels, so that nothing is interpolated where the sizes are equal.
    const auto side = std::max(width, height);
    const auto logits = noise("bits", {2, side, side}) + bias;
    const auto scores = at::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({2, 2});
    const auto bits = MaskBits::pack(logits, scores, side, side);
    QVERIFY(at::equal(bits.scores(), scores));
    QCOMPARE(bits.presence(1), 2.0F);
    QCOMPARE(bits.quality(0), 3.0F);
    for (std::int64_t i = 0; i < 2; ++i) {
        Mask mask(side, side);
        const auto flat = logits[i].contiguous();
        for (std::size_t p = 0; p < mask.values.size(); ++p) {
            mask.values[p] = flat.const_data_ptr<float>()[p] > 0 ? 255 : 0;
        }
        QVERIFY(bits.mask(i) == encodeRle(mask));
    }
    const auto other = MaskBits::pack(logits, scores, width, height).mask(1);
    QVERIFY(encodeRle(decodeRle(other)) == other); // adds up, and no run is empty but the first
}

void Sam3EngineTest::sessionFollowsTheOfficialOne_data() {
    QTest::addColumn<bool>("backward");
    QTest::newRow("forwards, three targets") << false;
    QTest::newRow("backwards") << true;
}

void Sam3EngineTest::sessionFollowsTheOfficialOne() {
    QFETCH(bool, backward);
    Frames found;
    std::map<int, std::string> names = {{1, "one"}, {2, "late"}, {3, "box"}};
    if (backward) {
        names = {{1, "reverse"}};
        auto session_ = session({{1, {click(5, 84, 84)}}}, Direction::Backward);
        run(*session_, kFrames - 1, -1, found, -1);
    } else {
        auto session_ = session(three());
        run(*session_, 0, kFrames, found);
    }
    const c10::InferenceMode inference;
    QCOMPARE(found.size(), names.size());
    for (const auto& [id, name] : names) {
        QCOMPARE(found[id].size(), static_cast<std::size_t>(name == "late" ? 4 : name == "box" ? 5 : 6));
        for (const auto& frame : found[id]) {
            const auto want =
                largest(tensorOf(goldens_, name + "." + std::to_string(frame.frame) + ".logits")[0]);
            QCOMPARE(frame.state, FrameState::Visible);
            QVERIFY2(iou(frame.mask, want) >= 0.99, name.c_str());
            QVERIFY(frame.confidence > 0 && frame.confidence <= 1);
        }
        QVERIFY(found[id].front().prompted);
        QVERIFY(!found[id].back().prompted);
    }
}

void Sam3EngineTest::framesAheadChangeNothing() {
    Frames one, four;
    auto a = session(three()), b = session(three(), Direction::Forward, 4);
    run(*a, 0, kFrames, one);
    QVERIFY(b->advance(0, images_[0], false, {}).items.empty()); // later
    run(*b, 1, kFrames, four);
    take(b->finish(), four);
    for (int id = 1; id <= 3; ++id) {
        QCOMPARE(one[id].size(), four[id].size());
        for (std::size_t i = 0; i < one[id].size(); ++i) {
            QCOMPARE(one[id][i].frame, four[id][i].frame);
            QVERIFY(iou(one[id][i].mask, four[id][i].mask) > 0.999);
        }
    }
}

void Sam3EngineTest::savedStateContinuesBitEqual() {
    for (const int ahead : {1, 4}) {
        Frames whole, halves;
        auto a = session(three(), Direction::Forward, ahead);
        run(*a, 0, 3, whole);
        const auto state = a->saveState(); // as the pipeline does after every batch
        run(*a, 3, kFrames, whole);
        take(a->finish(), whole);
        auto b = session(three(), Direction::Forward, ahead);
        b->restoreState(state);
        run(*b, 3, kFrames, halves);
        take(b->finish(), halves);
        for (int id = 1; id <= 3; ++id) {
            QVERIFY(!halves[id].empty());
            const auto skip = whole[id].size() - halves[id].size();
            for (std::size_t i = 0; i < halves[id].size(); ++i) {
                QCOMPARE(halves[id][i].frame, whole[id][skip + i].frame);
                QVERIFY(halves[id][i].mask == whole[id][skip + i].mask);
                QCOMPARE(halves[id][i].confidence, whole[id][skip + i].confidence);
            }
        }
        QVERIFY(b->saveState() == a->saveState());
    }
}

void Sam3EngineTest::damagedStateIsAnError() {
    auto a = session({{1, {click(0, 84, 84)}}});
    Frames found;
    run(*a, 0, 2, found);
    const auto state = a->saveState();
    for (const auto size :
         {std::size_t{0}, std::size_t{3}, std::size_t{60}, state.size() / 2, state.size() - 1}) {
        auto b = session({{1, {click(0, 84, 84)}}});
        QVERIFY_EXCEPTION_THROWN(b->restoreState(std::span(state).first(size)), Error);
    }
}

void Sam3EngineTest::lateTargetsAndCorrections() {
    // Corrected on frame 3: the first negative click, then both, with the tracked mask as a hint.
    Prompt fix = click(3, 100, 30, false);
    fix.points.push_back({40.5, 90.5, true});
    Frames plain, corrected;
    auto a = session({{1, {click(0, 84, 84)}}}), b = session({{1, {click(0, 84, 84), fix}}});
    run(*a, 0, kFrames, plain);
    run(*b, 0, kFrames, corrected);
    QCOMPARE(corrected[1].size(),
             static_cast<std::size_t>(kFrames)); // one result a frame, also on the corrected one
    for (int t = 0; t < 3; ++t) {
        QVERIFY(plain[1][static_cast<std::size_t>(t)].mask == corrected[1][static_cast<std::size_t>(t)].mask);
    }
    QVERIFY(corrected[1][3].prompted);
    QVERIFY(plain[1][3].mask != corrected[1][3].mask);
    QVERIFY(plain[1][5].mask != corrected[1][5].mask);
}

void Sam3EngineTest::cutsAreMarked() {
    Frames found;
    auto a = session({{1, {click(0, 84, 84), click(4, 84, 84)}}});
    for (int t = 0; t < kFrames; ++t) {
        take(a->advance(t, images_[static_cast<std::size_t>(t)], t == 2, {}), found);
    }
    const std::vector<bool> want = {false, false, true,
                                    true,  false, false}; // the second click ends the doubt
    for (std::size_t t = 0; t < want.size(); ++t) {
        QCOMPARE(found[1][t].afterCut, static_cast<bool>(want[t]));
    }
}

void Sam3EngineTest::portHasExactlyTheOfficialTensors() {
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

void Sam3EngineTest::weightsFromAFile() {
    const c10::InferenceMode inference;
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("sam3.pt").toStdString();
    Network source(tinyConfig());
    Filler filler("a");
    source.fields(filler);
    source.sam_mask_decoder.pred_obj_score_head.layers[2].bias = at::full({1}, 3.0);
    const auto write = [&](const std::string& without) {
        SafetensorsWriter writer;
        const auto add = [&](const std::string& name, const at::Tensor& x) {
            const auto c = x.contiguous();
            writer.add(name, std::span(c.const_data_ptr<float>(), static_cast<std::size_t>(c.numel())),
                       c.sizes().vec());
        };
        for (const auto& [name, field] : nn::fieldsOf(source)) {
            if (name != without) {
                add(name, *field.tensor);
            }
        }
        add("detector.transformer.decoder.norm.weight", at::ones({4})); // somebody else's
        add("tracker.no_mem_pos_enc", at::ones({1, 1, 256}));
        writer.write(path);
    };
    write({});
    const auto model = Model::load(path, nn::Placement(), tinyConfig());
    const auto image = model->prepare(*images_[0]);
    QVERIFY(at::equal(image, model_->prepare(*images_[0])));
    QVERIFY(at::equal(model->network.encode(image).top, model_->network.encode(image).top));
    write("tracker.obj_ptr_proj.layers.1.bias");
    try {
        (void)Model::load(path, nn::Placement(), tinyConfig());
        QFAIL("a tensor was missing");
    } catch (const Error& e) {
        QVERIFY(QString::fromStdString(e.detail()).contains("tracker.obj_ptr_proj.layers.1.bias"));
    }
}

void Sam3EngineTest::missingWeightsNameTheFile() {
    QTemporaryDir folder;
    try {
        (void)makeSegmenter(folder.path().toStdString(), nn::Placement(), {});
        QFAIL("no error");
    } catch (const Error& e) {
        QCOMPARE(e.code(), ErrorCode::MissingModel);
        const auto remedy = QString::fromStdString(e.remedy());
        QVERIFY(remedy.contains("sam3.pt") && remedy.contains(folder.path()));
    }
}

void Sam3EngineTest::costOfAFrame() {
    // The official code takes kReference operators for a frame of the same session (one object, the sixth
    // frame, tiny trunk of four blocks; counted with torch.profiler, nested ones too), and 22 values from the
    // device one by one.
    constexpr int kReference = 5465;
    const c10::InferenceMode inference;
    auto a = session({{1, {click(0, 84, 84)}}});
    Frames found;
    run(*a, 0, kFrames - 1, found);
    const Counter counter;
    run(*a, kFrames - 1, kFrames, found);
    qInfo("operators of a frame: %d, values read from the device one by one: %d", Counter::operators(),
          Counter::reads());
    QCOMPARE(Counter::reads(), 0);
    QVERIFY(Counter::operators() < kReference);
}

QTEST_APPLESS_MAIN(Sam3EngineTest)
#include "test_sam3_engine.moc"

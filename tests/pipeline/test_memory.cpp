#include "live_bytes.h"

#include "run_bench.h"

#include <QTest>

using namespace body4d;
using namespace body4d::test;

namespace {

/// As many joints as a real body has.
class ManyJoints final : public BodyModel {
public:
    static constexpr std::size_t kJoints = 52;
    ManyJoints() {
        for (std::size_t j = 0; j < kJoints; ++j) {
            joints_.push_back({"joint" + std::to_string(j), static_cast<int>(j) - 1});
            rest_.joints.push_back({0, -0.03 * static_cast<double>(j), 0});
        }
        rest_.vertices = {{-0.3F, 0.9F, 0}, {0.3F, 0.9F, 0}, {0, -0.3F, 0.1F}};
        rest_.heightMetres = 1.7;
        topology_.triangles = {{0, 1, 2}};
        topology_.region.assign(3, static_cast<std::uint8_t>(BodyRegion::Suit));
        skin_.perVertex = 1;
        skin_.joint = {0, 1, 2};
        skin_.weight = {1, 1, 1};
    }
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const MeshTopology& topology() const override { return topology_; }
    [[nodiscard]] std::span<const BodyJoint> joints() const override { return joints_; }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] RestBody shaped(const BodyShape&) const override { return rest_; }

private:
    const std::string name_ = "many joints";
    std::vector<BodyJoint> joints_;
    MeshTopology topology_;
    SkinWeights skin_;
    RestBody rest_;
};

/// Makes bodies of that model, piece by piece as the real engine does.
class PieceEstimator final : public BodyEstimator {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::shared_ptr<const BodyModel> model() const override { return model_; }
    [[nodiscard]] Intrinsics camera(int width, int height) const override {
        return intrinsicsFromFov(width, height, 0.96);
    }
    [[nodiscard]] BodyFrame preview(const TargetFrame&, const Intrinsics&, const PersonTraits&) const override {
        return {};
    }
    [[nodiscard]] BodyTrack fit(const TargetTrack& track, const PersonTraits&, int width, int height, double fps,
                                const std::stop_token&, const ProgressFn&) const override {
        BodyTrack out;
        out.id = track.id;
        out.engine = out.bodyModel = name_;
        out.camera = camera(width, height);
        out.fps = fps;
        out.firstFrame = track.firstFrame;
        for (const auto& seen : track.frames) {
            BodyFrame frame;
            frame.frame = seen.frame;
            frame.state = seen.state;
            frame.pose.translation = {0.01 * seen.pose.roi.centreX, 0, 4};
            frame.pose.rotations.assign(ManyJoints::kJoints, Mat3());
            frame.rawPose = frame.pose;
            for (std::size_t k = 0; k < frame.keypoints.size(); ++k) {
                frame.keypoints[k] = frame.pose.translation + seen.pose.points[k].world;
                frame.confidence[k] = 0.9F;
            }
            out.frames.push_back(std::move(frame));
        }
        return out;
    }
    [[nodiscard]] BodyTrack fitPieces(const TrackSource& track, const PersonTraits& traits, int width, int height,
                                      double fps, const std::stop_token& stop, const ProgressFn& progress,
                                      const BodySink& frames) const override {
        BodyTrack out;
        for (const auto& piece : piecesOf(track.frames, 512, 0)) {
            out = fit({track.id, track.firstFrame + static_cast<std::int64_t>(piece.begin), track.read(piece.begin, piece.end)},
                      traits, width, height, fps, stop, progress);
            frames(std::exchange(out.frames, {}));
        }
        out.firstFrame = track.firstFrame;
        return out;
    }

private:
    const std::string name_ = "pieces";
    std::shared_ptr<const BodyModel> model_ = std::make_shared<const ManyJoints>();
};

} // namespace

/// "Long videos stream; memory does not grow with length."
class TestMemory : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    static constexpr int kPeople = 2;

    /// A project of so many frames that is tracked already.
    std::unique_ptr<Bench> trackedClip(int frames) {
        const std::filesystem::path folder(root_.filePath(QString::number(frames)).toStdString());
        std::filesystem::create_directories(folder);
        auto project = Project::create(folder / "clip.body4d", writeClip(folder / "clip.mp4", frames, -1, 32, 32));
        auto document = project->document();
        for (int person = 0; person < kPeople; ++person) {
            document.addTarget().prompts = {{0, {{16, 16, true}}, std::nullopt}};
        }
        document.options.set("sam_3d_body.batch_size", 256LL);
        document.options.setFromText("world.camera", "static");
        project->setDocument(document);
        return std::make_unique<Bench>(std::move(project));
    }

private Q_SLOTS:
    void initTestCase() { qputenv("XDG_CACHE_HOME", root_.filePath("cache").toUtf8()); }

    void aJobDoesNotGrowWithTheVideo() {
        // Both are cut into pieces of one length, so that just what grows with the video differs.
        // Far apart: how threads happen to meet makes 7 MiB of difference alone.
        constexpr int kShort = 4096, kLong = 16384;
        const auto peak = [&](int frames) {
            const auto bench = trackedClip(frames);
            bench->engines.setBodyEstimatorForTests(std::make_shared<const PieceEstimator>());
            return peakOf([&] { (void)bench->run(); });
        };
        const auto small = static_cast<double>(peak(kShort)), large = static_cast<double>(peak(kLong));
        const double perFrame = (large - small) / (kPeople * (kLong - kShort));
        qInfo("%.1f and %.1f MiB: %.0f bytes a frame of a person", small / (1 << 20), large / (1 << 20), perFrame);
        // Key points of everybody for the ground: about 1 kB. The joints' rotations alone would be 7.5 kB.
        QVERIFY2(perFrame < 3000, qPrintable(QString("%1 bytes a frame of a person").arg(perFrame)));
    }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "test_memory.moc"

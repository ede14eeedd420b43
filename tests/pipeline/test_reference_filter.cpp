// SAM-Body4D's smoothing against the official functions (gaomingqi/sam-body4d, utils/kalman.py, revision
// 914dcdf), run outside on random tracks: people at rest, with spikes and always moving, hidden at either end
// and in between, absent.
#include "base/safetensors.h"
#include "pipeline/reference_filter.h"

#include <QtTest>

#include <cmath>

using namespace body4d;
using namespace body4d::detail;

namespace {

constexpr float kTolerance = 2e-6F; ///< single precision, sums in another order

/// [frames, people, width] of the golden file.
struct Tracks {
    std::vector<float> values;
    std::size_t frames = 0, people = 0, width = 0;

    Tracks(const SafetensorsFile& file, const std::string& name) : values(file.values<float>(name)) {
        const auto& shape = file.at(name).shape;
        frames = static_cast<std::size_t>(shape[0]);
        people = static_cast<std::size_t>(shape[1]);
        width = static_cast<std::size_t>(shape[2]);
    }
    [[nodiscard]] std::vector<float> of(std::size_t person) const {
        std::vector<float> out;
        for (std::size_t t = 0; t < frames; ++t) {
            const auto begin = values.begin() + static_cast<std::ptrdiff_t>((t * people + person) * width);
            out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
        }
        return out;
    }
    [[nodiscard]] std::vector<float> row(std::size_t frame, std::size_t person) const {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>((frame * people + person) * width);
        return {begin, begin + static_cast<std::ptrdiff_t>(width)};
    }
};

std::vector<std::uint8_t> flagsOf(const SafetensorsFile& file, const std::string& name, std::size_t person) {
    const auto all = file.values<std::uint8_t>(name);
    const auto people = static_cast<std::size_t>(file.at(name).shape[1]);
    std::vector<std::uint8_t> out;
    for (std::size_t i = person; i < all.size(); i += people) {
        out.push_back(all[i]);
    }
    return out;
}

float farthest(const std::vector<float>& a, const std::vector<float>& b) {
    float most = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        most = std::max(most, std::abs(a[i] - b[i]));
    }
    return most;
}

RleMask boxMask(int x0, int y0, int x1, int y1, int width = 200, int height = 100) {
    Mask mask(width, height);
    for (int y = y0; y < y1; ++y) {
        std::fill(mask.row(y) + x0, mask.row(y) + x1, std::uint8_t{255});
    }
    return encodeRle(mask);
}

} // namespace

class ReferenceFilterTest : public QObject {
    Q_OBJECT

    SafetensorsFile golden_{BODY4D_SOURCE_DIR "/tests/data/sam_body4d/filters.safetensors"};

private Q_SLOTS:
    void filtersAreTheOfficialOnes() {
        int cases = 0, changed = 0;
        for (; golden_.contains("case" + std::to_string(cases) + ".body"); ++cases) {
            const auto name = "case" + std::to_string(cases) + ".";
            const Tracks body(golden_, name + "body"), wantBody(golden_, name + "body_out");
            const Tracks rotation(golden_, name + "rot"), wantRotation(golden_, name + "rot_out");
            for (std::size_t person = 0; person < body.people; ++person) {
                const ReferenceWindow window{flagsOf(golden_, name + "present", person),
                                             flagsOf(golden_, name + "visible", person)};
                auto values = body.of(person);
                referenceSmoothPose(values, body.width, window);
                const auto off = farthest(values, wantBody.of(person));
                QVERIFY2(off < kTolerance,
                         qPrintable(QString("%1 person %2: %3").arg(cases).arg(person).arg(off)));
                changed += farthest(values, body.of(person)) > 1e-3F ? 1 : 0;
                values = rotation.of(person);
                referenceSmoothRotation(values, window);
                const auto turned = farthest(values, wantRotation.of(person));
                QVERIFY2(turned < kTolerance,
                         qPrintable(QString("%1 person %2: %3").arg(cases).arg(person).arg(turned)));
                changed += farthest(values, rotation.of(person)) > 1e-3F ? 1 : 0;
            }
        }
        QVERIFY(cases >= 20);
        QVERIFY(changed >= 20);
    }

    /// 150 frames in windows of 64, pose and hands twice, shapes from the first frame, then the rotation.
    void wholeClipInWindows() {
        const Tracks body(golden_, "clip.body"), hand(golden_, "clip.hand"), rotation(golden_, "clip.rot"),
            shape(golden_, "clip.shape"), scale(golden_, "clip.scale");
        const Tracks wantBody(golden_, "clip.body_out"), wantHand(golden_, "clip.hand_out"),
            wantRotation(golden_, "clip.rot_out"), wantShape(golden_, "clip.shape_out"),
            wantScale(golden_, "clip.scale_out");
        for (std::size_t person = 0; person < body.people; ++person) {
            const auto present = flagsOf(golden_, "clip.present", person),
                       visible = flagsOf(golden_, "clip.visible", person);
            std::vector<std::optional<BodyParameters>> frames(body.frames);
            for (std::size_t t = 0; t < frames.size(); ++t) {
                if (present[t] != 0) {
                    frames[t] =
                        BodyParameters{rotation.row(t, person), body.row(t, person),  hand.row(t, person),
                                       shape.row(t, person),    scale.row(t, person), {}};
                }
            }
            smoothLikeReference(frames, visible, 64);
            for (std::size_t t = 0; t < frames.size(); ++t) {
                QCOMPARE(frames[t].has_value(), present[t] != 0);
                if (!frames[t]) {
                    continue;
                }
                QVERIFY(farthest(frames[t]->bodyPose, wantBody.row(t, person)) < kTolerance);
                QVERIFY(farthest(frames[t]->hand, wantHand.row(t, person)) < kTolerance);
                QVERIFY(farthest(frames[t]->globalRot, wantRotation.row(t, person)) < kTolerance);
                QVERIFY(farthest(frames[t]->shape, wantShape.row(t, person)) < kTolerance);
                QVERIFY(farthest(frames[t]->scale, wantScale.row(t, person)) < kTolerance);
            }
        }
    }

    void whoIsVisible() {
        const auto person = boxMask(40, 20, 80, 60);
        QVERIFY(std::abs(referenceVisibility(person, boxMask(40, 20, 80, 80), 2) - 40.0 / 60) < 1e-3);
        QCOMPARE(referenceVisibility(person, boxMask(40, 20, 80, 50), 2), 1.0); // the guess is smaller
        QCOMPARE(referenceVisibility(boxMask(0, 0, 8, 5), boxMask(0, 0, 40, 40), 2), 1.0); // in the margin
        QCOMPARE(referenceVisibility(boxMask(40, 20, 48, 40), boxMask(40, 20, 48, 62), 2), 1.0); // very long
        // Taller than most of the picture: of the first target only.
        QCOMPARE(referenceVisibility(person, boxMask(40, 10, 80, 90), 1), 1.0);
        QVERIFY(referenceVisibility(person, boxMask(40, 10, 80, 90), 2) < 0.7);
    }
};

QTEST_GUILESS_MAIN(ReferenceFilterTest)
#include "test_reference_filter.moc"

#pragma once

#include "golden_tensors.h"

#include "models/sam3/tracker.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

/// What tests of a tracker share: sessions recorded with somebody else's code, beside ours.
namespace body4d::sam3::testing {

/// A click in pixels of a frame of 168 x 168, which is what the recorded sessions were given.
inline TrackerPoint at168(float x, float y, PointLabel label = PointLabel::Include) {
    return {x / 168, y / 168, label};
}

/// Recorded logits, presence scores and lists of the frames that were looked back at. A session's results stand under
/// NAME.FRAME.logits [B, S, S] and NAME.FRAME.score [B]; its lists are metadata under NAME:
/// {FRAME: [[[frame, row], ...], [frame or [frame, distance], ...]]}.
class TrackerGoldens {
public:
    static constexpr double kLogits = 1e-3; ///< largest error over largest value
    static constexpr double kIou = 0.99;

    /// @param leastShare of the picture that a mask covers at least, so that its overlap says something
    TrackerGoldens(const std::string& file, double leastShare) : file_(file), leastShare_(leastShare) {}

    [[nodiscard]] at::Tensor tensor(const std::string& name) const {
        return body4d::testing::tensorOf(file_, name);
    }
    [[nodiscard]] double worst() const { return worst_; } ///< relative error of all comparisons so far

    void compare(const std::string& name, const at::Tensor& want, const at::Tensor& got) {
        const double error = body4d::testing::relativeError(got.reshape(want.sizes()), want);
        worst_ = std::max(worst_, error);
        QVERIFY2(error <= kLogits, (name + ": relative error " + std::to_string(error)).c_str());
    }
    /// Logits of one object. @param coverage false where no mask is expected
    void compareMask(const std::string& name, const at::Tensor& want, const at::Tensor& got, bool coverage = true) {
        compare(name, want, got);
        if (!coverage) {
            return;
        }
        const auto a = got > 0, b = want > 0;
        const double share = b.to(at::kFloat).mean().item<double>();
        QVERIFY2(share > leastShare_ && share < 0.95, (name + ": a mask that says nothing").c_str());
        const double iou = (a & b).sum().item<double>() / (a | b).sum().item<double>();
        QVERIFY2(iou >= kIou, (name + ": IoU " + std::to_string(iou)).c_str());
    }
    void compareScore(const std::string& name, double want, double got) {
        QVERIFY2(std::abs(want - got) <= kLogits * std::max(1.0, std::abs(want)), name.c_str());
    }
    /// All objects of a frame, in the order of ours.
    void compareFrame(const std::string& session, int frame, const TrackedFrame& got, bool coverage = true) {
        const auto prefix = session + "." + std::to_string(frame);
        for (std::size_t i = 0; i < got.ids.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            if (file_.contains(prefix + ".logits")) {
                compareMask(prefix, tensor(prefix + ".logits")[at], got.logits[at], coverage);
            }
            compareScore(prefix, tensor(prefix + ".score")[at].item<double>(), got.scores[0][at].item<double>());
        }
    }
    /// What an object looks back at on a frame. @param id any object of the session
    void compareLists(const std::string& session, int frame, Tracker& tracker, int id, bool backward = false) {
        const auto all = QJsonDocument::fromJson(QByteArray::fromStdString(file_.metadata().at(session))).object();
        const auto want = all[QString::number(frame)].toArray();
        QVERIFY2(want.size() == 2, session.c_str());
        using Pairs = std::multiset<std::pair<std::int64_t, std::int64_t>>;
        bool distances = false; ///< not every session's pointers know how far away they are
        const auto pairs = [&distances](const QJsonArray& list) {
            Pairs set;
            for (const auto& item : list) {
                distances = item.isArray();
                set.emplace(distances ? item[0].toInteger() : item.toInteger(),
                            distances ? item[1].toInteger() : 0);
            }
            return set;
        };
        const auto wantedMaps = pairs(want[0].toArray()), wantedPointers = pairs(want[1].toArray());
        const auto plan = tracker.plan(id, frame, backward);
        Pairs maps, pointers;
        for (const auto& map : plan.maps) {
            QCOMPARE(map.memory->map.size(0), tracker.config().mapTokens());
            maps.emplace(map.frame, map.row);
        }
        for (const auto& pointer : plan.pointers) {
            pointers.emplace(pointer.frame, distances ? pointer.distance : 0);
        }
        QVERIFY2(maps == wantedMaps, (session + ": other maps on frame " + std::to_string(frame)).c_str());
        QVERIFY2(pointers == wantedPointers, (session + ": other pointers on frame " + std::to_string(frame)).c_str());
    }
    /// Frames [begin, end) in order, with their lists where the object is tracked.
    void follow(const std::string& session, Tracker& tracker, int id, int begin, int end,
                const std::function<const Features&(int)>& features, bool coverage = true) {
        for (int t = begin; t < end; ++t) {
            if (coverage && !tracker.bank(id).conditioning.contains(t)) {
                compareLists(session, t, tracker, id);
            }
            compareFrame(session, t, tracker.track(t, features(t)), coverage);
        }
    }

private:
    SafetensorsFile file_;
    double leastShare_;
    double worst_ = 0;
};

} // namespace body4d::sam3::testing

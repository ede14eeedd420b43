#include "scene/camera_motion.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "scene/patch_tracker.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace body4d {

namespace {

using Eigen::Matrix3d;
using Eigen::Vector2d;
using Eigen::Vector3d;

constexpr double kInlierPx = 1.6;      // of the work picture: parallax of a hand-held camera passes, moving people do not
constexpr int kMinInliers = 14;
constexpr int kRestingStride = 3;      // measured frames are this far apart while the camera rests
constexpr int kRestingAfter = 8;       // frames of rest before frames are skipped
constexpr std::size_t kMaxKeyframes = 48;

Matrix3d expSo3(const Vector3d& w) {
    const double angle = w.norm();
    return angle < 1e-12 ? Matrix3d::Identity() : Eigen::AngleAxisd(angle, w / angle).toRotationMatrix();
}

Mat3 toMat3(const Matrix3d& r) {
    Mat3 out;
    for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
            out(i, j) = r(i, j);
        }
    }
    return out;
}

/// Rotation that takes the pair (a0, a1) of unit vectors as well as possible to (b0, b1).
Matrix3d rotationOfPair(const Vector3d& a0, const Vector3d& a1, const Vector3d& b0, const Vector3d& b1) {
    const auto frame = [](const Vector3d& u, const Vector3d& v) {
        Matrix3d f;
        f.col(0) = (u + v).normalized();
        f.col(2) = u.cross(v).normalized();
        f.col(1) = f.col(2).cross(f.col(0));
        return f;
    };
    return frame(b0, b1) * frame(a0, a1).transpose();
}

struct Keyframe {
    PatchSet patches;
    Matrix3d shotFromKey = Matrix3d::Identity();
};

/// What one picture says about its turn against a keyframe.
struct Measurement {
    Matrix3d keyFromCam = Matrix3d::Identity();
    int inliers = 0, followed = 0;
    double unexplainedPx = 0; // by turn and zoom: seven tenths of the points that were found again are below
    [[nodiscard]] bool good() const { return inliers >= kMinInliers && inliers >= 0.35 * followed; }
};

/// Shift of the picture from `before` to `now`, in work pixels, by trying all of them on the coarsest level.
Vec2 coarseShift(const GreyLevel& before, const GreyLevel& now) {
    const int reachX = now.width / 4, reachY = now.height / 4;
    double best = std::numeric_limits<double>::max();
    Vec2 shift;
    for (int dy = -reachY; dy <= reachY; ++dy) {
        for (int dx = -reachX; dx <= reachX; ++dx) {
            float sum = 0;
            const int x0 = std::max(0, dx), x1 = std::min(now.width, now.width + dx);
            const int y0 = std::max(0, dy), y1 = std::min(now.height, now.height + dy);
            for (int y = y0; y < y1; ++y) {
                const float* a = before.row(y - dy);
                const float* b = now.row(y);
                for (int x = x0; x < x1; ++x) {
                    sum += std::min(30.F, std::abs(a[x - dx] - b[x])); // what moves by itself must not decide
                }
            }
            const double mean = sum / (static_cast<double>(x1 - x0) * (y1 - y0)) + 0.02 * std::hypot(dx, dy);
            if (mean < best) {
                best = mean;
                shift = {static_cast<double>(dx << (kPyramidLevels - 1)), static_cast<double>(dy << (kPyramidLevels - 1))};
            }
        }
    }
    return shift;
}

/// The camera of a shot, in the work picture.
struct Lens {
    double focal = 0;
    Vector2d centre = Vector2d::Zero();

    [[nodiscard]] Vector3d ray(Vec2 p) const {
        return Vector3d((p.x - centre.x()) / focal, (p.y - centre.y()) / focal, 1).normalized();
    }
    [[nodiscard]] std::optional<Vec2> pixel(const Vector3d& d) const {
        if (d.z() < 0.05) {
            return std::nullopt;
        }
        return Vec2{focal * d.x() / d.z() + centre.x(), focal * d.y() / d.z() + centre.y()};
    }
};

struct FrameEntry {
    int shot = 0;
    double focal = 0; // of the work picture
    bool measured = false;
    Matrix3d shotFromCam = Matrix3d::Identity();
    double unexplainedPx = 0;
};

} // namespace

struct CameraMotionEstimator::Impl {
    Intrinsics camera;
    CameraMotionOptions options;
    std::int64_t firstFrame = 0;
    std::vector<FrameEntry> frames;
    std::vector<std::int64_t> shotStarts;
    std::vector<Keyframe> keyframes; // of the current shot
    std::size_t active = 0;
    Matrix3d current = Matrix3d::Identity();  // shotFromCam of the last measured frame
    Vector3d turnPerFrame = Vector3d::Zero();
    std::int64_t lastMeasured = 0;
    int restingFrames = 0, unmeasured = 0;
    double scale = 1; // of the work picture
    Lens lens;        // of the current shot
    int workWidth = 0, workHeight = 0;
    GreyPyramid pyramid;
    GreyLevel previousThumbnail; // coarsest level of the frame measured last
    std::vector<PatchSet::Match> matches;
    std::vector<Vec2> guesses;

    bool inside(Vec2 p) const { return p.x > 0 && p.y > 0 && p.x < workWidth && p.y < workHeight; }

    Measurement measure(const Keyframe& key, const Matrix3d& guessShotFromCam, const CoverGrid& cover);
    /// Sets keyFromCam, inliers and unexplainedPx.
    void refine(const std::vector<Vector3d>& keyRays, const std::vector<Vec2>& seen, Matrix3d camFromKey,
                Measurement& out) const;
    void startKeyframe(const CoverGrid& cover);
    bool changeKeyframe(const CoverGrid& cover);
    double picturePx(const Matrix3d& turn, const Lens& through) const;
    double picturePx(const Matrix3d& turn) const { return picturePx(turn, lens); }
};

/// How far a turn moves the picture: the largest shift of its centre and corners, in work pixels.
double CameraMotionEstimator::Impl::picturePx(const Matrix3d& turn, const Lens& through) const {
    double most = 0;
    for (const Vec2 p : {Vec2{through.centre.x(), through.centre.y()}, Vec2{0, 0}, Vec2{static_cast<double>(workWidth), 0},
                         Vec2{0, static_cast<double>(workHeight)},
                         Vec2{static_cast<double>(workWidth), static_cast<double>(workHeight)}}) {
        const auto q = through.pixel(turn * through.ray(p));
        most = std::max(most, q ? std::hypot(q->x - p.x, q->y - p.y) : 1e6);
    }
    return most;
}

/// Gauss-Newton on the picture error with Tukey weights; a common zoom is fitted along and thrown away.
void CameraMotionEstimator::Impl::refine(const std::vector<Vector3d>& keyRays, const std::vector<Vec2>& seen,
                                         Matrix3d camFromKey, Measurement& out) const {
    double zoom = 0;
    std::vector<double> off;
    for (int iteration = 0; iteration < 8; ++iteration) {
        Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
        Eigen::Vector4d right = Eigen::Vector4d::Zero();
        int count = 0;
        off.clear();
        for (std::size_t i = 0; i < keyRays.size(); ++i) {
            const Vector3d d = camFromKey * keyRays[i];
            if (d.z() < 0.05) {
                continue;
            }
            const double f = lens.focal * std::exp(zoom), x = d.x() / d.z(), y = d.y() / d.z();
            const Vector2d e(seen[i].x - lens.centre.x() - f * x, seen[i].y - lens.centre.y() - f * y);
            off.push_back(e.norm());
            const double s = e.squaredNorm() / (4 * kInlierPx * kInlierPx);
            if (s >= 1) {
                continue;
            }
            const double weight = (1 - s) * (1 - s);
            count += e.norm() < kInlierPx ? 1 : 0;
            // d exp(w) d: picture derivative by a turn of the camera's axes, and by the zoom.
            Eigen::Matrix<double, 2, 4> j;
            j << -f * x * y, f * (1 + x * x), -f * y, f * x, //
                -f * (1 + y * y), f * x * y, f * x, f * y;
            normal += weight * j.transpose() * j;
            right += weight * j.transpose() * e;
        }
        out.inliers = count;
        normal.diagonal().array() += 1e-6;
        normal(3, 3) += 20 * lens.focal; // the zoom needs evidence
        const Eigen::Vector4d step = normal.ldlt().solve(right);
        camFromKey = expSo3(step.head<3>()) * camFromKey;
        zoom = std::clamp(zoom + step(3), -0.3, 0.3);
        if (step.head<3>().norm() * lens.focal < 1e-3) {
            break;
        }
    }
    out.keyFromCam = camFromKey.transpose();
    if (!off.empty()) {
        out.unexplainedPx = valueAtRank(off, off.size() * 7 / 10);
    }
}

Measurement CameraMotionEstimator::Impl::measure(const Keyframe& key, const Matrix3d& guessShotFromCam, const CoverGrid& cover) {
    Measurement out;
    const Matrix3d guess = guessShotFromCam.transpose() * key.shotFromKey; // cam from key
    const auto& positions = key.patches.positions();
    guesses.resize(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
        guesses[i] = lens.pixel(guess * lens.ray(positions[i])).value_or(Vec2{-1e4, -1e4});
    }
    key.patches.follow(pyramid, guesses, matches);
    std::vector<Vector3d> rays;
    std::vector<Vec2> seen;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (inside(guesses[i]) && !cover.at(guesses[i])) {
            ++out.followed;
        }
        if (matches[i].found && inside(matches[i].position) && !cover.at(matches[i].position)) {
            rays.push_back(lens.ray(positions[i]));
            seen.push_back(matches[i].position);
        }
    }
    const std::size_t n = rays.size();
    if (n < static_cast<std::size_t>(kMinInliers)) {
        return out;
    }
    const auto votes = [&](const Matrix3d& camFromKey) {
        int count = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const auto p = lens.pixel(camFromKey * rays[i]);
            count += p && std::hypot(p->x - seen[i].x, p->y - seen[i].y) < 1.5 * kInlierPx ? 1 : 0;
        }
        return count;
    };
    Matrix3d best = guess;
    int bestVotes = votes(guess);
    // A fixed sequence: the result must not depend on what ran before.
    std::uint32_t state = 12345;
    const auto next = [&state](std::size_t bound) {
        state = state * 1664525U + 1013904223U;
        return static_cast<std::size_t>(state >> 8) % bound;
    };
    for (int trial = 0; trial < 60 && bestVotes < 0.9 * static_cast<double>(n); ++trial) {
        const std::size_t a = next(n), b = next(n);
        if (a == b || rays[a].dot(rays[b]) > 0.9998) {
            continue;
        }
        const Matrix3d candidate = rotationOfPair(rays[a], rays[b], lens.ray(seen[a]), lens.ray(seen[b]));
        const int v = votes(candidate);
        if (v > bestVotes) {
            bestVotes = v;
            best = candidate;
        }
    }
    refine(rays, seen, best, out);
    return out;
}

void CameraMotionEstimator::Impl::startKeyframe(const CoverGrid& cover) {
    if (keyframes.size() >= kMaxKeyframes) {
        keyframes.erase(keyframes.begin() + 1); // the first one anchors the shot
    }
    Keyframe key;
    key.patches.choose(pyramid, cover, options.maxCorners);
    key.shotFromKey = current;
    keyframes.push_back(std::move(key));
    active = keyframes.size() - 1;
}

/// Looks for an earlier keyframe of nearly the same view, oldest first: it knows the turn without drift.
bool CameraMotionEstimator::Impl::changeKeyframe(const CoverGrid& cover) {
    for (std::size_t i = 0; i < keyframes.size(); ++i) {
        if (i == active || picturePx(current.transpose() * keyframes[i].shotFromKey) > 0.3 * workWidth) {
            continue;
        }
        const Measurement m = measure(keyframes[i], current, cover);
        if (m.good() && m.inliers >= 0.5 * static_cast<double>(keyframes[i].patches.positions().size())) {
            active = i;
            current = keyframes[i].shotFromKey * m.keyFromCam;
            return true;
        }
    }
    return false;
}

CameraMotionEstimator::CameraMotionEstimator(const Intrinsics& camera, const CameraMotionOptions& options)
    : impl_(std::make_unique<Impl>()) {
    BODY4D_EXPECT(camera.focalPx > 0 && camera.width > 0 && camera.height > 0);
    impl_->camera = camera;
    impl_->options = options;
    const double scale = std::min(1.0, static_cast<double>(options.workSidePx) / std::max(camera.width, camera.height));
    impl_->workWidth = std::max(1, static_cast<int>(std::lround(camera.width * scale)));
    impl_->workHeight = std::max(1, static_cast<int>(std::lround(camera.height * scale)));
    impl_->scale = scale;
    impl_->lens = {camera.focalPx * scale, {camera.centreX * scale, camera.centreY * scale}};
}

CameraMotionEstimator::~CameraMotionEstimator() = default;
CameraMotionEstimator::CameraMotionEstimator(CameraMotionEstimator&&) noexcept = default;
CameraMotionEstimator& CameraMotionEstimator::operator=(CameraMotionEstimator&&) noexcept = default;

void CameraMotionEstimator::push(std::int64_t index, const Image& frame, std::span<const RleMask* const> people, bool newShot,
                                 double shotFocalPx) {
    Impl& s = *impl_;
    if (s.frames.empty()) {
        s.firstFrame = index;
    }
    BODY4D_EXPECT(index == s.firstFrame + static_cast<std::int64_t>(s.frames.size()));
    FrameEntry entry;
    entry.shot = s.frames.empty() ? 0 : s.frames.back().shot;
    const bool first = s.frames.empty() || newShot;
    if (newShot && !s.frames.empty()) {
        ++entry.shot;
        s.shotStarts.push_back(index);
    }
    if (first) {
        s.lens.focal = s.scale * (shotFocalPx > 0 ? shotFocalPx : s.camera.focalPx);
    }
    entry.focal = s.lens.focal;
    if (!first && s.restingFrames >= kRestingAfter && index - s.lastMeasured < kRestingStride) {
        s.frames.push_back(entry); // path() fills it in
        return;
    }
    buildPyramid(frame, s.options.workSidePx, s.pyramid);
    const CoverGrid cover = coverGrid(people, s.workWidth, s.workHeight);
    const auto gap = static_cast<double>(index - s.lastMeasured);
    if (first) {
        s.keyframes.clear();
        s.current.setIdentity();
        s.turnPerFrame.setZero();
        s.restingFrames = 0;
        s.unmeasured = 0;
        s.startKeyframe(cover);
        entry.measured = true;
        s.lastMeasured = index;
    } else {
        const Matrix3d previous = s.current;
        Measurement m = s.measure(s.keyframes[s.active], previous * expSo3(gap * s.turnPerFrame), cover);
        if (!m.good()) { // a sudden turn: the shift of the whole picture says where to look
            const Vec2 shift = coarseShift(s.previousThumbnail, s.pyramid.levels.back());
            const Vec2 middle{s.lens.centre.x(), s.lens.centre.y()}, below = middle + Vec2{0, 50};
            const Matrix3d previousFromNow = rotationOfPair(
                s.lens.ray(middle + shift), s.lens.ray(below + shift), s.lens.ray(middle), s.lens.ray(below));
            m = s.measure(s.keyframes[s.active], previous * previousFromNow, cover);
        }
        if (m.good()) {
            s.current = s.keyframes[s.active].shotFromKey * m.keyFromCam;
            entry.measured = true;
            entry.unexplainedPx = m.unexplainedPx;
            const Eigen::AngleAxisd turn(Matrix3d(previous.transpose() * s.current));
            s.turnPerFrame = turn.angle() * turn.axis() / std::max(1.0, gap);
            const bool resting = s.picturePx(previous.transpose() * s.current) < 0.3;
            s.restingFrames = resting ? s.restingFrames + 1 : 0;
            s.lastMeasured = index;
            s.unmeasured = 0;
            const Keyframe& key = s.keyframes[s.active];
            const bool far = s.picturePx(s.current.transpose() * key.shotFromKey) > 0.22 * s.workWidth;
            const bool few = m.inliers < 0.45 * static_cast<double>(key.patches.positions().size());
            if ((far || few) && !s.changeKeyframe(cover)) {
                s.startKeyframe(cover);
            }
        } else if (++s.unmeasured > 5) {
            // Blur or a covered lens has passed, or the view has changed without being seen to: go on from here.
            s.restingFrames = 0;
            s.turnPerFrame.setZero();
            if (!s.changeKeyframe(cover)) {
                s.startKeyframe(cover);
            } else {
                entry.measured = true;
            }
            s.lastMeasured = index;
            s.unmeasured = 0;
        }
    }
    entry.shotFromCam = s.current;
    s.frames.push_back(entry);
    s.previousThumbnail = s.pyramid.levels.back();
}

CameraPath CameraMotionEstimator::path() const {
    const Impl& s = *impl_;
    CameraPath out;
    out.firstFrame = s.firstFrame;
    out.shotStarts = s.shotStarts;
    out.shotFromCam.resize(s.frames.size());
    for (std::size_t begin = 0; begin < s.frames.size();) {
        std::size_t end = begin;
        while (end < s.frames.size() && s.frames[end].shot == s.frames[begin].shot) {
            ++end;
        }
        // Between measured frames the camera turns evenly; before the first and after the last it holds.
        std::vector<Matrix3d> turns(end - begin, Matrix3d::Identity());
        std::size_t last = end;
        for (std::size_t i = begin; i < end; ++i) {
            if (!s.frames[i].measured) {
                continue;
            }
            turns[i - begin] = s.frames[i].shotFromCam;
            if (last != end) {
                const Eigen::Quaterniond a(s.frames[last].shotFromCam), b(s.frames[i].shotFromCam);
                for (std::size_t k = last + 1; k < i; ++k) {
                    turns[k - begin] = a.slerp(static_cast<double>(k - last) / static_cast<double>(i - last), b).toRotationMatrix();
                }
            }
            last = i;
        }
        for (std::size_t k = last == end ? begin : last + 1; k < end; ++k) {
            turns[k - begin] = last == end ? Matrix3d::Identity() : s.frames[last].shotFromCam;
        }
        const Lens lens{s.frames[begin].focal, s.lens.centre};
        const auto away = std::count_if(turns.begin(), turns.end(), [&](const Matrix3d& r) {
            return s.picturePx(r, lens) > s.options.movingPx;
        });
        const bool moves = away > 0 && static_cast<double>(away) >= s.options.movingShare * static_cast<double>(turns.size());
        out.moves |= moves;
        std::vector<double> unexplained;
        for (std::size_t i = begin; i < end; ++i) {
            if (s.frames[i].measured) {
                unexplained.push_back(s.frames[i].unexplainedPx);
            }
        }
        if (!unexplained.empty()) {
            out.parallaxPx = std::max(out.parallaxPx, valueAtRank(unexplained, unexplained.size() * 3 / 4));
        }
        for (std::size_t i = begin; i < end; ++i) {
            out.shotFromCam[i] = moves ? toMat3(turns[i - begin]) : Mat3{};
        }
        begin = end;
    }
    return out;
}

double CameraMotionEstimator::measuredShare() const {
    const Impl& s = *impl_;
    if (s.frames.empty()) {
        return 0;
    }
    // Frames skipped at rest count as measured: both sides of them were.
    std::size_t lost = 0, last = 0;
    for (std::size_t i = 0; i < s.frames.size(); ++i) {
        if (s.frames[i].measured) {
            lost += i - last > static_cast<std::size_t>(kRestingStride) ? i - last - 1 : 0;
            last = i;
        }
    }
    lost += s.frames.size() - 1 - last > static_cast<std::size_t>(kRestingStride) ? s.frames.size() - 1 - last : 0;
    return 1 - static_cast<double>(lost) / static_cast<double>(s.frames.size());
}

} // namespace body4d

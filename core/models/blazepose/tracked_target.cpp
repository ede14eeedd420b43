#include "models/blazepose/tracked_target.h"

#include "base/order_statistics.h"
#include "models/blazepose/appearance.h"
#include "models/blazepose/arm_path.h"
#include "models/blazepose/leg_path.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/seen_part.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr double kFewestPresence = 0.4;
constexpr double kSmallestOwnShare = 0.3; // of the network's mask that must be this target's
constexpr double kAdaptation = 0.05;
constexpr int kLongestWeakRun = 8;
constexpr std::size_t kSimilarityMemory = 240;
constexpr std::size_t kFewestSimilarities = 4;
constexpr double kPoorCoverage = 0.85, kFairCoverage = 0.9; // of the target's usual one
constexpr double kLeastUsualCoverage = 0.8;
constexpr double kLargeJump = 0.3, kFairJump = 0.2; // metres a frame, mean of the main points
constexpr double kConvincing = 0.45;
constexpr int kPatience = 4, kLongestPause = 8;
constexpr double kMotionFade = 0.9, kMotionAdaptation = 0.3;
constexpr double kLeastClothes = 0.45; // upper times lower, to take somebody for a target that was lost
constexpr double kResemblance = 0.85;  // of the usual similarity
constexpr double kUnbroken = 0.9, kHalfHiddenShare = 0.65;
constexpr int kLongLoss = 8;           // frames, from which somebody alike may have come instead
constexpr double kClothesShare = 0.72; // of the usual likeness, wanted then
constexpr float kSurePresence = 0.9F;  // of who is back after leaving across the border
constexpr double kSureInside = 0.7;
constexpr double kSureLikeness = 0.93; // of the usual similarity
constexpr double kSureClothes = 0.85;  // of the usual likeness of upper and lower clothes
constexpr double kEntry = 0.3;         // of the crop's side: who comes back does so at a border
constexpr double kLeaveSeconds = 0.6;  // ahead, by which the trunk must be across the border
constexpr double kLeaveMargin = 0.1, kElsewhere = 0.5; // of the crop's side
constexpr int kTrialFrames = 6, kProofs = 4;           // so many of so many frames must be like the target
constexpr int kOwnProofs = 2;                          // from which going on unbroken is a proof, too
constexpr double kMotionTolerance = 0.15;              // of the crop's side
constexpr double kUpSeconds = 0.6;                     // after which it counts as standing again
constexpr double kUsualGrowth = 0.6;                   // log of the own mask's area
constexpr double kResized = 3;                         // cost of a body e times as large as usual
constexpr std::ptrdiff_t kFirstLegPoint = 25; // of the landmarks: a knee
constexpr double kOwnershipMargin = 1;                 // of 64: the target that is known already wins ties

double gaussian(double x, double sigma) {
    return std::exp(-(x / sigma) * (x / sigma));
}

/// Middle of the shoulders and hips.
Vec2 trunk(const Observation& o) {
    return 0.25 * (o.px[11] + o.px[12] + o.px[23] + o.px[24]);
}

} // namespace

TrackedTarget::TrackedTarget(TargetId targetId, std::vector<Prompt> prompts)
    : id_(targetId), prompts_(std::move(prompts)) {}

const Prompt* TrackedTarget::promptOn(std::int64_t frame) const {
    const auto it = std::find_if(prompts_.begin(), prompts_.end(),
                                 [&](const Prompt& p) { return p.frame == frame && !p.empty(); });
    return it == prompts_.end() ? nullptr : &*it;
}

bool TrackedTarget::wellKnown() const {
    return firmSimilarities_.size() >= kFewestSimilarities;
}

Roi TrackedTarget::predictedRoi() const {
    if (!filter_.primed()) {
        return nextRoi(last_);
    }
    const Roi roi = roiFromPoints(filter_.hips(), filter_.sizePoint());
    const double ratio = roi.side / last_.roi.side;
    return ratio > 0.6 && ratio < 1.6 ? roi : nextRoi(last_);
}

Vec2 TrackedTarget::predictedStep() const {
    // Nobody walks on for ever behind an obstacle: the extrapolated way is a geometric sum.
    const double steps = (1 - std::pow(kMotionFade, lost_ + 1)) / (1 - kMotionFade);
    return steps * velocity_;
}

Vec2 TrackedTarget::predictedCentre() const {
    return centre(last_.roi) + predictedStep();
}

double TrackedTarget::offItsWay(const Observation& o) const {
    return norm(seenStep(last_, o) - predictedStep());
}

double TrackedTarget::motionQuality(const Observation& o, const Judgement& j) const {
    if (j.quality <= 0 || cutPending_) {
        return j.quality;
    }
    const double shift = offItsWay(o) / seenPart(last_).side;
    // Beside others a turned crop is more often a mixture of two people than a somersault.
    const double turn = wrapAngle(o.roi.angle - last_.roi.angle);
    return j.quality * j.clothes * j.clothes * gaussian(turn, 1.2) * gaussian(std::log(j.grown), 0.6) *
           gaussian(shift, kMotionTolerance * std::min(1 + 0.5 * lost_, 8.0));
}

double TrackedTarget::medianSimilarity() const {
    auto similarities = firmSimilarities_;
    return upperMedian(similarities);
}

double TrackedTarget::clothesLikeness(const Observation& o) const {
    double like = 1;
    if (!o.upperClothes.empty() && !upper_.empty()) {
        like *= blazepose::similarity(o.upperClothes, upper_);
    }
    if (!o.lowerClothes.empty() && !lower_.empty()) {
        like *= blazepose::similarity(o.lowerClothes, lower_);
    }
    return like;
}

double TrackedTarget::usualSimilarity() const {
    return firmSimilarities_.size() < kFewestSimilarities ? 0.7 : medianSimilarity();
}

bool TrackedTarget::resembles(const Observation& o) const {
    const double like =
        0.5 * (blazepose::similarity(o.histogram, reference_) + blazepose::similarity(o.histogram, adapted_));
    return like > kResemblance * usualSimilarity() && clothesLikeness(o) > kLeastClothes;
}

double TrackedTarget::likeness(const Observation& o) const {
    return 0.5 *
           (blazepose::similarity(o.histogram, reference_) + blazepose::similarity(o.histogram, adapted_)) *
           clothesLikeness(o);
}

bool TrackedTarget::unbroken(const Judgement& j) const {
    return j.continuity > kUnbroken && j.similarity > kHalfHiddenShare * usualSimilarity() &&
           j.boxOverlap > 0.4;
}

Judgement TrackedTarget::judge(Observation& o, const Others& others, int frameWidth, int frameHeight) const {
    Judgement j;
    if (o.score < kFewestPresence) {
        return j;
    }
    o.own = ownershipMask(o, others, kOwnershipMargin);
    measureClothes(o, o.ownMask(), *o.crop);
    j.similarity =
        0.5 * (blazepose::similarity(o.histogram, reference_) + blazepose::similarity(o.histogram, adapted_));
    j.continuity = lost_ == 0 ? blazepose::similarity(o.histogram, last_.histogram) : 0;
    j.clothes = clothesLikeness(o);
    j.boxOverlap = intersectionOverUnion(bodyBox(o), bodyBox(last_));
    j.inside = insideShare(o, o.ownMask(), frameWidth, frameHeight);
    const Box box = bodyBox(o);
    j.borderGap =
        std::max(0.0, std::min({box.x0, box.y0, frameWidth - box.x1, frameHeight - box.y1})) / o.roi.side;
    const int ownPixels = maskArea(o.ownMask());
    const double ownArea = ownPixels * std::pow(o.roi.side / kLandmarkSide, 2);
    j.grown = ownArea / std::max(usualArea_, 1.0);
    if ((o.own && ownPixels < kSmallestOwnShare * maskArea(*o.mask)) || ownArea < 1) {
        return j;
    }
    j.identity = j.similarity * o.score * (0.3 + 0.7 * j.inside);
    j.coverage = skeletonCoverage(o, o.ownMask());
    double pose = 0.1 + 0.9 * j.coverage * j.coverage;
    if (!cutPending_) {
        const double slack = lost_ == 0 ? 1 : std::min(1 + 0.2 * lost_, 8.0);
        const double shift = norm(seenStep(last_, o)) / seenPart(last_).side;
        j.identity *=
            gaussian(std::log(o.roi.side / last_.roi.side), 0.5 * slack) * gaussian(shift, 0.35 * slack);
        for (const int k : kMainPoints) {
            const auto i = static_cast<std::size_t>(k);
            j.worldJump += norm(o.world[i] - last_.world[i]) / static_cast<double>(kMainPoints.size());
        }
        pose *= 0.4 + 0.6 * gaussian(j.worldJump, 0.45 * slack);
    }
    j.quality = j.identity * pose;
    return j;
}

bool TrackedTarget::clearlyFits(const Observation& o, const Judgement& j) const {
    const double wanted =
        firmSimilarities_.size() < kFewestSimilarities ? 0.35 : std::max(0.3, 0.8 * medianSimilarity());
    return j.identity > 0.18 && (j.similarity > wanted || unbroken(j)) && j.boxOverlap > 0.15 &&
           o.score > 0.8 && j.inside > 0.6 && afterHold(j);
}

bool TrackedTarget::afterHold(const Judgement& j) const {
    if (keptFor_ == 0) {
        return true;
    }
    // Who shows up where a target is held may be whoever hides it.
    const double wanted = keptFor_ < kLongLoss ? 0 : kClothesShare * usualClothes_;
    return j.clothes > std::max(kLeastClothes, wanted) && j.similarity > kResemblance * usualSimilarity();
}

bool TrackedTarget::poorPose(const Judgement& j) const {
    auto coverages = firmCoverages_;
    const double coverage = j.coverage / std::max(kLeastUsualCoverage, upperMedian(coverages));
    return coverage < kPoorCoverage || j.worldJump > kLargeJump ||
           (coverage < kFairCoverage && j.worldJump > kFairJump);
}

bool TrackedTarget::doubtful(const Judgement& j) const {
    return pause_ == 0 && poorPose(j);
}

bool TrackedTarget::upsideDownLately() const {
    return upSince_ < kUpSeconds;
}

double TrackedTarget::poseCost(const Observation& o, const Judgement& j) const {
    double seen = 0;
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        seen += o.visibility[i] * o.presence[i] / static_cast<double>(kMainPoints.size());
    }
    const double growth = std::log(std::max(j.grown, 1e-3)) / kUsualGrowth;
    // A body keeps its size, whatever it does; trousers are where the legs are.
    const double resized = std::abs(std::log(std::max(bodyScale(o), 1e-3) / std::max(usualScale_, 1e-3)));
    return -2 * std::log(std::max<double>(o.score, 0.01)) - 2 * std::log(std::max(j.similarity, 0.05)) -
           2 * std::log(std::max(j.clothes, 0.02)) + kResized * std::min(resized, 1.0) -
           2 * std::log(0.05 + 0.95 * j.coverage) - 1.5 * std::log(0.05 + 0.95 * j.inside) -
           std::log(0.2 + 0.8 * seen) + 0.5 * growth * growth;
}

bool TrackedTarget::convincing(const Judgement& j) const {
    return j.quality > kConvincing && !poorPose(j);
}

void TrackedTarget::noteSecondLook(const Judgement& j) {
    fruitless_ = poorPose(j) ? fruitless_ + 1 : 0;
    pause_ = fruitless_ > kPatience ? std::min(1 << (fruitless_ - kPatience), kLongestPause) : 0;
}

bool TrackedTarget::acceptable(const Observation& o, const Judgement& j, bool trackedOn) const {
    const double usual = usualSimilarity();
    if (cutPending_) {
        return j.identity > 0.35 && j.similarity > std::max(0.5, 0.9 * usual) && o.score >= 0.8 &&
               j.inside > 0.6;
    }
    if (left_ && trial_ == 0) {
        return j.borderGap < kEntry && surely(o, j);
    }
    if (!afterHold(j)) {
        return false;
    }
    const double wanted =
        lost_ < kLongLoss ? kLeastClothes : std::max(kLeastClothes, kClothesShare * usualClothes_);
    if (lost_ > 0 && j.clothes < wanted) {
        return false;
    }
    const double share = trackedOn ? 0.62 : lost_ < 2 ? 0.72 : 0.85;
    return j.identity > (trackedOn ? 0.15 : 0.2) && j.similarity > std::max(0.35, share * usual) &&
           o.score >= (lost_ < 2 ? 0.5 : 0.8) && (lost_ < 2 || j.inside > 0.6);
}

void TrackedTarget::seed(Observation o, double inside, double dt) {
    measureClothes(o, o.ownMask(), *o.crop);
    upper_ = o.upperClothes;
    lower_ = o.lowerClothes;
    usualArea_ = maskArea(o.ownMask()) * std::pow(o.roi.side / kLandmarkSide, 2);
    usualScale_ = bodyScale(o);
    usualClothes_ = 0;
    learns_ = true;
    reference_ = adapted_ = o.histogram;
    firmSimilarities_.clear();
    firmCoverages_.assign(1, skeletonCoverage(o, o.ownMask()));
    fruitless_ = pause_ = 0;
    started_ = true;
    afterCut_ = cutPending_ = false;
    lost_ = weak_ = run_ = 0;
    forgetPlace();
    clearness_ = o.score * inside;
    upSince_ = upsideDown(o) ? 0 : 1e6;
    standUnderShoulders(o);
    filter_.reset();
    filter_.push(o.px[33], o.px[34], dt, o.roi.side);
    good_ = o;
    last_ = std::move(o);
}

bool TrackedTarget::accept(Observation o, const Judgement& j, double dt, bool& firm) {
    firm = o.score > 0.8 && j.inside > 0.55 &&
           (firmSimilarities_.size() < kFewestSimilarities || j.similarity > 0.8 * medianSimilarity() ||
            unbroken(j));
    if (lost_ > 0 || keptFor_ > 0) {
        filter_.reset();
    }
    if (needsTrial(o)) {
        beginTrial();
    }
    if (cutPending_) {
        cutPending_ = false;
        afterCut_ = true;
    }
    ++run_;
    pause_ = std::max(0, pause_ - 1);
    if (trial_ > 0) {
        const bool alike =
            left_ ? surely(o, j)
                  : resembles(o) && j.clothes > std::max(kLeastClothes, kClothesShare * usualClothes_);
        const bool goesOn = !left_ && proofs_ >= kOwnProofs && unbroken(j);
        if (!tried(firm && (alike || goesOn))) {
            return false;
        }
    } else if (!firm && ++weak_ > kLongestWeakRun) {
        dropRun();
        return false;
    }
    const bool proven = trial_ == 0;
    const Vec2 step = 1.0 / (lost_ + 1) * seenStep(last_, o);
    velocity_ = velocity_ + kMotionAdaptation * (step - velocity_);
    lost_ = 0;
    upSince_ = upsideDown(o) ? 0 : upSince_ + dt;
    clearness_ += 0.1 * (o.score * j.inside - clearness_);
    standUnderShoulders(o);
    filter_.push(o.px[33], o.px[34], dt, o.roi.side);
    if (firm && proven) {
        weak_ = run_ = keptFor_ = 0;
    }
    if (firm && learns_ && proven) {
        if (firmSimilarities_.size() >= kSimilarityMemory) {
            firmSimilarities_.erase(firmSimilarities_.begin());
        }
        firmSimilarities_.push_back(j.similarity);
        if (firmCoverages_.size() >= kSimilarityMemory) {
            firmCoverages_.erase(firmCoverages_.begin());
        }
        firmCoverages_.push_back(j.coverage);
        const auto adapt = [](Histogram& mean, const Histogram& seen) {
            mean = mean.empty() ? seen : mean;
            for (std::size_t i = 0; i < std::min(mean.size(), seen.size()); ++i) {
                mean[i] += static_cast<float>(kAdaptation) * (seen[i] - mean[i]);
            }
        };
        usualClothes_ += (usualClothes_ > 0 ? kAdaptation : 1) * (j.clothes - usualClothes_);
        adapt(adapted_, o.histogram);
        adapt(upper_, o.upperClothes);
        adapt(lower_, o.lowerClothes);
        const double seenArea = maskArea(o.ownMask()) * std::pow(o.roi.side / kLandmarkSide, 2);
        usualArea_ += 4 * kAdaptation * (seenArea - usualArea_);
        usualScale_ += kAdaptation * (bodyScale(o) - usualScale_);
    }
    learns_ = true;
    if (firm && proven) {
        good_ = o;
    }
    last_ = std::move(o);
    return true;
}

bool TrackedTarget::leaving(int frameWidth, int frameHeight, double dt) const {
    const Vec2 there = trunk(last_) + kLeaveSeconds / dt * velocity_;
    const double margin = kLeaveMargin * last_.roi.side;
    return (velocity_.x < 0 && there.x < margin) || (velocity_.x > 0 && there.x > frameWidth - margin) ||
           (velocity_.y < 0 && there.y < margin) || (velocity_.y > 0 && there.y > frameHeight - margin);
}

bool TrackedTarget::surely(const Observation& o, const Judgement& j) const {
    return o.score >= kSurePresence && j.inside > kSureInside && j.identity > 0.2 &&
           j.similarity > kSureLikeness * usualSimilarity() &&
           j.clothes > std::max(kLeastClothes, kSureClothes * usualClothes_);
}

bool TrackedTarget::dressedAsUsual(const Judgement& j) const {
    return j.clothes > kClothesShare * usualClothes_;
}

bool TrackedTarget::needsTrial(const Observation& o) const {
    if (trial_ > 0 || lost_ == 0 || cutPending_ || bystander()) {
        return false;
    }
    // Where it was lost it may well be, half hidden still; elsewhere it may be somebody else.
    const bool elsewhere = offItsWay(o) > kElsewhere * seenPart(last_).side;
    return left_ || (lost_ >= kLongLoss && elsewhere);
}

void TrackedTarget::beginTrial() {
    trial_ = kTrialFrames;
    proofs_ = weak_ = run_ = keptFor_ = 0;
    lostBefore_ = lost_;
}

bool TrackedTarget::tried(bool proof) {
    proofs_ += proof ? 1 : 0;
    if (--trial_ > 0) {
        return true;
    }
    if (proofs_ < kProofs) {
        dropRun();
        velocity_ = {};
        return false;
    }
    left_ = false;
    lostBefore_ = weak_ = run_ = 0;
    return true;
}

void TrackedTarget::dropRun() {
    lost_ = run_ + lostBefore_;
    weak_ = run_ = trial_ = lostBefore_ = keptFor_ = 0;
    last_ = good_;
    filter_.reset();
}

bool TrackedTarget::miss(int frameWidth, int frameHeight, double dt) {
    filter_.reset();
    if (trial_ > 0) {
        ++run_;
        ++lost_;
        return tried(false);
    }
    if (lost_ == 0 && !cutPending_) {
        left_ = !bystander() && leaving(frameWidth, frameHeight, dt);
    }
    ++lost_;
    run_ = weak_ > 0 ? run_ + 1 : 0;
    if (lost_ > kLongestWeakRun) {
        weak_ = run_ = keptFor_ = 0;
    }
    return true;
}

void TrackedTarget::end() {
    started_ = false;
    cuts_.clear();
    weak_ = run_ = 0;
    forgetPlace();
}

void TrackedTarget::applyCuts(Observation& o, const Prompt* prompt) {
    std::erase_if(cuts_, [&](MaskCut& cut) { return !followCut(cut, o); });
    if (prompt == nullptr) {
        return;
    }
    for (const PointPrompt& p : prompt->points) {
        if (!p.include) {
            if (const auto cut = cutRegion(o, toIndexSpace(Vec2{p.x, p.y}))) {
                cuts_.push_back(*cut);
            }
        }
    }
}

void TrackedTarget::cut() {
    settlePoses();
    settleSupposed(true);
    cuts_.clear();
    lost_ = std::max(lost_, 1);
    weak_ = run_ = 0;
    filter_.reset();
    cutPending_ = true;
    forgetPlace();
}

void TrackedTarget::forgetPlace() {
    velocity_ = {};
    left_ = false;
    keptFor_ = trial_ = proofs_ = lostBefore_ = 0;
}

std::size_t TrackedTarget::revocable() const {
    return std::min(held.size(), static_cast<std::size_t>(run_));
}

std::size_t TrackedTarget::inDoubt() const {
    const auto clear =
        std::find_if(held.rbegin(), held.rend(), [](const HeldFrame& h) { return h.options.empty(); });
    return static_cast<std::size_t>(clear - held.rbegin());
}

std::size_t TrackedTarget::settled() const {
    const std::size_t doubt = inDoubt(); // the frame before it stays, too: what comes then goes on from there
    const auto sure = std::find_if(held.rbegin(), held.rend(), [](const HeldFrame& h) { return !h.supposed; });
    const auto supposed = static_cast<std::size_t>(sure - held.rbegin());
    return held.size() - std::min(held.size(), std::max({revocable(), supposed, doubt > 0 ? doubt + 1 : 0}));
}

TrackedTarget TrackedTarget::turnedBack() const {
    TrackedTarget out = *this;
    out.held.clear();
    out.velocity_ = -1.0 * velocity_;
    out.filter_.reset();
    return out;
}

void TrackedTarget::settlePoses(std::size_t later) {
    std::size_t end = held.size();
    end -= end > 0 && held[end - 1].options.empty() ? 1 : 0;
    std::size_t begin = end;
    while (begin > 0 && !held[begin - 1].options.empty()) {
        --begin;
    }
    if (begin == end) {
        return;
    }
    std::vector<PoseOptions> frames;
    const auto clearFrame = [&](std::size_t i) {
        if (held[i].frame.firm) {
            frames.push_back({PoseOption{held[i].frame.pose, 0}});
        }
        return held[i].frame.firm ? std::size_t{1} : std::size_t{0};
    };
    const std::size_t before = begin > 0 ? clearFrame(begin - 1) : 0;
    for (std::size_t i = begin; i < end; ++i) {
        frames.push_back(held[i].options);
    }
    if (end < held.size()) {
        clearFrame(end);
    }
    const std::vector<std::size_t> path = cheapestPath(frames);
    const auto legs = cheapestLegs(frames, path);
    const auto arms = cheapestArms(frames, path);
    const std::size_t open = later > 0 ? end - std::min(end - begin, later) : end;
    for (std::size_t i = begin; i < open; ++i) {
        const std::size_t f = before + i - begin;
        PoseOption option = frames[f][path[f]];
        for (std::size_t side = 0; side < 2; ++side) {
            if (legs[f][side] != path[f]) {
                takeLeg(option.pose, frames[f][legs[f][side]].pose, side);
                option.legs[side] = frames[f][legs[f][side]].legs[side];
            }
            if (arms[f][side] != path[f]) {
                takeArm(option.pose, frames[f][arms[f][side]].pose, side);
            }
        }
        PoseLandmarks& pose = held[i].frame.pose;
        const bool sameArms =
            std::equal(option.pose.points.begin(), option.pose.points.begin() + kFirstLegPoint,
                       pose.points.begin(), [](const PoseLandmark& a, const PoseLandmark& b) {
                           return a.px.x == b.px.x && a.px.y == b.px.y;
                       });
        pose = option.pose;
        if (!sameArms) {
            held[i].hands = {}; // they were looked for at the other pose's wrists
            held[i].frame.hands = {};
        }
        held[i].options.clear();
        if (i + 1 == open && open < end) {
            held[i].options.push_back(option); // where the rest goes on from
        }
    }
}

} // namespace body4d::blazepose

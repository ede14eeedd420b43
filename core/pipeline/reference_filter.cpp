#include "pipeline/reference_filter.h"

#include "base/error.h"
#include "base/order_statistics.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace {

constexpr std::size_t kSupport = 5;  ///< visible frames on a side whose mean is interpolated
constexpr double kAlwaysMoving = 3;  ///< times the thresholds of a frame at rest
constexpr double kEmpty = 1e-6;      ///< length of a track that says nothing
constexpr double kSpikeFactor = 2.2; ///< of the mean step
constexpr double kAlikePerValue = 0.05;
constexpr std::size_t kRimFrames = 2; ///< beyond the nearest visible frame that are drawn to a hidden run
constexpr double kRimShare = 0.45, kRimDecay = 0.5;

/// How the two filters differ.
struct Rules {
    double medianStep, largestStep; ///< of somebody who rests
    double alpha;                   ///< share of a new value
    bool spikes;                    ///< single large steps of somebody who moves are damped
    bool blends; ///< hidden frames keep a share of their own, and their neighbours follow them
};
constexpr Rules kPose{0.08, 0.25, 0.18, true, true};
constexpr Rules kRotation{0.02, 0.08, 0.10, false, false};

float largest(const std::vector<float>& values) {
    return *std::max_element(values.begin(), values.end());
}

/// One person in one window.
class Filter {
public:
    Filter(std::span<float> values, std::size_t width, const ReferenceWindow& window, const Rules& rules)
        : values_(values), width_(width), rules_(rules) {
        const auto frames = window.present.size();
        BODY4D_EXPECT(values.size() == frames * width);
        BODY4D_EXPECT(window.visible.empty() || window.visible.size() == frames);
        for (std::size_t t = 0; t < frames; ++t) {
            const bool seen = window.visible.empty() || window.visible[t] != 0;
            visible_.push_back(window.present[t] != 0 && seen ? 1 : 0);
            hidden_.push_back(window.present[t] != 0 && !seen ? 1 : 0);
            present_ += window.present[t] != 0 ? 1 : 0;
            if (visible_[t] != 0) {
                seen_.push_back(t);
            }
        }
    }

    void run() {
        if (present_ <= 1 || seen_.size() <= 1 || length() < kEmpty) {
            return;
        }
        std::vector<float> steps;
        for (std::size_t i = 1; i < seen_.size(); ++i) {
            steps.push_back(distance(seen_[i - 1], seen_[i]));
        }
        auto sorted = steps;
        const bool always = median(sorted) >= kAlwaysMoving * rules_.medianStep ||
                            largest(steps) >= kAlwaysMoving * rules_.largestStep;
        if (!always) {
            eachRun(visible_, [this](std::size_t begin, std::size_t end) { smoothRun(begin, end); });
        }
        eachRun(hidden_, [this](std::size_t begin, std::size_t end) { bridge(begin, end); });
    }

private:
    using Row = std::vector<float>;

    [[nodiscard]] float* at(std::size_t frame) const { return values_.data() + frame * width_; }
    [[nodiscard]] Row row(std::size_t frame) const { return {at(frame), at(frame) + width_}; }
    [[nodiscard]] float distance(std::size_t a, std::size_t b) const {
        float sum = 0;
        for (std::size_t k = 0; k < width_; ++k) {
            const float d = at(b)[k] - at(a)[k];
            sum += d * d;
        }
        return std::sqrt(sum);
    }
    [[nodiscard]] double length() const {
        double sum = 0;
        for (const auto t : seen_) {
            for (std::size_t k = 0; k < width_; ++k) {
                sum += static_cast<double>(at(t)[k]) * static_cast<double>(at(t)[k]);
            }
        }
        return std::sqrt(sum);
    }

    template <typename Fn>
    static void eachRun(const std::vector<std::uint8_t>& flags, Fn fn) {
        for (std::size_t t = 0; t < flags.size(); ++t) {
            if (flags[t] != 0) {
                const auto begin = t;
                while (t < flags.size() && flags[t] != 0) {
                    ++t;
                }
                fn(begin, t);
            }
        }
    }

    void smoothRun(std::size_t begin, std::size_t end) {
        if (end - begin < 2) {
            return;
        }
        std::vector<float> steps;
        for (auto t = begin + 1; t < end; ++t) {
            steps.push_back(distance(t - 1, t));
        }
        auto sorted = steps;
        const bool rests = median(sorted) < rules_.medianStep && largest(steps) < rules_.largestStep;
        double spike = -1;
        if (!rests) {
            if (!rules_.spikes || end - begin < 3) {
                return;
            }
            float sum = 0;
            for (const float step : steps) {
                sum += step;
            }
            const double mean = static_cast<double>(sum / static_cast<float>(steps.size()));
            spike = std::max(kSpikeFactor * mean, rules_.largestStep);
        }
        const double share = rests ? rules_.alpha : rules_.alpha * 0.5;
        const auto fresh = static_cast<float>(share), kept = static_cast<float>(1.0 - share);
        std::vector<Row> smooth{row(begin)};
        for (auto t = begin + 1; t < end; ++t) {
            smooth.push_back(row(t));
            if (rests || static_cast<double>(steps[t - begin - 1]) > spike) {
                const auto& before = smooth[smooth.size() - 2];
                for (std::size_t k = 0; k < width_; ++k) {
                    smooth.back()[k] = fresh * smooth.back()[k] + kept * before[k];
                }
            }
        }
        const bool finite = std::all_of(smooth.begin(), smooth.end(), [](const Row& r) {
            return std::all_of(r.begin(), r.end(), [](float v) { return std::isfinite(v); });
        });
        for (std::size_t i = 0; finite && i < smooth.size(); ++i) {
            std::copy(smooth[i].begin(), smooth[i].end(), at(begin + i));
        }
    }

    [[nodiscard]] Row meanOf(std::span<const std::size_t> frames) const {
        Row out(width_, 0);
        for (const auto t : frames) {
            for (std::size_t k = 0; k < width_; ++k) {
                out[k] += at(t)[k];
            }
        }
        for (auto& v : out) {
            v /= static_cast<float>(frames.size());
        }
        return out;
    }

    /// A hidden run [begin, end).
    void bridge(std::size_t begin, std::size_t end) {
        const auto split = std::lower_bound(seen_.begin(), seen_.end(), begin);
        const auto before = static_cast<std::size_t>(split - seen_.begin());
        const std::span<const std::size_t> all(seen_);
        const auto left = all.subspan(before - std::min(before, kSupport), std::min(before, kSupport));
        const auto right = all.subspan(before, std::min(seen_.size() - before, kSupport));
        if (left.empty() && right.empty()) {
            return;
        }
        const Row from = left.empty() ? Row() : meanOf(left), to = right.empty() ? Row() : meanOf(right);
        for (auto t = begin; t < end; ++t) {
            Row guess = left.empty() ? to : from;
            if (!left.empty() && !right.empty()) {
                const double r =
                    static_cast<double>(t - left.back()) / static_cast<double>(right.front() - left.back());
                const auto a = static_cast<float>(1.0 - r), b = static_cast<float>(r);
                for (std::size_t k = 0; k < width_; ++k) {
                    guess[k] = a * from[k] + b * to[k];
                }
            }
            if (rules_.blends) {
                mix(t, guess, shareOf(guess, t, begin == 0 && left.empty()));
            } else {
                std::copy(guess.begin(), guess.end(), at(t));
            }
        }
        if (!rules_.blends) {
            return;
        }
        if (!left.empty()) {
            const Row rim = row(begin);
            for (std::size_t d = 0; d <= std::min(kRimFrames, left.back()); ++d) {
                follow(left.back() - d, rim, d);
            }
        }
        if (!right.empty()) {
            const Row rim = row(end - 1);
            for (std::size_t d = 0; d <= kRimFrames && right.front() + d < visible_.size(); ++d) {
                follow(right.front() + d, rim, d);
            }
        }
    }

    /// How much of a hidden frame is guessed: most where the guess is what was read anyway.
    [[nodiscard]] double shareOf(const Row& guess, std::size_t frame, bool clipBeginsHidden) const {
        float sum = 0;
        for (std::size_t k = 0; k < width_; ++k) {
            const float d = guess[k] - at(frame)[k];
            sum += d * d;
        }
        const double off = static_cast<double>(std::sqrt(sum) / static_cast<float>(width_));
        const double share = off < kAlikePerValue ? 0.82 : off < 2 * kAlikePerValue ? 0.65 : 0.45;
        return clipBeginsHidden ? std::min(share, 0.35) : share;
    }

    void mix(std::size_t frame, const Row& with, double share) {
        const auto a = static_cast<float>(share), b = static_cast<float>(1.0 - share);
        for (std::size_t k = 0; k < width_; ++k) {
            at(frame)[k] = a * with[k] + b * at(frame)[k];
        }
    }

    void follow(std::size_t frame, const Row& rim, std::size_t distance) {
        if (visible_[frame] != 0) {
            mix(frame, rim, kRimShare * std::pow(kRimDecay, static_cast<double>(distance)));
        }
    }

    std::span<float> values_;
    std::size_t width_;
    const Rules& rules_;
    std::vector<std::uint8_t> visible_, hidden_;
    std::vector<std::size_t> seen_; ///< visible frames
    std::size_t present_ = 0;
};

/// Runs `smooth` over one kind of parameters of a window. Absent frames hold zeros, which nothing looks at.
template <typename Fn>
void over(std::span<std::optional<BodyParameters>> window, std::vector<float> BodyParameters::*member,
          Fn smooth) {
    std::size_t width = 0;
    for (const auto& frame : window) {
        width = frame ? ((*frame).*member).size() : width;
    }
    std::vector<float> values(window.size() * width, 0);
    for (std::size_t t = 0; t < window.size(); ++t) {
        if (window[t]) {
            std::copy(((*window[t]).*member).begin(), ((*window[t]).*member).end(),
                      values.begin() + static_cast<std::ptrdiff_t>(t * width));
        }
    }
    smooth(std::span<float>(values), width);
    for (std::size_t t = 0; t < window.size(); ++t) {
        if (window[t]) {
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(t * width), width,
                        ((*window[t]).*member).begin());
        }
    }
}

} // namespace

void referenceSmoothPose(std::span<float> values, std::size_t width, const ReferenceWindow& window) {
    Filter(values, width, window, kPose).run();
}

void referenceSmoothRotation(std::span<float> values, const ReferenceWindow& window) {
    Filter(values, 3, window, kRotation).run();
}

double referenceVisibility(const RleMask& seen, const RleMask& whole, TargetId id) {
    const Mask a = decodeRle(seen), b = decodeRle(whole);
    BODY4D_EXPECT(a.width == b.width && a.height == b.height);
    const int marginX = static_cast<int>(a.width * 0.05), marginY = static_cast<int>(a.height * 0.05);
    long long seenPx = 0, wholePx = 0, common = 0, inner = 0;
    int left = b.width, top = b.height, right = -1, bottom = -1;
    for (int y = 0; y < a.height; ++y) {
        for (int x = 0; x < a.width; ++x) {
            const bool isSeen = a.row(y)[x] != 0, isWhole = b.row(y)[x] != 0;
            seenPx += isSeen ? 1 : 0;
            wholePx += isWhole ? 1 : 0;
            common += isSeen && isWhole ? 1 : 0;
            inner += isSeen && x >= marginX && x < a.width - marginX && y >= marginY && y < a.height - marginY
                         ? 1
                         : 0;
            if (isWhole) {
                left = std::min(left, x);
                right = std::max(right, x);
                top = std::min(top, y);
                bottom = std::max(bottom, y);
            }
        }
    }
    // In a picture too small for a margin their slice [-0:] is the whole of it.
    if (inner == 0 || marginX == 0 || marginY == 0 || seenPx > wholePx) {
        return 1;
    }
    const double width = right - left + 1, height = bottom - top + 1;
    // Their test compares a mask of zeros and ones with the target's number.
    const bool large = id == 1 && (width / b.width >= 0.7 || height / b.height >= 0.7);
    const bool skinny = std::min(width, height) / std::max(width, height) < 0.2;
    if (large || skinny) {
        return 1;
    }
    return static_cast<double>(common) / (static_cast<double>(seenPx + wholePx - common) + 1e-6);
}

void smoothLikeReference(std::span<std::optional<BodyParameters>> frames,
                         std::span<const std::uint8_t> visible, std::size_t windowFrames) {
    BODY4D_EXPECT(windowFrames > 0 && (visible.empty() || visible.size() == frames.size()));
    const auto first =
        std::find_if(frames.begin(), frames.end(), [](const auto& f) { return f.has_value(); });
    if (first == frames.end()) {
        return;
    }
    const auto shape = (*first)->shape, scale = (*first)->scale;
    for (std::size_t begin = 0; begin < frames.size(); begin += windowFrames) {
        const auto part = frames.subspan(begin, std::min(windowFrames, frames.size() - begin));
        ReferenceWindow present, flagged;
        for (std::size_t t = 0; t < part.size(); ++t) {
            present.present.push_back(part[t] ? 1 : 0);
            flagged.visible.push_back(visible.empty() || visible[begin + t] != 0 ? 1 : 0);
        }
        flagged.present = present.present;
        for (const auto member : {&BodyParameters::bodyPose, &BodyParameters::hand}) {
            over(part, member, [&](std::span<float> values, std::size_t width) {
                referenceSmoothPose(values, width, present);
                referenceSmoothPose(values, width, flagged);
            });
        }
        over(part, &BodyParameters::globalRot, [&](std::span<float> values, std::size_t width) {
            BODY4D_EXPECT(width == 3 || width == 0);
            if (width == 3) {
                referenceSmoothRotation(values, flagged);
            }
        });
        for (auto& frame : part) {
            if (frame) {
                frame->shape = shape;
                frame->scale = scale;
            }
        }
    }
}

} // namespace body4d::detail

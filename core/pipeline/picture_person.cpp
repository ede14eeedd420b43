#include "pipeline/picture_person.h"

#include "base/order_statistics.h"
#include "body/frame_sampling.h"
#include "body/mask_sampling.h"

#include <cmath>

namespace body4d::detail {
namespace {

constexpr double kBorderPx = 2; ///< nearer to the picture's border a person is cut off by it

bool touchesBorder(const RleMask& mask) {
    const Box box = boundingBox(mask);
    return box.x0 < kBorderPx || box.y0 < kBorderPx || box.x1 > mask.width - kBorderPx ||
           box.y1 > mask.height - kBorderPx;
}

} // namespace

void addRaw(BodyFields& fields, const BodyParameters& raw) {
    for (const auto& named : kNamedParameters) {
        fields[named.raw] = raw.*named.member;
    }
    fields[kRawTranslation] = {static_cast<float>(raw.translation.x), static_cast<float>(raw.translation.y),
                               static_cast<float>(raw.translation.z)};
}

/// What addRaw() wrote; nothing where the person was not read.
std::optional<BodyParameters> rawOf(const BodyFrame& frame) {
    if (!frame.pose.surface) {
        return std::nullopt;
    }
    const auto& fields = frame.pose.surface->fields;
    BodyParameters raw;
    for (const auto& named : kNamedParameters) {
        const auto it = fields.find(named.raw);
        if (it == fields.end() || (!it->second.empty() && !std::isfinite(it->second.front()))) {
            return std::nullopt;
        }
        raw.*named.member = it->second;
    }
    const auto t = fields.find(kRawTranslation);
    if (t == fields.end() || t->second.size() != 3) {
        return std::nullopt;
    }
    raw.translation = {t->second[0], t->second[1], t->second[2]};
    return raw;
}

bool isSeen(const TargetFrame& frame) {
    return frame.state == FrameState::Visible && area(frame.mask) > 0;
}

void leaveOut(PicturePerson& person, double fps, double perSecond) {
    std::vector<std::uint8_t> seen;
    for (const auto& frame : person.track->frames) {
        seen.push_back(isSeen(frame) ? 1 : 0);
    }
    const auto kept = sampledFrames(seen, person.shots, fps, perSecond);
    person.between = std::move(seen);
    for (const auto i : kept) {
        person.between[i] = 0;
    }
}

void shareShape(PicturePerson& person) {
    std::vector<std::size_t> all, sure, whole;
    for (std::size_t i = 0; i < person.raw.size(); ++i) {
        if (!person.raw[i]) {
            continue;
        }
        const auto& frame = person.track->frames[i];
        all.push_back(i);
        if (frame.firm) {
            sure.push_back(i);
            if (!touchesBorder(frame.mask)) {
                whole.push_back(i);
            }
        }
    }
    if (all.empty()) {
        return;
    }
    const auto& judges = !whole.empty() ? whole : !sure.empty() ? sure : all;
    for (const auto member : {&BodyParameters::shape, &BodyParameters::scale}) {
        std::vector<float> shared((*person.raw[all.front()]).*member), values;
        for (std::size_t k = 0; k < shared.size(); ++k) {
            values.clear();
            for (const auto i : judges) {
                values.push_back(((*person.raw[i]).*member)[k]);
            }
            shared[k] = upperMedian(values);
        }
        for (const auto i : all) {
            (*person.parameters[i]).*member = shared;
        }
    }
}

} // namespace body4d::detail

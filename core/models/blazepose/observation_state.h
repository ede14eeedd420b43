#pragma once

#include "models/blazepose/observation.h"
#include "models/blazepose/state_bytes.h"

namespace body4d::blazepose {

template <typename Archive>
void visitMask(Archive& archive, std::shared_ptr<const CropMask>& mask) {
    std::vector<std::uint8_t> values;
    if constexpr (!Archive::kReads) {
        values = mask ? mask->values : values;
        archive(values);
    } else {
        archive(values);
        if (values.empty()) {
            mask = nullptr;
            return;
        }
        if (values.size() != static_cast<std::size_t>(kLandmarkSide) * kLandmarkSide) {
            StateReader::fail();
        }
        auto read = std::make_shared<CropMask>(kLandmarkSide);
        read->values = std::move(values);
        mask = std::move(read);
    }
}

/// An observation without the colours of its crop.
template <typename Archive>
void visitObservation(Archive& archive, Observation& o) {
    archive(o.roi);
    archive(o.px);
    archive(o.z);
    archive(o.visibility);
    archive(o.presence);
    archive(o.world);
    archive(o.score);
    archive(o.frameWidth);
    archive(o.frameHeight);
    visitMask(archive, o.mask);
    visitMask(archive, o.own);
    archive(o.histogram);
    archive(o.upperClothes);
    archive(o.lowerClothes);
}

} // namespace body4d::blazepose

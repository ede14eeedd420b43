// What is saved of a target between two runs.
#include "models/blazepose/state_bytes.h"
#include "models/blazepose/tracked_target.h"

namespace body4d::blazepose {

namespace {

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

} // namespace

template <typename Archive>
void TrackedTarget::serialize(Archive& archive) {
    TargetId id = id_;
    archive(id);
    if (id != id_) {
        StateReader::fail();
    }
    archive(started_);
    archive(afterCut_);
    archive(cutPending_);
    archive(clearness_);
    archive(velocity_);
    archive(lost_);
    archive(weak_);
    archive(run_);
    archive(upSince_);
    archive(fruitless_);
    archive(pause_);
    AlignmentFilter::State filter = filter_.state();
    archive(filter);
    filter_.setState(filter);
    archive(reference_);
    archive(adapted_);
    archive(upper_);
    archive(lower_);
    archive(usualArea_);
    archive(usualScale_);
    archive(usualClothes_);
    archive(cuts_);
    archive(firmSimilarities_);
    archive(firmCoverages_);
    archive(keptFor_);
    archive(heldFrom_);
    archive(heldPace_);
    archive(left_);
    archive(trial_);
    archive(proofs_);
    archive(lostBefore_);
    if (started_) {
        visitObservation(archive, last_);
        visitObservation(archive, good_);
    }
    auto count = static_cast<std::uint64_t>(held.size());
    archive(count);
    if constexpr (Archive::kReads) {
        held.clear();
        for (std::uint64_t i = 0; i < count; ++i) {
            visitFrame(archive, held.emplace_back().frame);
            archive(held.back().options);
        }
    } else {
        for (HeldFrame& frame : held) {
            visitFrame(archive, frame.frame);
            archive(frame.options);
        }
    }
}

template void TrackedTarget::serialize(StateWriter&);
template void TrackedTarget::serialize(StateReader&);

} // namespace body4d::blazepose

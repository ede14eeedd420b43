// Targets half hidden behind things that the networks know nothing of.
#include "models/blazepose/session.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr double kLearnSeconds = 0.12; // from one look at the scene to the next
constexpr float kTrusted = 0.8F;       // of a bystander's score

} // namespace

void Session::holdHidden(const Image& frame, std::vector<Sighting>& sightings) {
    if (!scene_.known()) {
        return;
    }
    for (std::size_t i = 0; i < selectedCount_; ++i) {
        Sighting& s = sightings[i];
        if ((s.found && !s.moved) || s.prompted || !targets_[i].started()) {
            continue;
        }
        if (sceneSeen_ != newest_) {
            scene_.see(frame);
            sceneSeen_ = newest_;
        }
        Others others;
        for (std::size_t k = 0; k < sightings.size(); ++k) {
            if (k != i && sightings[k].found &&
                (k < selectedCount_ || (targets_[k].wellKnown() && sightings[k].seen.score > kTrusted))) {
                others.push_back(&sightings[k].seen);
            }
        }
        auto sight = targets_[i].stillThere(scene_, others, dt_);
        if (!sight || (sight->supposed && s.found) || (s.found && (!sight->sure || targets_[i].surely(s.seen, s.judgement)))) {
            continue;
        }
        s.supposed = sight->supposed;
        s.found = s.held = !s.supposed;
        s.doubtful = false;
        s.options.clear();
        s.seen = std::move(sight->seen);
        auto crop = std::make_shared<Crop>();
        sampleCrop(frame, s.seen.roi, kLandmarkSide, *crop);
        s.seen.crop = std::move(crop);
        s.judgement = {};
        s.judgement.similarity = sight->similarity;
        s.judgement.inside = insideShare(s.seen, s.seen.ownMask(), frame.width, frame.height);
    }
}

void Session::learnScene(const Image& frame, std::int64_t index, const std::vector<Sighting>& sightings) {
    const auto period = std::max<std::int64_t>(1, std::llround(kLearnSeconds / dt_));
    if (index % period != 0) {
        return;
    }
    if (sceneSeen_ != newest_) {
        scene_.see(frame);
        sceneSeen_ = newest_;
    }
    Others people;
    for (const Sighting& s : sightings) {
        if (s.found) {
            people.push_back(&s.seen);
        }
    }
    scene_.learn(people);
}

} // namespace body4d::blazepose

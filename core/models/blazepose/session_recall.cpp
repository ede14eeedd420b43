// Targets that were found again are followed back into the frames on which they were lost.
#include "models/blazepose/mask_finish.h"
#include "models/blazepose/observation_state.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/session.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace body4d::blazepose {

namespace {

constexpr double kReach = 1.5;      // of the crop's side, of what is kept around where a target was expected
constexpr double kTrusted = 0.8;    // of a bystander's score
constexpr double kWide = 1.3;       // of the crop's side, where the detector looks for it
constexpr std::size_t kMostPlaces = 3;
constexpr double kOwnShare = 0.6;   // of its mask that nobody else claims
constexpr double kCropReach = 0.71; // of the crop's side: its corners, however it is turned

} // namespace

void Session::GapFrame::take(const Image& frame) {
    part = Image(partWidth, partHeight);
    for (int y = 0; y < partHeight; ++y) {
        std::copy_n(frame.row(top + y) + 3 * left, 3 * partWidth, part.row(y));
    }
}

ImagePtr Session::GapFrame::whole() const {
    auto out = std::make_shared<Image>(width, height);
    for (int y = 0; y < partHeight; ++y) {
        std::copy_n(part.row(y), 3 * partWidth, out->row(top + y) + 3 * left);
    }
    return out;
}

bool Session::GapFrame::shows(const Roi& roi) const {
    const double reach = kCropReach * roi.side;
    return (left == 0 || roi.centreX - reach >= left) && (top == 0 || roi.centreY - reach >= top) &&
           (left + partWidth == width || roi.centreX + reach <= left + partWidth) &&
           (top + partHeight == height || roi.centreY + reach <= top + partHeight);
}

template <typename Archive>
void Session::GapFrame::serialize(Archive& archive) {
    archive(index);
    archive(width);
    archive(height);
    archive(left);
    archive(top);
    archive(partWidth);
    archive(partHeight);
    auto count = static_cast<std::uint64_t>(others.size());
    archive(count);
    if constexpr (Archive::kReads) {
        if (count > 1000 || left < 0 || top < 0 || partWidth < 0 || partHeight < 0 || left > width - partWidth ||
            top > height - partHeight) {
            StateReader::fail();
        }
        others.resize(count);
    }
    for (Observation& o : others) {
        visitObservation(archive, o);
    }
}

template void Session::GapFrame::serialize(StateWriter&);
template void Session::GapFrame::serialize(StateReader&);

std::int64_t Session::lookBack() const {
    std::size_t most = 0;
    for (const auto& gap : gaps_) {
        most = std::max(most, gap.size());
    }
    return static_cast<std::int64_t>(most);
}

void Session::showAgain(std::int64_t index, const ImagePtr& frame) {
    for (auto& gap : gaps_) {
        for (GapFrame& g : gap) {
            if (g.index == index && g.part.empty() && g.width == frame->width && g.height == frame->height) {
                g.take(*frame);
            }
        }
    }
}

void Session::noteGaps(const ImagePtr& frame, const std::vector<Sighting>& sightings) {
    for (std::size_t i = 0; i < selectedCount_; ++i) {
        const TrackedTarget& target = targets_[i];
        auto& gap = gaps_[i];
        if (!target.started() || target.lost() == 0 || target.left() || target.awaitsCutMatch() ||
            target.held.back().frame.frame != newest_) {
            gap.clear();
            continue;
        }
        GapFrame g;
        g.index = newest_;
        g.width = frame->width;
        g.height = frame->height;
        const Vec2 middle = target.predictedCentre();
        const double reach = kReach * target.last().roi.side;
        const auto within = [](double v, int most) { return static_cast<int>(std::clamp(v, 0.0, double(most))); };
        g.left = within(middle.x - reach, g.width);
        g.top = within(middle.y - reach, g.height);
        g.partWidth = within(middle.x + reach, g.width) - g.left;
        g.partHeight = within(middle.y + reach, g.height) - g.top;
        g.take(*frame);
        for (std::size_t k = 0; k < sightings.size(); ++k) {
            const bool known = k < selectedCount_ || (targets_[k].wellKnown() && targets_[k].last().score > kTrusted);
            if (k != i && sightings[k].found && targets_[k].lost() == 0 && known) {
                g.others.push_back(targets_[k].last());
                g.others.back().crop = nullptr;
            }
        }
        gap.push_back(std::move(g));
        if (gap.size() > kLongestRecall) {
            gap.pop_front();
        }
    }
}

void Session::recall(const std::vector<Sighting>& sightings, const std::stop_token& stop) {
    for (std::size_t i = 0; i < selectedCount_; ++i) {
        if (!gaps_[i].empty() && sightings[i].found && !sightings[i].held && targets_[i].held.back().frame.firm &&
            targets_[i].revocable() == 0) {
            recall(i, stop);
        }
    }
}

void Session::recall(std::size_t which, const std::stop_token& stop) {
    TrackedTarget& target = targets_[which];
    TrackedTarget walker = target.turnedBack();
    const auto& gap = gaps_[which];
    for (std::size_t back = 1; back <= gap.size() && back < target.held.size(); ++back) {
        const GapFrame& g = gap[gap.size() - back];
        HeldFrame& held = target.held[target.held.size() - 1 - back];
        const Roi roi = walker.predictedRoi();
        if (held.frame.frame != g.index || held.frame.state != FrameState::Absent || target.promptOn(g.index) != nullptr ||
            g.part.empty() || !g.shows(roi)) {
            return;
        }
        const ImagePtr frame = g.whole();
        FrameEye eye(*networks_, *frame, stop);
        Others others;
        for (const Observation& o : g.others) {
            others.push_back(&o);
        }
        // Who stands close is told apart by pixels of their own and by being nearer to where the target comes from.
        const auto fits = [&](const Observation& o, const Judgement& j) {
            const double off = norm(centre(o.roi) - walker.predictedCentre());
            return walker.clearlyFits(o, j) && g.shows(o.roi) &&
                   maskArea(o.ownMask()) > kOwnShare * maskArea(*o.mask) &&
                   std::none_of(others.begin(), others.end(), [&](const Observation* other) {
                       return norm(centre(o.roi) - centre(other->roi)) < off ||
                              skeletonDifference(*other, o) < 0.5 * kSamePerson;
                   });
        };
        Sighting s;
        const auto consider = [&](std::vector<Observation>&& looks) {
            for (Observation& o : looks) {
                const Judgement j = walker.judge(o, others, g.width, g.height);
                if (fits(o, j) && (!s.found || j.quality > s.judgement.quality)) {
                    s.found = true;
                    s.judgement = j;
                    s.seen = std::move(o);
                }
            }
        };
        // As on any frame: one look where it should be, and more only where that fails.
        const Glance easy{roi, &others};
        consider(eye.look(std::span(&easy, 1)));
        if (!s.found) {
            const Roi last = walker.last().roi;
            const Roi wide{last.centreX, last.centreY, kWide * last.side, 0};
            std::vector<Glance> glances{{roi, nullptr}, {last, &others}, {last, nullptr}};
            for (const Others* hidden : std::initializer_list<const Others*>{&others, nullptr}) {
                const Glance around{wide, hidden};
                auto places = eye.candidates(std::span(&around, 1), kDetectorThreshold);
                places.resize(std::min(places.size(), kMostPlaces));
                for (const Candidate& place : places) {
                    glances.push_back({place.roi, hidden});
                }
            }
            auto looks = eye.look(glances);
            auto closer = looks;
            eye.refine(closer, glances, std::vector<bool>(looks.size(), true));
            consider(std::move(looks));
            consider(std::move(closer));
        }
        bool firm = false;
        if (!s.found || !walker.accept(s.seen, s.judgement, dt_, firm) || !firm) {
            return;
        }
        const bool afterCut = held.frame.afterCut;
        held = heldFrame(g.index, frame, s);
        held.frame.firm = true;
        held.frame.afterCut = afterCut;
    }
}

} // namespace body4d::blazepose

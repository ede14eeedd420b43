// What is saved of a session between two runs.
#include "models/blazepose/session.h"
#include "models/blazepose/state_bytes.h"

#include <algorithm>
#include <future>
#include <utility>

namespace body4d::blazepose {

namespace {

constexpr std::uint32_t kStateMagic = 0x34504c42; // "BLP4"
constexpr std::uint32_t kStateVersion = 8;

} // namespace

std::vector<std::byte> Session::saveState() const {
    StateWriter writer;
    writer(kStateMagic);
    writer(kStateVersion);
    writer(static_cast<std::uint64_t>(targets_.size()));
    writer(static_cast<std::uint64_t>(selectedCount_));
    writer(newest_);
    StillScene(scene_).serialize(writer);
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        TrackedTarget copy = targets_[i];
        for (HeldFrame& held : copy.held) {
            collect(held, i);
        }
        copy.serialize(writer);
    }
    for (auto gap : gaps_) {
        writer(static_cast<std::uint64_t>(gap.size()));
        std::for_each(gap.begin(), gap.end(), [&](GapFrame& g) { g.serialize(writer); });
    }
    auto newcomers = newcomers_.valid() ? newcomers_.get() : std::vector<TrackedTarget>();
    writer(newcomers_.valid());
    writer(static_cast<std::uint64_t>(newcomers.size()));
    std::for_each(newcomers.begin(), newcomers.end(), [&](TrackedTarget& t) { t.serialize(writer); });
    if (hands_) {
        hands_->save(writer);
    }
    return writer.take();
}

void Session::restoreState(std::span<const std::byte> state) {
    StateReader reader(state);
    std::uint32_t magic = 0, version = 0;
    std::uint64_t count = 0;
    reader(magic);
    reader(version);
    reader(count);
    std::uint64_t selected = 0;
    reader(selected);
    reader(newest_);
    sceneSeen_ = -1;
    scene_.serialize(reader);
    if (magic != kStateMagic || version != kStateVersion || selected != selectedCount_ || count < selected ||
        count > selected + kMostBystanders) {
        StateReader::fail();
    }
    targets_.resize(selectedCount_, TrackedTarget(0, {}));
    targets_.resize(count, TrackedTarget(kBystander, {}));
    for (TrackedTarget& target : targets_) {
        target.serialize(reader);
    }
    for (auto& gap : gaps_) {
        std::uint64_t frames = 0;
        reader(frames);
        if (frames > kLongestRecall) {
            StateReader::fail();
        }
        gap.assign(frames, {});
        std::for_each(gap.begin(), gap.end(), [&](GapFrame& g) { g.serialize(reader); });
    }
    bool looked = false;
    reader(looked);
    reader(count);
    if (count > kMostBystanders) {
        StateReader::fail();
    }
    std::vector<TrackedTarget> newcomers(count, TrackedTarget(kBystander, {}));
    std::for_each(newcomers.begin(), newcomers.end(), [&](TrackedTarget& t) { t.serialize(reader); });
    newcomers_ = {};
    if (looked) {
        std::promise<std::vector<TrackedTarget>> promise;
        promise.set_value(std::move(newcomers));
        newcomers_ = promise.get_future().share();
    }
    if (hands_) {
        hands_->restore(reader);
    }
    if (!reader.atEnd()) {
        StateReader::fail();
    }
}

} // namespace body4d::blazepose

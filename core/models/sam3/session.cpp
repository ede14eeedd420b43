#include "models/sam3/session.h"

#include "base/error.h"
#include "models/blazepose/state_bytes.h"
#include "models/sam3/mask_bits.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <set>
#include <utility>

namespace body4d::sam3 {
namespace {

using blazepose::StateReader;
using blazepose::StateWriter;

constexpr std::uint32_t kStateVersion = 2;
constexpr float kFirm = 0.5F; ///< confidence from which a frame is beyond doubt

/// Tensors go out as bfloat16 or float32 values on the host and come back to the device.
template <typename Archive>
void archive(Archive& bytes, at::Tensor& tensor, c10::Device device) {
    std::vector<std::int64_t> shape;
    std::uint8_t kind = 0; // 0: undefined, 1: float32, 2: bfloat16
    std::vector<std::byte> values;
    if constexpr (!Archive::kReads) {
        if (tensor.defined()) {
            kind = tensor.scalar_type() == at::kBFloat16 ? 2 : 1;
            shape = tensor.sizes().vec();
            const auto host = tensor.to(at::kCPU).contiguous();
            const auto* begin = static_cast<const std::byte*>(host.const_data_ptr());
            values.assign(begin, begin + host.nbytes());
        }
    }
    bytes(kind);
    bytes(shape);
    bytes(values);
    if constexpr (Archive::kReads) {
        tensor.reset();
        if (kind == 0) {
            return;
        }
        std::int64_t count = 1;
        for (const auto d : shape) {
            if (d < 0 || d > (std::int64_t{1} << 24) ||
                (count *= d) > static_cast<std::int64_t>(values.size())) {
                StateReader::fail();
            }
        }
        const auto type = kind == 2 ? at::kBFloat16 : at::kFloat;
        if (static_cast<std::size_t>(count) * c10::elementSize(type) != values.size()) {
            StateReader::fail();
        }
        const auto host = at::empty(shape, type);
        std::memcpy(host.mutable_data_ptr(), values.data(), values.size());
        tensor = host.to(device);
    }
}

template <typename Archive>
void archive(Archive& bytes, std::map<std::int64_t, Remembered>& frames, c10::Device device) {
    std::uint32_t count = static_cast<std::uint32_t>(frames.size());
    bytes(count);
    auto it = frames.begin();
    for (std::uint32_t i = 0; i < count; ++i) {
        std::int64_t frame = 0;
        Remembered memory;
        if constexpr (!Archive::kReads) {
            frame = it->first;
            memory = (it++)->second;
        }
        bytes(frame);
        bytes(memory.presence);
        bytes(memory.quality);
        bytes(memory.scored);
        archive(bytes, memory.map, device);
        archive(bytes, memory.pointer, device);
        archive(bytes, memory.logits, device);
        if constexpr (Archive::kReads) {
            frames[frame] = std::move(memory);
        }
    }
}

template <typename Archive>
void archive(Archive& bytes, SessionStep::Item& item) {
    bytes(item.id);
    bytes(item.frame.frame);
    bytes(item.frame.state);
    bytes(item.frame.mask.width);
    bytes(item.frame.mask.height);
    bytes(item.frame.mask.counts);
    bytes(item.frame.confidence);
    bytes(item.frame.similarity);
    bytes(item.frame.firm);
    bytes(item.frame.prompted);
    bytes(item.frame.afterCut);
}

/// @returns uint8 [height, width], 0 or 1
at::Tensor tensorOf(const RleMask& rle) {
    const auto mask = decodeRle(rle);
    const at::Tensor out = at::empty({mask.height, mask.width}, at::kByte);
    std::memcpy(out.mutable_data_ptr(), mask.values.data(), mask.values.size());
    return out.ne(0).to(at::kByte);
}

} // namespace

bool replay(Tracker& tracker, int id, const Features& features, const Prompt& prompt, int width, int height,
            bool pixelIndices) {
    if (prompt.mask) {
        // The silhouette itself: clicks can add nothing to it.
        tracker.promptMask(id, prompt.frame, features, tensorOf(*prompt.mask), height, width);
        return true;
    }
    std::vector<TrackerPoint> given;
    // Ours: pixel centres at integer + 0.5. The network's: at integers of the squashed frame. The reference
    // application passes the index of the pixel that was hit.
    const double half = pixelIndices ? 0 : 0.5 / static_cast<double>(tracker.config().imageSize);
    const double shift = pixelIndices ? -0.5 : 0;
    const auto add = [&](double x, double y, PointLabel label) {
        given.push_back({static_cast<float>((x + shift) / width - half),
                         static_cast<float>((y + shift) / height - half), label});
    };
    if (prompt.box) {
        add(prompt.box->x0, prompt.box->y0, PointLabel::BoxTopLeft);
        add(prompt.box->x1, prompt.box->y1, PointLabel::BoxBottomRight);
        (void)tracker.prompt(id, prompt.frame, features, given);
    }
    for (const auto& point : prompt.points) {
        add(point.x, point.y, point.include ? PointLabel::Include : PointLabel::Exclude);
        (void)tracker.prompt(id, prompt.frame, features, given);
    }
    return !given.empty();
}

struct Session::Impl {
    struct Status {
        bool begun = false;    ///< its first prompt was reached
        bool afterCut = false; ///< a cut lies between the frame and the last prompt
    };

    std::shared_ptr<const Model> model;
    std::vector<SessionTarget> targets;
    Direction direction;
    SessionOptions options;
    Tracker tracker;
    EncoderQueue queue;
    std::map<TargetId, Status> statuses;
    std::vector<SessionStep::Item> late; ///< found while the state was saved

    Impl(std::shared_ptr<const Model> m, std::vector<SessionTarget> wanted, Direction d, SessionOptions o)
        : model(std::move(m)), targets(std::move(wanted)), direction(d), options(std::move(o)),
          tracker(*model->network, options.tracker),
          queue(model, options.cache, options.counts, options.framesAhead, options.budgetGib) {
        for (const auto& target : targets) {
            statuses[target.id] = {};
        }
    }

    [[nodiscard]] bool backward() const { return direction == Direction::Backward; }

    /// Wall time and batch sizes for the engine's account, of as long as it lives.
    class Account {
    public:
        explicit Account(const Impl& impl) : impl_(impl) {}
        ~Account() {
            if (const auto& counts = impl_.options.counts) {
                counts->nanoseconds +=
                    std::chrono::nanoseconds(std::chrono::steady_clock::now() - start_).count();
                counts->objectBatch = static_cast<int>(impl_.tracker.batch());
            }
        }
        Account(const Account&) = delete;
        Account& operator=(const Account&) = delete;

    private:
        const Impl& impl_;
        std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    };

    /// Tracks frames that are ready. @param everything all that were advanced
    void work(SessionStep& step, bool everything, const std::stop_token& stop) {
        while (const auto frame = queue.next(everything)) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            process(*frame, step);
        }
    }

    static bool isAbsent(const SessionTarget& target, std::int64_t frame) {
        return std::any_of(target.absent.begin(), target.absent.end(),
                           [frame](const FrameRange& range) { return range.contains(frame); });
    }

    void process(const EncoderQueue::Frame& frame, SessionStep& step) {
        if (frame.newShot && !backward()) {
            cut();
        }
        std::set<int> left;
        for (const auto& target : targets) {
            if (isAbsent(target, frame.index)) {
                left.insert(target.id);
            }
        }
        const auto tracked = tracker.track(frame.index, frame.features, backward(), left);
        std::map<int, const Prompt*> said;
        for (const auto& target : targets) {
            for (const auto& prompt : target.prompts) {
                if (prompt.frame != frame.index) {
                    continue;
                }
                auto& status = statuses[target.id];
                if (left.contains(target.id)) {
                    status.begun = true; // "not there" and a click on one frame: the mark counts
                } else if (replay(tracker, target.id, frame.features, prompt, frame.width, frame.height,
                                  options.pixelIndices)) {
                    said[target.id] = &prompt;
                    status = {true, false};
                }
            }
        }
        if (!said.empty()) {
            tracker.commit(frame.index, frame.features);
            const auto given = tracker.given(frame.index);
            for (const auto id : given.ids) {
                said.emplace(id, nullptr); // jointly, a prompt of one speaks for all
            }
            emit(frame, given, said, true, step);
        }
        emit(frame, tracked, said, false, step);
        for (const auto id : left) {
            if (statuses[id].begun) {
                SessionStep::Item item;
                item.id = id;
                item.frame.frame = frame.index;
                item.frame.afterCut = statuses[id].afterCut;
                step.items.push_back(std::move(item));
            }
        }
        if (frame.newShot && backward()) {
            cut();
        }
    }

    void cut() {
        for (auto& [id, status] : statuses) {
            status.afterCut = true;
        }
    }

    /// @param said targets for which prompts speak on this frame; null where it is another target's
    /// @param prompted `found` is what the prompts say; otherwise those targets are left out
    void emit(const EncoderQueue::Frame& frame, const TrackedFrame& found,
              const std::map<int, const Prompt*>& said, bool prompted, SessionStep& step) {
        if (found.ids.empty()) {
            return;
        }
        // One copy to the host for everything; the tracker takes its scores out of it.
        const auto bits = MaskBits::pack(found.logits, found.scores, frame.width, frame.height).onHost();
        if (!prompted) {
            tracker.settle(bits.scores());
        }
        for (std::size_t i = 0; i < found.ids.size(); ++i) {
            const auto id = found.ids[i];
            if (prompted != said.contains(id)) {
                continue;
            }
            const auto column = static_cast<std::int64_t>(i);
            const float presence = presenceScore(bits.presence(column));
            SessionStep::Item item;
            item.id = id;
            item.frame.frame = frame.index;
            const auto* words = prompted ? said.at(id) : nullptr;
            auto mask = words != nullptr && words->mask ? *words->mask : bits.mask(column);
            if (presence > 0 && area(mask) > 0) {
                item.frame.state = FrameState::Visible;
                item.frame.confidence = std::clamp(presence * bits.quality(column), 0.0F, 1.0F);
                item.frame.firm = item.frame.confidence >= kFirm;
                if (options.needMasks) {
                    item.frame.mask = std::move(mask);
                }
            }
            item.frame.prompted = words != nullptr;
            item.frame.afterCut = statuses[id].afterCut;
            step.items.push_back(std::move(item));
            if (options.counts) {
                ++options.counts->tracked;
            }
        }
    }
};

Session::Session(std::shared_ptr<const Model> model, std::vector<SessionTarget> targets, Direction direction,
                 const SessionOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), std::move(targets), direction, options)) {}

Session::~Session() = default;

SessionStep Session::advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                             const std::stop_token& stop) {
    return nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        const Impl::Account account(*impl_);
        SessionStep step;
        step.items = std::exchange(impl_->late, {});
        impl_->queue.push(index, *frame, newShot);
        impl_->work(step, false, stop);
        return step;
    });
}

SessionStep Session::finish() {
    return nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        const Impl::Account account(*impl_);
        SessionStep step;
        step.items = std::exchange(impl_->late, {});
        impl_->work(step, true, {});
        return step;
    });
}

std::vector<std::byte> Session::saveState() const {
    return nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        // Frames that wait to be encoded are large: their results are kept instead.
        const Impl::Account account(*impl_);
        SessionStep step;
        impl_->work(step, true, {});
        impl_->late.insert(impl_->late.end(), step.items.begin(), step.items.end());
        const auto device = impl_->model->network->device;
        StateWriter bytes;
        bytes(kStateVersion);
        const auto ids = impl_->tracker.ids();
        bytes(ids);
        for (const int id : ids) {
            auto bank = impl_->tracker.bank(id);
            archive(bytes, bank.conditioning, device);
            archive(bytes, bank.tracked, device);
        }
        for (const auto& target : impl_->targets) {
            bytes(impl_->statuses.at(target.id));
        }
        bytes(static_cast<std::uint32_t>(impl_->late.size()));
        for (auto item : impl_->late) {
            archive(bytes, item);
        }
        return bytes.take();
    });
}

void Session::restoreState(std::span<const std::byte> state) {
    nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        const auto device = impl_->model->network->device;
        StateReader bytes(state);
        std::uint32_t version = 0;
        bytes(version);
        if (version != kStateVersion) {
            StateReader::fail();
        }
        impl_->tracker = Tracker(*impl_->model->network, impl_->options.tracker);
        impl_->queue.clear();
        std::vector<int> ids;
        bytes(ids);
        for (const int id : ids) {
            MemoryBank bank;
            archive(bytes, bank.conditioning, device);
            archive(bytes, bank.tracked, device);
            impl_->tracker.setBank(id, std::move(bank));
        }
        for (const auto& target : impl_->targets) {
            bytes(impl_->statuses.at(target.id));
        }
        std::uint32_t count = 0;
        bytes(count);
        impl_->late.clear();
        for (std::uint32_t i = 0; i < count; ++i) {
            archive(bytes, impl_->late.emplace_back());
        }
        if (!bytes.atEnd()) {
            StateReader::fail();
        }
    });
}

std::int64_t Session::rememberedBytes() const {
    return impl_->tracker.rememberedBytes();
}

std::size_t Session::waitingFrames() const {
    return impl_->queue.waiting();
}

int Session::framesPerCall() const {
    return impl_->queue.batch();
}

const Tracker& Session::tracker() const {
    return impl_->tracker;
}

} // namespace body4d::sam3

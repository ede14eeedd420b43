#include "models/sam3/session.h"

#include "base/error.h"
#include "models/blazepose/state_bytes.h"
#include "models/sam3/mask_bits.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace body4d::sam3 {
namespace {

using blazepose::StateReader;
using blazepose::StateWriter;

constexpr std::uint32_t kStateVersion = 1;

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

} // namespace

bool replay(Tracker& tracker, int id, std::int64_t frame, const Features& features, const Prompt& prompt,
            int width, int height) {
    std::vector<TrackerPoint> given;
    // Ours: pixel centres at integer + 0.5. The network's: at integers of the squashed frame.
    const double half = 0.5 / static_cast<double>(tracker.config().imageSize);
    const auto add = [&](double x, double y, PointLabel label) {
        given.push_back({static_cast<float>(x / width - half), static_cast<float>(y / height - half), label});
    };
    if (prompt.box) {
        add(prompt.box->x0, prompt.box->y0, PointLabel::BoxTopLeft);
        add(prompt.box->x1, prompt.box->y1, PointLabel::BoxBottomRight);
        (void)tracker.prompt(id, frame, features, given);
    }
    for (const auto& point : prompt.points) {
        add(point.x, point.y, point.include ? PointLabel::Include : PointLabel::Exclude);
        (void)tracker.prompt(id, frame, features, given);
    }
    return !given.empty();
}

struct Session::Impl {
    struct Waiting {
        std::int64_t index = 0;
        at::Tensor pixels; ///< [1, 3, S, S]
        int width = 0, height = 0;
        bool newShot = false;
    };

    std::shared_ptr<const Model> model;
    std::vector<SessionTarget> targets;
    Direction direction;
    SessionOptions options;
    Tracker tracker;
    std::map<TargetId, bool> afterCut; ///< a cut lies between the frame and the last prompt
    std::vector<Waiting> waiting;
    std::vector<SessionStep::Item> late; ///< found while the state was saved

    [[nodiscard]] bool backward() const { return direction == Direction::Backward; }

    void encodeWaiting(SessionStep& step, const std::stop_token& stop) {
        if (waiting.empty()) {
            return;
        }
        const auto frames = std::exchange(waiting, {});
        std::vector<at::Tensor> pixels;
        for (const auto& frame : frames) {
            pixels.push_back(frame.pixels);
        }
        const auto features = model->network.encode(at::cat(pixels));
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            process(frames[i], features.frame(static_cast<std::int64_t>(i)), step);
        }
    }

    void process(const Waiting& frame, const Features& features, SessionStep& step) {
        if (frame.newShot && !backward()) {
            cut();
        }
        auto tracked = tracker.track(frame.index, features, backward());
        bool prompted = false;
        for (const auto& target : targets) {
            for (const auto& prompt : target.prompts) {
                if (prompt.frame == frame.index &&
                    replay(tracker, target.id, frame.index, features, prompt, frame.width, frame.height)) {
                    prompted = true;
                    afterCut[target.id] = false;
                }
            }
        }
        std::set<int> said;
        if (prompted) {
            tracker.commit(frame.index, features);
            const auto given = tracker.given(frame.index);
            said.insert(given.ids.begin(), given.ids.end());
            emit(frame, given, said, true, step);
        }
        emit(frame, tracked, said, false, step);
        if (frame.newShot && backward()) {
            cut();
        }
    }

    void cut() {
        for (auto& [id, after] : afterCut) {
            after = true;
        }
    }

    /// @param said targets whose prompt speaks for this frame
    void emit(const Waiting& frame, const TrackedFrame& found, const std::set<int>& said, bool prompted,
              SessionStep& step) {
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
            if (!prompted && said.contains(id)) {
                continue;
            }
            const auto column = static_cast<std::int64_t>(i);
            const float presence = presenceScore(bits.presence(column));
            SessionStep::Item item;
            item.id = id;
            item.frame.frame = frame.index;
            auto mask = bits.mask(column);
            if (presence > 0 && area(mask) > 0) {
                item.frame.state = FrameState::Visible;
                item.frame.confidence = std::clamp(presence * bits.quality(column), 0.0F, 1.0F);
                item.frame.firm = item.frame.confidence >= 0.5F;
                if (options.needMasks) {
                    item.frame.mask = std::move(mask);
                }
            }
            item.frame.prompted = prompted;
            item.frame.afterCut = afterCut[id];
            step.items.push_back(std::move(item));
        }
    }
};

Session::Session(std::shared_ptr<const Model> model, std::vector<SessionTarget> targets, Direction direction,
                 const SessionOptions& options)
    : impl_(std::make_unique<Impl>(Impl{model,
                                        std::move(targets),
                                        direction,
                                        options,
                                        Tracker(model->network, options.tracker),
                                        {},
                                        {},
                                        {}})) {
    for (const auto& target : impl_->targets) {
        impl_->afterCut[target.id] = false;
    }
}

Session::~Session() = default;

SessionStep Session::advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                             const std::stop_token& stop) {
    return nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        SessionStep step;
        step.items = std::exchange(impl_->late, {});
        impl_->waiting.push_back(
            {index, impl_->model->prepare(*frame), frame->width, frame->height, newShot});
        if (impl_->waiting.size() >= static_cast<std::size_t>(std::max(impl_->options.framesAhead, 1))) {
            impl_->encodeWaiting(step, stop);
        }
        return step;
    });
}

SessionStep Session::finish() {
    return nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        SessionStep step;
        step.items = std::exchange(impl_->late, {});
        impl_->encodeWaiting(step, {});
        return step;
    });
}

std::vector<std::byte> Session::saveState() const {
    return nn::guarded([&] {
        const nn::EngineScope scope(impl_->model->placement);
        // Frames that wait to be encoded are large: their results are kept instead.
        SessionStep step;
        impl_->encodeWaiting(step, {});
        impl_->late.insert(impl_->late.end(), step.items.begin(), step.items.end());
        const auto device = impl_->model->network.device;
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
            bytes(impl_->afterCut.at(target.id));
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
        const auto device = impl_->model->network.device;
        StateReader bytes(state);
        std::uint32_t version = 0;
        bytes(version);
        if (version != kStateVersion) {
            StateReader::fail();
        }
        impl_->tracker = Tracker(impl_->model->network, impl_->options.tracker);
        impl_->waiting.clear();
        std::vector<int> ids;
        bytes(ids);
        for (const int id : ids) {
            MemoryBank bank;
            archive(bytes, bank.conditioning, device);
            archive(bytes, bank.tracked, device);
            impl_->tracker.setBank(id, std::move(bank));
        }
        for (const auto& target : impl_->targets) {
            bytes(impl_->afterCut.at(target.id));
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

} // namespace body4d::sam3

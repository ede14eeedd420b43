#include "models/sam3/encoder_queue.h"

#include "base/log.h"
#include "device/memory_budget.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace body4d::sam3 {

EncoderQueue::EncoderQueue(std::shared_ptr<const Model> model, std::shared_ptr<FeatureCache> cache,
                           std::shared_ptr<Counts> counts, int batch, double budgetGib)
    : model_(std::move(model)), cache_(std::move(cache)), counts_(std::move(counts)),
      side_(model_->placement), batch_(std::max(1, batch)), budgetGib_(budgetGib) {}

void EncoderQueue::push(std::int64_t index, const Image& image, bool newShot) {
    Slot slot;
    slot.frame = {index, image.width, image.height, newShot, {}};
    if (cache_ && cache_->limit() > 0) {
        slot.key = keyOf(image);
        if (auto known = cache_->find(slot.key, model_->placement.device)) {
            slot.frame.features = std::move(*known);
            if (counts_) {
                ++counts_->reused;
            }
        }
    }
    if (!slot.encoded()) {
        slot.pixels = model_->prepare(image);
        ++unencoded_;
    }
    slots_.push_back(std::move(slot));
    if (unencoded_ >= static_cast<std::size_t>(batch_)) {
        encodeWaiting();
    }
}

void EncoderQueue::encodeWaiting() {
    std::vector<Slot*> todo;
    for (auto& slot : slots_) {
        if (!slot.encoded()) {
            todo.push_back(&slot);
        }
    }
    if (todo.empty()) {
        return;
    }
    BatchPlan plan{batch_};
    if (!model_->placement.onGpu()) {
        plan.bytesPerItem = model_->network->encodeBytes();
    }
    const auto some = [&](std::int64_t begin, std::int64_t end) {
        nn::guarded([&] {
            std::vector<at::Tensor> pixels;
            for (auto i = begin; i < end; ++i) {
                pixels.push_back(todo[static_cast<std::size_t>(i)]->pixels);
                side_.borrow(pixels.back());
            }
            const auto features = side_.run([&] { return model_->network->encode(at::cat(pixels)); });
            const auto ready = std::make_shared<const nn::SideStream::Mark>(side_.mark());
            for (const auto& tensor : {features.top, features.s1, features.s0}) {
                side_.handOver(tensor);
            }
            for (auto i = begin; i < end; ++i) {
                auto& slot = *todo[static_cast<std::size_t>(i)];
                slot.frame.features = features.frame(i - begin);
                slot.ready = ready;
                slot.pixels.reset();
                --unencoded_;
            }
        });
    };
    const auto report =
        runBatched(static_cast<std::int64_t>(todo.size()), plan, MemoryBudget(budgetGib_), some, {});
    if (report.sizesTried.size() > 1) { // it ran out of memory: later calls start with what fitted
        batch_ = report.finalSize;
        log(LogLevel::Warning, report.advice);
    }
    if (counts_) {
        counts_->encoded += static_cast<std::int64_t>(todo.size());
        counts_->frameBatch = report.finalSize;
    }
}

void EncoderQueue::clear() {
    slots_.clear();
    unencoded_ = 0;
}

std::optional<EncoderQueue::Frame> EncoderQueue::next(bool everything) {
    if (everything) {
        encodeWaiting();
    }
    // On a GPU a frame is held until the batch behind it is on its way: then both are worked on at once.
    const std::size_t held = everything || !model_->placement.onGpu() ? 0 : static_cast<std::size_t>(batch_);
    if (slots_.size() - unencoded_ <= held || slots_.empty() || !slots_.front().encoded()) {
        return std::nullopt;
    }
    auto slot = std::move(slots_.front());
    slots_.pop_front();
    if (slot.ready) {
        slot.ready->holdBack();
        if (cache_) {
            cache_->store(slot.key, slot.frame.features);
        }
    }
    return std::move(slot.frame);
}

} // namespace body4d::sam3

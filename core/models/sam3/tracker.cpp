#include "models/sam3/tracker.h"

#include "base/error.h"
#include "base/log.h"
#include "device/memory_budget.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>

#include "nn/blocks/positions.h"
#include "nn/runtime.h"

namespace body4d::sam3 {
namespace {

constexpr std::size_t kMaxPoints = 16;
constexpr double kHintLimit = 32;                  ///< logits of a hint are clamped to this
constexpr double kMaskScale = 20, kMaskBias = -10; ///< from 0..1 to what the memory encoder takes
constexpr double kOverlapLimit = -10;              ///< logits of those who lose a pixel
constexpr float kGivenPresence = 10;               ///< presence of an object that a person drew or left out

/// Frame positions [P] or scores from the host, as a tensor on the device.
at::Tensor onDevice(const std::vector<float>& values, c10::Device device) {
    return nn::uploaded(at::tensor(values), device);
}

/// Logits that say nothing but "not here" where the object is absent. Filled, not chosen with at::where: a scalar in
/// there is sent to the device on its own, and the host waits for that. @param score presence logits that broadcast
at::Tensor emptyWhereAbsent(const at::Tensor& logits, const at::Tensor& score) {
    return logits.masked_fill((score > 0).logical_not(), kNoObject);
}

at::Tensor pointerOf(const VideoNetwork& network, const DecodedMask& decoded) {
    return at::where((decoded.score > 0).unsqueeze(1), network.obj_ptr_proj(decoded.pointer),
                     network.no_obj_ptr);
}

/// @param logits [B, 1, maskSize, maskSize]  @returns [B, 1, imageSize, imageSize]
at::Tensor enlarged(const VideoNetwork& network, const at::Tensor& logits) {
    const auto side = network.config.imageSize;
    return at::upsample_bilinear2d(logits, {side, side}, false);
}

/// A map to be remembered. @param mask 0..1, [B, 1, S, S]  @param presence [B]  @returns bfloat16 [B, M, memoryWidth]
at::Tensor mapOf(const VideoNetwork& network, const at::Tensor& top, const at::Tensor& mask,
                 const at::Tensor& presence) {
    auto map = network.memoryEncoder(top, mask * kMaskScale + kMaskBias); // [B, C, grid, grid]
    if (network.config.marksAbsence) {
        const auto absent = (presence <= 0).to(map.scalar_type()).view({-1, 1, 1, 1});
        map = map + absent * network.no_obj_embed_spatial.view({1, -1, 1, 1});
    }
    return network.condensed(map).to(at::kBFloat16).contiguous(); // [B, M, C]
}

/// All that follows once a frame was seen in the light of the memory. @param seen [B, width, grid, grid]
/// @returns logits [B, maskSize, maskSize], scores [2, B], pointers [B, width], maps [B, M, memoryWidth]
nn::GraphCache::Tensors answerTo(const VideoNetwork& network, const at::Tensor& seen, const Features& features) {
    const auto& decoder = network.sam_mask_decoder;
    const auto& encoder = network.sam_prompt_encoder;
    const auto decoded = decoder.bestOfThree(
        decoder.transform(seen + encoder.noMask(), encoder.noPoints(), encoder.densePositions()), features);
    const auto masks = emptyWhereAbsent(decoded.logits, decoded.score.view({-1, 1, 1, 1}));
    return {masks.squeeze(1), at::stack({decoded.score, decoded.iou}), pointerOf(network, decoded),
            mapOf(network, features.top, at::sigmoid(enlarged(network, masks)), decoded.score)};
}

/// Every pixel belongs to the object with the largest logit. @param logits [B, 1, H, W]
at::Tensor apart(const at::Tensor& logits) {
    if (logits.size(0) == 1) {
        return logits;
    }
    const auto owner = logits.argmax(0, true);
    const auto self = at::arange(logits.size(0), owner.options()).view({-1, 1, 1, 1});
    return at::where(owner == self, logits, logits.clamp_max(kOverlapLimit));
}

at::Tensor resizedSmooth(const at::Tensor& x, std::int64_t height, std::int64_t width) {
    return x.size(2) == height && x.size(3) == width ? x
                                                     : at::_upsample_bilinear2d_aa(x, {height, width}, false);
}

} // namespace

at::Tensor Tracker::previousLogits(const Object& object, std::int64_t frame) const {
    if (const auto found = object.pending.find(frame); found != object.pending.end()) {
        return found->second.logits;
    }
    if (const auto found = object.bank.conditioning.find(frame); found != object.bank.conditioning.end()) {
        return found->second.logits;
    }
    if (const auto found = object.bank.tracked.find(frame); found != object.bank.tracked.end()) {
        return found->second.logits;
    }
    return {};
}

at::Tensor Tracker::prompt(int id, std::int64_t frame, const Features& features,
                           std::vector<TrackerPoint> points) {
    settlePending();
    if (points.size() > kMaxPoints) {
        points.erase(points.begin() + kMaxPoints / 2, points.end() - kMaxPoints / 2);
    }
    const auto size = static_cast<float>(network_->config.imageSize);
    std::vector<float> places;
    std::vector<std::int64_t> labels;
    for (const auto& point : points) {
        places.push_back(point.x * size);
        places.push_back(point.y * size);
        labels.push_back(static_cast<std::int64_t>(point.label));
    }
    const auto count = static_cast<std::int64_t>(points.size());
    auto& object = objects_[id];
    const auto hint = previousLogits(object, frame);
    const auto& encoder = network_->sam_prompt_encoder;
    const auto& decoder = network_->sam_mask_decoder;
    const auto sparse = encoder.embedPoints(onDevice(places, network_->device).view({1, count, 2}),
                                            at::tensor(labels).to(network_->device).view({1, count}));
    const auto dense = hint.defined()
                           ? encoder.embedMask(hint.clamp(-kHintLimit, kHintLimit).unsqueeze(0).unsqueeze(0))
                           : encoder.noMask();
    at::Tensor seen;
    if (options_.correctionsUseMemory && object.bank.tracked.contains(frame)) {
        const auto back = settledPlan(id, frame, backward_);
        seen = attend(features, std::span(&back, 1));
    } else {
        seen = features.top + network_->no_mem_embed.view({1, -1, 1, 1});
    }
    const auto image = seen + dense;
    const auto tokens = decoder.transform(image, sparse, encoder.densePositions());
    const auto decoded =
        count <= 1 ? decoder.bestOfThree(tokens, features) : decoder.single(tokens, features);
    auto& pending = object.pending[frame];
    pending.logits = emptyWhereAbsent(decoded.logits[0][0], decoded.score.view({1, 1}));
    pending.drawn.reset();
    pending.pointer = pointerOf(*network_, decoded)[0];
    pending.presence = decoded.score;
    object.prompted.insert(frame);
    return pending.logits;
}

void Tracker::promptMask(int id, std::int64_t frame, const Features& features, const at::Tensor& mask,
                         std::int64_t height, std::int64_t width) {
    settlePending();
    const auto shown = mask.to(network_->device, at::kFloat).unsqueeze(0).unsqueeze(0);
    auto& object = objects_[id];
    auto& pending = object.pending[frame];
    object.prompted.insert(frame);
    const auto& config = network_->config;
    const auto side = config.memoryMaskSize();
    auto given = resizedSmooth(shown, side, side);
    if (config.masksAtVideoSize) {
        pending.drawn = resizedSmooth(shown, height, width)[0][0] > 0.5;
        pending.logits.reset();
    } else {
        given = (given >= 0.5).to(at::kFloat);
        pending.logits =
            resizedSmooth(given * kMaskScale + kMaskBias, config.maskSize(), config.maskSize())[0][0];
        pending.drawn.reset();
    }
    const auto& encoder = network_->sam_prompt_encoder;
    const auto& decoder = network_->sam_mask_decoder;
    const auto tokens = decoder.transform(features.top + encoder.embedMask(network_->mask_downsample(given)),
                                          encoder.noPoints(), encoder.densePositions());
    DecodedMask decoded;
    decoded.pointer = tokens.hidden.select(1, 2);
    const auto there = given.amax() > 0;
    decoded.score = at::where(there, decoder.scores(tokens), kNoObject);
    pending.pointer = pointerOf(*network_, decoded)[0];
    pending.presence = at::where(there, kGivenPresence, -kGivenPresence).view({1}).to(at::kFloat);
    if (options_.joint) {
        for (auto& [otherId, other] : objects_) {
            const auto found = other.pending.find(frame);
            if (otherId != id && found != other.pending.end() && found->second.drawn.defined()) {
                found->second.drawn = at::logical_and(found->second.drawn, pending.drawn.logical_not());
            }
        }
    }
}

at::Tensor Tracker::pendingLogits(const Pending& pending) const {
    if (pending.logits.defined()) {
        return pending.logits;
    }
    const auto logits =
        at::where(pending.drawn, -kNoObject, kNoObject).to(at::kFloat).unsqueeze(0).unsqueeze(0);
    return resizedSmooth(logits, network_->config.maskSize(), network_->config.maskSize())[0][0];
}

void Tracker::commit(std::int64_t frame, const Features& features) {
    settlePending();
    const bool any = std::any_of(objects_.begin(), objects_.end(),
                                 [frame](const auto& item) { return item.second.pending.contains(frame); });
    if (!any) {
        return;
    }
    std::vector<int> ids;
    std::vector<at::Tensor> logits, presence, pointers;
    for (const auto& [id, object] : objects_) {
        const auto found = object.pending.find(frame);
        if (found != object.pending.end()) {
            logits.push_back(pendingLogits(found->second));
            presence.push_back(found->second.presence);
            pointers.push_back(found->second.pointer);
        } else if (!options_.joint) {
            continue;
        } else if (const auto before = previousLogits(object, frame); before.defined()) {
            const auto& bank = object.bank;
            const auto& memory =
                bank.conditioning.contains(frame) ? bank.conditioning.at(frame) : bank.tracked.at(frame);
            logits.push_back(before);
            presence.push_back(at::full({1}, memory.presence, before.options()));
            pointers.push_back(memory.pointer);
        } else {
            // Nobody said where it is here: the official tracker takes it for an empty mask of an object that
            // is there.
            const auto& options = network_->no_obj_ptr.options();
            logits.push_back(
                at::full({network_->config.maskSize(), network_->config.maskSize()}, kNoObject, options));
            presence.push_back(at::full({1}, kGivenPresence, options));
            pointers.push_back(network_->no_obj_ptr[0]);
        }
        ids.push_back(id);
    }
    auto high = enlarged(*network_, at::stack(logits).unsqueeze(1)); // [B, 1, imageSize, imageSize]
    if (options_.joint) {
        high = apart(high);
    }
    const auto there = at::cat(presence);
    const auto maps = mapOf(*network_, features.top, (high > 0).to(at::kFloat), there);
    const auto onHost = there.to(at::kCPU);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        auto& object = objects_.at(ids[i]);
        object.pending.erase(frame);
        object.bank.tracked.erase(frame);
        auto& memory = object.bank.conditioning[frame];
        memory.map = maps[static_cast<std::int64_t>(i)];
        memory.pointer = pointers[i];
        memory.logits = logits[i];
        memory.presence = onHost.const_data_ptr<float>()[i];
        memory.quality = 1;
    }
}

float Tracker::score(int id, std::int64_t frame) const {
    if (!options_.joint) {
        const auto& memory = objects_.at(id).bank.tracked.at(frame);
        return presenceScore(memory.presence) * memory.quality;
    }
    float presence = 0, quality = 0, count = 0;
    for (const auto& [other, object] : objects_) {
        if (const auto found = object.bank.tracked.find(frame); found != object.bank.tracked.end()) {
            presence += presenceScore(found->second.presence);
            quality += found->second.quality;
            ++count;
        }
    }
    // A product of means, not a mean of products: one lost object makes the frame worth less for all.
    return presence / count * quality / count;
}

PlanRequest Tracker::request(std::int64_t frame, bool backward) const {
    PlanRequest request;
    request.frame = frame;
    request.backward = backward;
    request.selection = options_.memorySelection;
    request.mostConditioning = options_.mostConditioning;
    request.clipFrames = options_.clipFrames;
    return request;
}

MemoryPlan Tracker::plan(int id, std::int64_t frame, bool backward) {
    settlePending();
    return settledPlan(id, frame, backward);
}

MemoryPlan Tracker::settledPlan(int id, std::int64_t frame, bool backward) const {
    return planMemory(objects_.at(id).bank, request(frame, backward),
                      [&](std::int64_t at) { return score(id, at); });
}

at::Tensor Tracker::attend(const Features& features, std::span<const MemoryPlan> plans) const {
    const auto& config = network_->config;
    const auto type = network_->memoryPositions.scalar_type();
    const auto batch = static_cast<std::int64_t>(plans.size());
    const auto pointers = static_cast<std::int64_t>(plans[0].pointers.size());
    std::vector<at::Tensor> memories, found;
    std::vector<std::int64_t> rows;
    std::vector<float> distances;
    const auto longest =
        static_cast<float>(std::max<std::int64_t>(std::min(options_.clipFrames, kMaxPointers) - 1, 1));
    for (const auto& plan : plans) {
        std::vector<at::Tensor> maps;
        for (const auto& map : plan.maps) {
            maps.push_back(map.memory->map);
            rows.push_back(map.row);
        }
        memories.push_back(at::cat(maps)); // [maps * N, C]
        for (const auto& pointer : plan.pointers) {
            found.push_back(pointer.memory->pointer);
            distances.push_back(static_cast<float>(pointer.distance) / longest);
        }
    }
    auto memory = at::stack(memories).to(type); // [B, maps * N, C]
    auto positions = network_->memoryPositions.index_select(0, nn::uploaded(at::tensor(rows), network_->device))
                         .view({batch, -1, config.memoryWidth}); // [B, maps * N, C]
    const auto tokens = config.pointerTokens() * pointers;
    if (pointers > 0) {
        memory = at::cat({memory, at::stack(found).view({batch, tokens, config.memoryWidth}).to(type)}, 1);
        at::Tensor codes;
        if (config.timedPointers) {
            codes =
                network_->obj_ptr_tpos_proj(nn::sineCode(onDevice(distances, network_->device), config.width))
                    .to(type)
                    .view({batch, pointers, 1, config.memoryWidth})
                    .expand({batch, pointers, config.pointerTokens(), config.memoryWidth})
                    .reshape({batch, tokens, config.memoryWidth});
        } else {
            codes = at::zeros({batch, tokens, config.memoryWidth}, positions.options());
        }
        positions = at::cat({positions, codes}, 1);
    }
    const auto look = [network = network_, tokens](const nn::GraphCache::Tensors& in) {
        return nn::GraphCache::Tensors{network->memoryAttention(in[0], in[1], in[2], tokens)};
    };
    return (*network_->graphs)("attend, pointers " + std::to_string(tokens), {features.top, memory, positions},
                               look)[0];
}

TrackedFrame Tracker::given(std::int64_t frame) const {
    TrackedFrame result;
    std::vector<at::Tensor> logits;
    std::vector<float> presence, quality;
    for (const auto& [id, object] : objects_) {
        if (const auto found = object.bank.conditioning.find(frame);
            found != object.bank.conditioning.end()) {
            BODY4D_EXPECT(found->second.logits.defined());
            result.ids.push_back(id);
            logits.push_back(found->second.logits);
            presence.push_back(found->second.presence);
            quality.push_back(found->second.quality);
        }
    }
    if (!result.ids.empty()) {
        result.logits = at::stack(logits);
        result.scores =
            at::stack({onDevice(presence, network_->device), onDevice(quality, network_->device)});
    }
    return result;
}

Tracker::Found Tracker::find(const Features& features, std::span<const MemoryPlan> plans) const {
    const auto answer = [network = network_](const nn::GraphCache::Tensors& in) {
        return answerTo(*network, in[0], {in[1], in[2], in[3]});
    };
    const auto parts = (*network_->graphs)(
        "answer", {attend(features, plans), features.top, features.s1, features.s0}, answer);
    return {parts[0], parts[1], parts[2], parts[3]};
}

TrackedFrame Tracker::track(std::int64_t frame, const Features& features, bool backward,
                            const std::set<int>& left) {
    settlePending();
    backward_ = backward;
    auto result = given(frame);
    std::vector<at::Tensor> logits, scores;
    if (!result.ids.empty()) {
        logits.push_back(result.logits);
        scores.push_back(result.scores);
    }
    Unsettled unsettled;
    unsettled.frame = frame;
    unsettled.backward = backward;
    // Objects that look back at equally much share a call.
    std::map<std::pair<std::size_t, std::size_t>, std::pair<std::vector<int>, std::vector<MemoryPlan>>>
        groups;
    for (const auto& [id, object] : objects_) {
        if (!object.bank.conditioning.empty() && !object.bank.conditioning.contains(frame) &&
            !left.contains(id)) {
            auto back = settledPlan(id, frame, backward);
            auto& [ids, plans] = groups[{back.maps.size(), back.pointers.size()}];
            ids.push_back(id);
            plans.push_back(std::move(back));
        }
    }
    const MemoryBudget budget(options_.budgetGib);
    for (const auto& [key, members] : groups) {
        const auto& [ids, plans] = members;
        const auto share = [&, &who = ids, &back = plans](std::int64_t begin, std::int64_t end) {
            const auto found = nn::guarded([&] {
                return find(features, std::span(back).subspan(static_cast<std::size_t>(begin),
                                                              static_cast<std::size_t>(end - begin)));
            });
            for (auto i = begin; i < end; ++i) {
                const auto id = who[static_cast<std::size_t>(i)];
                auto& memory = objects_.at(id).bank.tracked[frame];
                memory.map = found.maps[i - begin];
                memory.pointer = found.pointers[i - begin];
                memory.logits = found.logits[i - begin];
                memory.scored = true;
                unsettled.ids.push_back(id);
                unsettled.columns.push_back(static_cast<std::int64_t>(result.ids.size()));
                result.ids.push_back(id);
            }
            logits.push_back(found.logits);
            scores.push_back(found.scores);
        };
        BatchPlan plan{static_cast<int>(options_.batch)};
        if (!network_->device.is_cuda()) {
            plan.bytesPerItem = bytesToFind(static_cast<std::int64_t>(key.first));
        }
        const auto report = runBatched(static_cast<std::int64_t>(ids.size()), plan, budget, share, {});
        if (report.sizesTried.size() > 1) { // it ran out of memory: later calls start with what fitted
            options_.batch = report.finalSize;
            log(LogLevel::Warning, report.advice);
        }
    }
    if (!result.ids.empty()) {
        result.logits = at::cat(logits).to(at::kFloat);
        result.scores = at::cat(scores, 1).to(at::kFloat);
        unsettled.scores = result.scores;
        unsettled_ = std::move(unsettled);
    }
    return result;
}

std::int64_t Tracker::bytesToFind(std::int64_t maps) const {
    const auto& config = network_->config;
    const auto wide = static_cast<std::int64_t>(sizeof(float)) * config.width;
    // Keys, values and what they are made of; the frame's tokens inside a layer; masks on their way to maps.
    return 4 * maps * config.mapTokens() * wide +
           config.tokens() * (6 * wide + static_cast<std::int64_t>(sizeof(float)) * config.hidden) +
           8 * config.memoryMaskSize() * config.memoryMaskSize();
}

void Tracker::settle(const at::Tensor& scores) {
    if (!unsettled_) {
        return;
    }
    const auto done = *std::exchange(unsettled_, std::nullopt);
    const auto values = scores.to(at::kCPU).contiguous();
    const auto* presence = values.const_data_ptr<float>();
    const auto* quality = presence + values.size(1);
    for (std::size_t i = 0; i < done.ids.size(); ++i) {
        auto& memory = objects_.at(done.ids[i]).bank.tracked.at(done.frame);
        memory.presence = presence[done.columns[i]];
        memory.quality = quality[done.columns[i]];
    }
    if (!options_.keepEverything) {
        for (auto& [id, object] : objects_) {
            pruneMemory(object.bank, request(done.frame, done.backward),
                        [&, object = id](std::int64_t at) { return score(object, at); });
        }
    }
}

void Tracker::settlePending() {
    if (unsettled_) {
        const auto scores = unsettled_->scores; // its place is emptied on the way
        settle(scores);
    }
}

void Tracker::remove(int id) {
    settlePending();
    const auto found = objects_.find(id);
    if (found == objects_.end()) {
        return;
    }
    const auto prompted = std::move(found->second.prompted);
    objects_.erase(found);
    if (!options_.joint) {
        return;
    }
    // Frames on which only this object was prompted are no conditioning frames any more.
    for (const auto frame : prompted) {
        const bool others = std::any_of(objects_.begin(), objects_.end(), [frame](const auto& item) {
            return item.second.prompted.contains(frame);
        });
        for (auto& [other, object] : objects_) {
            if (auto memory = object.bank.conditioning.extract(frame); !others && memory) {
                object.bank.tracked.insert(std::move(memory));
            } else if (memory) {
                object.bank.conditioning.insert(std::move(memory));
            }
        }
    }
}

bool Tracker::started(int id) const {
    const auto found = objects_.find(id);
    return found != objects_.end() && !found->second.bank.conditioning.empty();
}

std::vector<int> Tracker::ids() const {
    std::vector<int> all;
    for (const auto& [id, object] : objects_) {
        all.push_back(id);
    }
    return all;
}

std::int64_t Tracker::rememberedBytes() const {
    std::int64_t bytes = 0;
    const auto add = [&bytes](const at::Tensor& x) {
        bytes += x.defined() ? static_cast<std::int64_t>(x.nbytes()) : 0;
    };
    for (const auto& [id, object] : objects_) {
        for (const auto* frames : {&object.bank.conditioning, &object.bank.tracked}) {
            for (const auto& [frame, memory] : *frames) {
                add(memory.map);
                add(memory.pointer);
                add(memory.logits);
            }
        }
    }
    return bytes;
}

} // namespace body4d::sam3

#include "pipeline/query_feeder.h"

#include "base/error.h"

#include <algorithm>

namespace body4d::detail {
namespace {

constexpr std::int64_t kMostBytesAhead = 256LL << 20;
constexpr std::int64_t kShareOfRoom = 8; ///< of what is free, the part that may be ready ahead

} // namespace

QueryFeeder::QueryFeeder(std::vector<WantedQuery> rows, std::function<ImagePtr(std::int64_t)> pictures,
                         std::size_t ahead)
    : rows_(std::move(rows)), pictures_(std::move(pictures)), queue_(ahead),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

QueryFeeder::~QueryFeeder() = default;

std::size_t QueryFeeder::rowsAhead(int width, int height, int batch, std::int64_t room) {
    // A mask of one byte a pixel, and at worst a picture of three for every row.
    const auto bytes = std::max<std::int64_t>(1, 4LL * width * height);
    const auto most = std::min(kMostBytesAhead, std::max<std::int64_t>(0, room) / kShareOfRoom);
    return static_cast<std::size_t>(std::clamp<std::int64_t>(most / bytes, 1, std::max(1, batch)));
}

void QueryFeeder::work(const std::stop_token& stop) {
    try {
        ImagePtr picture;
        std::int64_t frame = -1;
        for (const auto& row : rows_) {
            if (!picture || row.frame != frame) {
                picture = nullptr; // two are not needed at once
                picture = pictures_(row.frame);
                frame = row.frame;
            }
            if (!queue_.push({picture, std::make_shared<const Mask>(decodeRle(*row.mask)), row.camera},
                             stop)) {
                return;
            }
        }
    } catch (...) {
        failure_ = std::current_exception();
    }
    queue_.close();
}

std::span<const BodyQuery> QueryFeeder::take(std::int64_t first, std::int64_t last,
                                             const std::stop_token& stop) {
    BODY4D_EXPECT(first >= heldFrom_ && first < last && last <= static_cast<std::int64_t>(rows_.size()));
    const auto gone = std::min<std::int64_t>(first - heldFrom_, static_cast<std::int64_t>(held_.size()));
    held_.erase(held_.begin(), held_.begin() + gone);
    heldFrom_ += gone;
    BODY4D_EXPECT(heldFrom_ == first);
    while (static_cast<std::int64_t>(held_.size()) < last - first) {
        auto next = queue_.pop(stop);
        if (!next) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            std::rethrow_exception(failure_); // rows are missing, and only a failure leaves some out
        }
        held_.push_back(*std::move(next));
    }
    return std::span<const BodyQuery>(held_).first(static_cast<std::size_t>(last - first));
}

} // namespace body4d::detail

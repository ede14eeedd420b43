#include "base/error.h"
#include "video/video_reader.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace body4d {

/// One worker owns the reader. Callers that wait come before read-ahead.
struct FrameSource::Impl {
    Impl(const std::filesystem::path& path, std::size_t budgetBytes, VideoReader::Options options)
        : budget(budgetBytes) {
        // What the reader keeps to itself counts too.
        options.keepBytes = std::min(options.keepBytes, budgetBytes / 3);
        options.parkBytes = std::min(options.parkBytes, budgetBytes / 6);
        reader = VideoReader::open(path, options);
        info = reader->info();
        frameBytes = static_cast<std::size_t>(info.width) * info.height * 3;
        // Room for the frames themselves; one frame always has to fit.
        const std::size_t kept = info.isImageSequence ? 0 : options.keepBytes + options.parkBytes;
        room = std::max(budget - std::min(budget, kept), frameBytes);
        worker = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    struct Cached {
        ImagePtr image;
        std::list<std::int64_t>::iterator age;
    };
    /// Callers that wait for a frame. What they get is handed over here: the cache may have lost it already.
    struct Wait {
        int callers = 0;
        ImagePtr image;
        std::exception_ptr error;
    };

    const std::size_t budget;
    std::unique_ptr<VideoReader> reader; ///< worker only
    VideoInfo info;                      ///< constant
    std::size_t frameBytes = 0, room = 0;

    mutable std::mutex mutex;
    std::condition_variable_any wanted; ///< worker: there is something to decode
    std::condition_variable delivered;  ///< callers: a frame or a failure has come
    std::unordered_map<std::int64_t, Cached> frames;
    std::list<std::int64_t> byAge; ///< front: used last
    std::map<std::int64_t, Wait> waiting;
    std::deque<std::int64_t> arrivals;        ///< waiting frames in the order of asking
    std::int64_t aheadNext = 0, aheadEnd = 0; ///< read-ahead wish, step by its sign
    bool explicitWish = false;
    std::int64_t lastAsked = -2;

    std::jthread worker; ///< last: joined before the rest goes

    ImagePtr lookUp(std::int64_t index) {
        const auto found = frames.find(index);
        if (found == frames.end()) {
            return nullptr;
        }
        byAge.splice(byAge.begin(), byAge, found->second.age);
        return found->second.image;
    }

    void store(std::int64_t index, ImagePtr image) {
        if (frames.contains(index)) {
            return;
        }
        while (!frames.empty() && (frames.size() + 1) * frameBytes > room) {
            frames.erase(byAge.back());
            byAge.pop_back();
        }
        byAge.push_front(index);
        frames.emplace(index, Cached{std::move(image), byAge.begin()});
    }

    /// A third of the room, so that read-ahead never pushes out what is being looked at.
    [[nodiscard]] std::int64_t aheadLimit() const {
        return std::clamp<std::int64_t>(static_cast<std::int64_t>(room / frameBytes / 3), 0, 12);
    }

    void noteWalk(std::int64_t index) {
        const std::int64_t step = index - lastAsked;
        lastAsked = index;
        if (explicitWish || (step != 1 && step != -1)) {
            return;
        }
        const std::int64_t end =
            std::clamp<std::int64_t>(index + step * (aheadLimit() + 1), -1, info.frameCount);
        aheadNext = index + step;
        aheadEnd = end;
        if (step > 0 ? aheadNext >= aheadEnd : aheadNext <= aheadEnd) {
            aheadNext = aheadEnd;
        }
    }

    /// Next frame to decode, by the lock's holder. @returns -1 when there is nothing to do
    std::int64_t nextJob() {
        while (!arrivals.empty()) {
            const std::int64_t index = arrivals.front();
            arrivals.pop_front();
            if (const auto found = waiting.find(index);
                found != waiting.end() && !found->second.image && !found->second.error) {
                return index;
            }
        }
        while (aheadNext != aheadEnd) {
            const std::int64_t index = aheadNext;
            aheadNext += aheadEnd > aheadNext ? 1 : -1;
            if (!frames.contains(index)) {
                return index;
            }
        }
        explicitWish = false;
        return -1;
    }

    void run(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        for (;;) {
            std::int64_t index = -1;
            if (!wanted.wait(lock, stop, [&] { return (index = nextJob()) >= 0; }) || stop.stop_requested()) {
                return;
            }
            lock.unlock();
            ImagePtr image;
            std::exception_ptr error;
            try {
                image = reader->read(index);
            } catch (...) {
                error = std::current_exception();
            }
            lock.lock();
            if (const auto found = waiting.find(index); found != waiting.end()) {
                found->second.image = image;
                found->second.error = error;
                delivered.notify_all();
            }
            if (image) {
                store(index, std::move(image));
            }
        }
    }
};

FrameSource::FrameSource(const std::filesystem::path& path, std::size_t budgetBytes,
                         VideoReader::Options options)
    : impl_(std::make_unique<Impl>(path, budgetBytes, options)) {}

FrameSource::~FrameSource() = default;

const VideoInfo& FrameSource::info() const {
    return impl_->info;
}

ImagePtr FrameSource::frame(std::int64_t index) {
    if (index < 0 || index >= impl_->info.frameCount) {
        throw Error(ErrorCode::Usage,
                    "Frame " + std::to_string(index) + " is outside the video, which has " +
                        std::to_string(impl_->info.frameCount) + " frames.",
                    "Choose a frame from 0 to " + std::to_string(impl_->info.frameCount - 1) + ".",
                    impl_->info.path.string());
    }
    std::unique_lock lock(impl_->mutex);
    impl_->noteWalk(index);
    ImagePtr image = impl_->lookUp(index);
    if (image) {
        impl_->wanted.notify_one(); // read-ahead may have a new goal
        return image;
    }
    Impl::Wait& wait = impl_->waiting[index];
    if (++wait.callers == 1) {
        impl_->arrivals.push_back(index);
        impl_->wanted.notify_one();
    }
    impl_->delivered.wait(lock, [&] { return wait.image || wait.error; });
    image = wait.image;
    const std::exception_ptr error = wait.error;
    if (--wait.callers == 0) {
        impl_->waiting.erase(index);
    }
    if (error) {
        std::rethrow_exception(error);
    }
    return image;
}

ImagePtr FrameSource::cached(std::int64_t index) const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->lookUp(index);
}

void FrameSource::prefetch(std::int64_t begin, std::int64_t end) {
    const std::scoped_lock lock(impl_->mutex);
    const std::int64_t count = impl_->info.frameCount;
    if (begin <= end) {
        impl_->aheadNext = std::clamp<std::int64_t>(begin, 0, count);
        impl_->aheadEnd = std::clamp<std::int64_t>(end, impl_->aheadNext, count);
    } else {
        impl_->aheadNext = std::clamp<std::int64_t>(begin, -1, count - 1);
        impl_->aheadEnd = std::clamp<std::int64_t>(end, -1, impl_->aheadNext);
    }
    impl_->explicitWish = impl_->aheadNext != impl_->aheadEnd;
    impl_->wanted.notify_one();
}

std::vector<std::int64_t> FrameSource::cachedFrames() const {
    std::vector<std::int64_t> indices;
    {
        const std::scoped_lock lock(impl_->mutex);
        indices.reserve(impl_->frames.size());
        for (const auto& item : impl_->frames) {
            indices.push_back(item.first);
        }
    }
    std::sort(indices.begin(), indices.end());
    return indices;
}

std::size_t FrameSource::cachedBytes() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->frames.size() * impl_->frameBytes;
}

} // namespace body4d

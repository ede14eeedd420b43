#include "base/error.h"
#include "base/parallel.h"
#include "export/export_metadata_internal.h"
#include "export/overlay_person.h"
#include "export/writers.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

namespace body4d {
namespace fs = std::filesystem;

namespace {

struct Job {
    std::int64_t frame = 0;
    ImagePtr source;
    std::vector<RleMask> masks; ///< by person
};

/// Frames go in by rising number, are drawn on several threads and come out in order. Bounded at both ends.
class DrawQueue {
public:
    DrawQueue(const ExportClip& clip, unsigned threads)
        : clip_(clip), room_(2 * static_cast<std::size_t>(threads) + 1) {
        for (unsigned i = 0; i < threads; ++i) {
            workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
        }
    }
    ~DrawQueue() {
        for (std::jthread& worker : workers_) {
            worker.request_stop();
        }
        changed_.notify_all();
        workers_.clear();
    }
    [[nodiscard]] bool full() const { // used by one thread
        const std::scoped_lock lock(mutex_);
        return inside_ >= room_;
    }
    void push(Job job) {
        const std::scoped_lock lock(mutex_);
        ++inside_;
        waiting_.emplace(job.frame, std::move(job));
        changed_.notify_all();
    }
    /// Waits for a frame. @throws what a worker threw
    Image pop(std::int64_t frame) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return failure_ || done_.contains(frame); });
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        Image image = std::move(done_.at(frame));
        done_.erase(frame);
        --inside_;
        return image;
    }

private:
    void work(const std::stop_token& stop) {
        OverlayRenderer renderer;
        std::vector<OverlayPerson> people;
        for (;;) {
            Job job;
            {
                std::unique_lock lock(mutex_);
                if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
                    return;
                }
                job = std::move(waiting_.begin()->second);
                waiting_.erase(waiting_.begin());
            }
            try {
                Image image = *job.source;
                people.clear();
                for (std::size_t i = 0; i < clip_.people.size(); ++i) {
                    people.push_back(overlayPerson(clip_.people[i], job.frame, &job.masks[i]));
                }
                renderer.render(image, clip_.cameraAt(job.frame), people, clip_.options.overlay.style,
                                clip_.scene.weightsNote);
                const std::scoped_lock lock(mutex_);
                done_.emplace(job.frame, std::move(image));
            } catch (...) {
                const std::scoped_lock lock(mutex_);
                failure_ = std::current_exception();
            }
            changed_.notify_all();
        }
    }

    const ExportClip& clip_;
    std::size_t room_, inside_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::int64_t, Job> waiting_;
    std::map<std::int64_t, Image> done_;
    std::exception_ptr failure_;
    std::vector<std::jthread> workers_; ///< last: joined before what they use goes
};

} // namespace

ExportResult writeOverlay(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                          const ProgressFn& progress) {
    const ExportSource& source = clip.scene.source;
    if (source.path.empty()) {
        throw Error(ErrorCode::Input,
                    "The overlay needs the video, and this project does not say where it is.",
                    "Open the project with its video.");
    }
    const auto reader = VideoReader::open(source.path);
    const VideoInfo& info = reader->info();
    const std::int64_t end = std::min(clip.end, info.frameCount);
    if (clip.begin >= end) {
        throw Error(ErrorCode::Input, "The video is shorter than the reconstructed range.",
                    "Open the project with the video it was made from.", source.fileName);
    }
    const fs::path path = dir / (clip.fileStem() + "_overlay.mp4");
    VideoWriter::Options options;
    options.width = info.width;
    options.height = info.height;
    options.fps = clip.rate();
    options.quality = clip.options.overlay.quality;
    if (clip.options.overlay.sound && info.hasAudio) {
        options.soundFrom = source.path;
        options.soundStartSeconds = clip.seconds(clip.begin);
        if (end < info.frameCount) {
            options.soundEndSeconds = clip.seconds(end);
        }
    }
    nlohmann::ordered_json meta = exportMetadata(clip);
    meta["axes"] = "pixels of the upright frame";
    options.comment = meta.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    VideoWriter writer(path, options);
    const bool wantMasks = clip.options.overlay.style.masks;
    DrawQueue queue(clip, clip.options.threads > 0 ? clip.options.threads : usableCores());
    const auto start = std::chrono::steady_clock::now();
    std::int64_t next = clip.begin;
    for (std::int64_t frame = clip.begin; frame < end; ++frame) {
        while (next < end && !queue.full()) {
            throwIfStopped(stop);
            Job job{next, reader->read(next), std::vector<RleMask>(clip.people.size())};
            for (std::size_t i = 0; wantMasks && i < clip.people.size(); ++i) {
                if (clip.people[i].source->observed) {
                    job.masks[i] = clip.people[i].source->observed(next).mask;
                }
            }
            queue.push(std::move(job));
            ++next;
        }
        throwIfStopped(stop);
        writer.write(queue.pop(frame), clip.clipSeconds(frame));
        if (progress) {
            const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
            const auto done = static_cast<double>(frame + 1 - clip.begin);
            const double rate = done / std::max(spent.count(), 1e-3);
            progress({"export", "overlay", static_cast<long long>(done), end - clip.begin, rate,
                      static_cast<double>(end - frame - 1) / rate});
        }
    }
    throwIfStopped(stop);
    writer.finish(clip.seconds(end) - clip.seconds(clip.begin));
    ExportResult result;
    result.files.push_back(path);
    return result;
}

} // namespace body4d

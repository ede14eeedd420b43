#include "base/bounded_queue.h"
#include "base/error.h"
#include "base/parallel.h"
#include "pipeline/camera_tap.h"
#include "pipeline/frame_feeder.h"
#include "pipeline/job.h"
#include "pipeline/prompt_mask.h"
#include "pipeline/stage_keys.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

namespace body4d::detail {
namespace {

/// Copies of a frame that are alive at once beside those in the queue: in the reader, the session and the
/// previews.
constexpr std::int64_t kFixedFrames = 6;
constexpr std::int64_t kNetworkBytes = 250LL << 20;
/// What the crops of one more frame in a call take in the networks.
constexpr std::int64_t kCropBytes = 2LL << 20;

/// One direction of tracking: decode thread -> this thread (session) -> writer thread.
class SessionRunner {
public:
    SessionRunner(Job& job, Segmenter& segmenter, const BodyEstimator* preview, Direction direction,
                  FrameRange frames, std::stop_token stop)
        : job_(job), segmenter_(segmenter), preview_(preview), direction_(direction), frames_(frames),
          key_(segmentKey(job.document)), stop_(std::move(stop)) {
        for (const auto& target : job.document.targets) {
            SessionTarget wanted{target.id, {}, target.absent};
            for (const auto& prompt : target.prompts) {
                if (!prompt.empty()) {
                    wanted.prompts.push_back(segmenter.takesMasks() ? prompt : promptForEngine(prompt));
                }
            }
            if (!wanted.prompts.empty()) {
                targets_.push_back(std::move(wanted));
            }
        }
        const auto& video = job.document.video;
        if (preview_ != nullptr) {
            camera_ = preview_->camera(video.width, video.height);
        }
        readerOptions_.hardware = job.document.options.boolean("video.hardware");
        readerOptions_.parkBytes = 0; // a walk, in either direction, never comes back to where it was
        const auto frameBytes = static_cast<std::int64_t>(video.width) * video.height * 3;
        plan_.batch = static_cast<int>(job.document.options.integer("sam_3d_body.batch_size"));
        plan_.bytesPerItem = frameBytes + kCropBytes;
        plan_.bytesFixed = kNetworkBytes + kFixedFrames * frameBytes;
        if (direction == Direction::Forward) {
            readerOptions_.keepBytes = 0;
        } else {
            // Room to walk back through a group of pictures without decoding it again and again.
            readerOptions_.keepBytes = static_cast<std::size_t>(
                std::clamp<std::int64_t>(job.budget.remaining() / 8, 8 * frameBytes, 256LL << 20));
            plan_.bytesFixed += 2 * static_cast<std::int64_t>(readerOptions_.keepBytes);
        }
    }

    /// Measures the camera's motion on the way, where this session sees all frames of the range from the
    /// start.
    void measureCamera(const Intrinsics& camera) {
        const auto& range = job_.document.range;
        if (forward() && frames_.begin <= range.begin && left_ == frames_.size()) {
            std::vector<TargetId> ids;
            for (const auto& target : targets_) {
                ids.push_back(target.id);
            }
            tap_ = std::make_unique<CameraTap>(camera, cameraMotionOptions(job_.document.options), range, std::move(ids));
        }
    }
    [[nodiscard]] std::optional<CameraPath> cameraPath() {
        return tap_ ? tap_->finish() : std::nullopt;
    }

    /// Frames that remain to be advanced; opens the journal.
    std::int64_t prepare() {
        journal_ = job_.writer.journal(direction_, true);
        const auto origin = forward() ? frames_.begin : frames_.end - 1;
        if (journal_.key != key_ || journal_.origin != origin) {
            const bool kept = !journal_.key.empty() && journal_.origin == origin &&
                              job_.writer.rewind(direction_, journal_, key_, [this](const SessionCheckpoint& c) {
                                  return c.key == prefixKey(job_.document, direction_, c.next);
                              });
            if (!kept) {
                job_.writer.resetSession(direction_);
                journal_ = {};
                journal_.key = key_;
                journal_.origin = journal_.next = origin;
                for (const auto& target : targets_) {
                    journal_.batches[target.id];
                }
            }
        }
        const auto left = forward() ? frames_.end - journal_.next : journal_.next - frames_.begin + 1;
        if (left > 0 && journal_.finished) {
            job_.writer.dropTail(direction_, journal_);
            job_.writer.commit(direction_, journal_, {});
        }
        left_ = std::max<std::int64_t>(0, left);
        return left_;
    }

    void run() {
        if (journal_.finished) {
            return;
        }
        start_ = journal_.next;
        restart_ = journal_.state;
        next_ = journal_.next;
        std::exception_ptr failure;
        {
            // The writer outlives the loop's exceptions, so that a cancelled job keeps its finished batches.
            std::jthread writer([this](const std::stop_token&) { writeLoop(); });
            try {
                BatchReport report;
                if (left_ > 0) {
                    report = runBatched(
                        left_, plan_, job_.budget,
                        [this](std::int64_t begin, std::int64_t end) { batch(begin, end); }, stop_);
                }
                finish();
                const std::scoped_lock lock(job_.mutex);
                auto& sizes = job_.profile["segment"].batchSizes;
                sizes.insert(sizes.end(), report.sizesTried.begin(), report.sizesTried.end());
                advice_ = report.advice;
            } catch (...) {
                failure = std::current_exception();
            }
            feeder_.reset();
            queue_.close();
        }
        {
            const std::scoped_lock lock(job_.mutex);
            job_.summary.personFrames += tracked_;
            job_.profile["segment"].items += tracked_;
        }
        if (writeFailure_) {
            std::rethrow_exception(writeFailure_);
        }
        if (failure) {
            std::rethrow_exception(failure);
        }
    }

    [[nodiscard]] const std::string& advice() const { return advice_; }

private:
    struct Save {
        std::int64_t next = 0;
        std::vector<std::byte> state;
        std::vector<std::int64_t> cuts;
        std::vector<std::pair<TargetId, std::vector<TargetFrame>>> batches;
        bool finished = false;
    };

    [[nodiscard]] bool forward() const { return direction_ == Direction::Forward; }

    void openSession() {
        session_ = segmenter_.startSession(targets_, job_.document.video.fps, direction_);
        if (!restart_.empty()) {
            session_->restoreState(restart_);
        }
        next_ = start_;
        pending_.clear();
        cuts_.clear();
        tracked_ = trackedAtStart_;
    }

    /// Tracks the frames [begin, end) of what was left when the job began and hands them to the writer.
    void batch(std::int64_t begin, std::int64_t end) {
        const auto size = end - begin;
        if (!session_ || dirty_) {
            // The first batch, or one that ran out of memory and is done again from its beginning.
            feeder_.reset();
            openSession();
        }
        if (!feeder_) {
            const auto again = std::min(session_->lookBack(), forward() ? next_ - frames_.begin : frames_.end - 1 - next_);
            const FrameRange rest =
                forward() ? FrameRange{next_ - again, frames_.end} : FrameRange{frames_.begin, next_ + again + 1};
            feeder_ = std::make_unique<FrameFeeder>(
                job_.document.video.path, readerOptions_, rest, direction_,
                static_cast<std::size_t>(std::clamp<std::int64_t>(size, 2, 1024)));
            for (std::int64_t i = 0; i < again; ++i) {
                const auto item = feeder_->next(stop_);
                session_->showAgain(item.index, item.image);
            }
        }
        dirty_ = true;
        for (std::int64_t i = begin; i < end; ++i) {
            if (stop_.stop_requested()) {
                if (i > begin) {
                    save(false);
                }
                throw Cancelled();
            }
            const auto item = feeder_->next(stop_);
            if (item.newShot) {
                cuts_.push_back(item.index);
            }
            if (tap_) {
                tap_->frame(item.index, item.image, item.newShot);
            }
            take(session_->advance(item.index, item.image, item.newShot, stop_));
            next_ = item.index + (forward() ? 1 : -1);
            job_.meter.advance("segment", static_cast<long long>(targets_.size()));
        }
        save(false);
        dirty_ = false;
    }

    void finish() {
        if (!session_) {
            openSession();
        }
        // The state before finish() is kept: with it a longer range can go on from here.
        auto state = session_->saveState();
        take(session_->finish());
        restart_ = std::move(state);
        save(true);
    }

    void take(const SessionStep& step) {
        for (const auto& item : step.items) {
            auto frame = std::make_shared<const TargetFrame>(item.frame);
            pending_[item.id].push_back(item.frame);
            if (const auto* target = tap_ ? job_.document.target(item.id) : nullptr) {
                TargetFrame said = item.frame;
                applySaid(*target, said);
                tap_->mask(item.id, said.frame, said.mask);
            }
            if (!speaksFor(item.id, item.frame.frame)) {
                continue;
            }
            if (job_.document.range.begin <= frame->frame && frame->frame < job_.document.range.end) {
                ++tracked_;
            }
            if (job_.events.frameTracked) {
                job_.events.frameTracked(item.id, frame, previewOf(item.id, *frame));
            }
        }
    }

    /// Whether this direction decides about a target in a frame, as far as it is known before the two are
    /// joined.
    [[nodiscard]] bool speaksFor(TargetId id, std::int64_t frame) const {
        for (const auto& target : targets_) {
            if (target.id == id) {
                const auto first = target.prompts.front().frame;
                return forward() ? frame >= first : frame < first;
            }
        }
        return false;
    }

    [[nodiscard]] std::shared_ptr<const BodyFrame> previewOf(TargetId id, const TargetFrame& frame) const {
        const auto* target = job_.document.target(id);
        if (preview_ == nullptr || target == nullptr || frame.state != FrameState::Visible ||
            frame.pose.score <= 0) {
            auto none = std::make_shared<BodyFrame>();
            none->frame = frame.frame;
            return none;
        }
        return std::make_shared<const BodyFrame>(preview_->preview(frame, camera_, target->traits));
    }

    void save(bool finished) {
        Save save;
        save.next = next_;
        save.state = finished ? restart_ : session_->saveState();
        save.finished = finished;
        save.cuts = std::exchange(cuts_, {});
        for (auto& [id, frames] : pending_) {
            if (!frames.empty()) {
                if (!forward()) {
                    std::reverse(frames.begin(), frames.end());
                }
                save.batches.emplace_back(id, std::move(frames));
            }
        }
        pending_.clear();
        start_ = next_;
        trackedAtStart_ = tracked_;
        restart_ = save.state;
        // The token is not passed on: what is finished is saved even when the job is being cancelled.
        if (!queue_.push(std::move(save)) || writeFailed_) {
            throw Cancelled(); // run() throws the writer's own failure instead
        }
    }

    void writeLoop() {
        while (auto save = queue_.pop()) {
            try {
                journal_.next = save->next;
                journal_.state = std::move(save->state);
                journal_.finished = save->finished;
                journal_.cuts.insert(journal_.cuts.end(), save->cuts.begin(), save->cuts.end());
                std::sort(journal_.cuts.begin(), journal_.cuts.end());
                if (save->finished) {
                    for (const auto& [id, frames] : save->batches) {
                        journal_.tail[id] = {frames.front().frame, frames.back().frame + 1};
                    }
                }
                job_.writer.commit(direction_, journal_, save->batches);
                if (!save->finished) {
                    job_.writer.addCheckpoint(direction_, journal_, prefixKey(job_.document, direction_, journal_.next),
                                              journal_.state);
                }
            } catch (...) {
                writeFailure_ = std::current_exception();
                writeFailed_ = true;
                queue_.close();
                return;
            }
        }
    }

    Job& job_;
    Segmenter& segmenter_;
    const BodyEstimator* preview_;
    Direction direction_;
    FrameRange frames_;
    std::string key_;
    std::stop_token stop_;
    std::vector<SessionTarget> targets_;
    Intrinsics camera_;
    VideoReader::Options readerOptions_;
    BatchPlan plan_;
    SessionJournal journal_; ///< the writer's, once it runs
    std::int64_t left_ = 0;

    std::unique_ptr<SegmenterSession> session_;
    std::int64_t start_ = 0, next_ = 0; ///< beginning of the batch at work; frame to advance next
    std::vector<std::byte> restart_;    ///< the session's state at start_
    bool dirty_ = false;
    std::map<TargetId, std::vector<TargetFrame>> pending_;
    std::vector<std::int64_t> cuts_;
    long long tracked_ = 0, trackedAtStart_ = 0; ///< now; at start_
    std::string advice_;

    BoundedQueue<Save> queue_{4};
    std::atomic<bool> writeFailed_{false};
    std::exception_ptr writeFailure_;
    std::unique_ptr<CameraTap> tap_;
    std::unique_ptr<FrameFeeder> feeder_; ///< last: its thread stops first
};

} // namespace

bool segmentDone(const Job& job) {
    return std::all_of(job.document.targets.begin(), job.document.targets.end(), [&](const Target& t) {
        return t.prompts.empty() || job.project.stage("segment", t.id).status == StageStatus::Done;
    });
}

namespace {

/// What an engine did in between: it lives longer than a job.
std::optional<EngineUse> useSince(std::optional<EngineUse> now, const std::optional<EngineUse>& before) {
    if (now && before) {
        now->framesEncoded -= before->framesEncoded;
        now->framesReused -= before->framesReused;
        now->personFrames -= before->personFrames;
        now->seconds -= before->seconds;
    }
    return now;
}

} // namespace

void runSegmentStage(Job& job, const BodyEstimator* preview) {
    auto& segmenter = job.engines.segmenter(job.document.options);
    const auto usedBefore = segmenter.use();
    // A failure of one direction ends the other one too.
    std::stop_source stop;
    const std::stop_callback passOn(job.stop, [&stop] { stop.request_stop(); });
    std::vector<std::unique_ptr<SessionRunner>> runners;
    long long total = 0;
    const auto targets = std::count_if(job.document.targets.begin(), job.document.targets.end(),
                                       [](const Target& t) { return !t.prompts.empty(); });
    for (const auto direction : {Direction::Forward, Direction::Backward}) {
        if (const auto frames = sessionFrames(job.document, direction)) {
            auto runner = std::make_unique<SessionRunner>(job, segmenter, preview, direction, *frames,
                                                          stop.get_token());
            total += runner->prepare() * targets;
            runners.push_back(std::move(runner));
        } else {
            job.writer.resetSession(direction);
        }
    }
    // Only one direction, from the beginning: then every frame comes by with its final masks.
    if (preview != nullptr && runners.size() == 1 && job.document.options.text("world.camera") != "static") {
        runners.front()->measureCamera(preview->camera(job.document.video.width, job.document.video.height));
    }
    job.meter.plan("segment", total, 0.03);
    job.meter.begin("segment", "Tracking");
    std::mutex failureMutex;
    std::exception_ptr failure;
    {
        std::vector<std::jthread> threads;
        for (const auto& runner : runners) {
            threads.emplace_back([&] {
                try {
                    runner->run();
                } catch (...) {
                    const std::scoped_lock lock(failureMutex);
                    if (!failure) { // what follows from it, such as being stopped, is not the cause
                        failure = std::current_exception();
                    }
                    stop.request_stop();
                }
            });
        }
    }
    {
        const std::scoped_lock lock(job.mutex);
        job.profile["segment"].engine = useSince(segmenter.use(), usedBefore);
    }
    for (const auto& runner : runners) {
        if (!runner->advice().empty()) {
            job.notice(runner->advice());
            break;
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (runners.size() == 1) {
        job.cameraPath = runners.front()->cameraPath();
    }
    job.meter.finish("segment");
}

} // namespace body4d::detail

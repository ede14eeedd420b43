#include "base/log.h"
#include "base/order_statistics.h"
#include "video/decode_lanes_internal.h"
#include "video/frame_converter_internal.h"
#include "video/media_file_internal.h"
#include "video/picture_colour_internal.h"
#include "video/reader_internal.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace body4d {

namespace {

constexpr std::int64_t kUnknown = AV_NOPTS_VALUE;
/// Decoding on over a few frames costs less than a seek, which empties the decoder.
constexpr std::int64_t kShortWalk = 8;
constexpr int kWarningsPerFile = 5;
/// Decoders left standing: a fifth one shortens the way of a jump by less than a tenth.
constexpr std::size_t kMostParked = 4;

std::size_t pixelBytes(const AVFrame& frame) {
    std::size_t bytes = 0;
    for (const AVBufferRef* buffer : frame.buf) {
        bytes += buffer != nullptr ? buffer->size : 0;
    }
    return bytes;
}

class FileReader final : public VideoReader {
public:
    FileReader(const std::filesystem::path& path, std::unique_ptr<MediaFile> file, const Options& options)
        : lanes_(std::move(file)), options_(options) {
        info_.path = path;
        buildIndex();
        describe();
    }

    const VideoInfo& info() const override { return info_; }

    ImagePtr read(std::int64_t index) override {
        if (index < 0 || index >= info_.frameCount) {
            throw Error(ErrorCode::Usage,
                        "Frame " + std::to_string(index) + " is outside the video, which has " +
                            std::to_string(info_.frameCount) + " frames.",
                        "Choose a frame from 0 to " + std::to_string(info_.frameCount - 1) + ".",
                        info_.path.string());
        }
        noteJump(index);
        // Room for kept frames reaches back from the goal this far; what lies before is only decoded as far
        // as others refer to it.
        const auto room =
            static_cast<std::int64_t>(options_.keepBytes / std::max<std::size_t>(frameBytes_, 1));
        keepFrom_ = keeping_ ? std::max<std::int64_t>(index - room, 0) : index;
        wanted_ = index;
        lastRead_ = index;
        if (!file().usesHardware()) {
            return converter_->convert(*locate(index));
        }
        try {
            return converter_->convert(*locate(index));
        } catch (const Error& e) {
            logWarning("video: the hardware decoder failed (" + std::string(e.what()) +
                       "); decoding goes on in software");
        }
        goOnInSoftware();
        return converter_->convert(*locate(index));
    }

private:
    [[nodiscard]] const FrameIndex::Entry& entry(std::int64_t frame) const {
        return index_.frames[static_cast<std::size_t>(frame)];
    }
    [[nodiscard]] std::int64_t frameCount() const { return static_cast<std::int64_t>(index_.frames.size()); }
    [[nodiscard]] std::string name() const { return ffmpeg::quotedName(info_.path); }
    [[nodiscard]] MediaFile& file() const { return *lanes_.working().file; }
    /// Frame that the decoder shows next; -1 unknown.
    [[nodiscard]] std::int64_t& position() { return lanes_.position(); }
    /// Key packet at which the present run of decoding began.
    [[nodiscard]] int& runStart() { return lanes_.working().runStart; }

    /// Kept frames serve those who jump about in one place; a walk in steps forwards never comes back to
    /// them, and the first jump to somewhere else should arrive soon.
    void noteJump(std::int64_t index) {
        forwardReads_ = index < lastRead_ ? 0 : forwardReads_ + 1;
        jumpsBack_ = index < lastRead_ || (jumpsBack_ && forwardReads_ < kKeepBehind);
        const bool near = lastRead_ >= 0 && (std::abs(index - lastRead_) <= kKeepBehind ||
                                             entry(index).keyFrame == entry(lastRead_).keyFrame);
        keeping_ = jumpsBack_ && near && index != lastRead_ + 1 && !file().usesHardware();
    }

    /// Frames in the card's memory go with its decoder.
    void goOnInSoftware() {
        kept_.clear();
        keptBytes_ = 0;
        before_.reset();
        after_.reset();
        file().dropHardware();
        position() = -1;
        runStart() = 0;
    }

    void buildIndex() {
        file().scan(index_);
        if (index_.packets.empty()) {
            throw ffmpeg::unusableFile(info_.path, 0);
        }
        if (index_.packetsSuffice()) {
            index_.buildFromPackets();
        } else {
            countByDecoding();
        }
        seekable_ = file().canSeek() && index_.identity != FrameIndex::Identity::Ordinal;
        if (!seekable_) {
            index_.forbidSeeking();
        }
        file().restart();
        runStart() = 0;
        findFirstFrame();
        if (index_.damaged) {
            findLastFrame();
        }
    }

    void countByDecoding() {
        file().restart();
        std::vector<FrameIndex::Seen> seen;
        while (const AVFrame* frame = file().next()) {
            seen.push_back({timeOf(*frame), frame->pkt_pos});
        }
        const AVRational rate = rateOf();
        const double ticks = rate.num > 0 ? 1 / (av_q2d(rate) * av_q2d(file().stream().time_base)) : 1;
        index_.buildFromCount(seen, std::llround(ticks));
    }

    /// Pictures before the first one that decodes (a recording that starts in mid-stream) are not frames.
    void findFirstFrame() {
        const AVFrame* first = nullptr;
        std::int64_t at = -1;
        while (at < 0 && (first = file().next()) != nullptr) {
            at = frameOf(*first);
        }
        if (file().usesHardware() && (first == nullptr || first->hw_frames_ctx == nullptr)) {
            // Nothing came, or the card does not know this kind of stream and one software thread stood in.
            file().dropHardware();
            return findFirstFrame();
        }
        if (first == nullptr) {
            throw Error(ErrorCode::Input, "No frame of the video " + name() + " can be decoded.",
                        "The file is damaged: copy or download it again.", info_.path.string());
        }
        if (at > 0) {
            index_.dropFirst(at);
            if (index_.identity == FrameIndex::Identity::Ordinal || !seekable_) {
                index_.forbidSeeking();
            }
        }
        lead_ = index_.identity == FrameIndex::Identity::Ordinal ? at : 0;
        position() = 1;
        kept_.clear();
        frameBytes_ = pixelBytes(*first);
        keep(0, *first);
        describeFrom(*first);
        if (seekable_ && !file().usesHardware()) {
            const std::size_t decoderBytes = frameBytes_ * static_cast<std::size_t>(file().heldFrames());
            lanes_.setParked(static_cast<int>(std::min<std::size_t>(
                options_.parkBytes / std::max<std::size_t>(decoderBytes, 1), kMostParked)));
        }
    }

    /// A file that was cut off lists frames whose data is missing.
    void findLastFrame() {
        const std::int64_t listed = frameCount();
        std::int64_t last = -1;
        std::int64_t from = listed - 1;
        while (last < 0 && from >= 0) {
            const int key = entry(from).keyPacket;
            if (goTo(key, false) || goTo(0, true)) {
                while (const AVFrame* frame = file().next()) {
                    last = std::max(last, frameOf(*frame));
                }
            }
            from = std::min<std::int64_t>(from, entry(from).keyFrame) - 1;
        }
        last = std::max<std::int64_t>(last, 0);
        position() = -1;
        if (last + 1 < listed) {
            index_.keepFirst(last + 1);
        }
        logWarning("The video " + name() + " is damaged or cut off; " + std::to_string(frameCount()) +
                   " frames of it can be used.");
    }

    [[nodiscard]] AVRational rateOf() const {
        const AVStream& stream = file().stream();
        return stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
    }

    void describeFrom(const AVFrame& first) {
        const AVStream& stream = file().stream();
        orientation_ = file().orientation();
        AVRational aspect = file().sampleAspect();
        if (aspect.num <= 0) {
            aspect = first.sample_aspect_ratio;
        }
        const UprightSize size = uprightSize(first.width, first.height, aspect, orientation_);
        info_.width = size.width;
        info_.height = size.height;
        info_.rotationDegrees = orientation_.quarterTurns * 90;
        info_.codec = avcodec_get_name(stream.codecpar->codec_id);
        const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(first.format));
        info_.pixelFormat = format != nullptr ? format : "unknown";
        info_.colour = colourOf(first, stream);
        converter_ = std::make_unique<FrameConverter>(size, orientation_, false);
    }

    void describe() {
        const AVStream& stream = file().stream();
        const AVFormatContext& format = file().format();
        info_.frameCount = frameCount();
        info_.hasAudio =
            std::any_of(format.streams, format.streams + format.nb_streams,
                        [](const AVStream* s) { return s->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; });
        const double tick = av_q2d(stream.time_base);
        info_.frameTimes.reserve(index_.frames.size());
        for (const auto& frame : index_.frames) {
            info_.frameTimes.push_back(static_cast<double>(frame.pts - index_.frames.front().pts) * tick);
        }
        if ((format.iformat->flags & AVFMT_TS_DISCONT) != 0) {
            closeJumps(info_.frameTimes);
        }
        const AVRational declared = rateOf();
        const std::size_t count = info_.frameTimes.size();
        double last = declared.num > 0 ? 1 / av_q2d(declared) : 1.0 / 25;
        info_.fps = 1 / last;
        if (count > 1) {
            std::vector<double> gaps(count - 1);
            for (std::size_t i = 0; i + 1 < count; ++i) {
                gaps[i] = info_.frameTimes[i + 1] - info_.frameTimes[i];
            }
            std::sort(gaps.begin(), gaps.end());
            const double median = gaps[gaps.size() / 2];
            // A container's tick may be coarse: one tick up or down is rounding.
            info_.variableFrameRate = gaps.back() - gaps.front() > std::max(0.25 * median, 2.5 * tick);
            const double measured = static_cast<double>(count - 1) / info_.frameTimes.back();
            const bool agrees = declared.num > 0 && std::abs(av_q2d(declared) / measured - 1) < 0.01;
            info_.fps = agrees && !info_.variableFrameRate ? av_q2d(declared) : measured;
            last = median;
        }
        if (const int packet = index_.frames.back().packet; packet >= 0) {
            const auto ticks = index_.packets[static_cast<std::size_t>(packet)].duration;
            if (ticks > 0 && static_cast<double>(ticks) * tick < 10 * last + 1) {
                last = static_cast<double>(ticks) * tick;
            }
        }
        info_.durationSeconds = info_.frameTimes.back() + last;
    }

    /// Broadcast streams that were joined: the clock of the second part is another one. As in the ffmpeg program a jump
    /// of more than ten seconds is one; the next picture follows at the usual distance.
    static void closeJumps(std::vector<double>& times) {
        constexpr double kJump = 10;
        if (times.size() < 3) {
            return;
        }
        std::vector<double> gaps(times.size());
        std::adjacent_difference(times.begin(), times.end(), gaps.begin());
        std::vector<double> sorted(gaps.begin() + 1, gaps.end());
        const double usual = upperMedian(sorted);
        double closed = 0;
        for (std::size_t i = 1; i < times.size(); ++i) {
            closed += gaps[i] > std::max(kJump, 50 * usual) ? gaps[i] - usual : 0;
            times[i] -= closed;
        }
    }

    /// @returns -1 for a picture that is no frame of the index
    [[nodiscard]] std::int64_t frameOf(const AVFrame& frame) const {
        switch (index_.identity) {
        case FrameIndex::Identity::Ordinal: {
            const std::int64_t at = file().ordinal() - 1 - lead_;
            return at < frameCount() ? at : -1;
        }
        case FrameIndex::Identity::Position:
            return index_.find(frame.pkt_pos);
        case FrameIndex::Identity::Pts:
            break;
        }
        return index_.find(timeOf(frame));
    }

    [[nodiscard]] static std::int64_t timeOf(const AVFrame& frame) {
        return frame.pts != kUnknown ? frame.pts : frame.best_effort_timestamp;
    }

    /// Decoding begins anew at a key packet.
    bool goTo(int packet, bool reopen) {
        position() = -1;
        runStart() = packet;
        if (seekable_ && !reopen) {
            return file().seekTo(index_, packet);
        }
        file().restart();
        runStart() = 0;
        return true;
    }

    void keep(std::int64_t index, const AVFrame& frame) {
        if (frame.buf[0] == nullptr || kept_.contains(index)) {
            return;
        }
        const std::size_t bytes = pixelBytes(frame);
        keptBytes_ += bytes;
        kept_.emplace(index, Kept{ffmpeg::share(frame), bytes});
        // Frames far from where the reader is wanted go first.
        while (keptBytes_ > options_.keepBytes && kept_.size() > 1) {
            const auto last = std::prev(kept_.end());
            const auto victim =
                wanted_ - kept_.begin()->first >= last->first - wanted_ ? kept_.begin() : last;
            keptBytes_ -= victim->second.bytes;
            kept_.erase(victim);
        }
    }

    /// Decodes on until `wanted`. @returns empty when it was passed or the file ended; the frames next to the
    /// gap are then in `before_` and `after_`
    ffmpeg::FramePtr advance(std::int64_t wanted) {
        before_.reset();
        after_.reset();
        std::int64_t previous = -1;
        while (const AVFrame* frame = file().next()) {
            if (file().derailed()) {
                break;
            }
            const std::int64_t at = frameOf(*frame);
            if (at < 0) {
                continue;
            }
            position() = at + 1;
            if (at == wanted) {
                if (keeping_) {
                    keep(at, *frame);
                }
                return ffmpeg::share(*frame);
            }
            if (at > wanted) {
                keep(at, *frame);
                after_ = ffmpeg::share(*frame);
                return nullptr;
            }
            if (keeping_ && at >= keepFrom_) {
                keep(at, *frame);
            }
            if (wanted - at <= kShortWalk && at > previous) {
                before_ = ffmpeg::share(*frame);
                previous = at;
            }
        }
        position() = -1;
        return nullptr;
    }

    ffmpeg::FramePtr locate(std::int64_t wanted) {
        if (const auto found = kept_.find(wanted); found != kept_.end()) {
            return ffmpeg::share(*found->second.frame);
        }
        if (kept_.size() > 1 && !keeping_) {
            // Walking forwards again: what a jump left behind is no longer near.
            while (!kept_.empty() && kept_.begin()->first + kKeepBehind < wanted) {
                keptBytes_ -= kept_.begin()->second.bytes;
                kept_.erase(kept_.begin());
            }
        }
        const FrameIndex::Entry& goal = entry(wanted);
        const bool known = missing_.contains(wanted);
        lanes_.choose(index_, wanted, kShortWalk);
        file().skipBefore(index_.identity == FrameIndex::Identity::Pts ? entry(keepFrom_).id : kUnknown);
        if (position() >= 0 && position() <= wanted &&
            (position() > goal.keyFrame || wanted - position() <= kShortWalk)) {
            if (auto frame = advance(wanted)) {
                return frame;
            }
            if (!file().derailed() && (known || runStart() == 0 || runStart() < goal.keyPacket)) {
                return standIn(wanted); // the decoder had all that it needs and showed nothing
            }
        }
        struct Way {
            int key;
            bool reopen;
        };
        const int before = index_.keyBefore(goal.keyPacket);
        for (const Way way : {Way{goal.keyPacket, false}, Way{before, false}, Way{0, true}}) {
            if (!goTo(way.key, way.reopen)) {
                continue;
            }
            if (auto frame = advance(wanted)) {
                return frame;
            }
            // All that the frame needs was decoded and it did not come: it is not there.
            if (!file().derailed() && (known || runStart() == 0 || runStart() < goal.keyPacket)) {
                break;
            }
        }
        return standIn(wanted);
    }

    /// A frame that does not decode is shown as the one before it, as players do.
    ffmpeg::FramePtr standIn(std::int64_t wanted) {
        if (file().usesHardware()) { // it may be the card that cannot, not the file
            throw Error(ErrorCode::Input, "frame " + std::to_string(wanted) + " did not come",
                        "Switch hardware decoding off.", info_.path.string());
        }
        if (missing_.insert(wanted).second && missing_.size() <= kWarningsPerFile) {
            logWarning("Frame " + std::to_string(wanted) + " of " + name() +
                       " is damaged; its neighbour is used in its place." +
                       (missing_.size() == kWarningsPerFile ? " More such frames will not be named." : ""));
        }
        ffmpeg::FramePtr& neighbour = before_ ? before_ : after_;
        if (!neighbour) {
            throw Error(ErrorCode::Input,
                        "Frame " + std::to_string(wanted) + " of the video " + name() + " cannot be decoded.",
                        "Leave the damaged part out with a frame range, or copy the file again.",
                        info_.path.string());
        }
        auto result = ffmpeg::share(*neighbour);
        keep(wanted, *result);
        return result;
    }

    struct Kept {
        ffmpeg::FramePtr frame;
        std::size_t bytes = 0;
    };
    static constexpr std::int64_t kKeepBehind = 64;

    DecodeLanes lanes_;
    Options options_;
    VideoInfo info_;
    FrameIndex index_;
    ffmpeg::Orientation orientation_;
    std::unique_ptr<FrameConverter> converter_;
    bool seekable_ = true;
    std::int64_t lead_ = 0; ///< pictures before frame 0 when frames are counted
    std::int64_t lastRead_ = -1, wanted_ = 0;
    std::int64_t keepFrom_ = 0;
    std::size_t frameBytes_ = 0; ///< of a decoded frame
    bool keeping_ = false, jumpsBack_ = false;
    std::int64_t forwardReads_ = 0;
    std::map<std::int64_t, Kept> kept_;
    std::size_t keptBytes_ = 0;
    std::set<std::int64_t> missing_;
    ffmpeg::FramePtr before_, after_;
};

} // namespace

std::unique_ptr<VideoReader> openVideoFile(const std::filesystem::path& path,
                                           const VideoReader::Options& options) {
    auto file = std::make_unique<MediaFile>(path, options);
    if (file->isStill()) {
        file.reset();
        return openImages(path, {path}, options);
    }
    return std::make_unique<FileReader>(path, std::move(file), options);
}

} // namespace body4d

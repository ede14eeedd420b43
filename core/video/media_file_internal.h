#pragma once

#include "video/ffmpeg_internal.h"
#include "video/frame_index_internal.h"
#include "video/video_reader.h"

namespace body4d {

/// Demuxer and decoder of the picture stream of one file: packets in, decoded frames out, and seeks that say
/// whether they arrived. One thread at a time.
class MediaFile {
public:
    /// @throws Error{Input}
    MediaFile(const std::filesystem::path& path, const VideoReader::Options& options);

    /// A second decoder on the same file, in software, at its start. @throws Error{Input}
    [[nodiscard]] std::unique_ptr<MediaFile> another() const;

    [[nodiscard]] const AVFormatContext& format() const { return *format_; }
    [[nodiscard]] const AVStream& stream() const { return *format_->streams[streamIndex_]; }
    /// A demuxer for stills ("png_pipe") rather than for videos.
    [[nodiscard]] bool isStill() const;
    /// False for formats whose pictures change the ones before (GIF) or whose seeking is known to lie.
    [[nodiscard]] bool canSeek() const;
    [[nodiscard]] ffmpeg::Orientation orientation() const;
    [[nodiscard]] AVRational sampleAspect() const;

    /// Reads all packets from the start. The file is then at its end.
    void scan(FrameIndex& index);
    /// Back to the first packet by opening the file anew. @throws Error{Input}
    void restart();
    /// To a key packet. `index` has to live as long as this. @returns whether that packet was reached
    bool seekTo(const FrameIndex& index, int packet);
    /// Next decoded frame in the order of showing; valid until the next call. Broken packets are passed over.
    /// @returns null at the end
    [[nodiscard]] const AVFrame* next();
    /// Frames shown before these ticks are not needed: those that no other refers to are left out by the
    /// decoder. AV_NOPTS_VALUE: all are needed.
    void skipBefore(std::int64_t pts) { skipBefore_ = pts; }
    /// The packets after a seek are not those of the index (demuxers that cut packets anew lie about times
    /// then): what comes out cannot be believed.
    [[nodiscard]] bool derailed() const { return derailed_; }
    /// Frames handed out since the last restart().
    [[nodiscard]] std::int64_t ordinal() const { return ordinal_; }
    /// Decoded frames that the decoder holds at most for its own use, estimated.
    [[nodiscard]] int heldFrames() const;
    /// A hardware decoder is at work.
    [[nodiscard]] bool usesHardware() const { return hardwareFormat_ != AV_PIX_FMT_NONE; }
    /// Goes on in software from the start of the file.
    void dropHardware();

private:
    void open();
    void openDecoder();
    bool openHardware(const AVCodec& codec);
    bool readPacket();
    /// Whether the times of the packets say in which order their pictures are shown.
    [[nodiscard]] bool timesTellTheOrder(const FrameIndex& index) const;
    /// When the last picture ends, as the container says; 0 when it does not.
    [[nodiscard]] double promisedSeconds() const;
    /// Fills what the coded picture leaves open about its colours with what the container says.
    void tagColours(AVFrame& frame) const;
    static AVPixelFormat chooseFormat(AVCodecContext* context, const AVPixelFormat* offered);

    std::filesystem::path path_;
    VideoReader::Options options_;
    ffmpeg::InputPtr format_;
    int streamIndex_ = -1;
    ffmpeg::BufferPtr device_;
    AVPixelFormat hardwareFormat_ = AV_PIX_FMT_NONE;
    ffmpeg::CodecPtr decoder_;
    ffmpeg::PacketPtr packet_;
    ffmpeg::FramePtr frame_;
    bool packetWaiting_ = false; ///< read ahead by a seek and not yet decoded
    bool draining_ = false;
    std::int64_t emptyPackets_ = 0;
    const FrameIndex* followed_ = nullptr; ///< after a seek: packets are compared with this
    std::size_t expected_ = 0;             ///< packet that has to come next
    bool derailed_ = false;
    std::int64_t skipBefore_ = AV_NOPTS_VALUE;
    std::int64_t ordinal_ = 0;
    /// The container's word on colours: probing replaces it by that of the coded pictures, which may be none.
    struct {
        AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
        AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
        AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
        AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
    } tags_;
};

} // namespace body4d

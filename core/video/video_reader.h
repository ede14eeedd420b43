#pragma once

#include "base/image.h"
#include "video/picture_colour.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// What a video is, sizes after rotation and pixel aspect are applied ("upright frame").
struct VideoInfo {
    std::filesystem::path path;
    int width = 0, height = 0;
    std::int64_t frameCount = 0;   ///< frames that can be shown, counted, not estimated
    double fps = 0;                ///< average rate; 0 for a single image
    double durationSeconds = 0;
    int rotationDegrees = 0;       ///< clockwise turn that was applied
    bool variableFrameRate = false;
    bool hasAudio = false;
    bool isImageSequence = false;  ///< a folder of images or one image
    std::string codec, pixelFormat;
    PictureColour colour;          ///< of the file; frames are brought to a normal screen
    std::vector<double> frameTimes; ///< presentation time of every frame in seconds, strictly increasing, from 0
};

/// Random and sequential access to the frames of a video file, an image folder or one image.
/// One thread at a time; frames are upright RGB, full range.
class VideoReader {
public:
    virtual ~VideoReader();
    [[nodiscard]] virtual const VideoInfo& info() const = 0;
    /// Exactly frame `index` of the presentation order. Fast when called with rising indices.
    /// @throws Error{Input} when the frame cannot be decoded, Error{Usage} outside [0, frameCount)
    [[nodiscard]] virtual ImagePtr read(std::int64_t index) = 0;

    struct Options {
        int threads = 0;        ///< 0: chosen by the decoder
        bool hardware = false;  ///< try the machine's video decoder first
        /// Decoded frames passed on the way to a jump's goal are kept up to this size, so that walking backwards and
        /// jumping about inside a group of pictures does not decode it again.
        std::size_t keepBytes = std::size_t{384} << 20;
        /// Decoders may be left standing where jumps ended, so that later jumps into the same long group of pictures
        /// start near by; together they hold at most about this much. 0: one decoder does everything.
        std::size_t parkBytes = std::size_t{96} << 20;
        double imageFps = 30;   ///< rate given to a folder of images
    };
    /// Builds the frame index by reading packets (no decoding), a few ms a minute of video.
    /// @throws Error{Input}: missing, empty, truncated, no video stream, unknown format - one sentence and a remedy
    [[nodiscard]] static std::unique_ptr<VideoReader> open(const std::filesystem::path& path, const Options& options);
    [[nodiscard]] static std::unique_ptr<VideoReader> open(const std::filesystem::path& path) { return open(path, Options()); }
};

/// Frames by index with an LRU cache limited in bytes; safe to call from several threads. Reads ahead on its own
/// thread in the direction that is being walked.
class FrameSource {
public:
    /// @param budgetBytes  for cached frames
    FrameSource(const std::filesystem::path& path, std::size_t budgetBytes, VideoReader::Options options = {});
    ~FrameSource();
    [[nodiscard]] const VideoInfo& info() const;
    /// Blocks until decoded.
    [[nodiscard]] ImagePtr frame(std::int64_t index);
    /// @returns nothing when it would have to decode
    [[nodiscard]] ImagePtr cached(std::int64_t index) const;
    /// Starts decoding [begin, end) in the background, in that order (begin > end: backwards); replaces earlier wishes.
    void prefetch(std::int64_t begin, std::int64_t end);
    /// Indices now in the cache, for the timeline.
    [[nodiscard]] std::vector<std::int64_t> cachedFrames() const;
    [[nodiscard]] std::size_t cachedBytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// First frames of new shots (never 0), found from thumbnails' histograms and edges.
class SceneCutDetector {
public:
    SceneCutDetector();
    ~SceneCutDetector();
    /// Feeds frames in rising order. @returns whether `frame` starts a new shot
    bool push(const Image& frame);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d

#pragma once

#include <cstdint>
#include <vector>

namespace body4d {

/// What the demuxer said of one packet of the picture stream; ticks are the stream's.
struct PacketRecord {
    std::int64_t pts = 0, dts = 0, position = -1, duration = 0;
    int size = 0; ///< bytes
    bool key = false;
    bool shown = true; ///< false: cut away by an edit list, or a picture that is only referred to
};

/// Which packet shows which frame, and where decoding has to begin for it.
class FrameIndex {
public:
    /// By what a decoded picture is recognised after a seek.
    enum class Identity {
        Pts,      ///< its presentation time: every sound file
        Position, ///< byte position of its packet: containers without presentation times (B-frames in AVI)
        Ordinal,  ///< only by counting from the start: no seeking
    };
    struct Entry {
        std::int64_t id = 0;  ///< after Identity
        std::int64_t pts = 0; ///< ticks, rising
        int packet = -1;      ///< its packet; -1 when only counted
        int keyPacket = 0;    ///< last packet from which this frame can be decoded
        int keyFrame = 0;     ///< index of the first frame shown when starting there
    };

    std::vector<PacketRecord> packets; ///< in the file's order
    std::vector<Entry> frames;         ///< in the order of showing
    Identity identity = Identity::Pts;
    bool countNeeded = false; ///< some packets may show nothing, only the decoder can tell
    bool damaged = false;     ///< the file ended too early or packets were marked as broken

    /// Whether the packets alone say which frames will be shown; else the frames have to be counted by
    /// decoding.
    [[nodiscard]] bool packetsSuffice() const;
    /// Fills `frames` from `packets`, from the first key packet on.
    void buildFromPackets();
    /// What was seen of a picture when all were decoded.
    struct Seen {
        std::int64_t pts = 0, position = -1; ///< pts: INT64_MIN when unknown
    };
    /// Fills `frames` from a count of all pictures. @param ticksPerFrame spacing where presentation times are
    /// missing
    void buildFromCount(const std::vector<Seen>& seen, std::int64_t ticksPerFrame);
    /// @returns the frame with this identity, -1 when there is none
    [[nodiscard]] std::int64_t find(std::int64_t id) const;
    /// Packet that an id or pts/position pair belongs to. @returns -1 when unknown
    [[nodiscard]] int findPacket(std::int64_t pts, std::int64_t position) const;
    /// The key packet before this one; 0 when there is none.
    [[nodiscard]] int keyBefore(int packet) const;
    void dropFirst(std::int64_t count);
    void keepFirst(std::int64_t count);
    /// Some frame is only found by decoding from the very start.
    void forbidSeeking();

private:
    void linkKeys();
    void sortLookups();
    std::vector<std::pair<std::int64_t, int>> byId_; ///< id -> frame
    std::vector<std::pair<std::int64_t, int>> packetByPts_, packetByPosition_;
};

} // namespace body4d

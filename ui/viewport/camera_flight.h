#pragma once

#include "ui/viewport/orbit_camera.h"

#include <cstdint>
#include <map>

namespace body4d::ui {

/// A flight of the view: cameras at some frames, joined by smooth curves.
class CameraFlight {
public:
    /// Sets or replaces the key of a frame.
    void setKey(std::int64_t frame, const OrbitCamera& camera);
    void removeKey(std::int64_t frame);
    void clear() { keys_.clear(); }
    [[nodiscard]] bool hasKey(std::int64_t frame) const { return keys_.contains(frame); }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] bool empty() const { return keys_.empty(); }
    /// Moves a camera to where the flight is at a frame: still before the first and after the last key, exactly there at
    /// every key, and turning the shorter way round between two. Without keys the camera stays.
    void apply(double frame, OrbitCamera& camera) const;

private:
    struct Key {
        Vec3 focal;
        double yaw = 0, pitch = 0, logDistance = 0; ///< yaw without jumps from key to key
    };
    std::map<std::int64_t, Key> keys_;
};

} // namespace body4d::ui

#pragma once

#include <QIODevice>

#include <functional>
#include <memory>

namespace body4d::ui {

/// Loudspeakers. Made and used in one thread that has an event loop.
class SoundDevice {
public:
    static constexpr int kSamplesPerSecond = 48000;

    virtual ~SoundDevice();
    /// Pulls 16 bit stereo samples from `source` until stop(). @returns false where the device refuses
    virtual bool start(QIODevice& source) = 0;
    virtual void stop() = 0;
    virtual void setVolume(double volume) = 0; ///< 0..1
};

using SoundDeviceMaker = std::function<std::unique_ptr<SoundDevice>()>;

/// The system's default output; null where there is none, or this program was built without sound.
[[nodiscard]] std::unique_ptr<SoundDevice> makeSoundDevice();

} // namespace body4d::ui

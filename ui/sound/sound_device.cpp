#include "ui/sound/sound_device.h"

#ifdef BODY4D_SOUND
#include <QAudioDevice>
#include <QAudioFormat>
#include <QAudioSink>
#include <QMediaDevices>
#endif

namespace body4d::ui {

SoundDevice::~SoundDevice() = default;

#ifdef BODY4D_SOUND
namespace {

constexpr int kBufferMilliseconds = 120;

class SystemSound : public SoundDevice {
public:
    SystemSound(const QAudioDevice& device, const QAudioFormat& format) : sink_(device, format) {
        sink_.setBufferSize(format.bytesForDuration(qint64{1000} * kBufferMilliseconds));
    }
    bool start(QIODevice& source) override {
        sink_.start(&source);
        return sink_.error() == QAudio::NoError;
    }
    void stop() override { sink_.stop(); }
    void setVolume(double volume) override { sink_.setVolume(volume); }

private:
    QAudioSink sink_;
};

} // namespace

std::unique_ptr<SoundDevice> makeSoundDevice() {
    QAudioFormat format;
    format.setSampleRate(SoundDevice::kSamplesPerSecond);
    format.setChannelCount(2);
    format.setSampleFormat(QAudioFormat::Int16);
    const auto device = QMediaDevices::defaultAudioOutput();
    if (device.isNull() || !device.isFormatSupported(format)) {
        return nullptr;
    }
    return std::make_unique<SystemSound>(device, format);
}
#else
std::unique_ptr<SoundDevice> makeSoundDevice() {
    return nullptr;
}
#endif

} // namespace body4d::ui

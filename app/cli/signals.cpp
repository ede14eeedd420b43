#include "cli/signals.h"

#include <csignal>
#include <ctime>
#include <thread>
#include <unistd.h>

namespace body4d::cli {
namespace {

sigset_t stopSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

} // namespace

struct StopOnSignal::Impl {
    std::jthread thread;
};

StopOnSignal::StopOnSignal(std::stop_source source) : impl_(std::make_unique<Impl>()) {
    const auto blocked = stopSignals();
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    impl_->thread = std::jthread([source](const std::stop_token& end) mutable {
        const auto set = stopSignals();
        while (!end.stop_requested()) {
            const timespec wait{0, 50'000'000};
            if (sigtimedwait(&set, nullptr, &wait) > 0) {
                if (source.stop_requested()) {
                    ::_exit(130);
                }
                source.request_stop();
            }
        }
    });
}

StopOnSignal::~StopOnSignal() {
    // After the last job nobody listens any more: the default action comes back.
    impl_->thread.request_stop();
    impl_->thread.join();
    const auto set = stopSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace body4d::cli

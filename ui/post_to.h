#pragma once

#include <QMetaObject>
#include <QObject>

#include <type_traits>
#include <utility>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line);
#endif

namespace body4d::ui {

/// Runs fn in the thread of `receiver` later; dropped when it is gone by then.
template <class Fn>
void postTo(QObject* receiver, Fn&& fn) {
#ifdef __SANITIZE_THREAD__
    // Qt is not instrumented: that its queue of events puts this thread's work before the receiver's must be told.
    auto told = [receiver, call = std::decay_t<Fn>(std::forward<Fn>(fn))]() mutable {
        __tsan_acquire(receiver);
        call();
    };
    __tsan_release(receiver);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    QMetaObject::invokeMethod(receiver, std::move(told), Qt::QueuedConnection);
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
#else
    QMetaObject::invokeMethod(receiver, std::forward<Fn>(fn), Qt::QueuedConnection);
#endif
}

} // namespace body4d::ui

#pragma once

#include <ATen/record_function.h>

#include <memory>
#include <string>

namespace body4d::testing {

/// Counts the operators of this thread while it lives, and those that wait for a value of the device's. One at a time.
class OperatorCounter {
public:
    OperatorCounter() {
        operators_ = reads_ = 0;
        handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction& f) {
                                                 ++operators_;
                                                 const std::string name = f.name();
                                                 reads_ += name == "aten::_local_scalar_dense";
                                                 return std::unique_ptr<at::ObserverContext>();
                                             }).scopes({at::RecordScope::FUNCTION}));
    }
    ~OperatorCounter() { at::removeCallback(handle_); }
    OperatorCounter(const OperatorCounter&) = delete;
    OperatorCounter& operator=(const OperatorCounter&) = delete;
    static int operators() { return operators_; }
    static int reads() { return reads_; }

private:
    at::CallbackHandle handle_;
    static inline int operators_ = 0, reads_ = 0;
};

} // namespace body4d::testing

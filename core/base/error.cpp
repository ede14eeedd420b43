#include "base/error.h"

#include <utility>

namespace body4d {

int exitCode(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::Usage: return 2;
    case ErrorCode::Input: return 3;
    case ErrorCode::MissingModel: return 4;
    case ErrorCode::OutOfMemory: return 5;
    case ErrorCode::Output:
    case ErrorCode::Busy:
    case ErrorCode::Internal: return 1;
    }
    return 1;
}

Error::Error(ErrorCode code, const std::string& what, std::string remedy, std::string detail)
    : std::runtime_error(what), code_(code), remedy_(std::move(remedy)), detail_(std::move(detail)) {}
Error::~Error() = default;

OutOfMemoryError::OutOfMemoryError(std::string detail)
    : Error(ErrorCode::OutOfMemory, "Not enough memory.",
            "Use a smaller batch, a lower resolution or a smaller model.", std::move(detail)) {}
OutOfMemoryError::~OutOfMemoryError() = default;

Cancelled::Cancelled() : std::runtime_error("cancelled") {}
Cancelled::~Cancelled() = default;

void detail::expectationFailed(const char* condition, const char* file, int line) {
    std::string message = "expected ";
    message.append(condition).append(" at ").append(file).append(":").append(std::to_string(line));
    throw std::logic_error(message);
}

} // namespace body4d

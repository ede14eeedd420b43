#pragma once

#include <stdexcept>
#include <string>

namespace body4d {

/// What went wrong, as far as a person or a script can act on it.
enum class ErrorCode {
    Usage,          ///< wrong option, value or combination of options
    Input,          ///< a video, image, project or configuration cannot be used
    MissingModel,   ///< an engine or its weights are not here
    OutOfMemory,    ///< does not fit even at batch size 1
    Output,         ///< cannot write: permissions, full disk
    Busy,           ///< another process holds the project
    Internal,       ///< a contract of ours was broken
};

/// Process exit code of the CLI: 1 failed, 2 usage, 3 input, 4 missing model, 5 out of memory.
[[nodiscard]] int exitCode(ErrorCode code) noexcept;

/// A failure that the user can act on: `what()` is one plain sentence, `remedy()` the next step.
/// Thrown across stage boundaries; the window and the CLI show sentence, remedy and, folded, the detail.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& what, std::string remedy, std::string detail = {});
    ~Error() override;
    Error(const Error&) = default;
    Error& operator=(const Error&) = default;

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const std::string& remedy() const noexcept { return remedy_; }
    [[nodiscard]] const std::string& detail() const noexcept { return detail_; } ///< path, key, library message

private:
    ErrorCode code_;
    std::string remedy_;
    std::string detail_;
};

/// Thrown by whatever runs out of memory inside a batch; `runBatched` halves the batch on it and on std::bad_alloc.
class OutOfMemoryError : public Error {
public:
    explicit OutOfMemoryError(std::string detail);
    ~OutOfMemoryError() override;
};

/// Thrown to unwind after a cancel request; never shown as an error.
class Cancelled : public std::runtime_error {
public:
    Cancelled();
    ~Cancelled() override;
};

namespace detail {
[[noreturn]] void expectationFailed(const char* condition, const char* file, int line);
}

/// A broken contract of ours: throws std::logic_error ("Internal error ...").
#define BODY4D_EXPECT(condition)                                                                                   \
    do {                                                                                                           \
        if (!(condition)) {                                                                                        \
            ::body4d::detail::expectationFailed(#condition, __FILE__, __LINE__);                                   \
        }                                                                                                          \
    } while (false)

} // namespace body4d

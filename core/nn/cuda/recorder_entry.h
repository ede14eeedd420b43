#pragma once

namespace body4d::nn {

class WorkRecorder;

/// What libbody4d_torch_cuda.so exports.
using RecorderEntry = WorkRecorder*(int abi, int device);
inline constexpr const char* kRecorderLibrary = "libbody4d_torch_cuda.so";
inline constexpr const char* kRecorderSymbol = "body4dWorkRecorder";
/// Raised with every change of RecordedWork, WorkRecorder or the entry.
inline constexpr int kRecorderAbi = 1;

} // namespace body4d::nn

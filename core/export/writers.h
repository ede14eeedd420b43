#pragma once

#include "export/export_clip.h"

#include <filesystem>
#include <stop_token>

/// One function a format. All of them write into `dir`, answer `stop` with Cancelled and count frames in
/// `progress`.
namespace body4d {

ExportResult writeGlb(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress);
ExportResult writePly(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress);
ExportResult writeObj(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress);
ExportResult writeNpz(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress);
ExportResult writeMasks(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                        const ProgressFn& progress);
ExportResult writeCoco(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                       const ProgressFn& progress);
ExportResult writeOverlay(const ExportClip& clip, const std::filesystem::path& dir,
                          const std::stop_token& stop, const ProgressFn& progress);
ExportResult writeBvh(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress);
ExportResult writeCsv(const ExportClip& clip, const std::filesystem::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress);

} // namespace body4d

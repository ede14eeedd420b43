#include "pipeline/mask_store.h"

#include "base/error.h"
#include "base/safetensors_stream.h"

#include <algorithm>

namespace body4d::detail {
namespace fs = std::filesystem;

void writeMasks(const fs::path& file, const std::function<void(const MaskSink& sink)>& make) {
    writeFileAtomically(file, [&](const fs::path& temporary) {
        // How many run lengths there are is known at the end: until then they wait beside.
        const fs::path scratch = temporary.string() + ".bin";
        const std::unique_ptr<const fs::path, void (*)(const fs::path*)> removed(&scratch, [](const fs::path* path) {
            std::error_code ignored;
            fs::remove(*path, ignored);
        });
        std::vector<std::int64_t> frames, offsets{0};
        std::vector<std::int32_t> sizes;
        {
            OutputFile waiting(scratch, file);
            make([&](std::int64_t frame, const RleMask& mask) {
                waiting.writeAt(sizeof(std::uint32_t) * static_cast<std::uint64_t>(offsets.back()),
                                std::as_bytes(std::span(mask.counts)));
                frames.push_back(frame);
                sizes.insert(sizes.end(), {mask.width, mask.height});
                offsets.push_back(offsets.back() + static_cast<std::int64_t>(mask.counts.size()));
            });
            waiting.close();
        }
        const auto n = static_cast<std::int64_t>(frames.size());
        SafetensorsStream out(temporary, file,
                              {{"frame", {DType::I64, {n}}},
                               {"offsets", {DType::I64, {n + 1}}},
                               {"size", {DType::I32, {n, 2}}},
                               {"counts", {DType::U32, {offsets.back()}}}},
                              256);
        out.put("frame", 0, frames);
        out.put("offsets", 0, offsets);
        out.put("size", 0, sizes);
        std::int64_t row = 0;
        std::vector<std::uint32_t> counts;
        readPieces(scratch, 0, sizeof(std::uint32_t) * static_cast<std::uint64_t>(offsets.back()),
                   [&](std::span<const std::byte> bytes) {
                       counts.resize(bytes.size() / sizeof(std::uint32_t));
                       std::memcpy(counts.data(), bytes.data(), bytes.size());
                       out.put("counts", row, counts);
                       row += static_cast<std::int64_t>(counts.size());
                   });
        out.finish({{"content", "run lengths, column by column from a run of zeros (COCO)"}});
    });
}

MaskReader::MaskReader(const fs::path& file) : file_(std::make_shared<const SafetensorsFile>(file)) {
    frames_ = file_->values<std::int64_t>("frame");
    const auto n = static_cast<std::int64_t>(frames_.size());
    offsets_ = file_->values<std::int64_t>("offsets", {n + 1});
    sizes_ = file_->values<std::int32_t>("size", {n, 2});
    const auto& counts = file_->at("counts");
    if (counts.dtype != DType::U32 || counts.shape.size() != 1 || offsets_.front() < 0 ||
        offsets_.back() > counts.count() || !std::is_sorted(offsets_.begin(), offsets_.end()) ||
        !std::is_sorted(frames_.begin(), frames_.end())) {
        throw Error(ErrorCode::Input, file.filename().string() + " is damaged.", "Delete it and run again.", file.string());
    }
    forgetPages(*file_);
}

std::optional<RleMask> MaskReader::at(std::int64_t frame) const {
    const auto it = std::lower_bound(frames_.begin(), frames_.end(), frame);
    if (it == frames_.end() || *it != frame) {
        return std::nullopt;
    }
    const auto i = static_cast<std::size_t>(it - frames_.begin());
    auto counts = rowValues<std::uint32_t>(*file_, "counts", offsets_[i], offsets_[i + 1], {-1});
    forgetPages(*file_);
    return RleMask{sizes_[2 * i], sizes_[2 * i + 1], std::move(counts)};
}

} // namespace body4d::detail

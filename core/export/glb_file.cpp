#include "export/glb_file_internal.h"

#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace body4d {
namespace {

constexpr std::uint32_t kMagic = 0x46546C67, kJsonChunk = 0x4E4F534A, kBinChunk = 0x004E4942;
constexpr int kU8 = 5121, kU16 = 5123, kU32 = 5125, kFloat = 5126;

const char* typeName(int components) {
    switch (components) {
    case 1:
        return "SCALAR";
    case 2:
        return "VEC2";
    case 3:
        return "VEC3";
    case 4:
        return "VEC4";
    default:
        return "MAT4";
    }
}

} // namespace

GlbFile::GlbFile(std::filesystem::path scratch) : scratch_(std::move(scratch)), stream_(scratch_) {}

GlbFile::~GlbFile() {
    std::error_code ignored;
    std::filesystem::remove(scratch_, ignored);
}

int GlbFile::beginView(std::uint64_t size, Target target) {
    Json view = {{"buffer", 0}, {"byteOffset", stream_.size()}, {"byteLength", size}};
    if (target != Target::None) {
        view["target"] = static_cast<int>(target);
    }
    views_.push_back(std::move(view));
    return static_cast<int>(views_.size()) - 1;
}

void GlbFile::pad() {
    static constexpr std::array<std::byte, 3> kZeros{};
    stream_.write(std::span(kZeros.data(), (4 - stream_.size() % 4) % 4));
}

int GlbFile::addView(std::span<const std::byte> bytes, Target target) {
    const int view = beginView(bytes.size(), target);
    stream_.write(bytes);
    pad();
    return view;
}

int GlbFile::addAccessor(Json accessor) {
    accessors_.push_back(std::move(accessor));
    return static_cast<int>(accessors_.size()) - 1;
}

int GlbFile::addFloats(std::span<const float> values, int components, bool bounds, Target target) {
    const auto width = static_cast<std::size_t>(components);
    BODY4D_EXPECT(!values.empty() && values.size() % width == 0);
    const int view = addView(std::as_bytes(values), target);
    Json accessor = {{"bufferView", view},
                     {"componentType", kFloat},
                     {"count", values.size() / width},
                     {"type", typeName(components)}};
    if (bounds) {
        std::vector<float> low(values.begin(), values.begin() + components), high = low;
        for (std::size_t i = 0; i < values.size(); ++i) {
            low[i % width] = std::min(low[i % width], values[i]);
            high[i % width] = std::max(high[i % width], values[i]);
        }
        // A float as a double prints enough digits to come back as the same bits.
        accessor["min"] = std::vector<double>(low.begin(), low.end());
        accessor["max"] = std::vector<double>(high.begin(), high.end());
    }
    return addAccessor(std::move(accessor));
}

int GlbFile::addFloats(const detail::FileFloats& values, int components) {
    const auto width = static_cast<std::size_t>(components);
    BODY4D_EXPECT(values.count > 0 && values.count % width == 0);
    const std::uint64_t size = values.count * sizeof(float);
    const int view = beginView(size, Target::None);
    readPieces(values.file, values.offset, size, [this](std::span<const std::byte> bytes) { stream_.write(bytes); });
    pad();
    return addAccessor({{"bufferView", view},
                        {"componentType", kFloat},
                        {"count", values.count / width},
                        {"type", typeName(components)}});
}

int GlbFile::addIndices(std::span<const std::uint32_t> values) {
    BODY4D_EXPECT(!values.empty());
    const std::uint32_t largest = *std::max_element(values.begin(), values.end());
    int view = 0, type = kU32;
    if (largest < std::numeric_limits<std::uint16_t>::max()) { // 65535 restarts primitives
        const std::vector<std::uint16_t> small(values.begin(), values.end());
        view = addView(std::as_bytes(std::span(small)), Target::Indices);
        type = kU16;
    } else {
        view = addView(std::as_bytes(values), Target::Indices);
    }
    return addAccessor(
        {{"bufferView", view}, {"componentType", type}, {"count", values.size()}, {"type", "SCALAR"}});
}

int GlbFile::addJoints(std::span<const std::uint16_t> values) {
    BODY4D_EXPECT(!values.empty() && values.size() % 4 == 0);
    int view = 0, type = kU16;
    if (*std::max_element(values.begin(), values.end()) < 256) {
        const std::vector<std::uint8_t> small(values.begin(), values.end());
        view = addView(std::as_bytes(std::span(small)), Target::Vertices);
        type = kU8;
    } else {
        view = addView(std::as_bytes(values), Target::Vertices);
    }
    return addAccessor(
        {{"bufferView", view}, {"componentType", type}, {"count", values.size() / 4}, {"type", "VEC4"}});
}

void GlbFile::write(const std::filesystem::path& path) {
    const std::uint64_t binary = stream_.size();
    stream_.close();
    Json document = root;
    document["accessors"] = accessors_;
    document["bufferViews"] = views_;
    document["buffers"] = Json::array({{{"byteLength", binary}}});
    std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    text.append((4 - text.size() % 4) % 4, ' ');
    const std::uint64_t total = 12 + 8 + text.size() + 8 + binary;
    if (total > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(ErrorCode::Usage, "The GLB would pass 4 GiB, more than the format can hold.",
                    "Export fewer frames, separate files a person, or the skinned form.");
    }
    FileStream out(path);
    for (const std::uint64_t word : {std::uint64_t{kMagic}, std::uint64_t{2}, total,
                                     std::uint64_t{text.size()}, std::uint64_t{kJsonChunk}}) {
        out.writeValue(static_cast<std::uint32_t>(word));
    }
    out.write(text);
    out.writeValue(static_cast<std::uint32_t>(binary));
    out.writeValue(kBinChunk);
    readPieces(scratch_, 0, binary, [&out](std::span<const std::byte> bytes) { out.write(bytes); });
    out.close();
}

} // namespace body4d

// Stanford PLY as scanners, photogrammetry, splat trainers and this program write it.
#include "base/files.h"
#include "scene/foreign_readers_internal.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

enum class Scalar { I8, U8, I16, U16, I32, U32, F32, F64 };

struct Property {
    std::string name;
    Scalar type = Scalar::F32;
    std::optional<Scalar> countType; ///< of a list
};

struct Element {
    std::string name;
    std::uint64_t count = 0;
    std::vector<Property> properties;
};

enum class Encoding { Ascii, Little, Big };

struct Header {
    Encoding encoding = Encoding::Little;
    std::vector<Element> elements;
    std::optional<UpAxis> up;
    bool cameraSpace = false;
    std::size_t size = 0;
};

std::optional<Scalar> scalarOf(std::string_view name) {
    static const std::map<std::string, Scalar, std::less<>> kNames = {
        {"char", Scalar::I8},   {"int8", Scalar::I8},     {"uchar", Scalar::U8},   {"uint8", Scalar::U8},
        {"short", Scalar::I16}, {"int16", Scalar::I16},   {"ushort", Scalar::U16}, {"uint16", Scalar::U16},
        {"int", Scalar::I32},   {"int32", Scalar::I32},   {"uint", Scalar::U32},   {"uint32", Scalar::U32},
        {"float", Scalar::F32}, {"float32", Scalar::F32}, {"double", Scalar::F64}, {"float64", Scalar::F64}};
    const auto it = kNames.find(name);
    return it == kNames.end() ? std::nullopt : std::optional(it->second);
}

std::size_t sizeOf(Scalar type) {
    constexpr std::size_t kSizes[] = {1, 1, 2, 2, 4, 4, 4, 8};
    return kSizes[static_cast<std::size_t>(type)];
}

template <typename T>
double load(const std::byte* at, bool swap) {
    std::byte bytes[sizeof(T)];
    std::copy_n(at, sizeof(T), bytes);
    if (swap) {
        std::reverse(std::begin(bytes), std::end(bytes));
    }
    T value;
    std::memcpy(&value, bytes, sizeof(T));
    return static_cast<double>(value);
}

double load(const std::byte* at, Scalar type, bool swap) {
    switch (type) {
    case Scalar::I8:
        return load<std::int8_t>(at, swap);
    case Scalar::U8:
        return load<std::uint8_t>(at, swap);
    case Scalar::I16:
        return load<std::int16_t>(at, swap);
    case Scalar::U16:
        return load<std::uint16_t>(at, swap);
    case Scalar::I32:
        return load<std::int32_t>(at, swap);
    case Scalar::U32:
        return load<std::uint32_t>(at, swap);
    case Scalar::F32:
        return load<float>(at, swap);
    case Scalar::F64:
        return load<double>(at, swap);
    }
    return 0;
}

/// "axes x right, y down, z forward (OpenCV)" and what others write.
void readComment(std::string_view text, Header& header) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto says = [&](const char* what) { return lower.find(what) != std::string::npos; };
    if (says("y down") || says("opencv")) {
        header.up = UpAxis::MinusY;
    } else if (says("z up") || says("z-up")) {
        header.up = UpAxis::Z;
    } else if (says("y up") || says("y-up")) {
        header.up = UpAxis::Y;
    }
    header.cameraSpace |= says("space camera");
}

Header readHeader(const fs::path& file, std::string_view text) {
    Header header;
    TextCursor cursor(text);
    std::string_view line;
    bool formatKnown = false, ended = false;
    if (!cursor.line(line) || TextCursor::word(line) != "ply") {
        refuse(file, "it does not begin like a PLY file");
    }
    const auto* const start = text.data();
    while (!ended && cursor.line(line)) {
        header.size = static_cast<std::size_t>(line.data() + line.size() - start);
        const auto whole = line;
        const auto what = TextCursor::word(line);
        if (what == "format") {
            const auto format = TextCursor::word(line);
            formatKnown = true;
            if (format == "ascii") {
                header.encoding = Encoding::Ascii;
            } else if (format == "binary_little_endian") {
                header.encoding = Encoding::Little;
            } else if (format == "binary_big_endian") {
                header.encoding = Encoding::Big;
            } else {
                refuse(file, "its format \"" + std::string(format) + "\" is not known");
            }
        } else if (what == "comment") {
            readComment(line, header);
        } else if (what == "element") {
            Element element;
            element.name = TextCursor::word(line);
            double count = -1;
            if (!TextCursor::number(TextCursor::word(line), count) || count < 0 || count > 4e9) {
                refuse(file, "the line \"" + std::string(whole) + "\" makes no sense");
            }
            element.count = static_cast<std::uint64_t>(count);
            header.elements.push_back(element);
        } else if (what == "property") {
            Property property;
            auto type = TextCursor::word(line);
            if (type == "list") {
                property.countType = scalarOf(TextCursor::word(line));
                type = TextCursor::word(line);
                if (!property.countType) {
                    refuse(file, "the line \"" + std::string(whole) + "\" makes no sense");
                }
            }
            const auto scalar = scalarOf(type);
            property.name = TextCursor::word(line);
            if (!scalar || property.name.empty() || header.elements.empty()) {
                refuse(file, "the line \"" + std::string(whole) + "\" makes no sense");
            }
            property.type = *scalar;
            header.elements.back().properties.push_back(property);
        } else if (what == "end_header") {
            ended = true;
        } else if (what != "obj_info" && !what.empty()) {
            refuse(file, "the line \"" + std::string(whole.substr(0, 60)) + "\" makes no sense");
        }
    }
    if (!ended || !formatKnown) {
        refuse(file, "its header is not complete");
    }
    header.size += text.substr(header.size).find('\n') + 1;
    return header;
}

/// Where the values of a vertex go.
struct Layout {
    int x = -1, y = -1, z = -1, nx = -1, ny = -1, nz = -1, red = -1, green = -1, blue = -1, confidence = -1;
    double colourScale = 1, colourOffset = 0; ///< to 0..255
    bool opacity = false;                     ///< confidence is the logit of a splat's opacity
};

Layout layoutOf(const fs::path& file, const Element& vertex) {
    Layout out;
    const auto find = [&](std::initializer_list<const char*> names) {
        for (const auto* name : names) {
            for (std::size_t i = 0; i < vertex.properties.size(); ++i) {
                if (vertex.properties[i].name == name && !vertex.properties[i].countType) {
                    return static_cast<int>(i);
                }
            }
        }
        return -1;
    };
    out.x = find({"x"});
    out.y = find({"y"});
    out.z = find({"z"});
    if (out.x < 0 || out.y < 0 || out.z < 0) {
        refuse(file, "its vertices have no x, y and z");
    }
    out.nx = find({"nx", "normal_x"});
    out.ny = find({"ny", "normal_y"});
    out.nz = find({"nz", "normal_z"});
    out.red = find({"red", "r", "diffuse_red", "f_dc_0"});
    out.green = find({"green", "g", "diffuse_green", "f_dc_1"});
    out.blue = find({"blue", "b", "diffuse_blue", "f_dc_2"});
    if (out.red >= 0) {
        const auto& red = vertex.properties[static_cast<std::size_t>(out.red)];
        if (red.name == "f_dc_0") { // the constant term of spherical harmonics
            out.colourScale = 255 * 0.28209479177387814;
            out.colourOffset = 127.5;
        } else if (red.type == Scalar::F32 || red.type == Scalar::F64) {
            out.colourScale = 255;
        } else if (red.type == Scalar::U16) {
            out.colourScale = 255.0 / 65535;
        }
    }
    out.confidence =
        find({"confidence", "conf", "scalar_confidence", "scalar_Confidence", "quality", "score"});
    if (out.confidence < 0 && find({"f_dc_0"}) >= 0) {
        out.confidence = find({"opacity"});
        out.opacity = out.confidence >= 0;
    }
    return out;
}

std::uint8_t toByte(double value) {
    return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

/// Puts one vertex's values where they belong.
class VertexSink {
public:
    VertexSink(const Layout& layout, std::uint64_t count, ForeignObject& out) : layout_(layout), out_(out) {
        out_.points.reserve(count);
        if (layout_.nx >= 0 && layout_.ny >= 0 && layout_.nz >= 0) {
            out_.normals.reserve(count);
        }
    }
    void add(const double* v) {
        const auto at = [v](int i) { return v[i]; };
        out_.points.push_back({static_cast<float>(at(layout_.x)), static_cast<float>(at(layout_.y)),
                               static_cast<float>(at(layout_.z))});
        if (layout_.nx >= 0 && layout_.ny >= 0 && layout_.nz >= 0) {
            out_.normals.push_back({static_cast<float>(at(layout_.nx)), static_cast<float>(at(layout_.ny)),
                                    static_cast<float>(at(layout_.nz))});
        }
        if (layout_.red >= 0 && layout_.green >= 0 && layout_.blue >= 0) {
            const auto colour = [&](int i) {
                return toByte(at(i) * layout_.colourScale + layout_.colourOffset);
            };
            out_.colours.push_back({colour(layout_.red), colour(layout_.green), colour(layout_.blue)});
        }
        if (layout_.confidence >= 0) {
            const double c = at(layout_.confidence);
            out_.confidence.push_back(static_cast<float>(layout_.opacity ? 1 / (1 + std::exp(-c)) : c));
        }
    }

private:
    Layout layout_;
    ForeignObject& out_;
};

void addPolygon(const fs::path& file, const std::vector<double>& corners, std::uint64_t vertices,
                ForeignObject& out) {
    for (const double c : corners) {
        if (!(c >= 0) || c >= static_cast<double>(vertices)) {
            refuse(file, "a face speaks of a vertex that is not there");
        }
    }
    for (std::size_t i = 2; i < corners.size(); ++i) {
        out.triangles.push_back({static_cast<std::uint32_t>(corners[0]),
                                 static_cast<std::uint32_t>(corners[i - 1]),
                                 static_cast<std::uint32_t>(corners[i])});
    }
}

bool isCornerList(const Property& p) {
    return p.countType && (p.name == "vertex_indices" || p.name == "vertex_index");
}

std::uint64_t vertexCount(const Header& header) {
    for (const auto& element : header.elements) {
        if (element.name == "vertex") {
            return element.count;
        }
    }
    return 0;
}

void readBinary(const fs::path& file, const Header& header, std::span<const std::byte> bytes,
                ForeignObject& out) {
    const bool swap = (header.encoding == Encoding::Big) == (std::endian::native == std::endian::little);
    const auto vertices = vertexCount(header);
    ByteCursor cursor(bytes, file);
    for (const auto& element : header.elements) {
        const bool lists = std::any_of(element.properties.begin(), element.properties.end(),
                                       [](const auto& p) { return p.countType; });
        std::size_t stride = 0;
        for (const auto& p : element.properties) {
            stride += sizeOf(p.type);
        }
        if (!lists) {
            if (stride > 0 && element.count > cursor.left() / stride) {
                refuse(file, "it ends too early: " + std::to_string(element.count) + " of \"" + element.name +
                                 "\" were announced");
            }
            const auto* at = cursor.skip(element.count * stride);
            if (element.name != "vertex") {
                continue;
            }
            VertexSink sink(layoutOf(file, element), element.count, out);
            std::vector<double> values(element.properties.size());
            for (std::uint64_t i = 0; i < element.count; ++i) {
                for (std::size_t k = 0; k < values.size(); ++k) {
                    values[k] = load(at, element.properties[k].type, swap);
                    at += sizeOf(element.properties[k].type);
                }
                sink.add(values.data());
            }
            continue;
        }
        if (element.count > cursor.left()) { // a list takes a byte at least
            refuse(file, "it ends too early: " + std::to_string(element.count) + " of \"" + element.name +
                             "\" were announced");
        }
        std::optional<VertexSink> sink;
        if (element.name == "vertex") {
            sink.emplace(layoutOf(file, element), element.count, out);
        }
        std::vector<double> values(element.properties.size()), corners;
        for (std::uint64_t i = 0; i < element.count; ++i) {
            for (std::size_t k = 0; k < element.properties.size(); ++k) {
                const auto& p = element.properties[k];
                if (!p.countType) {
                    values[k] = load(cursor.skip(sizeOf(p.type)), p.type, swap);
                    continue;
                }
                const double count = load(cursor.skip(sizeOf(*p.countType)), *p.countType, swap);
                if (!(count >= 0) || count > static_cast<double>(cursor.left())) {
                    refuse(file, "it ends too early");
                }
                const auto* at = cursor.skip(static_cast<std::uint64_t>(count) * sizeOf(p.type));
                if (!isCornerList(p)) {
                    continue;
                }
                corners.clear();
                for (std::uint64_t c = 0; c < static_cast<std::uint64_t>(count); ++c, at += sizeOf(p.type)) {
                    corners.push_back(load(at, p.type, swap));
                }
                addPolygon(file, corners, vertices, out);
            }
            if (sink) {
                sink->add(values.data());
            }
        }
    }
}

void readAscii(const fs::path& file, const Header& header, std::string_view text, ForeignObject& out) {
    const auto vertices = vertexCount(header);
    TextCursor cursor(text);
    for (const auto& element : header.elements) {
        if (element.count > text.size()) {
            refuse(file, "it ends too early: " + std::to_string(element.count) + " of \"" + element.name +
                             "\" were announced");
        }
        std::optional<VertexSink> sink;
        if (element.name == "vertex") {
            sink.emplace(layoutOf(file, element), element.count, out);
        }
        std::vector<double> values(element.properties.size()), corners;
        for (std::uint64_t i = 0; i < element.count; ++i) {
            std::string_view line;
            do {
                if (!cursor.line(line)) {
                    refuse(file, "it ends too early: " + std::to_string(element.count) + " of \"" +
                                     element.name + "\" were announced");
                }
            } while (line.find_first_not_of(" \t") == std::string_view::npos);
            const auto take = [&] {
                double value = 0;
                const auto word = TextCursor::word(line);
                if (!TextCursor::number(word, value)) {
                    refuse(file, "\"" + std::string(word.substr(0, 30)) + "\" is not a number (" +
                                     element.name + " " + std::to_string(i) + ")");
                }
                return value;
            };
            for (std::size_t k = 0; k < element.properties.size(); ++k) {
                const auto& p = element.properties[k];
                values[k] = take();
                if (!p.countType) {
                    continue;
                }
                corners.clear();
                for (double c = 0; c < values[k]; ++c) {
                    corners.push_back(take());
                }
                if (isCornerList(p)) {
                    addPolygon(file, corners, vertices, out);
                }
            }
            if (sink) {
                sink->add(values.data());
            }
        }
    }
}

} // namespace

RawScene readPly(const fs::path& file) {
    const MappedFile map(file);
    const std::string_view text(reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size());
    const auto header = readHeader(file, text);
    RawScene scene;
    ForeignObject object;
    if (header.encoding == Encoding::Ascii) {
        readAscii(file, header, text.substr(header.size), object);
    } else {
        readBinary(file, header, map.bytes().subspan(header.size), object);
    }
    dropNonFinite(object);
    scene.kind = object.triangles.empty() ? "PLY point cloud" : "PLY mesh";
    scene.up = header.up;
    scene.cameraSpace = header.cameraSpace;
    scene.objects.push_back(std::move(object));
    return scene;
}

RawScene readObj(const fs::path& file) {
    const MappedFile map(file);
    TextCursor cursor({reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()});
    RawScene scene;
    ForeignObject object;
    std::string_view line;
    std::size_t row = 0;
    bool coloured = true;
    while (cursor.line(line)) {
        ++row;
        const auto bad = [&] { refuse(file, "line " + std::to_string(row) + " makes no sense"); };
        const auto what = TextCursor::word(line);
        if (what == "#") {
            Header declared;
            readComment(line, declared);
            scene.up = declared.up ? declared.up : scene.up;
            scene.cameraSpace |= declared.cameraSpace;
        } else if (what == "v") {
            double v[6];
            int count = 0;
            for (auto word = TextCursor::word(line); !word.empty() && count < 6;
                 word = TextCursor::word(line)) {
                if (!TextCursor::number(word, v[count++])) {
                    bad();
                }
            }
            if (count < 3) {
                bad();
            }
            object.points.push_back(
                {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])});
            coloured = coloured && count == 6;
            if (coloured) {
                object.colours.push_back({toByte(255 * v[3]), toByte(255 * v[4]), toByte(255 * v[5])});
            }
        } else if (what == "f") {
            std::vector<std::uint32_t> corners;
            for (auto word = TextCursor::word(line); !word.empty(); word = TextCursor::word(line)) {
                double index = 0; // "7/1/3": the vertex comes first, negative ones count back
                if (!TextCursor::number(word.substr(0, word.find('/')), index)) {
                    bad();
                }
                index = index < 0 ? index + static_cast<double>(object.points.size()) : index - 1;
                if (index < 0 || index > std::numeric_limits<std::uint32_t>::max() - 1.0) {
                    bad();
                }
                corners.push_back(static_cast<std::uint32_t>(index));
            }
            for (std::size_t i = 2; i < corners.size(); ++i) {
                object.triangles.push_back({corners[0], corners[i - 1], corners[i]});
            }
        }
    }
    for (const auto& t : object.triangles) {
        if (std::max({t[0], t[1], t[2]}) >= object.points.size()) {
            refuse(file, "a face speaks of a vertex that is not there");
        }
    }
    if (object.colours.size() != object.points.size()) {
        object.colours.clear();
    }
    dropNonFinite(object);
    scene.kind = object.triangles.empty() ? "OBJ points" : "OBJ mesh";
    scene.objects.push_back(std::move(object));
    return scene;
}

} // namespace body4d::detail

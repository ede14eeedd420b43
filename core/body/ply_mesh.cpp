#include "body/ply_mesh.h"

#include "base/error.h"
#include "base/files.h"

#include <charconv>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

namespace body4d {
namespace {

enum class Scalar { I8, U8, I16, U16, I32, U32, F32, F64 };

std::size_t sizeOf(Scalar type) {
    switch (type) {
    case Scalar::I8:
    case Scalar::U8:
        return 1;
    case Scalar::I16:
    case Scalar::U16:
        return 2;
    case Scalar::I32:
    case Scalar::U32:
    case Scalar::F32:
        return 4;
    case Scalar::F64:
        break;
    }
    return 8;
}

struct Property {
    std::string name;
    Scalar type = Scalar::F32;
    bool list = false;
    Scalar count = Scalar::U8;
};

struct Element {
    std::string name;
    std::uint64_t count = 0;
    std::vector<Property> properties;
};

class PlyReader {
public:
    explicit PlyReader(const std::filesystem::path& file) : path_(file), file_(file) {
        const auto bytes = file_.bytes();
        text_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    PlyMesh read() {
        readHeader();
        PlyMesh mesh;
        for (const auto& element : elements_) {
            // An entry takes at least a byte, or a file can promise more than it holds.
            if (element.count > text_.size()) {
                flaw("promises more entries than it has bytes");
            }
            if (element.name == "vertex") {
                readVertices(element, mesh);
            } else {
                readFaces(element, mesh, element.name == "face");
            }
        }
        for (const auto& triangle : mesh.triangles) {
            for (const auto index : triangle) {
                if (index >= mesh.vertices.size()) {
                    flaw("has a face whose corner is no vertex");
                }
            }
        }
        return mesh;
    }

private:
    [[noreturn]] void flaw(const std::string& what) const {
        throw Error(ErrorCode::Input, path_.filename().string() + " cannot be read: it " + what + ".",
                    "Write the mesh again as PLY, text or binary little-endian.", path_.string());
    }

    std::string line() {
        const auto end = text_.find('\n', at_);
        if (end == std::string_view::npos) {
            flaw("ends within its header");
        }
        std::string out(text_.substr(at_, end - at_));
        at_ = end + 1;
        if (!out.empty() && out.back() == '\r') {
            out.pop_back();
        }
        return out;
    }

    Scalar scalar(const std::string& name) const {
        static const std::map<std::string, Scalar> known = {
            {"char", Scalar::I8},    {"int8", Scalar::I8},     {"uchar", Scalar::U8},
            {"uint8", Scalar::U8},   {"short", Scalar::I16},   {"int16", Scalar::I16},
            {"ushort", Scalar::U16}, {"uint16", Scalar::U16},  {"int", Scalar::I32},
            {"int32", Scalar::I32},  {"uint", Scalar::U32},    {"uint32", Scalar::U32},
            {"float", Scalar::F32},  {"float32", Scalar::F32}, {"double", Scalar::F64},
            {"float64", Scalar::F64}};
        const auto found = known.find(name);
        if (found == known.end()) {
            flaw("has numbers of the unknown type '" + name + "'");
        }
        return found->second;
    }

    void readHeader() {
        if (line() != "ply") {
            flaw("is no PLY file");
        }
        for (auto words = line(); words != "end_header"; words = line()) {
            std::istringstream in(words);
            std::string word, name, type, extra;
            in >> word;
            if (word == "format") {
                in >> name;
                if (name != "ascii" && name != "binary_little_endian") {
                    flaw("is of the format " + name);
                }
                ascii_ = name == "ascii";
            } else if (word == "element") {
                Element element;
                in >> element.name >> element.count;
                if (!in) {
                    flaw("has a damaged header");
                }
                elements_.push_back(std::move(element));
            } else if (word == "property") {
                if (elements_.empty()) {
                    flaw("has a damaged header");
                }
                Property property;
                in >> type;
                if (type == "list") {
                    in >> extra >> type;
                    property.list = true;
                    property.count = scalar(extra);
                }
                in >> property.name;
                property.type = scalar(type);
                elements_.back().properties.push_back(std::move(property));
            }
        }
    }

    double number(Scalar type) {
        if (ascii_) {
            at_ = text_.find_first_not_of(" \t\r\n", at_);
            double value = 0;
            if (at_ == std::string_view::npos) {
                flaw("ends too early");
            }
            const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
            if (error != std::errc()) {
                flaw("has something that is no number");
            }
            at_ = static_cast<std::size_t>(end - text_.data());
            return value;
        }
        if (text_.size() - at_ < sizeOf(type)) {
            flaw("ends too early");
        }
        const auto load = [this]<typename T>(T value) {
            std::memcpy(&value, text_.data() + at_, sizeof value);
            at_ += sizeof value;
            return static_cast<double>(value);
        };
        switch (type) {
        case Scalar::I8:
            return load(std::int8_t{});
        case Scalar::U8:
            return load(std::uint8_t{});
        case Scalar::I16:
            return load(std::int16_t{});
        case Scalar::U16:
            return load(std::uint16_t{});
        case Scalar::I32:
            return load(std::int32_t{});
        case Scalar::U32:
            return load(std::uint32_t{});
        case Scalar::F32:
            return load(float{});
        case Scalar::F64:
            break;
        }
        return load(double{});
    }

    void readVertices(const Element& element, PlyMesh& mesh) {
        mesh.vertices.reserve(element.count);
        for (std::uint64_t i = 0; i < element.count; ++i) {
            Vec3f point;
            for (const auto& property : element.properties) {
                if (property.list) {
                    skipList(property);
                    continue;
                }
                const auto value = static_cast<float>(number(property.type));
                if (property.name == "x") {
                    point.x = value;
                } else if (property.name == "y") {
                    point.y = value;
                } else if (property.name == "z") {
                    point.z = value;
                }
            }
            mesh.vertices.push_back(point);
        }
    }

    void skipList(const Property& property) {
        for (auto n = number(property.count); n >= 1; --n) {
            (void)number(property.type);
        }
    }

    void readFaces(const Element& element, PlyMesh& mesh, bool faces) {
        for (std::uint64_t i = 0; i < element.count; ++i) {
            for (const auto& property : element.properties) {
                if (!property.list) {
                    (void)number(property.type);
                } else if (!faces || !property.name.starts_with("vertex_ind")) {
                    skipList(property);
                } else {
                    const auto corners = number(property.count);
                    std::uint32_t first = 0, last = 0;
                    for (int k = 0; k < corners; ++k) {
                        const auto corner = number(property.type);
                        const auto index = corner >= 0 && corner < 4294967295.0
                                               ? static_cast<std::uint32_t>(corner)
                                               : 0xffffffffU;
                        if (k >= 2) {
                            mesh.triangles.push_back({first, last, index});
                        }
                        first = k == 0 ? index : first;
                        last = index;
                    }
                }
            }
        }
    }

    std::filesystem::path path_;
    MappedFile file_;
    std::string_view text_;
    std::size_t at_ = 0;
    bool ascii_ = false;
    std::vector<Element> elements_;
};

} // namespace

PlyMesh readPly(const std::filesystem::path& file) {
    return PlyReader(file).read();
}

} // namespace body4d

#pragma once

#include "base/files.h"
#include "base/geometry.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

/// Readers of what the exports write, by the formats' own rules and with no code of the program.
namespace body4d::test {

struct Ply {
    std::vector<std::string> comments;
    std::vector<std::array<float, 6>> vertices;
    std::vector<std::array<std::uint8_t, 3>> colours;
    std::vector<std::array<int, 3>> faces;
};

inline Ply readPly(const std::filesystem::path& path) {
    const std::string text = readTextFile(path);
    Ply ply;
    std::istringstream in(text);
    std::string line;
    std::size_t vertices = 0, faces = 0;
    while (std::getline(in, line) && line != "end_header") {
        if (line.starts_with("comment ")) {
            ply.comments.push_back(line.substr(8));
        } else if (line.starts_with("element vertex ")) {
            vertices = std::stoul(line.substr(15));
        } else if (line.starts_with("element face ")) {
            faces = std::stoul(line.substr(13));
        }
    }
    const char* p = text.data() + in.tellg();
    if (text.size() - static_cast<std::size_t>(in.tellg()) != 27 * vertices + 13 * faces) {
        return ply;
    }
    for (std::size_t v = 0; v < vertices; ++v, p += 27) {
        std::memcpy(ply.vertices.emplace_back().data(), p, 24);
        std::memcpy(ply.colours.emplace_back().data(), p + 24, 3);
    }
    for (std::size_t f = 0; f < faces; ++f, p += 13) {
        std::memcpy(ply.faces.emplace_back().data(), p + 1, 12);
    }
    return ply;
}

/// Joint positions of every row of a BVH, by the format's own rules and nothing else.
struct Bvh {
    std::vector<std::string> names;
    std::vector<int> parents;
    std::vector<Vec3> offsets;
    double frameTime = 0;
    std::vector<std::vector<Vec3>> positions;
    int endSites = 0;
};

inline Bvh readBvh(const std::filesystem::path& path) {
    std::istringstream in(readTextFile(path));
    Bvh bvh;
    std::vector<int> stack;
    std::string word;
    bool endSite = false;
    std::vector<std::size_t> channels;
    while (in >> word && word != "MOTION") {
        if (word == "ROOT" || word == "JOINT") {
            in >> word;
            bvh.names.push_back(word);
            bvh.parents.push_back(stack.empty() ? -1 : stack.back());
            bvh.offsets.emplace_back();
            stack.push_back(static_cast<int>(bvh.names.size()) - 1);
        } else if (word == "End") {
            endSite = true;
            ++bvh.endSites;
        } else if (word == "OFFSET") {
            Vec3 v;
            in >> v.x >> v.y >> v.z;
            if (!endSite) {
                bvh.offsets[static_cast<std::size_t>(stack.back())] = v;
            }
        } else if (word == "CHANNELS") {
            std::size_t n = 0;
            in >> n;
            channels.push_back(n);
            std::string order;
            for (std::size_t i = 0; i < n; ++i) {
                in >> word;
                order += word.substr(0, 1) + (word.find("rot") != std::string::npos ? "r" : "p");
            }
            if (order != (n == 6 ? "XpYpZpZrXrYr" : "ZrXrYr")) {
                return {};
            }
        } else if (word == "}") {
            if (endSite) {
                endSite = false;
            } else {
                stack.pop_back();
            }
        }
    }
    int frames = 0;
    in >> word >> frames >> word >> word >> bvh.frameTime;
    for (int f = 0; f < frames; ++f) {
        std::vector<Mat3> rotation(bvh.names.size());
        std::vector<Vec3> position(bvh.names.size());
        for (std::size_t j = 0; j < bvh.names.size(); ++j) {
            Vec3 at = bvh.offsets[j];
            if (channels[j] == 6) {
                in >> at.x >> at.y >> at.z;
            }
            double z = 0, x = 0, y = 0;
            in >> z >> x >> y;
            constexpr double kDegree = std::numbers::pi / 180;
            const Mat3 own = rotationAbout({0, 0, 1}, z * kDegree) * rotationAbout({1, 0, 0}, x * kDegree) *
                             rotationAbout({0, 1, 0}, y * kDegree);
            const int p = bvh.parents[j];
            rotation[j] = p < 0 ? own : rotation[static_cast<std::size_t>(p)] * own;
            position[j] =
                p < 0 ? at
                      : position[static_cast<std::size_t>(p)] + rotation[static_cast<std::size_t>(p)] * at;
        }
        bvh.positions.push_back(position);
    }
    return in ? bvh : Bvh{};
}

} // namespace body4d::test

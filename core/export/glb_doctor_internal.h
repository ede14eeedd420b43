#pragma once

#include "export/export_clip.h"
#include "export/export_doctor.h"

#include <filesystem>
#include <vector>

namespace body4d {

/// Distances between a file's points and the truth, and their bounds.
class PointCheck {
public:
    void add(Vec3 found, Vec3 wanted) {
        see(found);
        const double mm = 1000 * norm(found - wanted);
        sum_ += mm;
        most_ = mm > most_ ? mm : most_;
        ++count_;
    }
    void see(Vec3 p);
    void report(ExportCheck& check) const;

private:
    Vec3 low_{1e30, 1e30, 1e30}, high_{-1e30, -1e30, -1e30};
    double sum_ = 0, most_ = 0;
    std::int64_t count_ = 0;
};

/// At most `most` shown frames of a person, evenly chosen.
[[nodiscard]] std::vector<std::int64_t> sampledFrames(const ExportClip& clip, const ExportPerson& person, std::size_t most);

/// Reads a binary glTF file again: structure by the specification, then every person posed as a viewer would.
/// @param people those whom the file was written for  @throws std::exception where it cannot be read at all
void checkGlb(const ExportClip& clip, const std::vector<const ExportPerson*>& people, const std::filesystem::path& file,
              ExportCheck& check, PointCheck& points);

} // namespace body4d

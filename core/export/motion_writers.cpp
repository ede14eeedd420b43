#include "base/error.h"
#include "base/files.h"
#include "body/body_keypoints.h"
#include "export/bvh_writer.h"
#include "export/export_metadata_internal.h"
#include "export/file_stream.h"
#include "export/rig.h"
#include "export/writers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace body4d {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::array<double, 3> eulerZxy(const Mat3& r, const std::array<double, 3>* near) {
    const double sinX = std::clamp(r(2, 1), -1.0, 1.0);
    double z = 0, x = std::asin(sinX), y = 0;
    if (std::fabs(sinX) < 1 - 1e-9) {
        z = std::atan2(-r(0, 1), r(1, 1));
        y = std::atan2(-r(2, 0), r(2, 2));
    } else {
        // Only z + y (or z - y) is known: the last y goes on.
        y = near != nullptr ? (*near)[2] : 0;
        const double both = std::atan2(r(1, 0), r(0, 0));
        z = sinX > 0 ? both - y : both + y;
    }
    if (near == nullptr) {
        return {z, x, y};
    }
    // The same rotation in two ways, each by whole turns: what is nearest to the frame before.
    constexpr double kPi = std::numbers::pi;
    std::array<double, 3> best{};
    double bestDistance = 1e300;
    for (const std::array<double, 3>& candidate :
         {std::array{z, x, y}, std::array{z + kPi, kPi - x, y + kPi}}) {
        std::array<double, 3> c = candidate;
        double distance = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            c[i] -= 2 * kPi * std::round((c[i] - (*near)[i]) / (2 * kPi));
            distance += std::fabs(c[i] - (*near)[i]);
        }
        if (distance < bestDistance) {
            bestDistance = distance;
            best = c;
        }
    }
    return best;
}

namespace {

std::string number(double value, int digits = 6) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

Quat slerp(Quat a, Quat b, double t) {
    double cosine = a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
    if (cosine < 0) {
        b = {-b.x, -b.y, -b.z, -b.w};
        cosine = -cosine;
    }
    double u = 1 - t, v = t;
    if (cosine < 0.9995) {
        const double angle = std::acos(cosine);
        u = std::sin((1 - t) * angle) / std::sin(angle);
        v = std::sin(t * angle) / std::sin(angle);
    }
    Quat q{u * a.x + v * b.x, u * a.y + v * b.y, u * a.z + v * b.z, u * a.w + v * b.w};
    const double length = std::sqrt(q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w);
    return {q.x / length, q.y / length, q.z / length, q.w / length};
}

Mat3 toMatrix(Quat q) {
    return Mat3{{1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.z * q.w), 2 * (q.x * q.z + q.y * q.w),
                 2 * (q.x * q.y + q.z * q.w), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.x * q.w),
                 2 * (q.x * q.z - q.y * q.w), 2 * (q.y * q.z + q.x * q.w), 1 - 2 * (q.x * q.x + q.y * q.y)}};
}

/// The frames of the source that one row of a constant rate lies between.
struct Sample {
    std::int64_t before = 0, after = 0;
    double share = 0; ///< of `after`
};

/// BVH knows one frame time only: rows of a variable rate are taken between their neighbours.
std::vector<Sample> constantRate(const ExportClip& clip) {
    const double rate = clip.rate();
    bool even = true;
    for (std::int64_t f = clip.begin; f < clip.end; ++f) {
        even = even && std::fabs(clip.clipSeconds(f) * rate - static_cast<double>(f - clip.begin)) < 0.25;
    }
    std::vector<Sample> rows;
    std::int64_t at = clip.begin;
    for (std::int64_t row = 0; row < clip.frameCount(); ++row) {
        if (even) {
            rows.push_back({clip.begin + row, clip.begin + row, 0});
            continue;
        }
        const double t = static_cast<double>(row) / rate;
        while (at + 1 < clip.end && clip.clipSeconds(at + 1) <= t + 1e-9) {
            ++at;
        }
        Sample sample{at, at, 0};
        if (at + 1 < clip.end && !clip.isCut(at + 1)) {
            sample.after = at + 1;
            sample.share = std::clamp(
                (t - clip.clipSeconds(at)) / (clip.clipSeconds(at + 1) - clip.clipSeconds(at)), 0.0, 1.0);
        }
        rows.push_back(sample);
    }
    return rows;
}

void appendHierarchy(std::string& text, const Rig& rig, const std::vector<std::vector<int>>& children,
                     int index, int depth) {
    const RigJoint& joint = rig.joints[static_cast<std::size_t>(index)];
    const std::string indent(static_cast<std::size_t>(depth), '\t');
    const Vec3 offset = joint.parent < 0
                            ? Vec3{}
                            : joint.position - rig.joints[static_cast<std::size_t>(joint.parent)].position;
    const auto line = [&](const std::string& in, Vec3 v) {
        text +=
            in + "\tOFFSET " + number(100 * v.x) + " " + number(100 * v.y) + " " + number(100 * v.z) + "\n";
    };
    text += indent + (joint.parent < 0 ? "ROOT " : "JOINT ") + joint.name + "\n" + indent + "{\n";
    line(indent, offset);
    text += indent + (joint.parent < 0
                          ? "\tCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
                          : "\tCHANNELS 3 Zrotation Xrotation Yrotation\n");
    const auto& below = children[static_cast<std::size_t>(index)];
    for (const int child : below) {
        appendHierarchy(text, rig, children, child, depth + 1);
    }
    if (below.empty()) {
        text += indent + "\tEnd Site\n" + indent + "\t{\n";
        line(indent + "\t", joint.tip - joint.position);
        text += indent + "\t}\n";
    }
    text += indent + "}\n";
}

/// Depth-first order, in which BVH lists channels.
void depthFirst(const std::vector<std::vector<int>>& children, int index, std::vector<int>& order) {
    order.push_back(index);
    for (const int child : children[static_cast<std::size_t>(index)]) {
        depthFirst(children, child, order);
    }
}

struct BvhSummary {
    std::int64_t held = 0; ///< rows without a body of their own
    double worstMm = 0;    ///< joints of the file against the body's
    bool any = false;
};

BvhSummary writeBvhFile(const ExportClip& clip, const ExportPerson& person, const fs::path& path,
                        const std::function<void()>& tick) {
    const Rig rig = makeRig(person.model(), *person.rest, clip.options.bvhRig, false, false);
    std::vector<std::vector<int>> children(rig.joints.size());
    for (std::size_t j = 0; j < rig.joints.size(); ++j) {
        if (rig.joints[j].parent >= 0) {
            children[static_cast<std::size_t>(rig.joints[j].parent)].push_back(static_cast<int>(j));
        } else {
            BODY4D_EXPECT(j == 0);
        }
    }
    std::vector<int> order;
    depthFirst(children, 0, order);
    BvhSummary summary;
    std::int64_t first = clip.begin;
    while (first < clip.end && !person.isShown(first)) {
        ++first;
    }
    if (first == clip.end) {
        return summary;
    }
    summary.any = true;
    const std::vector<Sample> rows = constantRate(clip);
    RigPose pose, next;
    std::vector<std::array<double, 3>> angles(rig.joints.size());
    std::vector<RigidTransform> file(rig.joints.size());
    const auto poseAt = [&](std::int64_t frame, RigPose& out) {
        const auto body = person.shown(frame);
        if (body != nullptr) {
            poseRig(rig, person.model().skeleton(*person.rest, body->pose), clip.worldFromCam(frame), out);
        }
        return body != nullptr;
    };
    poseAt(first, pose); // stands before the person appears
    writeFileAtomically(path, [&](const fs::path& temporary) {
        FileStream out(temporary);
        std::string text = "HIERARCHY\n";
        appendHierarchy(text, rig, children, 0, 0);
        text += "MOTION\nFrames: " + std::to_string(rows.size()) +
                "\nFrame Time: " + number(1 / clip.rate(), 9) + "\n";
        out.write(text);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            tick();
            const bool here = poseAt(rows[r].before, pose); // otherwise the last pose is held
            summary.held += !here;
            if (here && rows[r].share > 0 && poseAt(rows[r].after, next)) {
                for (std::size_t j = 0; j < rig.joints.size(); ++j) {
                    RigidTransform& a = pose.local[j];
                    const RigidTransform& b = next.local[j];
                    a.rotation = toMatrix(slerp(toQuat(a.rotation), toQuat(b.rotation), rows[r].share));
                    a.translation = (1 - rows[r].share) * a.translation + rows[r].share * b.translation;
                }
            }
            text.clear();
            for (const int j : order) {
                const auto at = static_cast<std::size_t>(j);
                const RigidTransform& local = pose.local[at];
                if (rig.joints[at].parent < 0) {
                    const Vec3 p = 100.0 * local.translation;
                    text += number(p.x) + " " + number(p.y) + " " + number(p.z) + " ";
                }
                angles[at] = eulerZxy(local.rotation, r > 0 ? &angles[at] : nullptr);
                for (const double angle : angles[at]) {
                    text += number(angle * 180 / std::numbers::pi) + " ";
                }
            }
            text.back() = '\n';
            out.write(text);
            if (here && rows[r].share == 0) { // what a reader will find, against the body
                for (std::size_t j = 0; j < rig.joints.size(); ++j) {
                    const int parent = rig.joints[j].parent;
                    if (parent < 0) {
                        file[j] = pose.local[j];
                        continue;
                    }
                    const auto p = static_cast<std::size_t>(parent);
                    file[j] = file[p] * RigidTransform{pose.local[j].rotation,
                                                       rig.joints[j].position - rig.joints[p].position};
                    summary.worstMm = std::max(summary.worstMm,
                                               1000 * norm(file[j].translation - pose.global[j].translation));
                }
            }
        }
        out.close();
    });
    return summary;
}

std::string jointColumns(const ExportPerson& person) {
    std::string text;
    for (const BodyJoint& joint : person.model().joints()) {
        for (const char* axis : {"_x_m", "_y_m", "_z_m"}) {
            text += "," + joint.name + axis;
        }
    }
    return text;
}

std::string csvHeader(const ExportClip& clip) {
    return "# " + clip.generator() + ", source " + clip.scene.source.fileName + ", engines " +
           clip.engineText() + "\n# units metres and seconds, world " + clip.worldText() + "\n";
}

} // namespace

ExportResult writeBvh(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    ExportResult result;
    const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
    long long done = 0;
    for (const ExportPerson& person : clip.people) {
        const fs::path path = dir / (clip.fileStem(person) + ".bvh");
        const BvhSummary summary = writeBvhFile(clip, person, path, [&] {
            throwIfStopped(stop);
            if (progress && (++done % 32 == 0 || done == total)) {
                progress({"export", "BVH", done, total, 0, -1});
            }
        });
        if (!summary.any) {
            result.notes.push_back(person.source->target.name + " is not shown in these frames: no BVH.");
            continue;
        }
        result.files.push_back(path);
        Json meta = exportMetadata(clip);
        meta["units"] = "cm";
        meta["axes"] = describe(ExportAxes::Gltf);
        meta["channel_order"] = "Zrotation Xrotation Yrotation: R = Rz Rx Ry, degrees, parent from child";
        meta["rest_pose"] = "all rotations zero: the body's own rest, facing +z";
        meta["held_frames"] = summary.held;
        meta["target"] = personMetadata(clip, person);
        const fs::path sidecar = dir / (clip.fileStem(person) + ".bvh.json"); // BVH has no place for comments
        writeFileAtomically(sidecar, meta.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
        result.files.push_back(sidecar);
        char text[120];
        std::snprintf(text, sizeof text, ": BVH joints within %.2f mm of the body's", summary.worstMm);
        std::string note = person.source->target.name + text;
        if (summary.held > 0) {
            note += "; the last pose is held over " + std::to_string(summary.held) + " frames without a body";
        }
        result.notes.push_back(note + ".");
    }
    return result;
}

ExportResult writeCsv(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    ExportResult result;
    const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
    long long done = 0;
    const fs::path metricsPath = dir / (clip.fileStem() + "_metrics.csv");
    const auto writeJoints = [&](const ExportPerson& person, FileStream& out, FileStream& metrics) {
        out.write(csvHeader(clip) + "frame,time_s,state" + jointColumns(person) + "\n");
        for (std::int64_t frame = clip.begin; frame < clip.end; ++frame) {
            throwIfStopped(stop);
            if (progress && (++done % 32 == 0 || done == total)) {
                progress({"export", "CSV", done, total, 0, -1});
            }
            const std::string start =
                std::to_string(frame) + "," + number(clip.seconds(frame)) + "," + name(person.state(frame));
            const std::string id = std::to_string(person.id());
            const auto body = person.shown(frame);
            if (body == nullptr) {
                metrics.write(id + "," + start + ",,,,,,,,\n");
                continue;
            }
            const PosedSkeleton skeleton = person.model().skeleton(*person.rest, body->pose);
            const RigidTransform world = clip.worldFromCam(frame);
            std::string line = start;
            for (const Vec3 joint : skeleton.joints) {
                const Vec3 p = world * joint;
                line += "," + number(p.x, 5) + "," + number(p.y, 5) + "," + number(p.z, 5);
            }
            out.write(line + "\n");
            float sum = 0;
            for (const float c : body->confidence) {
                sum += c;
            }
            const Vec3 root = world * skeleton.joints[0];
            metrics.write(id + "," + start + "," + number(sum / kBodyKeypointCount, 3) + "," +
                          (body->reprojectionPercent < 0 ? "" : number(body->reprojectionPercent, 3)) + "," +
                          (body->silhouetteIou < 0 ? "" : number(body->silhouetteIou, 3)) + "," +
                          std::to_string(int{body->footContact[0]}) + "," +
                          std::to_string(int{body->footContact[1]}) + "," + number(root.x, 5) + "," +
                          number(root.y, 5) + "," + number(root.z, 5) + "\n");
        }
    };
    writeFileAtomically(metricsPath, [&](const fs::path& metricsTemporary) {
        FileStream metrics(metricsTemporary);
        metrics.write(csvHeader(clip) + "target,frame,time_s,state,confidence,reprojection_percent,silhouette_iou,"
                                        "left_foot_contact,right_foot_contact,root_x_m,root_y_m,root_z_m\n");
        for (const ExportPerson& person : clip.people) {
            const fs::path path = dir / (clip.fileStem(person) + "_joints.csv");
            writeFileAtomically(path, [&](const fs::path& temporary) {
                FileStream out(temporary);
                writeJoints(person, out, metrics);
                out.close();
            });
            result.files.push_back(path);
        }
        metrics.close();
    });
    result.files.push_back(metricsPath);
    return result;
}

} // namespace body4d

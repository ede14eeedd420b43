// From the passes in a folder to files. One view at a time is in memory, and the cloud, which has a limit.
#include "base/error.h"
#include "base/files.h"
#include "device/memory_budget.h"
#include "export/depth_pictures.h"
#include "pipeline/nearest.h"
#include "pipeline/scene_features.h"
#include "pipeline/scene_memory.h"
#include "pipeline/scene_merge_internal.h"
#include "pipeline/scene_views.h"
#include "scene/cloud_filters.h"
#include "scene/cloud_writers.h"
#include "scene/colmap.h"
#include "scene/unproject.h"
#include "scene/view_store.h"
#include "video/video_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <new>
#include <optional>

namespace body4d {
namespace fs = std::filesystem;
namespace detail {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string>& formatNames() {
    static const std::vector<std::string> names = {
        "mini_npz",  "npz",       "glb",         "ply",      "colmap",  "colmap_text",
        "depth_vis", "depth_png", "depth_video", "feat_vis", "feat_npz"};
    return names;
}

/// Every so many-th point, for want of memory for a better choice: takes none.
void thin(PointCloud& cloud, std::size_t limit) {
    const std::size_t step = (cloud.size() + limit - 1) / limit;
    const auto every = [step](auto& values) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < values.size(); i += step) {
            values[kept++] = values[i];
        }
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(kept), values.end());
    };
    every(cloud.positions);
    every(cloud.colours);
    every(cloud.confidence);
    every(cloud.normals);
    every(cloud.sources);
}

class Merge {
public:
    Merge(const SceneFolder& scene, const SceneExport& wanted, const SceneEvents& events,
          const std::stop_token& stop, Telemetry& telemetry, SceneReport& report)
        : scene_(scene), wanted_(wanted), events_(events), stop_(stop), telemetry_(telemetry),
          report_(report), budget_(wanted.budgetGib), limit_(std::max<std::size_t>(1, wanted.numMaxPoints)) {}

    void run() {
        align();
        requireFeatures();
        collect();
        for (const auto& format : wanted_.formats) {
            telemetry_.beginStage(format);
            writeSmaller(format);
        }
        telemetry_.endStage();
        finish();
    }

private:
    [[nodiscard]] bool has(const char* format) const {
        return std::find(wanted_.formats.begin(), wanted_.formats.end(), format) != wanted_.formats.end();
    }

    void align() {
        telemetry_.beginStage("align");
        views_.emplace(scene_, wanted_.align, wanted_.closeLoops, budget_, events_.progress, stop_);
        if (!views_->shrunk().empty()) {
            note(views_->shrunk());
        }
        for (const auto& pass : scene_.passes) {
            report_.passes.push_back(pass.end - pass.begin);
        }
        report_.alignment = views_->fits();
        report_.loops = views_->loops();
        if (!report_.loops.empty()) {
            double strain = 0;
            for (const auto& loop : report_.loops) {
                strain = std::max(strain, loop.strain);
            }
            char text[120];
            std::snprintf(text, sizeof text, "%zu loops were closed; the largest drift was %.2g %%.",
                          report_.loops.size(), 100 * strain);
            note(text);
        }
        constexpr double kFewAgree = 0.3;
        for (std::size_t i = 0; i < report_.alignment.size(); ++i) {
            const auto& fit = report_.alignment[i];
            if (!fit.found) {
                note("Pass " + std::to_string(i + 2) +
                     " shares nothing with the one before: it lies as it is.");
            } else if (fit.inliers < kFewAgree) {
                note("Pass " + std::to_string(i + 2) + " agrees badly with the one before (" +
                     std::to_string(static_cast<int>(100 * fit.inliers)) + " % of the points).");
            }
        }
    }

    /// Told before anything is written.
    void requireFeatures() {
        if (!has("feat_vis") && !has("feat_npz")) {
            return;
        }
        const auto layers = views_->featureLayers();
        if (layers.empty()) {
            throw Error(ErrorCode::Usage, "The passes hold no features of the network.",
                        "Run the scene command again with --export-feat 5,11 or other blocks.");
        }
        featureChannels_ = layers.front().channels;
    }

    void forViews(bool withImage, const std::string& what,
                  const std::function<void(std::size_t, SceneView&)>& fn) {
        views_->forEach(withImage, what, fn);
    }

    [[nodiscard]] std::string nameOf(std::size_t index) const {
        return index < scene_.names.size() ? scene_.names[index] : std::to_string(index);
    }

    void collect() {
        telemetry_.beginStage("cloud");
        // COLMAP's pixels need sources, so the cloud is made wherever it is asked for in any form.
        const bool cloud = has("glb") || has("ply") || has("colmap") || has("colmap_text");
        QuantileSketch confidences;
        forViews(false, "confidence", [&](std::size_t index, SceneView& view) {
            if (index == 0) {
                hasCameras_ = view.hasCamera;
                hasConfidence_ = !view.confidence.empty();
                hasSky_ = !view.sky.empty();
                hasPoints_ = !view.points.empty();
            }
            confidences.add(confidenceOfPoints(view));
            for (const float d : view.depth) {
                farthest_ = isDepth(d) ? std::max(farthest_, d) : farthest_;
            }
            if (view.hasCamera) {
                frames_.push_back({view.camera, view.cameraFromWorld, nameOf(index)});
            }
        });
        threshold_ = hasConfidence_ || hasPoints_ ? confidenceThreshold(confidences, wanted_.confThreshPercentile) : 0;
        if (!cloud) {
            return;
        }
        if (!hasCameras_) {
            throw Error(
                ErrorCode::Usage,
                "This model sees pictures one by one: it gives depths, but no cameras and no points.",
                "Use --export-format npz-depth_png, or a model that sees pictures together (da3-small).");
        }
        // No more points than pixels, however many are allowed.
        limit_ = std::min(limit_, scene_.frames.size() * static_cast<std::size_t>(scene_.mapping.width) *
                                      static_cast<std::size_t>(scene_.mapping.height));
        const auto asked = limit_;
        const bool done = runSmaller(
            budget_,
            [&] { return kCloudPointBytes * static_cast<std::int64_t>(limit_) + 5 * views_->viewBytes(); },
            [&] { gather(); }, [&] { return fewerPoints(); });
        if (!done) {
            throw Error(ErrorCode::OutOfMemory, "There is not enough memory for a cloud of points.",
                        smallerSceneRemedy(resolution(), "", 0));
        }
        tellFewer("while points were gathered", asked);
    }

    /// Half the points, unless hardly any are left.
    bool fewerPoints() {
        constexpr std::size_t kFewest = 500;
        limit_ /= 2;
        return limit_ >= kFewest;
    }

    void tellFewer(const std::string& when, std::size_t asked) {
        if (limit_ < asked) {
            note("Memory ran out " + when + "; going on with at most " + std::to_string(limit_) +
                 " points instead of " + std::to_string(asked) + ". " +
                 smallerSceneRemedy(resolution(), "", limit_));
        }
    }

    [[nodiscard]] int resolution() const { return std::max(scene_.mapping.width, scene_.mapping.height); }

    void gather() {
        CappedCloud points(limit_, wanted_.voxel);
        forViews(true, "points", [&](std::size_t index, SceneView& view) {
            PointRules rules;
            rules.minimumConfidence = threshold_;
            rules.dropSky = wanted_.dropSky;
            Mask people;
            if (wanted_.people) {
                people = hiddenPixels(wanted_.people(view.frame), scene_, wanted_.peopleGrowth);
                rules.hidden = [&people](int x, int y) { return people.row(y)[x] != 0; };
            }
            PointCloud some;
            addPoints(view, static_cast<std::uint32_t>(index), rules, some);
            points.add(some);
        });
        cloud_ = points.take();
        report_.points = cloud_.size();
    }

    /// What a format takes: for its points, or for a few views.
    [[nodiscard]] std::int64_t bytesOf(const std::string& format) const {
        const auto points = static_cast<std::int64_t>(cloud_.size());
        constexpr std::int64_t kGlb = 80, kPly = 40, kColmap = 100, kColmapText = 300;
        constexpr std::int64_t kFeatureMatrices = 40; // bytes an element: five in double precision
        return format == "glb"           ? kGlb * points
               : format == "ply"         ? kPly * points
               : format == "colmap"      ? kColmap * points
               : format == "colmap_text" ? kColmapText * points
               : format == "feat_vis"
                   ? 4 * views_->viewBytes() + kFeatureMatrices * featureChannels_ * featureChannels_
                   : 4 * views_->viewBytes();
    }

    /// With fewer points where memory asks for it; formats without points are left out then, and said to be.
    void writeSmaller(const std::string& format) {
        const bool ofPoints =
            format == "glb" || format == "ply" || format == "colmap" || format == "colmap_text";
        limit_ = ofPoints ? cloud_.size() : limit_;
        const auto asked = limit_;
        const bool done = runSmaller(
            budget_, [&] { return bytesOf(format); }, [&] { write(format); },
            [&] {
                if (!ofPoints || !fewerPoints()) {
                    return false;
                }
                try {
                    cloud_ = capped(cloud_, limit_);
                } catch (const std::bad_alloc&) {
                    thin(cloud_, limit_);
                }
                return true;
            });
        if (!done) {
            note("Memory ran out in writing " + format + ", which is left out. " +
                 smallerSceneRemedy(resolution(), "", 0));
        } else if (ofPoints) {
            limit_ = cloud_.size();
            report_.points = cloud_.size();
            tellFewer("in writing " + format, asked);
        }
    }

    void write(const std::string& format) {
        const auto add = [&](const fs::path& file) { report_.files.push_back(file); };
        const auto& folder = scene_.folder;
        if (format == "mini_npz" || format == "npz") {
            const auto file = folder / "exports" / format / "results.npz";
            writeArrays(file, format == "npz");
            add(file);
        } else if (format == "glb") {
            writeCloudGlb(folder / "scene.glb", cloud_, frames_, wanted_.showCameras, scene_.weightsNote);
            add(folder / "scene.glb");
        } else if (format == "ply") {
            writeCloudPly(folder / "scene.ply", cloud_, scene_.weightsNote);
            add(folder / "scene.ply");
        } else if (format == "colmap" || format == "colmap_text") {
            writeColmap(format == "colmap");
        } else if (format == "depth_vis") {
            forViews(true, "depth pictures", [&](std::size_t index, SceneView& view) {
                char name[24];
                std::snprintf(name, sizeof name, "%04zu.jpg", index);
                writeImage(folder / "depth_vis" / name, besideDepth(view), 95);
            });
            add(folder / "depth_vis");
        } else if (format == "depth_png") {
            writeDepthPngs();
        } else if (format == "depth_video") {
            writeDepthVideo();
        } else if (format == "feat_vis") {
            for (const auto& file : writeFeaturePictures(*views_, folder, wanted_.featVisFps)) {
                add(file);
            }
        } else if (format == "feat_npz") {
            add(writeFeatureArrays(*views_, folder));
        }
    }

    /// As Depth Anything 3's program names and rounds them.
    void writeArrays(const fs::path& file, bool withImages) {
        const auto n = static_cast<std::int64_t>(scene_.frames.size());
        const std::int64_t height = scene_.mapping.height, width = scene_.mapping.width;
        NpzStream out(file);
        const auto rounded = [](std::vector<float>& values, double digits) {
            for (auto& v : values) {
                v = static_cast<float>(std::nearbyint(static_cast<double>(v) * digits) / digits);
            }
        };
        if (withImages) {
            out.begin("image", DType::U8, {n, height, width, 3});
            forViews(true, "pictures", [&](std::size_t, SceneView& view) { out.write(view.image->rgb); });
        }
        out.begin("depth", DType::F32, {n, height, width});
        forViews(false, "depths", [&](std::size_t, SceneView& view) {
            rounded(view.depth, withImages ? 1e6 : 1e8);
            out.write(view.depth);
        });
        if (hasConfidence_) {
            out.begin("conf", DType::F32, {n, height, width});
            forViews(false, "confidences", [&](std::size_t, SceneView& view) {
                rounded(view.confidence, 1e2);
                out.write(view.confidence);
            });
        }
        if (hasPoints_ && withImages) {
            out.begin("world_points", DType::F32, {n, height, width, 3});
            forViews(false, "points", [&](std::size_t, SceneView& view) { out.write(view.points); });
            out.begin("world_points_conf", DType::F32, {n, height, width});
            forViews(false, "confidences", [&](std::size_t, SceneView& view) { out.write(view.pointsConfidence); });
        }
        if (hasSky_) {
            out.begin("sky", DType::U8, {n, height, width});
            forViews(false, "sky", [&](std::size_t, SceneView& view) { out.write(view.sky); });
        }
        if (hasCameras_) {
            out.begin("extrinsics", DType::F32, {n, 3, 4});
            for (const auto& f : frames_) {
                const auto& r = f.cameraFromWorld.rotation.m;
                const auto& t = f.cameraFromWorld.translation;
                std::vector<float> row;
                for (const double v : {r[0], r[1], r[2], t.x, r[3], r[4], r[5], t.y, r[6], r[7], r[8], t.z}) {
                    row.push_back(static_cast<float>(v));
                }
                out.write(row);
            }
            out.begin("intrinsics", DType::F32, {n, 3, 3});
            for (const auto& f : frames_) {
                std::vector<float> row;
                for (const double v :
                     {f.camera.fx, 0.0, f.camera.cx, 0.0, f.camera.fy, f.camera.cy, 0.0, 0.0, 1.0}) {
                    row.push_back(static_cast<float>(v));
                }
                out.write(row);
            }
        }
        out.finish();
    }

    void writeColmap(bool binary) {
        const auto& m = scene_.mapping;
        ColmapModel model;
        model.scaleX = 1 / m.scaleX;
        model.scaleY = 1 / m.scaleY;
        model.offsetX = m.offsetX / m.scaleX;
        model.offsetY = m.offsetY / m.scaleY;
        for (const auto& f : frames_) {
            ColmapImage image{f.name, f.camera, f.cameraFromWorld};
            image.camera = {f.camera.fx / m.scaleX,
                            f.camera.fy / m.scaleY,
                            (f.camera.cx + m.offsetX) / m.scaleX,
                            (f.camera.cy + m.offsetY) / m.scaleY,
                            scene_.originalWidth,
                            scene_.originalHeight};
            model.images.push_back(std::move(image));
        }
        (binary ? writeColmapBinary : writeColmapText)(scene_.folder, model, cloud_);
        for (const char* name : {"cameras", "images", "points3D"}) {
            report_.files.push_back(scene_.folder / (std::string(name) + (binary ? ".bin" : ".txt")));
        }
    }

    void writeDepthPngs() {
        // Millimetres where metres are known; else as fine as the farthest depth allows.
        constexpr double kMillimetre = 0.001;
        const double unit =
            scene_.metres ? kMillimetre : std::max(1e-12, static_cast<double>(farthest_) / 65535);
        const auto folder = scene_.folder / "depth_png";
        forViews(false, "depth pictures", [&](std::size_t, SceneView& view) {
            char name[32];
            std::snprintf(name, sizeof name, "%06lld.png", static_cast<long long>(view.frame));
            writeGrey16Png(folder / name, view.camera.width, view.camera.height,
                           depthSteps(view.depth, unit));
        });
        const Json about = {{"unit", unit}, {"metres", scene_.metres}, {"zero", "no depth"}};
        writeFileAtomically(folder / "scale.json", std::string_view(about.dump(1)));
        report_.files.push_back(folder);
    }

    void writeDepthVideo() {
        // One range for the whole video, or it would flicker.
        double low = 0, high = 0;
        forViews(false, "range", [&](std::size_t index, SceneView& view) {
            const auto range = inverseDepthRange(view.depth);
            low = index == 0 ? range.low : std::min(low, range.low);
            high = std::max(high, range.high);
        });
        constexpr double kFps = 15; // as Depth Anything 3's program shows features
        VideoWriter video(scene_.folder / "depth.mp4",
                          {.width = scene_.mapping.width, .height = scene_.mapping.height, .fps = kFps});
        forViews(false, "video", [&](std::size_t index, SceneView& view) {
            video.write(depthColours(view.depth, view.camera.width, view.camera.height, low, high),
                        static_cast<double>(index) / kFps);
        });
        video.finish();
        report_.files.push_back(scene_.folder / "depth.mp4");
    }

    void note(const std::string& sentence) {
        report_.notes.push_back(sentence);
        if (events_.notice) {
            events_.notice(sentence);
        }
    }

    void finish() {
        for (const auto& peak : telemetry_.stagePeaks()) {
            report_.stages.push_back({peak.stage, peak.seconds, peak.processPeakBytes,
                                      peak.allocatorPeakBytes.value_or(peak.devicePeakBytes.value_or(0))});
        }
        Json json = {{"variant", report_.variant},
                     {"weights_note", report_.weightsNote},
                     {"frames", report_.frames},
                     {"width", report_.width},
                     {"height", report_.height},
                     {"metres", report_.metres},
                     {"passes", report_.passes},
                     {"resumed_passes", report_.resumedPasses},
                     {"points", report_.points},
                     {"confidence_threshold", threshold_},
                     {"alignment", Json::array()},
                     {"loops", Json::array()},
                     {"memory", Json::array()},
                     {"notes", report_.notes}};
        for (const auto& fit : report_.alignment) {
            json["alignment"].push_back({{"found", fit.found},
                                         {"scale", fit.transform.scale},
                                         {"inliers", fit.inliers},
                                         {"residual", fit.residual}});
        }
        for (const auto& loop : report_.loops) {
            json["loops"].push_back({{"earlier_pass", loop.earlier},
                                     {"later_pass", loop.later},
                                     {"earlier_frame", loop.earlierFrame},
                                     {"later_frame", loop.laterFrame},
                                     {"scale", loop.earlierFromLater.transform.scale},
                                     {"matches", loop.matches},
                                     {"drift", loop.strain}});
        }
        for (const auto& stage : report_.stages) {
            json["memory"].push_back({{"stage", stage.name},
                                      {"seconds", stage.seconds},
                                      {"process_peak_bytes", stage.peakBytes},
                                      {"device_peak_bytes", stage.devicePeakBytes}});
        }
        writeFileAtomically(scene_.folder / "scene_report.json", std::string_view(json.dump(1)));
    }

    static constexpr std::int64_t kCloudPointBytes = 110; ///< in a list and in a table of cells
    const SceneFolder& scene_;
    const SceneExport& wanted_;
    const SceneEvents& events_;
    const std::stop_token& stop_;
    Telemetry& telemetry_;
    SceneReport& report_;
    MemoryBudget budget_;
    std::size_t limit_; ///< points at most, as memory allows
    std::optional<SceneViews> views_;
    std::vector<CameraFrame> frames_;
    PointCloud cloud_;
    std::int64_t featureChannels_ = 0;
    bool hasCameras_ = false, hasConfidence_ = false, hasSky_ = false, hasPoints_ = false;
    float threshold_ = 0, farthest_ = 0;
};

} // namespace

void mergeInto(const SceneFolder& scene, const SceneExport& wanted, const SceneEvents& events,
               const std::stop_token& stop, Telemetry& telemetry, SceneReport& report) {
    Merge(scene, wanted, events, stop, telemetry, report).run();
}

} // namespace detail

void requireSceneFormats(const std::vector<std::string>& formats) {
    const auto& known = detail::formatNames();
    for (const auto& format : formats) {
        if (std::find(known.begin(), known.end(), format) == known.end()) {
            std::string all;
            for (const auto& name : known) {
                all += (all.empty() ? "" : ", ") + name;
            }
            throw Error(ErrorCode::Usage, "There is no scene format '" + format + "'.",
                        detail::didYouMean(format, known) + "There are " + all +
                            ", joined by '-'. Gaussians (gs_ply, gs_video) are not made by this program.");
        }
    }
}

SceneReport mergeScene(const fs::path& folder, const SceneExport& wanted, const SceneEvents& events,
                       const std::stop_token& stop) {
    requireSceneFormats(wanted.formats);
    const auto scene = detail::SceneFolder::read(folder);
    SceneReport report;
    report.variant = scene.variant;
    report.weightsNote = scene.weightsNote;
    report.metres = scene.metres;
    report.frames = static_cast<std::int64_t>(scene.frames.size());
    report.width = scene.mapping.width;
    report.height = scene.mapping.height;
    Telemetry telemetry;
    detail::mergeInto(scene, wanted, events, stop, telemetry, report);
    return report;
}

} // namespace body4d

#include "fake_backend.h"

#include "base/error.h"

#include <chrono>
#include <cmath>
#include <thread>

namespace body4d::ui::test {
namespace {

void waitFor(int milliseconds, const std::stop_token& stop) {
    for (int i = 0; i < milliseconds && !stop.stop_requested(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (stop.stop_requested()) {
        throw Cancelled();
    }
}

/// Distance to a segment.
double distance(double x, double y, double ax, double ay, double bx, double by) {
    const double dx = bx - ax, dy = by - ay;
    const double t = std::clamp(((x - ax) * dx + (y - ay) * dy) / std::max(1e-9, dx * dx + dy * dy), 0.0, 1.0);
    return std::hypot(x - ax - t * dx, y - ay - t * dy);
}

} // namespace

FakeFrames::FakeFrames(int width, int height, std::int64_t count, double fps, int people) : people_(people) {
    info_.width = width;
    info_.height = height;
    info_.frameCount = count;
    info_.fps = fps;
    info_.durationSeconds = static_cast<double>(count) / fps;
    for (std::int64_t i = 0; i < count; ++i) {
        info_.frameTimes.push_back(static_cast<double>(i) / fps);
    }
}

double FakeFrames::inside(int person, std::int64_t frame, double x, double y) const {
    const double h = info_.height, s = h * 0.3;
    const double t = static_cast<double>(frame) / static_cast<double>(info_.frameCount);
    const double cx = info_.width * (0.25 + 0.5 * person / std::max(1, people_ - 1)) + info_.width * 0.12 * t;
    if (std::abs(x - cx) > 0.9 * s) { // cheap to draw: nothing reaches that far
        return 1;
    }
    const double cy = h * 0.55, swing = 0.35 * std::sin(0.35 * static_cast<double>(frame) + person);
    double d = distance(x, y, cx, cy - 0.9 * s, cx, cy) - 0.24 * s;              // torso
    d = std::min(d, std::hypot(x - cx, y - (cy - 1.35 * s)) - 0.2 * s);          // head
    d = std::min(d, distance(x, y, cx, cy, cx + swing * s, cy + 1.2 * s) - 0.12 * s);
    d = std::min(d, distance(x, y, cx, cy, cx - swing * s, cy + 1.2 * s) - 0.12 * s);
    d = std::min(d, distance(x, y, cx, cy - 0.85 * s, cx - 0.45 * s - swing * 0.3 * s, cy + 0.1 * s) - 0.085 * s);
    d = std::min(d, distance(x, y, cx, cy - 0.85 * s, cx + 0.45 * s - swing * 0.3 * s, cy + 0.1 * s) - 0.085 * s);
    return d;
}

int FakeFrames::personAt(double x, double y, std::int64_t frame) const {
    for (int p = 0; p < people_; ++p) {
        if (inside(p, frame, x, y) < 0) {
            return p;
        }
    }
    return -1;
}

Mask FakeFrames::maskOf(int person, std::int64_t frame) const {
    Mask mask(info_.width, info_.height);
    for (int y = 0; y < info_.height; ++y) {
        for (int x = 0; x < info_.width; ++x) {
            mask.row(y)[x] = inside(person, frame, x + 0.5, y + 0.5) < 0 ? 255 : 0;
        }
    }
    return mask;
}

ImagePtr FakeFrames::frame(std::int64_t index) {
    if (index < 0 || index >= info_.frameCount) {
        throw Error(ErrorCode::Usage, "There is no such frame.", "Choose another.");
    }
    if (auto known = cached(index)) {
        return known;
    }
    ++decoded;
    std::this_thread::sleep_for(std::chrono::milliseconds(decodeMilliseconds.load()));
    auto image = std::make_shared<Image>(info_.width, info_.height);
    for (int y = 0; y < info_.height; ++y) {
        auto* row = image->row(y);
        for (int x = 0; x < info_.width; ++x) {
            const double floor = y > info_.height * 0.62 ? 0.55 : 0.8;
            int r = static_cast<int>(floor * (150 + 40.0 * x / info_.width)), g = static_cast<int>(floor * 165),
                b = static_cast<int>(floor * (175 - 30.0 * y / info_.height));
            const int p = personAt(x + 0.5, y + 0.5, index);
            if (p >= 0) {
                r = p % 2 ? 96 : 150;
                g = 70 + 12 * p;
                b = p % 2 ? 120 : 66;
            }
            row[3 * x] = static_cast<std::uint8_t>(r);
            row[3 * x + 1] = static_cast<std::uint8_t>(g);
            row[3 * x + 2] = static_cast<std::uint8_t>(b);
        }
    }
    const std::lock_guard lock(mutex_);
    cache_[index] = image;
    return image;
}

void FakeFrames::forget() {
    const std::lock_guard lock(mutex_);
    cache_.clear();
}

ImagePtr FakeFrames::cached(std::int64_t index) const {
    const std::lock_guard lock(mutex_);
    const auto it = cache_.find(index);
    return it == cache_.end() ? nullptr : it->second;
}

std::vector<std::int64_t> FakeFrames::cachedFrames() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> frames;
    for (const auto& [index, image] : cache_) {
        frames.push_back(index);
    }
    return frames;
}

FakeProject::FakeProject(std::filesystem::path folder, VideoReference video) : folder_(std::move(folder)) {
    document_.video = std::move(video);
    document_.range = {0, document_.video.frameCount};
}

ProjectDocument FakeProject::document() const {
    const std::lock_guard lock(mutex_);
    return document_;
}

void FakeProject::setDocument(const ProjectDocument& document) {
    const std::lock_guard lock(mutex_);
    for (const auto& target : document.targets) {
        const auto* before = document_.target(target.id);
        const auto points = [](const Target& t) {
            std::size_t n = 0;
            for (const auto& p : t.prompts) {
                n += p.points.size() + (p.box ? 1 : 0) + (p.mask ? p.mask->counts.size() : 0);
            }
            return n;
        };
        if (before && tracks_.contains(target.id) && points(*before) != points(target)) {
            stale_[target.id] = true;
        }
    }
    document_ = document;
    ++saves_;
}

StageState FakeProject::stage(const std::string&, TargetId id) const {
    const std::lock_guard lock(mutex_);
    StageState state;
    if (tracks_.contains(id)) {
        const auto it = stale_.find(id);
        state.status = it != stale_.end() && it->second ? StageStatus::Stale : StageStatus::Done;
    }
    return state;
}

TargetTrack FakeProject::track(TargetId id) const {
    const std::lock_guard lock(mutex_);
    const auto it = tracks_.find(id);
    return it == tracks_.end() ? TargetTrack{} : it->second;
}

std::optional<TargetFrame> FakeProject::trackFrame(TargetId id, std::int64_t frame) const {
    const std::lock_guard lock(mutex_);
    const auto it = tracks_.find(id);
    if (it != tracks_.end()) {
        for (const auto& f : it->second.frames) {
            if (f.frame == frame) {
                return f;
            }
        }
    }
    return std::nullopt;
}

std::shared_ptr<const BodyTrack> FakeProject::body(TargetId id) const {
    const std::lock_guard lock(mutex_);
    const auto it = bodies_.find(id);
    return it == bodies_.end() ? nullptr : it->second;
}

RunEstimate FakeProject::estimate() const {
    RunEstimate e;
    e.seconds = 42;
    e.peakBytes = std::int64_t{1} << 30;
    e.completionHint = "This clip needs none.";
    e.stages = {{"segment", 240, 30, std::int64_t{1} << 30, true},
                {"reconstruct", 240, 9, std::int64_t{512} << 20, false},
                {"complete", 0, 0, -1, true},
                {"ground", 240, 3, std::int64_t{300} << 20, true}};
    return e;
}

void FakeProject::store(TargetId id, TargetTrack track, std::shared_ptr<const BodyTrack> body) {
    const std::lock_guard lock(mutex_);
    tracks_[id] = std::move(track);
    bodies_[id] = std::move(body);
    stale_[id] = false;
}

FakeBackend::FakeBackend() : FakeBackend(Clip{}) {}
FakeBackend::FakeBackend(Clip clip) : clip_(clip), body_(makeCapsuleBody()) {}

std::shared_ptr<FakeFrames> FakeBackend::frames() {
    const std::lock_guard lock(mutex_);
    if (!frames_) {
        frames_ = std::make_shared<FakeFrames>(clip_.width, clip_.height, clip_.frames, clip_.fps, clip_.people);
    }
    return frames_;
}

std::shared_ptr<FrameProvider> FakeBackend::openFrames(const std::filesystem::path& video) {
    if (video.filename() == "broken.mp4") {
        throw Error(ErrorCode::Input, "broken.mp4 is not a video.", "Choose another file.", video.string());
    }
    return frames();
}

std::shared_ptr<ProjectStore> FakeBackend::createProject(const std::filesystem::path& folder,
                                                         const std::filesystem::path& video) {
    VideoReference reference;
    reference.path = video;
    reference.width = clip_.width;
    reference.height = clip_.height;
    reference.fps = clip_.fps;
    reference.frameCount = clip_.frames;
    const std::lock_guard lock(mutex_);
    auto& project = projects_[folder];
    if (!project) {
        project = std::make_shared<FakeProject>(folder, reference);
    }
    return project;
}

std::shared_ptr<ProjectStore> FakeBackend::openProject(const std::filesystem::path& folder) {
    if (refuseSecondOpen) {
        throw Error(ErrorCode::Busy, "The project is open in another window.", "Close that one.");
    }
    const std::lock_guard lock(mutex_);
    const auto it = projects_.find(folder);
    if (it == projects_.end()) {
        throw Error(ErrorCode::Input, folder.string() + " is no project.", "Open a folder made by this program.");
    }
    return it->second;
}

SegmentPreview FakeBackend::preview(const ImagePtr& image, const Prompt& prompt, const Options&, const std::stop_token& stop) {
    ++previews;
    waitFor(previewMilliseconds, stop);
    BODY4D_EXPECT(image);
    SegmentPreview result;
    const auto clip = frames();
    for (const auto& point : prompt.points) {
        const int person = point.include ? clip->personAt(point.x, point.y, prompt.frame) : -1;
        if (person >= 0) {
            result.found = true;
            result.frame.frame = prompt.frame;
            result.frame.state = FrameState::Visible;
            result.frame.mask = encodeRle(clip->maskOf(person, prompt.frame));
            result.frame.confidence = 0.95F;
            return result;
        }
    }
    result.reason = "Nobody was found at this point.";
    return result;
}

std::vector<SegmentPreview> FakeBackend::findPeople(const ImagePtr&, const Options&, const std::stop_token& stop) {
    waitFor(previewMilliseconds, stop);
    std::vector<SegmentPreview> people;
    for (int p = 0; p < clip_.people; ++p) {
        SegmentPreview preview;
        preview.found = true;
        preview.frame.state = FrameState::Visible;
        preview.frame.mask = encodeRle(frames()->maskOf(p, 0));
        people.push_back(std::move(preview));
    }
    return people;
}

std::shared_ptr<const BodyModel> FakeBackend::bodyModel(const std::string&) { return body_; }

RunSummary FakeBackend::run(ProjectStore& store, const RunRequest& request, const RunEvents& events,
                            const std::stop_token& stop) {
    ++runs;
    {
        const std::lock_guard lock(mutex_);
        requests.push_back(request);
    }
    if (failRuns) {
        throw Error(ErrorCode::OutOfMemory, "The batch does not fit into memory.", "Halve the batch size or turn completion off.");
    }
    RunSummary summary;
    auto& project = dynamic_cast<FakeProject&>(store);
    const auto document = project.document();
    const auto clip = frames();
    const auto joints = body_->joints().size();
    Progress progress;
    progress.stage = "segment";
    progress.total = document.range.size() * static_cast<long long>(document.targets.size());
    if (request.exports.empty()) {
        for (std::size_t k = 0; k < document.targets.size(); ++k) {
            const auto& target = document.targets[k];
            int person = static_cast<int>(k) % clip_.people;
            if (!target.prompts.empty() && !target.prompts.front().points.empty()) {
                const auto& point = target.prompts.front().points.front();
                person = std::max(0, clip->personAt(point.x, point.y, target.prompts.front().frame));
            }
            TargetTrack track;
            track.id = target.id;
            track.firstFrame = document.range.begin;
            auto body = std::make_shared<BodyTrack>();
            body->id = target.id;
            body->engine = "Fake engine";
            body->bodyModel = "capsules";
            body->fps = clip_.fps;
            body->firstFrame = document.range.begin;
            body->camera = intrinsicsFromFov(clip_.width, clip_.height, 0.96);
            for (auto f = document.range.begin; f < document.range.end; ++f) {
                if (stop.stop_requested()) {
                    summary.cancelled = true;
                    break;
                }
                std::this_thread::sleep_for(std::chrono::microseconds(frameMicroseconds.load()));
                auto frame = std::make_shared<TargetFrame>();
                frame->frame = f;
                const auto phase = (f + 40 * person) % 90;
                frame->state = target.id == unseen         ? FrameState::Absent
                               : phase >= 50 && phase < 60 ? FrameState::Occluded
                               : phase >= 60 && phase < 70 ? FrameState::Completed
                                                           : FrameState::Visible;
                if (frame->state == FrameState::Visible) {
                    frame->mask = encodeRle(clip->maskOf(person, f));
                }
                frame->confidence = 0.9F - 0.4F * static_cast<float>(std::exp(-0.02 * (phase - 30) * (phase - 30)));
                auto posed = std::make_shared<BodyFrame>();
                posed->frame = f;
                posed->state = frame->state == FrameState::Occluded ? FrameState::Completed : frame->state;
                const double t = static_cast<double>(f) / static_cast<double>(clip_.frames);
                posed->pose.translation = {-0.9 + 1.8 * person / std::max(1, clip_.people - 1) + 0.4 * t, 0.25, 4.2 + 0.3 * person};
                posed->pose.rotations.resize(joints);
                const auto swing = [&](std::size_t joint, double angle) {
                    auto& m = posed->pose.rotations[joint];
                    m(1, 1) = m(2, 2) = std::cos(angle);
                    m(1, 2) = -std::sin(angle);
                    m(2, 1) = std::sin(angle);
                };
                const double angle = 0.5 * std::sin(0.35 * static_cast<double>(f) + person);
                swing(7, angle);
                swing(8, -angle);
                swing(3, -angle);
                swing(5, angle);
                posed->rawPose = posed->pose;
                posed->reprojectionPercent = 1.2F + 4.0F * static_cast<float>(std::exp(-0.02 * (phase - 30) * (phase - 30)));
                posed->silhouetteIou = 0.75F;
                if (events.frameTracked) {
                    events.frameTracked(target.id, frame, posed);
                }
                track.frames.push_back(*frame);
                body->frames.push_back(*posed);
                ++progress.done;
                ++summary.personFrames;
                progress.perSecond = 1e6 / std::max(1, frameMicroseconds.load());
                progress.etaSeconds = static_cast<double>(progress.total - progress.done) / progress.perSecond;
                if (events.progress) {
                    events.progress(progress);
                }
            }
            project.store(target.id, track, body);
            if (events.bodyReady) {
                events.bodyReady(target.id, body);
            }
            if (summary.cancelled) {
                return summary;
            }
        }
    }
    for (const auto& format : request.exports) {
        summary.files.push_back(request.exportFolder / ("fake." + format));
        if (request.checkExports) {
            ExportCheck check;
            check.format = format;
            check.file = summary.files.back();
            check.files = 1;
            check.people = static_cast<int>(request.exportTargets.empty() ? document.targets.size() : request.exportTargets.size());
            check.frames = request.exportRange.value_or(document.range).size();
            check.seconds = static_cast<double>(check.frames) / clip_.fps;
            check.vertices = 1200;
            check.low = {-1, 0, -0.5};
            check.high = {1, 1.8, 0.5};
            check.meanMm = 0.4;
            check.maxMm = 1.7;
            if (damageExports) {
                check.problems = {"The file is cut off."};
            }
            summary.checks.push_back(check);
        }
    }
    summary.seconds = 1;
    return summary;
}

std::vector<ExportForecast> FakeBackend::forecastExports(ProjectStore&, const RunRequest& request, const std::stop_token&) {
    std::vector<ExportForecast> forecasts;
    for (const auto& format : request.exports) {
        const auto frames = static_cast<std::uint64_t>(request.exportRange.value_or(FrameRange{0, clip_.frames}).size());
        forecasts.push_back({format, frames << 20, format == "glb" ? 0.4 : -1, format == "glb" ? 1.7 : -1});
    }
    return forecasts;
}

std::filesystem::path FakeBackend::addModel(const std::filesystem::path& file) {
    if (file.filename() != "good.safetensors") {
        throw Error(ErrorCode::Input, file.filename().string() + " is no model that this program knows.",
                    "Choose the file as its authors published it.", "3 tensors are missing");
    }
    modelAdded = true;
    return std::filesystem::path("/models") / file.filename();
}

std::span<const ExportFormat> FakeBackend::exportFormats() const { return body4d::exportFormats(); }

std::vector<ModelEntry> FakeBackend::models() const {
    ModelEntry segment;
    segment.name = "blazepose";
    segment.stage = "segment";
    segment.title = "BlazePose";
    segment.implemented = segment.present = true;
    ModelEntry body = segment;
    body.name = "anny";
    body.stage = "reconstruct";
    body.title = "Anny";
    ModelEntry later;
    later.name = "sam3";
    later.stage = "segment";
    later.title = "SAM 3";
    later.missing = "Put sam3.safetensors into the models folder.";
    later.implemented = later.present = modelAdded;
    return {segment, body, later};
}

DeviceDescription FakeBackend::device() const {
    DeviceDescription d;
    d.cpu = "Test CPU";
    d.cores = 2;
    d.memoryBytes = std::int64_t{8} << 30;
    return d;
}

TelemetrySample FakeBackend::telemetry() const {
    if (scripted.systemTotalBytes > 0) {
        return scripted;
    }
    static const auto start = std::chrono::steady_clock::now();
    TelemetrySample s;
    s.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    s.systemTotalBytes = std::int64_t{8} << 30;
    s.systemAvailableBytes = std::int64_t{6} << 30;
    s.processBytes = (std::int64_t{600} << 20) + static_cast<std::int64_t>(1e8 * std::sin(s.seconds));
    s.cpuLoad = 1.2;
    return s;
}

} // namespace body4d::ui::test

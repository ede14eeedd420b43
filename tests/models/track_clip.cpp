// Developer's tool: tracks the clicked people of a clip and leaves a contact sheet and the tracks, to be
// looked at. Frames come from the ffmpeg program, so that the tool depends on the tracker only.
#include "base/error.h"
#include "base/safetensors.h"
#include "models/blazepose/observation.h"
#include "models/segmenter.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace body4d;

struct Pipe {
    explicit Pipe(const std::string& command, const char* mode) : file(popen(command.c_str(), mode)) {}
    ~Pipe() {
        if (file != nullptr) {
            pclose(file);
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    FILE* file;
};

std::string output(const std::string& command) {
    Pipe pipe(command, "r");
    std::string out;
    char buffer[256];
    while (fgets(buffer, sizeof buffer, pipe.file) != nullptr) {
        out += buffer;
    }
    return out;
}

std::vector<ImagePtr> readClip(const std::string& video, int count, double& fps) {
    const std::string text =
        output("ffprobe -v error -select_streams v:0 -show_entries stream=width,height,r_frame_rate "
               "-of csv=p=0 '" +
               video + "'");
    int width = 0, height = 0, num = 25, den = 1;
    if (std::sscanf(text.c_str(), "%d,%d,%d/%d", &width, &height, &num, &den) < 2) {
        throw Error(ErrorCode::Input, "No video: " + video, "Name a video file.");
    }
    fps = static_cast<double>(num) / den;
    Pipe pipe("ffmpeg -v error -i '" + video + "' -frames:v " + std::to_string(count) +
                  " -pix_fmt rgb24 -f rawvideo -",
              "r");
    std::vector<ImagePtr> frames;
    for (int i = 0; i < count; ++i) {
        auto image = std::make_shared<Image>(width, height);
        if (fread(image->rgb.data(), 1, image->rgb.size(), pipe.file) != image->rgb.size()) {
            break;
        }
        frames.push_back(std::move(image));
    }
    return frames;
}

void writePng(const Image& image, const std::string& path) {
    Pipe pipe("ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s " + std::to_string(image.width) + "x" +
                  std::to_string(image.height) + " -i - -update 1 -frames:v 1 '" + path + "'",
              "w");
    fwrite(image.rgb.data(), 1, image.rgb.size(), pipe.file);
}

using Colour = std::array<std::uint8_t, 3>;
constexpr std::array<Colour, 5> kColours{
    {{0, 230, 60}, {255, 80, 80}, {80, 140, 255}, {255, 200, 0}, {220, 80, 255}}};

void line(Image& image, Vec2 a, Vec2 b, double radius, Colour colour) {
    const double length = std::max(1.0, norm(b - a));
    for (double s = 0; s <= length; s += 0.5) {
        const Vec2 p = a + s / length * (b - a);
        for (int y = static_cast<int>(p.y - radius); y <= static_cast<int>(p.y + radius); ++y) {
            for (int x = static_cast<int>(p.x - radius); x <= static_cast<int>(p.x + radius); ++x) {
                if (x >= 0 && y >= 0 && x < image.width && y < image.height) {
                    std::copy(colour.begin(), colour.end(), image.row(y) + 3 * x);
                }
            }
        }
    }
}

void draw(Image& image, const TargetFrame& f, Colour colour) {
    const Mask mask = decodeRle(f.mask);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            if (mask.row(y)[x] != 0) {
                const bool rim = x > 0 && y > 0 && x + 1 < image.width && y + 1 < image.height &&
                                 (mask.row(y)[x - 1] == 0 || mask.row(y)[x + 1] == 0 ||
                                  mask.row(y - 1)[x] == 0 || mask.row(y + 1)[x] == 0);
                for (std::size_t c = 0; c < 3; ++c) {
                    auto& v = image.row(y)[3 * x + static_cast<int>(c)];
                    v = static_cast<std::uint8_t>(rim ? colour[c] : (v * 2 + colour[c]) / 3);
                }
            }
        }
    }
    const double radius = std::max(0.5, f.pose.roi.side / 400);
    for (const auto& [a, b] : blazepose::kBones) {
        // The person's own left in yellow, right in white, as far as a bone has a side.
        const Colour bone = a % 2 == 1 && b % 2 == 1 ? Colour{255, 220, 0} : Colour{255, 255, 255};
        line(image, f.pose.points[static_cast<std::size_t>(a)].px,
             f.pose.points[static_cast<std::size_t>(b)].px, radius, bone);
    }
}

Image cut(const Image& image, const Roi& roi, int size) {
    Image out(size, size);
    for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
            const int u = static_cast<int>(roi.centreX + roi.side * ((x + 0.5) / size - 0.5));
            const int v = static_cast<int>(roi.centreY + roi.side * ((y + 0.5) / size - 0.5));
            if (u >= 0 && v >= 0 && u < image.width && v < image.height) {
                std::copy_n(image.row(v) + 3 * u, 3, out.row(y) + 3 * x);
            }
        }
    }
    return out;
}

Image part(const Image& image, const Box& region) {
    const int x0 = static_cast<int>(region.x0), y0 = static_cast<int>(region.y0);
    Image out(static_cast<int>(region.width()), static_cast<int>(region.height()));
    for (int y = 0; y < out.height; ++y) {
        std::copy_n(image.row(y0 + y) + 3 * x0, 3 * out.width, out.row(y));
    }
    return out;
}

/// The frame's number in the corner, digits of 3 x 5 blocks.
void number(Image& image, std::int64_t value) {
    constexpr std::array<std::array<int, 5>, 10> kRows{{{7, 5, 5, 5, 7},
                                                        {2, 6, 2, 2, 7},
                                                        {7, 1, 7, 4, 7},
                                                        {7, 1, 7, 1, 7},
                                                        {5, 5, 7, 1, 1},
                                                        {7, 4, 7, 1, 7},
                                                        {7, 4, 7, 5, 7},
                                                        {7, 1, 1, 1, 1},
                                                        {7, 5, 7, 5, 7},
                                                        {7, 5, 7, 1, 7}}};
    const int block = std::max(2, image.width / 140);
    const std::string text = std::to_string(value);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (int r = 0; r < 5 * block; ++r) {
            for (int c = 0; c < 3 * block; ++c) {
                const int x = block + static_cast<int>(i) * 4 * block + c, y = block + r;
                if ((kRows[static_cast<std::size_t>(text[i] - '0')][static_cast<std::size_t>(r / block)] >>
                         (2 - c / block) &
                     1) != 0 &&
                    x < image.width && y < image.height) {
                    std::fill_n(image.row(y) + 3 * x, 3, std::uint8_t{255});
                }
            }
        }
    }
}

void dump(const TargetTrack& track, int width, int height, double fps, const std::string& path) {
    const auto n = static_cast<std::int64_t>(track.frames.size());
    std::vector<float> xy, z, visibility, presence, world, roi, score, confidence, similarity;
    std::vector<std::uint8_t> state, firm;
    std::vector<std::int64_t> offsets{0};
    std::vector<std::uint32_t> counts;
    for (const TargetFrame& f : track.frames) {
        for (const PoseLandmark& p : f.pose.points) {
            xy.insert(xy.end(), {static_cast<float>(p.px.x), static_cast<float>(p.px.y)});
            z.push_back(p.z);
            visibility.push_back(p.visibility);
            presence.push_back(p.presence);
            world.insert(world.end(), {static_cast<float>(p.world.x), static_cast<float>(p.world.y),
                                       static_cast<float>(p.world.z)});
        }
        roi.insert(roi.end(), {static_cast<float>(f.pose.roi.centreX), static_cast<float>(f.pose.roi.centreY),
                               static_cast<float>(f.pose.roi.side), static_cast<float>(f.pose.roi.angle)});
        score.push_back(f.pose.score);
        confidence.push_back(f.confidence);
        similarity.push_back(f.similarity);
        state.push_back(static_cast<std::uint8_t>(f.state));
        firm.push_back(f.firm ? 1 : 0);
        counts.insert(counts.end(), f.mask.counts.begin(), f.mask.counts.end());
        offsets.push_back(static_cast<std::int64_t>(counts.size()));
    }
    SafetensorsWriter writer;
    writer.add("xy", xy, {n, 33, 2});
    writer.add("z", z, {n, 33});
    writer.add("visibility", visibility, {n, 33});
    writer.add("presence", presence, {n, 33});
    writer.add("world", world, {n, 33, 3});
    writer.add("roi", roi, {n, 4});
    writer.add("score", score, {n});
    writer.add("confidence", confidence, {n});
    writer.add("similarity", similarity, {n});
    writer.add("state", state, {n});
    writer.add("firm", firm, {n});
    writer.add("mask_counts", counts, {static_cast<std::int64_t>(counts.size())});
    writer.add("mask_offsets", offsets, {n + 1});
    writer.setMetadata("first_frame", std::to_string(track.firstFrame));
    writer.setMetadata("width", std::to_string(width));
    writer.setMetadata("height", std::to_string(height));
    writer.setMetadata("fps", std::to_string(fps));
    writer.setMetadata(
        "note", "pixel centres at integer + 0.5; mask_counts[mask_offsets[i]:mask_offsets[i+1]] are COCO "
                "column runs of frame i, empty where absent");
    writer.write(path);
}

double cpuSeconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int run(int argc, char** argv) {
    if (argc < 6) {
        std::cerr << "usage: track_clip MODELS VIDEO FRAMES OUT_PREFIX FRAME:X,Y[@TARGET] ... [--width N] "
                     "[--shown N] "
                     "[--close] [--frames A:B] [--region X,Y,W,H]\n";
        return 2;
    }
    const std::string models = argv[1], video = argv[2], prefix = argv[4];
    std::map<TargetId, SessionTarget> targets;
    int cell = 420, shown = 20;
    bool close = false;
    std::int64_t showFrom = 0, showTo = -1;
    Box region{};
    TargetId nextId = 1;
    for (int i = 5; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--width") {
            cell = std::stoi(argv[++i]);
        } else if (word == "--shown") {
            shown = std::stoi(argv[++i]);
        } else if (word == "--close") {
            close = true;
        } else if (word == "--frames") {
            long long a = 0, b = -1;
            std::sscanf(argv[++i], "%lld:%lld", &a, &b);
            showFrom = a;
            showTo = b - 1;
        } else if (word == "--region") {
            std::sscanf(argv[++i], "%lf,%lf,%lf,%lf", &region.x0, &region.y0, &region.x1, &region.y1);
            region.x1 += region.x0;
            region.y1 += region.y0;
        } else {
            int frame = 0;
            double x = 0, y = 0;
            int id = nextId++;
            // "FRAME:X,Y@TARGET", with "-" in place of "@" for a negative point
            char sign = '@';
            std::sscanf(word.c_str(), "%d:%lf,%lf%c%d", &frame, &x, &y, &sign, &id);
            targets[id].id = id;
            auto& prompts = targets[id].prompts;
            if (prompts.empty() || prompts.back().frame != frame) {
                prompts.push_back({frame, {}, {}});
            }
            prompts.back().points.push_back({x, y, sign != '-'});
        }
    }
    double fps = 25;
    const auto frames = readClip(video, std::stoi(argv[3]), fps);
    const auto count = static_cast<std::int64_t>(frames.size());
    Segmenter::Options options;
    auto segmenter = makeBlazePoseSegmenter(models, prefix + "_cache", options);
    std::vector<SessionTarget> wanted;
    std::int64_t first = count, last = 0;
    for (const auto& [id, target] : targets) {
        wanted.push_back(target);
        for (const Prompt& p : target.prompts) {
            first = std::min(first, p.frame);
            last = std::max(last, p.frame);
        }
    }
    const auto wall = std::chrono::steady_clock::now();
    const double cpu = cpuSeconds();
    std::int64_t steps = 0;
    std::map<TargetId, TargetTrack> tracks[2];
    for (const Direction direction : {Direction::Forward, Direction::Backward}) {
        const bool ahead = direction == Direction::Forward;
        auto session = segmenter->startSession(wanted, fps, direction);
        auto& out = tracks[ahead ? 0 : 1];
        const auto take = [&](const SessionStep& step) {
            for (const auto& item : step.items) {
                out[item.id].frames.push_back(item.frame);
            }
        };
        for (std::int64_t f = ahead ? first : last; ahead ? f < count : f >= 0;
             f += ahead ? 1 : -1, ++steps) {
            take(session->advance(f, frames[static_cast<std::size_t>(f)], false, {}));
        }
        take(session->finish());
        for (auto& [id, track] : out) {
            track.id = id;
            if (!ahead) {
                std::reverse(track.frames.begin(), track.frames.end());
            }
            track.firstFrame = track.frames.front().frame;
        }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    std::printf("%lld frames x %zu targets: wall %.1f ms, cpu %.1f ms per session frame\n",
                static_cast<long long>(steps), wanted.size(), 1e3 * seconds / static_cast<double>(steps),
                1e3 * (cpuSeconds() - cpu) / static_cast<double>(steps));

    std::vector<TargetTrack> joined;
    for (const SessionTarget& target : wanted) {
        joined.push_back(joinTracks(tracks[0][target.id], tracks[1][target.id], target.prompts));
        const TargetTrack& t = joined.back();
        std::int64_t kept = 0, firm = 0;
        for (const TargetFrame& f : t.frames) {
            kept += f.state == FrameState::Visible ? 1 : 0;
            firm += f.firm ? 1 : 0;
        }
        std::printf("target %d: kept %lld of %lld, firm %lld\n", t.id, static_cast<long long>(kept),
                    static_cast<long long>(count), static_cast<long long>(firm));
        dump(t, frames[0]->width, frames[0]->height, fps,
             prefix + "_" + std::to_string(t.id) + ".safetensors");
    }

    showTo = showTo < 0 ? count - 1 : std::min(showTo, count - 1);
    const int columns = 5, pictures = static_cast<int>(std::min<std::int64_t>(shown, showTo - showFrom + 1));
    if (region.area() <= 0) {
        region = {0, 0, double(frames[0]->width), double(frames[0]->height)};
    }
    const int cellHeight = close ? cell : static_cast<int>(cell * region.height() / region.width());
    Image sheet(columns * cell, (pictures + columns - 1) / columns * cellHeight);
    for (int k = 0; k < pictures; ++k) {
        const std::int64_t f = pictures > 1 ? showFrom + (showTo - showFrom) * k / (pictures - 1) : showFrom;
        Image picture = *frames[static_cast<std::size_t>(f)];
        Roi roi{};
        for (std::size_t t = 0; t < joined.size(); ++t) {
            const std::int64_t at = f - joined[t].firstFrame;
            if (at >= 0 && at < static_cast<std::int64_t>(joined[t].frames.size())) {
                const TargetFrame& seen = joined[t].frames[static_cast<std::size_t>(at)];
                if (seen.state == FrameState::Visible) {
                    draw(picture, seen, kColours[t % kColours.size()]);
                    roi = roi.side > 0 ? roi : seen.pose.roi;
                }
            }
        }
        if (close) {
            picture = roi.side > 0 ? cut(picture, roi, cell) : Image(cell, cell);
        } else {
            picture = resized(part(picture, region), cell, cellHeight);
        }
        number(picture, f);
        for (int y = 0; y < cellHeight; ++y) {
            std::memcpy(sheet.row(k / columns * cellHeight + y) + 3 * (k % columns) * cell, picture.row(y),
                        3 * static_cast<std::size_t>(cell));
        }
    }
    writePng(sheet, prefix + ".png");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

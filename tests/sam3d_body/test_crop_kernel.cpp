// One arithmetic for crops wherever they are cut: LibTorch's operators, the processor's loop and the GPU's
// kernel, whose text runs here as C++, launched by the same code as on a GPU.
#include "tiny_network.h"

#include "base/error.h"
#include "models/sam3d_body/crop_device.h"
#include "models/sam3d_body/crop_host.h"
#include "models/sam3d_body/crops.h"
#include "video/video_reader.h"

#include <QtTest>
#include <c10/core/InferenceMode.h>

#include <dlfcn.h>
#include <filesystem>
#include <random>

#include "nn/device_kernel.h"
#include "nn/runtime.h"

using namespace body4d;
using namespace body4d::sam3d_body;
using namespace body4d::sam3d_body::testing;

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kSize =
    96; ///< no multiple of the kernel's blocks: threads outside of the crop must do nothing

std::shared_ptr<const Mask> noisyMask(int width, int height, std::mt19937& random) {
    auto mask = std::make_shared<Mask>(width, height);
    for (auto& value : mask->values) {
        value = static_cast<std::uint8_t>(random() & 255U);
    }
    return mask;
}

/// Every way in which a crop can lie to its picture.
std::vector<CropRequest> manyRequests(const ImagePtr& image) {
    std::mt19937 random(7);
    const auto w = static_cast<float>(image->width), h = static_cast<float>(image->height);
    std::vector<CropSquare> squares = {{w / 2, h / 2, h / 2},
                                       {0, 0, h},
                                       {w, h, h / 3},
                                       {-3 * w, h / 2, h},
                                       {w / 2, h / 2, 2.5F},
                                       {w / 2, h / 2, 1e-3F},
                                       {w / 2, h / 2, 40 * w},
                                       {w / 2, h / 2, 1e12F},
                                       {w / 2, h / 2, float(kSize)},
                                       {1e9F, -1e9F, 50}};
    std::uniform_real_distribution<float> place(-0.3F, 1.3F), extent(0.02F, 2.0F);
    for (int i = 0; i < 40; ++i) {
        squares.push_back({place(random) * w, place(random) * h, extent(random) * h});
    }
    std::vector<CropRequest> requests;
    for (std::size_t i = 0; i < squares.size(); ++i) {
        CropRequest request;
        request.frame = image;
        request.square = squares[i];
        request.mirrored = i % 3 == 2;
        if (i % 3 == 0) {
            request.mask = noisyMask(image->width, image->height, random);
        }
        requests.push_back(std::move(request));
    }
    return requests;
}

/// The first row as it is, turned upside down by the picture: a crop of the turned picture is the turned
/// crop.
ImagePtr upsideDown(const Image& image) {
    auto turned = std::make_shared<Image>(image.width, image.height);
    for (int y = 0; y < image.height; ++y) {
        std::copy_n(image.row(image.height - 1 - y), 3 * image.width, turned->row(y));
    }
    return turned;
}

} // namespace

class CropKernelTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void oneArithmetic_data();
    void oneArithmetic();
    void batchesOfSeveralPictures();
    void launchesThatFailSayWhy();
    void nvccAndNvrtcCompileIt();
    void withoutACompiler();
    void onARealGpu();
    void costOfACrop();

private:
    /// The same jobs by the kernel's text, through the code that launches it on a GPU.
    [[nodiscard]] std::pair<at::Tensor, at::Tensor> byKernel(std::span<const CropRequest> requests,
                                                             WarpMode mode) const;

    c10::InferenceMode inference_;
    nn::CudaDriver driver_;
    std::unique_ptr<nn::DeviceKernel> kernel_;
    int (*launches_)() = nullptr;
    fs::path compiler_;
};

void CropKernelTest::initTestCase() {
    QVERIFY(driver_.openFrom(BODY4D_FAKE_DRIVER));
    void* library = dlopen(BODY4D_FAKE_DRIVER, RTLD_NOW);
    launches_ = reinterpret_cast<int (*)()>(dlsym(library, "body4dFakeLaunches"));
    auto* contexts = reinterpret_cast<int (*)()>(dlsym(library, "body4dFakeContexts"));
    QVERIFY(launches_ != nullptr && contexts != nullptr);
    QCOMPARE(QString::fromStdString(driver_.nameOf(0)), QStringLiteral("Fake GPU"));
    QCOMPARE(driver_.computeCapabilityOf(0), 89);
    QCOMPARE(driver_.computeCapabilityOf(1), 0);
    compiler_ = nn::kernelCompilerOfTorch();
    if (const char* python = std::getenv("BODY4D_TEST_PYTHON"); compiler_.empty() && python != nullptr) {
        // LibTorch for machines without a GPU comes without it; the tests' Python packages hold it then.
        std::error_code code;
        for (const auto& entry :
             fs::directory_iterator(fs::path(python).parent_path().parent_path() / "lib", code)) {
            const auto found = nn::findKernelCompiler(entry.path() / "site-packages/torch/lib");
            compiler_ = found.empty() ? compiler_ : found;
        }
    }
    auto program = cropProgram();
    if (program.binary.empty() && compiler_.empty()) {
        // The fake driver runs no code that it is given: any that looks like such will do.
        static constexpr std::array<unsigned char, 4> kText = {'/', '/', '\n', 0};
        program.binary = kText;
    }
    try {
        kernel_ = std::make_unique<nn::DeviceKernel>(program, 0, driver_, compiler_);
    } catch (const Error& e) {
        QFAIL(e.detail().c_str());
    }
    QCOMPARE(contexts(), 1); // a thread without a context enters the device's own
    qInfo("%s", kernel_->origin().c_str());
    QVERIFY(!kernel_->origin().empty());
}

std::pair<at::Tensor, at::Tensor> CropKernelTest::byKernel(std::span<const CropRequest> requests,
                                                           WarpMode mode) const {
    const auto jobs = cropJobs(requests, kSize);
    const auto batch = static_cast<std::int64_t>(requests.size());
    auto images = at::full({batch, 3, kSize, kSize}, -1.0), masks = at::full({batch, 1, kSize, kSize}, -1.0);
    int stream = 0;
    const int before = launches_();
    launchCrops(*kernel_, jobs.data(), static_cast<int>(batch), kSize, mode, images.mutable_data_ptr<float>(),
                masks.mutable_data_ptr<float>(), &stream);
    if (launches_() != before + 1) {
        throw std::runtime_error("one batch is one launch");
    }
    return {images, masks};
}

void CropKernelTest::oneArithmetic_data() {
    QTest::addColumn<QString>("picture");
    QTest::addColumn<bool>("exact");
    for (const char* picture : {"steep", "smooth", "upside down", "tiny", "photograph"}) {
        QTest::newRow((std::string(picture) + ", OpenCV 4").c_str()) << picture << false;
        QTest::newRow((std::string(picture) + ", exact").c_str()) << picture << true;
    }
}

void CropKernelTest::oneArithmetic() {
    QFETCH(QString, picture);
    QFETCH(bool, exact);
    ImagePtr image = picture == "tiny"     ? tinyImage(3, 2)
                     : picture == "smooth" ? smoothImage(211, 160)
                                           : tinyImage(211, 160);
    if (picture == "upside down") {
        image = upsideDown(*image);
    } else if (picture == "photograph") {
        const fs::path sample = fs::path(BODY4D_SAMPLES) / "vtest.avi";
        if (!fs::exists(sample)) {
            QSKIP(("needs " + sample.string()).c_str());
        }
        image = VideoReader::open(sample)->read(10);
    }
    const auto mode = exact ? WarpMode::Exact : WarpMode::OpenCv4;
    const auto requests = manyRequests(image);
    const auto host = cutCrops(requests, kSize, mode, at::kCPU);
    const auto operators = cutCrops(requests, kSize, mode, at::kCPU, CropMethod::Operators);
    const auto [images, masks] = byKernel(requests, mode);
    QVERIFY(at::equal(host.images, operators.images));
    QVERIFY(at::equal(host.masks, operators.masks));
    QVERIFY(at::equal(host.masked, operators.masked));
    QVERIFY(at::equal(host.images, images));
    QVERIFY(at::equal(host.masks, masks));
    // They show something: other than black, and other than each other.
    QVERIFY(images[0].max().item<float>() > 0 && !at::equal(images[0], images[1]));
    QCOMPARE(images[3].max().item<float>(), 0.0F); // wholly outside
    const auto levels = images * 255;
    QVERIFY((levels - levels.round()).abs().max().item<float>() < 1e-4F);
}

void CropKernelTest::batchesOfSeveralPictures() {
    auto requests = manyRequests(tinyImage(90, 70));
    const auto others = manyRequests(smoothImage(64, 100));
    requests.insert(requests.begin() + 5, others.begin(), others.begin() + 20);
    const auto host = cutCrops(requests, kSize, WarpMode::OpenCv4, at::kCPU);
    const auto operators = cutCrops(requests, kSize, WarpMode::OpenCv4, at::kCPU, CropMethod::Operators);
    QVERIFY(at::equal(host.images, operators.images) && at::equal(host.masks, operators.masks));
    QVERIFY(at::equal(host.images, byKernel(requests, WarpMode::OpenCv4).first));
    // Alone as among others, however many threads share the rows.
    const int threads = at::get_num_threads();
    at::set_num_threads(1);
    for (std::size_t i = 0; i < requests.size(); i += 7) {
        const auto alone = cutCrops(std::span(&requests[i], 1), kSize, WarpMode::OpenCv4, at::kCPU);
        QVERIFY(at::equal(alone.images[0], host.images[static_cast<std::int64_t>(i)]));
        QCOMPARE(alone.masks.defined(), requests[i].mask != nullptr);
    }
    at::set_num_threads(threads);
}

void CropKernelTest::launchesThatFailSayWhy() {
    const auto requests = manyRequests(tinyImage(40, 30));
    const auto jobs = cropJobs(requests, kSize);
    auto images = at::zeros({1, 3, kSize, kSize});
    try {
        launchCrops(*kernel_, jobs.data(), 1, kSize, WarpMode::Exact, images.mutable_data_ptr<float>(),
                    nullptr, nullptr);
        QFAIL("the fake driver takes no empty stream");
    } catch (const Error& e) {
        QVERIFY2(e.detail().find("invalid argument") != std::string::npos, e.detail().c_str());
    }
    auto program = cropProgram();
    program.entry = "nothing";
    QVERIFY_EXCEPTION_THROWN((void)nn::DeviceKernel(program, 0, driver_, compiler_), Error);
    nn::CudaDriver none;
    QVERIFY(!none.openFrom("libthere-is-no-such-driver.so"));
}

void CropKernelTest::nvccAndNvrtcCompileIt() {
    const auto program = cropProgram();
#ifdef BODY4D_WITH_NVCC
    // The build fails where nvcc does not compile it; here: that its result is what the program carries.
    QVERIFY(program.binary.size() > 4096);
    QVERIFY(program.binary[0] == 0x50 && program.binary[1] == 0xED && program.binary[2] == 0x55 &&
            program.binary[3] == 0xBA);
#else
    QVERIFY(program.binary.empty());
#endif
    if (compiler_.empty()) {
        QSKIP("NVRTC is neither beside this LibTorch nor among the tests' packages "
              "(packaging/requirements-tests.txt)");
    }
    for (const int capability : {80, 86, 89, 90, 100, 120}) {
        const auto code = nn::compileKernel(program, capability, compiler_);
        QVERIFY2(code.size() > 1000 && code.substr(1, 3) == "ELF", std::to_string(capability).c_str());
    }
    // One that it does not know yet gets text for the driver to finish.
    const auto text = nn::compileKernel(program, 999, compiler_);
    QVERIFY(text.find(".entry body4dCutCrops") != std::string::npos &&
            text.find("fma.rn") == std::string::npos);
    // From its text a kernel is ready as well as from what nvcc made.
    auto fresh = program;
    fresh.binary = {};
    const nn::DeviceKernel kernel(fresh, 0, driver_, compiler_);
    QCOMPARE(QString::fromStdString(kernel.origin()),
             QStringLiteral("compiled here for compute capability 8.9"));
    fresh.source.text = "this is no kernel";
    try {
        (void)nn::compileKernel(fresh, 80, compiler_);
        QFAIL("compiled");
    } catch (const Error& e) {
        QVERIFY2(e.detail().find("error") != std::string::npos, e.detail().c_str());
    }
    QVERIFY_EXCEPTION_THROWN((void)nn::compileKernel(program, 10, compiler_), Error);
}

void CropKernelTest::withoutACompiler() {
    auto program = cropProgram();
    program.binary = {};
    try {
        (void)nn::DeviceKernel(program, 0, driver_, {});
        QFAIL("there is nothing to load");
    } catch (const Error& e) {
        QVERIFY2(e.detail().find("NVRTC") != std::string::npos, e.detail().c_str());
    }
    QVERIFY(nn::findKernelCompiler("/no/such/folder").empty());
    QCOMPARE(QString::fromStdString(cropMethod(at::kCPU)), QStringLiteral("on the processor"));
}

void CropKernelTest::onARealGpu() {
    void* driver = dlopen("libcuda.so.1", RTLD_NOW);
    if (driver != nullptr) {
        (void)dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);
    }
    if (driver == nullptr || !nn::cudaIsUsable()) {
        QSKIP("needs an NVIDIA GPU");
    }
    const at::Device gpu(at::kCUDA, 0);
    qInfo("%s", cropMethod(gpu).c_str());
    QVERIFY(cropMethod(gpu).starts_with("one kernel"));
    for (const auto mode : {WarpMode::Exact, WarpMode::OpenCv4}) {
        const auto requests = manyRequests(tinyImage(211, 160));
        const auto host = cutCrops(requests, kSize, mode, at::kCPU);
        for (const auto method : {CropMethod::Best, CropMethod::Operators}) {
            const auto there = cutCrops(requests, kSize, mode, gpu, method);
            QVERIFY(at::equal(host.images, there.images.to(at::kCPU)));
            QVERIFY(at::equal(host.masks, there.masks.to(at::kCPU)));
        }
    }
}

void CropKernelTest::costOfACrop() {
    auto requests = manyRequests(smoothImage(1280, 720));
    requests.resize(16);
    requests[4].square = requests[5].square = {700, 300, 500}; // as people mostly are
    const auto cost = [&](CropMethod method) {
        const auto before = std::clock();
        (void)cutCrops(requests, 512, WarpMode::OpenCv4, at::kCPU, method);
        return 1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC /
               static_cast<double>(requests.size());
    };
    (void)cost(CropMethod::Best);
    qInfo("processor time a crop of 512 x 512: %.1f ms, by LibTorch's operators %.1f ms",
          cost(CropMethod::Best), cost(CropMethod::Operators));
}

QTEST_GUILESS_MAIN(CropKernelTest)
#include "test_crop_kernel.moc"

#include "ui/controllers/core_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <vector>

namespace body4d::ui {
namespace {

constexpr const char* kContext = "core";
constexpr const char* kTexts[] = {
    // Options: labels, help, units
    QT_TRANSLATE_NOOP("core", "Completion"),
    QT_TRANSLATE_NOOP("core", "Fill in poses while a person is hidden."),
    QT_TRANSLATE_NOOP("core", "Longest gap"),
    QT_TRANSLATE_NOOP("core", "Longer stretches without any measurement are not filled in."),
    QT_TRANSLATE_NOOP("core", "Visible share"),
    QT_TRANSLATE_NOOP("core",
                      "A frame counts as hidden where less of the silhouette is seen, relative to usual."),
    QT_TRANSLATE_NOOP("core", "Checkpoint folder"),
    QT_TRANSLATE_NOOP(
        "core", "Folder of checkpoints as SAM-Body4D lays them out; empty: the program's own models folder."),
    QT_TRANSLATE_NOOP("core", "SAM 3 checkpoint"),
    QT_TRANSLATE_NOOP(
        "core", "Weights of SAM 3; empty: sam3/sam3.pt in the checkpoint folder, or the models folder."),
    QT_TRANSLATE_NOOP("core", "Batch size"),
    QT_TRANSLATE_NOOP(
        "core",
        "Frames per saved batch and crops per network call; more needs more memory, results are the same."),
    QT_TRANSLATE_NOOP("core", "Window of SAM-Body4D"),
    QT_TRANSLATE_NOOP(
        "core",
        "Frames that compat smooths together, knowing nothing of others; there it is the batch size."),
    QT_TRANSLATE_NOOP("core", "SAM 3D Body checkpoint"),
    QT_TRANSLATE_NOOP(
        "core", "Weights of SAM 3D Body; empty: sam-3d-body-dinov3/model.ckpt in the checkpoint folder."),
    QT_TRANSLATE_NOOP("core", "MHR body model"),
    QT_TRANSLATE_NOOP(
        "core", "The body model; empty: sam-3d-body-dinov3/assets/mhr_model.pt in the checkpoint folder."),
    QT_TRANSLATE_NOOP("core", "MHR level of detail"),
    QT_TRANSLATE_NOOP("core",
                      "lod1_to_lodK_mapping.npz of MHR's release: exports of its bodies have that level's mesh; empty: the first."),
    QT_TRANSLATE_NOOP("core", "Mesh of that level"),
    QT_TRANSLATE_NOOP("core", "The level's mesh as .ply, for its triangles."),
    QT_TRANSLATE_NOOP("core", "MoGe-2 checkpoint"),
    QT_TRANSLATE_NOOP("core",
                      "Weights of MoGe-2; empty: moge-2-vitl-normal/model.pt in the checkpoint folder."),
    QT_TRANSLATE_NOOP("core", "SAM 3D Body looks at"),
    QT_TRANSLATE_NOOP("core", "What sam3d_body looks at: bodies, or also every hand that is large enough, at "
                              "three times the work."),
    QT_TRANSLATE_NOOP("core", "Output folder"),
    QT_TRANSLATE_NOOP("core", "Where runs without -o put their results; empty: -o is needed."),
    QT_TRANSLATE_NOOP("core", "Device"),
    QT_TRANSLATE_NOOP("core", "Where networks on LibTorch run; auto: the first NVIDIA GPU, else the CPU. "
                              "blazepose always takes the CPU."),
    QT_TRANSLATE_NOOP("core", "Precision"),
    QT_TRANSLATE_NOOP("core", "Numbers of networks on a GPU: auto takes half precision where its authors do; "
                              "float32 is exact and slower."),
    QT_TRANSLATE_NOOP("core", "Memory budget"),
    QT_TRANSLATE_NOOP("core", "Memory that may be used; 0: what is free less a margin."),
    QT_TRANSLATE_NOOP("core", "Segmenter"),
    QT_TRANSLATE_NOOP("core", "Engine that turns clicks into masks."),
    QT_TRANSLATE_NOOP("core", "Completer"),
    QT_TRANSLATE_NOOP("core", "Engine that fills in hidden people."),
    QT_TRANSLATE_NOOP("core", "Camera"),
    QT_TRANSLATE_NOOP("core", "Engine that finds the field of view."),
    QT_TRANSLATE_NOOP("core", "Body"),
    QT_TRANSLATE_NOOP("core", "Engine that turns people into 3D bodies."),
    QT_TRANSLATE_NOOP("core", "Scene"),
    QT_TRANSLATE_NOOP(
        "core", "Network that turns the video into cameras and a point cloud of the place; none: no scene."),
    QT_TRANSLATE_NOOP("core", "Compatibility"),
    QT_TRANSLATE_NOOP("core",
                      "Decide as SAM-Body4D does, mistakes included: SAM 3 shares one memory among all "
                      "people, SAM 3D Body smooths in windows and takes shapes from first frames."),
    QT_TRANSLATE_NOOP("core", "Scene weights"),
    QT_TRANSLATE_NOOP(
        "core", "File or folder of own weights for the scene's engine; auto: those in the models folder."),
    QT_TRANSLATE_NOOP("core", "Resolution"),
    QT_TRANSLATE_NOOP(
        "core",
        "Longer side of the pictures that the scene's network sees; time and memory grow with its square."),
    QT_TRANSLATE_NOOP("core", "Pictures a second"),
    QT_TRANSLATE_NOOP("core", "How many frames of a second of video the scene is made of."),
    QT_TRANSLATE_NOOP("core", "Frames per pass"),
    QT_TRANSLATE_NOOP("core", "Frames that the network sees together; passes are aligned afterwards. 0: as "
                              "many as the memory holds."),
    QT_TRANSLATE_NOOP("core", "Points"),
    QT_TRANSLATE_NOOP("core", "Most points of the scene's cloud, spread over space."),
    QT_TRANSLATE_NOOP("core", "Without people"),
    QT_TRANSLATE_NOOP(
        "core", "Leaves the tracked people out of the scene's cloud: their bodies stand there instead."),
    QT_TRANSLATE_NOOP("core", "Hardware decoding"),
    QT_TRANSLATE_NOOP("core", "Try the machine's video decoder first."),
    QT_TRANSLATE_NOOP("core", "Sharpen masks"),
    QT_TRANSLATE_NOOP("core", "Mask edges follow the edges of the picture."),
    QT_TRANSLATE_NOOP("core", "Hands"),
    QT_TRANSLATE_NOOP("core", "Move the fingers where hands are large and clear enough."),
    QT_TRANSLATE_NOOP("core", "Field of view"),
    QT_TRANSLATE_NOOP("core", "Field of view of the picture's longer side."),
    QT_TRANSLATE_NOOP("core", "Detail of the field of view"),
    QT_TRANSLATE_NOOP("core", "Pieces that moge2 cuts a picture into; 1200 is three times faster."),
    QT_TRANSLATE_NOOP("core", "Bodies a second"),
    QT_TRANSLATE_NOOP("core", "How many frames of a second are made a body of; those between are "
                              "interpolated and count as not measured. 0: every frame."),
    QT_TRANSLATE_NOOP("core", "Fit to silhouette"),
    QT_TRANSLATE_NOOP("core", "Find the build from the masks."),
    QT_TRANSLATE_NOOP("core", "Fit iterations"),
    QT_TRANSLATE_NOOP("core", "Most steps of the body fit."),
    QT_TRANSLATE_NOOP("core", "Camera motion"),
    QT_TRANSLATE_NOOP("core", "Whether the camera moved; auto measures it from the background."),
    QT_TRANSLATE_NOOP("core", "Foot locking"),
    QT_TRANSLATE_NOOP("core", "Keep planted feet where they are."),
    QT_TRANSLATE_NOOP("core", "GLB mesh"),
    QT_TRANSLATE_NOOP("core", "Skeleton animation, or the exact mesh of every frame (large)."),
    QT_TRANSLATE_NOOP("core", "GLB influences"),
    QT_TRANSLATE_NOOP("core",
                      "Joints that move a vertex; every viewer reads 4, Blender and few others read 8."),
    QT_TRANSLATE_NOOP("core", "GLB end joints"),
    QT_TRANSLATE_NOOP("core", "An end joint after every last joint, so that tools draw it at its length."),
    QT_TRANSLATE_NOOP("core", "GLB ground"),
    QT_TRANSLATE_NOOP("core", "A grid of lines on the ground."),
    QT_TRANSLATE_NOOP("core", "GLB camera"),
    QT_TRANSLATE_NOOP("core", "The camera with its motion."),
    QT_TRANSLATE_NOOP("core", "Rig"),
    QT_TRANSLATE_NOOP("core", "Bone names in GLB and BVH."),
    QT_TRANSLATE_NOOP("core", "Axes"),
    QT_TRANSLATE_NOOP("core", "Axes of PLY and OBJ."),
    QT_TRANSLATE_NOOP("core", "Space"),
    QT_TRANSLATE_NOOP("core", "PLY and OBJ in the gravity-aligned world or in the camera."),
    QT_TRANSLATE_NOOP("core", "A file per person"),
    QT_TRANSLATE_NOOP("core", "One GLB for each person."),
    QT_TRANSLATE_NOOP("core", "Overlay bodies"),
    QT_TRANSLATE_NOOP("core", "Bodies over the overlay video."),
    QT_TRANSLATE_NOOP("core", "Overlay opacity"),
    QT_TRANSLATE_NOOP("core", "Of measured bodies in the overlay video; completed ones are fainter."),
    QT_TRANSLATE_NOOP("core", "Overlay masks"),
    QT_TRANSLATE_NOOP("core", "Masks with their outlines over the overlay video."),
    QT_TRANSLATE_NOOP("core", "Overlay skeleton"),
    QT_TRANSLATE_NOOP("core", "Bones over the overlay video."),
    QT_TRANSLATE_NOOP("core", "Overlay labels"),
    QT_TRANSLATE_NOOP("core", "Number and name above everybody in the overlay video."),
    QT_TRANSLATE_NOOP("core", "Video quality"),
    QT_TRANSLATE_NOOP("core", "Of the overlay video; lower is better."),
    QT_TRANSLATE_NOOP("core", "Sound"),
    QT_TRANSLATE_NOOP("core", "Keep the video's sound in the overlay video."),
    QT_TRANSLATE_NOOP("core", "Seed"),
    QT_TRANSLATE_NOOP("core", "Of engines that draw random numbers."),
    QT_TRANSLATE_NOOP("core", "Smoothing, root"),
    QT_TRANSLATE_NOOP("core", "Smoothing, torso"),
    QT_TRANSLATE_NOOP("core", "Smoothing, arms"),
    QT_TRANSLATE_NOOP("core", "Smoothing, legs"),
    QT_TRANSLATE_NOOP("core", "Smoothing, head"),
    QT_TRANSLATE_NOOP("core", "How strongly time smooths the root: 0 none, 1 usual, 4 strong."),
    QT_TRANSLATE_NOOP("core", "How strongly time smooths the torso: 0 none, 1 usual, 4 strong."),
    QT_TRANSLATE_NOOP("core", "How strongly time smooths the arms: 0 none, 1 usual, 4 strong."),
    QT_TRANSLATE_NOOP("core", "How strongly time smooths the legs: 0 none, 1 usual, 4 strong."),
    QT_TRANSLATE_NOOP("core", "How strongly time smooths the head: 0 none, 1 usual, 4 strong."),
    QT_TRANSLATE_NOOP("core", "frames"),
    QT_TRANSLATE_NOOP("core", "points"),
    // Kinds of files
    QT_TRANSLATE_NOOP("core", "GLB (animated skeleton)"),
    QT_TRANSLATE_NOOP("core", "Everybody with skeleton, skin and camera in one glTF 2.0 file, for Blender, "
                              "game engines and the web."),
    QT_TRANSLATE_NOOP("core", "PLY (mesh per frame)"),
    QT_TRANSLATE_NOOP("core", "The mesh of every person and frame with normals and colours."),
    QT_TRANSLATE_NOOP("core", "npz (parameters and joints)"),
    QT_TRANSLATE_NOOP("core", "Poses, joints, keypoints, shape and camera of every person as NumPy arrays."),
    QT_TRANSLATE_NOOP("core", "MP4 (overlay)"),
    QT_TRANSLATE_NOOP("core", "The video with the bodies drawn over it, with its sound."),
    QT_TRANSLATE_NOOP("core", "PNG (masks)"),
    QT_TRANSLATE_NOOP("core", "The mask of every person and frame at the video's size."),
    QT_TRANSLATE_NOOP("core", "COCO JSON"),
    QT_TRANSLATE_NOOP("core", "Masks as run lengths, boxes and body points in COCO's layout."),
    QT_TRANSLATE_NOOP("core", "OBJ (mesh per frame)"),
    QT_TRANSLATE_NOOP("core", "The mesh of every person and frame as text, with materials."),
    QT_TRANSLATE_NOOP("core", "BVH (motion)"),
    QT_TRANSLATE_NOOP("core", "The moving skeleton of every person, in centimetres."),
    QT_TRANSLATE_NOOP("core", "CSV (joints and metrics)"),
    QT_TRANSLATE_NOOP("core", "Joint positions of every frame and quality figures as tables."),
    // Engines: names, licences, sources
    QT_TRANSLATE_NOOP("core", "BlazePose tracker with masks (OpenVINO, CPU)"),
    QT_TRANSLATE_NOOP("core", "BlazePose tracker with masks (LibTorch, NVIDIA GPU or CPU)"),
    QT_TRANSLATE_NOOP("core", "Hand landmarks (OpenVINO, CPU)"),
    QT_TRANSLATE_NOOP("core", "Anny parametric body"),
    QT_TRANSLATE_NOOP("core", "Motion prior and silhouettes"),
    QT_TRANSLATE_NOOP("core", "SAM 3 tracker"),
    QT_TRANSLATE_NOOP("core", "EdgeTAM, a light tracker of masks"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 small"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 base"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 large"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 giant"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 metric, one picture at a time"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 mono, one picture at a time"),
    QT_TRANSLATE_NOOP("core", "Depth Anything 3 nested, in metres"),
    QT_TRANSLATE_NOOP("core", "Apache-2.0; mesh CC0-1.0"),
    QT_TRANSLATE_NOOP("core", "SAM License"),
    QT_TRANSLATE_NOOP("core", "see its model card"),
    QT_TRANSLATE_NOOP("core", "non-commercial; VGGT-1B-Commercial permits commercial use"),
    QT_TRANSLATE_NOOP("core", "built in"),
    QT_TRANSLATE_NOOP("core", "PyPI package %1"),
    // What to do for an engine that is missing
    QT_TRANSLATE_NOOP(
        "core", "It needs LibTorch: run packaging/setup.sh --torch on, or install the package body4d-torch."),
    QT_TRANSLATE_NOOP("core",
                      "Put %1 into %2, or run packaging/setup.sh, which takes it out of the package."),
    QT_TRANSLATE_NOOP("core", "Put %1 in place with body4d models add FILE."),
    QT_TRANSLATE_NOOP("core",
                      "Put %1 in place with body4d models add FILE, or fetch it with body4d models get %2."),
    QT_TRANSLATE_NOOP("core", "This version of the program has no engine for it yet."),
    // Phases and hints of a run
    QT_TRANSLATE_NOOP("core", "Looking for people"),
    QT_TRANSLATE_NOOP("core", "Checking the files"),
    QT_TRANSLATE_NOOP("core", "Looking for hidden frames"),
    QT_TRANSLATE_NOOP("core", "filling in what is hidden"),
    QT_TRANSLATE_NOOP("core", "Finding the ground"),
    QT_TRANSLATE_NOOP("core", "Fitting bodies"),
    QT_TRANSLATE_NOOP("core", "Tracking"),
    QT_TRANSLATE_NOOP("core", "Loading the scene's network"),
    QT_TRANSLATE_NOOP("core", "waiting for the server"),
    QT_TRANSLATE_NOOP("core", "random weights"),
    QT_TRANSLATE_NOOP("core", "%1 was not found in any frame."),
    QT_TRANSLATE_NOOP("core", "Saved tracks of this project are damaged. They are tracked again."),
    QT_TRANSLATE_NOOP("core", "The camera seems to travel, not only to turn. Its travel is not measured: "
                              "people's paths in the world contain it."),
    QT_TRANSLATE_NOOP("core", "frames %1 to %2 of %3"),
    QT_TRANSLATE_NOOP("core", "This clip needs none."),
    QT_TRANSLATE_NOOP("core", "%1 frame is hidden and can be filled in."),
    QT_TRANSLATE_NOOP("core", "%1 frames are hidden and can be filled in."),
    QT_TRANSLATE_NOOP("core", "%1 frame is hidden, %2 filled in."),
    QT_TRANSLATE_NOOP("core", "%1 frames are hidden, %2 filled in."),
    QT_TRANSLATE_NOOP("core", "1 person was found."),
    QT_TRANSLATE_NOOP("core", "%1 people were found."),
    QT_TRANSLATE_NOOP("core", "Click the person, or draw a box around them."),
    QT_TRANSLATE_NOOP("core", "%1 finds nothing at this place."),
    QT_TRANSLATE_NOOP("core", "The click lies outside the picture."),
    QT_TRANSLATE_NOOP("core", "There is no click on a person on this frame."),
    QT_TRANSLATE_NOOP("core", "%1: Nothing hides this person: the clip needs no completion."),
    QT_TRANSLATE_NOOP("core", "%1: This person was never seen well enough to fill anything in."),
    QT_TRANSLATE_NOOP("core", "%1: Hidden in %2 of %3 frames (%4 stretch), all of them filled in."),
    QT_TRANSLATE_NOOP("core", "%1: Hidden in %2 of %3 frames (%4 stretches), all of them filled in."),
    QT_TRANSLATE_NOOP("core", "%1: Hidden in %2 of %3 frames (%4 stretch), %5 of them filled in."),
    QT_TRANSLATE_NOOP("core", "%1: Hidden in %2 of %3 frames (%4 stretches), %5 of them filled in."),
    QT_TRANSLATE_NOOP("core", "Internal error: this should not have happened."),
    QT_TRANSLATE_NOOP("core", "Your work is saved; try again, and send the details if it comes back."),
    // What models beside the bodies are
    QT_TRANSLATE_NOOP("core", "PLY point cloud"),
    QT_TRANSLATE_NOOP("core", "PLY mesh"),
    QT_TRANSLATE_NOOP("core", "OBJ points"),
    QT_TRANSLATE_NOOP("core", "OBJ mesh"),
    QT_TRANSLATE_NOOP("core", "GLB mesh"),
    QT_TRANSLATE_NOOP("core", "GLB point cloud"),
    QT_TRANSLATE_NOOP("core", "SAM 3D Body result"),
    QT_TRANSLATE_NOOP("core", "depth maps with cameras"),
    QT_TRANSLATE_NOOP("core", "npz point cloud"),
    QT_TRANSLATE_NOOP("core", "point maps"),
    QT_TRANSLATE_NOOP("core", "meshes by frame"),
    QT_TRANSLATE_NOOP("core", "COLMAP model"),
    QT_TRANSLATE_NOOP("core", "turned upright by its cameras"),
    QT_TRANSLATE_NOOP("core", "lifted onto the floor"),
    QT_TRANSLATE_NOOP("core", "turned upright by its cameras, lifted onto the floor"),
    // What is wrong with a file that was written
    QT_TRANSLATE_NOOP("core", "It has no PLY header."),
    QT_TRANSLATE_NOOP("core", "Its length is not that of its vertices and faces."),
    QT_TRANSLATE_NOOP("core", "A face names a vertex that is not there."),
    QT_TRANSLATE_NOOP("core", "A file says that it is of a frame that was not exported."),
    QT_TRANSLATE_NOOP("core", "A mesh has not as many vertices and faces as the body."),
    QT_TRANSLATE_NOOP("core", "It has not one row for each exported frame."),
    QT_TRANSLATE_NOOP("core", "A row of the motion is not whole."),
    QT_TRANSLATE_NOOP("core", "It has not one row for each frame with a body."),
    QT_TRANSLATE_NOOP("core", "A box reaches beyond the picture."),
    QT_TRANSLATE_NOOP("core", "A mask has not the size of the video."),
    QT_TRANSLATE_NOOP("core", "It has not as many pictures as frames were exported."),
    QT_TRANSLATE_NOOP("core", "The file is cut off."),
    QT_TRANSLATE_NOOP("core", "It is no binary glTF 2.0."),
    QT_TRANSLATE_NOOP("core", "The length in the header is not the file's."),
    QT_TRANSLATE_NOOP("core", "A channel of the animation has no keys."),
    QT_TRANSLATE_NOOP("core", "Key times of the animation do not rise."),
    QT_TRANSLATE_NOOP("core", "There is a number that is none (NaN or infinite)."),
    QT_TRANSLATE_NOOP("core", "Skin weights do not sum to 1."),
    QT_TRANSLATE_NOOP("core", "The mesh has not as many vertices as the body."),
    QT_TRANSLATE_NOOP("core", "The clip is not as long as the exported frames."),
    QT_TRANSLATE_NOOP("core", "There is no animation."),
    // Frequent errors, of the window's own code too
    QT_TRANSLATE_NOOP("core", "%1 is damaged."),
    QT_TRANSLATE_NOOP("core", "Run or import it again."),
    QT_TRANSLATE_NOOP("core", "Delete it and run again."),
    QT_TRANSLATE_NOOP("core", "Cannot write %1: %2."),
    QT_TRANSLATE_NOOP("core", "Cannot read %1: %2."),
    QT_TRANSLATE_NOOP("core", "Check the path and its permissions."),
    QT_TRANSLATE_NOOP("core", "Check the path."),
    QT_TRANSLATE_NOOP("core", "Check its permissions."),
    QT_TRANSLATE_NOOP("core", "Check the path and the spelling."),
    QT_TRANSLATE_NOOP("core", "Not enough memory, even for one frame at a time."),
    QT_TRANSLATE_NOOP("core",
                      "Close other programs, raise the memory budget, or use a video of lower resolution."),
    QT_TRANSLATE_NOOP("core", "Nobody was found in this video."),
    QT_TRANSLATE_NOOP("core", "Click a person yourself: --click FRAME:X,Y, or a click in the window."),
    QT_TRANSLATE_NOOP("core", "None of the selected people was found in the video."),
    QT_TRANSLATE_NOOP("core", "Click the middle of a person who is clearly visible."),
    QT_TRANSLATE_NOOP("core",
                      "Nobody was found where this target was clicked. Click the middle of the person."),
    QT_TRANSLATE_NOOP("core", "The project has no bodies to export yet."),
    QT_TRANSLATE_NOOP("core", "Cannot write to the project: %1."),
    QT_TRANSLATE_NOOP("core",
                      "Copy the project folder to a place where you may write, or open it read-only."),
    QT_TRANSLATE_NOOP("core", "The project is open in another window or job."),
    QT_TRANSLATE_NOOP("core", "Wait until that one is done or close it, or open the project read-only."),
    QT_TRANSLATE_NOOP("core", "%1 already holds a project."),
    QT_TRANSLATE_NOOP("core", "Open that project, or choose another name or folder."),
    QT_TRANSLATE_NOOP("core", "%1 exists and is no project."),
    QT_TRANSLATE_NOOP("core", "Choose another name or folder."),
    QT_TRANSLATE_NOOP("core", "Cannot create %1: %2."),
    QT_TRANSLATE_NOOP("core",
                      "Check that the folder above exists and may be written to, or choose another one."),
    QT_TRANSLATE_NOOP("core", "There is no project %1."),
    QT_TRANSLATE_NOOP("core", "Check the path; a project is a folder that ends in .body4d."),
    QT_TRANSLATE_NOOP("core", "%1 is no project: it has no project.yaml."),
    QT_TRANSLATE_NOOP("core", "Choose a folder that ends in .body4d, or create a project from a video."),
    QT_TRANSLATE_NOOP("core", "The project is open for reading only."),
    QT_TRANSLATE_NOOP("core", "Close the program that writes it, then open it again."),
    QT_TRANSLATE_NOOP("core", "The weights of %1 are not here."),
    QT_TRANSLATE_NOOP("core", "There is no file or folder '%1'."),
    QT_TRANSLATE_NOOP("core", "The file '%1' is empty."),
    QT_TRANSLATE_NOOP("core", "Copy or download it again."),
    QT_TRANSLATE_NOOP("core", "The file '%1' cannot be read."),
    QT_TRANSLATE_NOOP("core", "The video %1 is cut off: its table of contents (moov) is missing."),
    QT_TRANSLATE_NOOP("core", "Copy or record it again, or restore it with a repair tool such as untrunc."),
    QT_TRANSLATE_NOOP("core", "The file %1 is text, not a video or an image."),
    QT_TRANSLATE_NOOP("core", "Choose a video file, an image, or a folder of images."),
    QT_TRANSLATE_NOOP("core", "The file %1 is damaged or of a kind that FFmpeg cannot read."),
    QT_TRANSLATE_NOOP(
        "core", "Play it in another program to see whether it is whole, or convert it: ffmpeg -i IN OUT.mp4"),
    QT_TRANSLATE_NOOP("core", "No frame of the video %1 can be decoded."),
    QT_TRANSLATE_NOOP("core", "The file is damaged: copy or download it again."),
    QT_TRANSLATE_NOOP("core", "Frame %1 of the video %2 cannot be decoded."),
    QT_TRANSLATE_NOOP("core", "Leave the damaged part out with a frame range, or copy the file again."),
    QT_TRANSLATE_NOOP("core", "The image '%1' has no pixels that can be read."),
    QT_TRANSLATE_NOOP("core",
                      "The file is damaged or empty: choose another one, or save it again as PNG or JPEG."),
    QT_TRANSLATE_NOOP("core", "The folder '%1' cannot be read."),
    QT_TRANSLATE_NOOP("core", "The folder '%1' holds no images."),
    QT_TRANSLATE_NOOP("core", "Choose a folder with PNG or JPEG files, or a video file."),
    QT_TRANSLATE_NOOP("core", "The file '%1' holds sound but no picture."),
    QT_TRANSLATE_NOOP("core", "Choose a file with a video track."),
    QT_TRANSLATE_NOOP("core", "The disk is full: the video %1 cannot be written."),
    QT_TRANSLATE_NOOP("core", "Free some space or choose another folder."),
    QT_TRANSLATE_NOOP("core", "The video %1 cannot be written into this folder."),
    QT_TRANSLATE_NOOP("core", "Choose a folder that you may write to."),
    QT_TRANSLATE_NOOP("core", "The video %1 cannot be written."),
    QT_TRANSLATE_NOOP("core", "See the details."),
    QT_TRANSLATE_NOOP("core", "%1 is another video than the one of this project."),
    QT_TRANSLATE_NOOP(
        "core",
        "Choose the file that the project was made with; its name may have changed, its content not."),
    QT_TRANSLATE_NOOP("core", "The folder %1 already exists and is not empty."),
    QT_TRANSLATE_NOOP("core", "Choose another name."),
    QT_TRANSLATE_NOOP("core", "The project could not be saved at %1."),
    QT_TRANSLATE_NOOP("core", "Choose a folder that you may write to, with enough free space."),
    QT_TRANSLATE_NOOP("core", "%1 is not a picture."),
    QT_TRANSLATE_NOOP("core", "Remove it from the folder or replace it."),
    QT_TRANSLATE_NOOP("core", "No masks were found in %1."),
    QT_TRANSLATE_NOOP(
        "core",
        "Choose a folder of PNG files named by frame number, a folder of such folders, or a COCO file."),
    QT_TRANSLATE_NOOP("core", "%1 is no project."),
    QT_TRANSLATE_NOOP("core", "Choose a folder that ends in .body4d."),
    QT_TRANSLATE_NOOP("core", "%1 is about another video."),
    QT_TRANSLATE_NOOP("core", "Choose a project of %1."),
    QT_TRANSLATE_NOOP("core", "%1 has no bodies of these people."),
    QT_TRANSLATE_NOOP("core", "Run it first, and give the people the same names."),
    QT_TRANSLATE_NOOP("core", "%1 cannot be shown: its description or its data is damaged."),
    QT_TRANSLATE_NOOP("core", "Write the file again, or take another one."),
    QT_TRANSLATE_NOOP("core", "%1 is not a sound checkpoint: %2."),
    QT_TRANSLATE_NOOP("core", "Get the official file again; body4d models names its source."),
};

/// A sentence of the table that has names or numbers in it.
struct Pattern {
    const char* source;
    QRegularExpression form;
    qsizetype letters; ///< that are fixed: of two forms that fit, the one that says more is meant
};

QRegularExpression formOf(const QString& source) {
    static const QRegularExpression place(QStringLiteral("%\\d"));
    QStringList fixed;
    for (const auto& piece : source.split(place)) {
        fixed << QRegularExpression::escape(piece);
    }
    return QRegularExpression(QStringLiteral("\\A%1\\z").arg(fixed.join(QStringLiteral("(.+?)"))),
                              QRegularExpression::DotMatchesEverythingOption);
}

const std::vector<Pattern>& patterns() {
    static const auto all = [] {
        std::vector<Pattern> found;
        for (const auto* text : kTexts) {
            const QString source = QString::fromUtf8(text);
            if (source.contains(QLatin1Char('%'))) {
                found.push_back({text, formOf(source), source.size()});
            }
        }
        std::stable_sort(found.begin(), found.end(),
                         [](const Pattern& a, const Pattern& b) { return a.letters > b.letters; });
        return found;
    }();
    return all;
}

/// All places at once: what is put in may itself hold a percent sign.
QString filled(const QString& text, const QStringList& values) {
    QString out;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const int at = text[i] == QLatin1Char('%') && i + 1 < text.size() ? text[i + 1].digitValue() : -1;
        if (at >= 1 && at <= values.size()) {
            out += values[at - 1];
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace

QString coreText(const std::string& text) {
    if (text.empty()) {
        return {};
    }
    const QString whole = QCoreApplication::translate(kContext, text.c_str());
    const QString source = QString::fromStdString(text);
    if (whole != source) {
        return whole;
    }
    for (const auto& pattern : patterns()) {
        const QString words = QCoreApplication::translate(kContext, pattern.source);
        if (words == QLatin1String(pattern.source)) {
            continue; // English
        }
        if (const auto match = pattern.form.match(source); match.hasMatch()) {
            return filled(words, match.capturedTexts().mid(1));
        }
    }
    return source;
}

QString personName(const std::string& name) {
    static const QRegularExpression given(QStringLiteral("\\APerson (\\d+)\\z"));
    const auto match = given.match(QString::fromStdString(name));
    return match.hasMatch() ? QCoreApplication::translate("core", "Person %1").arg(match.captured(1))
                            : QString::fromStdString(name);
}

QString withinSentence(const QString& label) {
    if (QLocale().language() == QLocale::German || label.size() < 2 || label[1].isUpper()) {
        return label; // nouns keep their capitals there, "GLB" everywhere
    }
    return label.front().toLower() + label.sliced(1);
}

std::span<const char* const> coreTexts() {
    return kTexts;
}

} // namespace body4d::ui

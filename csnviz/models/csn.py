"""CSN, the Calibrating Siamese Network: one network looks at a person's neutral face and at the image, and reads the difference.

Signs, as in the authors' code: features are subtracted as reference - image, outputs as image - reference. Merging before `fc`
and at `output` are the same functions up to sign and bias (arXiv 2409.00240, section 4.3.3, finds their scores alike).

Which statistics BatchNorm uses. In eval mode: the stored ones, so a face encoded once equals the same face encoded again in any
batch, and a face against itself gives decode(0), the same outputs for everybody (0 at "output"; elsewhere not 0, because
biases and stored means follow the merge). In train mode: `forward` runs two passes, references first, images second, as
the authors do. Stages before the merge normalise each pass by its own batch and move their stored statistics twice a step;
stages after it see differences only, once a step. This class knows no other way. What a training uses is one named setting,
csnviz.training.steps.BatchNorm: `two_passes` is this one, shares references without leaving it, and is the default everywhere,
because the published networks were trained so; `frozen` keeps the stored statistics, for fine-tuning with batches too small to
have statistics; `one_pass` normalises references and images together, which is another method (its outputs differ by up to
0.4 of their size) and is there to be compared.
"""

from jaxtyping import Float
from torch import Tensor, nn

from csnviz.models.stages import StagedNetwork, begin, decode, encode, finish, stages_before


class CSN(nn.Module):
    """decode(encode(reference) - encode(image)) over any staged network; the paper's main variant merges before stage 4.

    InputError when the network has no stage `merge_before`.
    """

    def __init__(self, stages: StagedNetwork, merge_before: str = "stage4") -> None:
        super().__init__()
        stages_before(stages, merge_before)  # an unknown stage is refused here, not at the first face
        self.stages = stages
        self.merge_before = merge_before

    def forward(self, reference: Float[Tensor, "B *face"], image: Float[Tensor, "B *face"]) -> Float[Tensor, "B M"]:
        """The outputs for each image beside its own reference; both (B, 3, 112, 112) RGB in [0, 1]."""
        reference_features = self.encode(reference)
        return self.decode(self.difference(reference_features, self.encode(image)))

    def encode(self, images: Float[Tensor, "B *face"]) -> Float[Tensor, "B *features"]:
        """What the network says about each face before the merge, whether it serves as image or as reference."""
        return encode(self.stages, images, self.merge_before)

    def difference(
        self, reference_features: Float[Tensor, "R *features"], image_features: Float[Tensor, "B *features"]
    ) -> Float[Tensor, "B *features"]:
        """The one thing passed on, with the authors' sign; one reference (R = 1) may serve all images."""
        if self.merge_before == "output":
            return image_features - reference_features
        return reference_features - image_features

    def decode(self, difference: Float[Tensor, "B *features"]) -> Float[Tensor, "B M"]:
        """The outputs from such differences, shape (B, outputs)."""
        return decode(self.stages, difference, self.merge_before)

    def begin(self, features: Float[Tensor, "B *features"]) -> tuple[Tensor, ...]:
        """How `decode` begins with each face's features, or with nothing but zeros; affine in eval mode."""
        return begin(self.stages, features, self.merge_before)

    def decode_begun(
        self, reference: tuple[Tensor, ...], image: tuple[Tensor, ...], nothing: tuple[Tensor, ...]
    ) -> Float[Tensor, "B M"]:
        """decode(difference(r, x)) in eval mode, from what `begin` gave for r, for x and for features that are all 0.

        a(r - x) = a(r) - a(x) + a(0), and the other way round at "output". One reference (R = 1) may serve all images.
        """
        # Subtracted before a(0) is added: a face against itself then is a(0) to the last bit, for everybody.
        parts = zip(reference, image, nothing, strict=True)
        differences = tuple(self.difference(theirs, seen) + zero for theirs, seen, zero in parts)
        return finish(self.stages, differences, self.merge_before)

import pytest
import torch

from csnviz.training.augment import independent_draws, mirrored_together, random_crops


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def slope() -> torch.Tensor:
    """A face whose red grows to the right and whose green grows downwards, both by 1 over the picture."""
    steps = (torch.arange(112) + 0.5) / 112
    return torch.stack([steps.expand(112, 112), steps[:, None].expand(112, 112), torch.full((112, 112), 0.5)])


def test_a_crop_keeps_nine_tenths_to_all_of_the_picture_at_nearly_its_aspect_and_stays_inside():
    crops = random_crops(slope().expand(500, 3, 112, 112), torch.zeros(500, dtype=torch.bool), generator())
    width = (crops[:, 0, 56, 110] - crops[:, 0, 56, 1]) * 112 / 109
    height = (crops[:, 1, 110, 56] - crops[:, 1, 1, 56]) * 112 / 109
    assert 0.899 < float((width * height).min()) < 0.91
    assert 0.99 < float((width * height).max()) < 1.001
    assert 0.949 < float((width / height).min()) < 0.96
    assert 1.04 < float((width / height).max()) < 1.0535
    assert float(crops[:, :2].min()) >= 0.5 / 112 - 1e-6
    assert float(crops[:, :2].max()) <= 111.5 / 112 + 1e-6


def test_a_mirrored_crop_runs_the_other_way():
    crops = random_crops(slope().expand(2, 3, 112, 112), torch.tensor([False, True]), generator())
    assert crops[0, 0, 56, 100] > crops[0, 0, 56, 10]
    assert crops[1, 0, 56, 100] < crops[1, 0, 56, 10]
    assert crops[1, 1, 100, 56] > crops[1, 1, 10, 56]


def is_mirrored(faces: torch.Tensor) -> list[bool]:
    return [bool(face[0, 56, 100] < face[0, 56, 10]) for face in faces]


def test_mirrored_together_turns_a_reference_with_its_three_images_and_crops_each_its_own_way():
    references, images = slope().expand(40, 3, 112, 112), slope().expand(120, 3, 112, 112)
    first, second = mirrored_together(references, images, generator())
    turned = is_mirrored(first)
    assert is_mirrored(second) == [turn for turn in turned for _ in range(3)]
    assert 8 < sum(turned) < 32
    assert len({float(face[2].mean()) for face in second}) == 120, "brightness is each face's own"
    assert float(second[:, 2].min()) >= 0.45
    assert float(second[:, 2].max()) <= 0.55


def test_independent_draws_turn_reference_and_image_independently():
    faces = slope().expand(200, 3, 112, 112)
    first, second = (is_mirrored(faces) for faces in independent_draws(faces, faces, generator()))
    agreeing = sum(one == other for one, other in zip(first, second, strict=True))
    assert 70 < agreeing < 130


@pytest.mark.parametrize("augment", [independent_draws, mirrored_together])
def test_the_same_seed_changes_faces_the_same_way(augment):
    faces = torch.rand(3, 3, 112, 112, generator=generator(9))
    one, again, other = (augment(faces, faces, generator(seed))[1] for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)

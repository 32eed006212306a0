import numpy as np

from csnviz.models.images import images_of


def test_a_crop_becomes_an_image_of_red_green_and_blue_planes_between_0_and_1():
    crops = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    crops[1, 2, 3] = (255, 51, 0)
    images = images_of(crops)
    assert images.shape == (2, 3, 4, 4)
    assert images[1, :, 2, 3].tolist() == [1.0, float(np.float32(0.2)), 0.0]
    assert images[0].max() == 0

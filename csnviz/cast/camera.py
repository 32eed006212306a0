"""The camera: exposure, white balance, a little blur, sensor noise and JPEG. It sees light, and knows no face."""

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageFilter


@dataclass(frozen=True)
class Camera:
    """How the picture is taken. exposure multiplies light; white_balance shifts red against blue (0 neutral); blur is
    the radius in pixels; noise the standard deviation in 8-bit steps at mid grey; jpeg_quality as in libjpeg."""

    exposure: float = 1.0
    white_balance: float = 0.0
    blur: float = 0.4
    noise: float = 1.5
    jpeg_quality: int = 92


def photograph(
    light: Float[np.ndarray, "S S 3"], camera: Camera, rng: np.random.Generator
) -> UInt8[np.ndarray, "S S 3"]:
    """RGB 8-bit picture of linear light; the same rng state and camera give the same noise, whatever is in view."""
    # Channel by channel, as light comes: NumPy is slow at rows of three numbers.
    gains = camera.exposure * np.array((1.0 + camera.white_balance, 1.0, 1.0 - camera.white_balance), np.float32)
    exposed = np.maximum(1.12 * light.transpose(2, 0, 1) * gains[:, None, None], 0.0)
    film = exposed * (1.0 + 0.12 * exposed) / (1.0 + 0.42 * exposed)  # a soft shoulder keeps pale skin from burning out
    values = np.clip(255.0 * film ** np.float32(1.0 / 2.2), 0.0, 255.0).astype(np.uint8)
    image = Image.merge("RGB", [Image.fromarray(channel) for channel in values])
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(camera.blur)))
    grey = 0.8 * rng.standard_normal(soft.shape[:2], np.float32)
    noise = 0.6 * rng.standard_normal(soft.shape, np.float32)
    for channel in range(3):
        noise[..., channel] += grey
    noisy = np.clip(soft + camera.noise * noise + 0.5, 0.0, 255.0).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noisy).save(stream, "JPEG", quality=camera.jpeg_quality, subsampling=0)
    return np.asarray(Image.open(io.BytesIO(stream.getvalue())).convert("RGB"))

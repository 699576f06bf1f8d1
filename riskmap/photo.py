"""A photo of a hazard, as it is kept."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from riskmap.errors import RiskmapError

BYTES, PIXELS, SIDE = 20_000_000, 80_000_000, 1600
"""Largest file and picture that is taken, and the longer side of what is kept."""


def picture(photo: bytes) -> bytes:
    """Make a photo smaller; where it was taken, and by which camera, stays behind."""
    if len(photo) > BYTES:
        raise RiskmapError(f"photo: larger than {BYTES / 1e6:.0f} MB")
    try:
        with Image.open(BytesIO(photo), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > PIXELS:
                raise RiskmapError(f"photo: more than {PIXELS / 1e6:.0f} million pixels")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError as fault:
        raise RiskmapError(f"photo: more than {PIXELS / 1e6:.0f} million pixels") from fault
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as fault:
        raise RiskmapError("photo: no JPEG, PNG or WebP picture, or damaged") from fault
    upright.thumbnail((SIDE, SIDE))
    upright.info.clear()  # comments would be written too
    kept = BytesIO()
    upright.save(kept, "JPEG", quality=85)
    return kept.getvalue()

"""A canvas as a file."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from canvases.errors import CannotDraw, UnknownExportFormat
from canvases.models import Canvas, CanvasObject
from canvases.rendering import pixels
from canvases.rendering.strokes import detail_of
from canvases.rendering.svg import svg_of
from canvases.written import markdown_of, mermaid_of

# Larger pictures take memory that nobody needs: four bytes for each pixel.
_LONGEST_SIDE: Final = 6_000
_THUMBNAIL_SIDE: Final = 480
_THUMBNAIL_ELEMENTS: Final = 400
_THUMBNAIL_DETAIL: Final = 200_000
_SECONDS_FOR_PIXELS: Final = 20
# At most four bytes each, and systems take 255 together.
_LONGEST_NAME: Final = 60
_NOT_IN_NAMES: Final = frozenset('<>:"/\\|?*')
_SIZE: Final = re.compile(rb'<svg [^>]*width="([\d.e+]+)" height="([\d.e+]+)"')

Elements = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A finished file, and what it is called: by those who receive it, and where titles must not meet."""

    content: bytes
    content_type: str
    extension: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Format:
    """How one kind of file is made of a canvas's title and its live elements, bottom to top."""

    content_type: str
    extension: str
    build: Callable[[str, Elements], bytes]


def _excalidraw(title: str, elements: Elements) -> bytes:
    """A complete `.excalidraw` document, file version 2; the title is the file's name and not in it."""
    document = {
        "type": "excalidraw",
        "version": 2,
        "source": "CollabCanvas",
        "elements": elements,
        "appState": {
            "gridSize": 20,
            "gridStep": 5,
            "gridModeEnabled": False,
            "viewBackgroundColor": "#ffffff",
        },
        "files": {},
    }
    return json.dumps(document, ensure_ascii=False).encode()


def png_of(svg: bytes, *, longest_side: float, zoom: float = 2.0) -> bytes:
    """The picture in pixels, `zoom` for each unit unless its longer side would exceed `longest_side`.

    Made by a process of its own, which is ended when it takes too long: then, as for what is no picture, `CannotDraw`.
    """
    size = _SIZE.search(svg)
    assert size is not None  # `svg_of` writes it
    factor = min(zoom, longest_side / max(float(size[1]), float(size[2])))
    try:
        drawn = subprocess.run(
            [sys.executable, "-I", pixels.__file__, str(factor)],
            input=svg,
            capture_output=True,
            check=True,
            timeout=_SECONDS_FOR_PIXELS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise CannotDraw from error
    return drawn.stdout


def _png(title: str, elements: Elements) -> bytes:
    return png_of(svg_of(title, elements), longest_side=_LONGEST_SIDE)


FORMATS: Final[Mapping[str, Format]] = {
    "excalidraw": Format(
        content_type="application/vnd.excalidraw+json", extension="excalidraw", build=_excalidraw
    ),
    "svg": Format(content_type="image/svg+xml", extension="svg", build=svg_of),
    "png": Format(content_type="image/png", extension="png", build=_png),
    "mermaid": Format(content_type="text/vnd.mermaid; charset=utf-8", extension="mmd", build=mermaid_of),
    "markdown": Format(content_type="text/markdown; charset=utf-8", extension="md", build=markdown_of),
}


def export_canvas(canvas: Canvas, file_format: str) -> ExportedFile:
    """The canvas as a file of one of `FORMATS`; the caller has checked that it may be seen.

    Raises `UnknownExportFormat`, which names what there is.
    """
    wanted = FORMATS.get(file_format)
    if wanted is None:
        available = ", ".join(f"format={name}" for name in FORMATS)
        raise UnknownExportFormat(f"That format is not available. Use {available}.")
    return ExportedFile(
        content=wanted.build(canvas.title, live_elements(canvas)),
        content_type=wanted.content_type,
        extension=wanted.extension,
        name=f"{_file_name(canvas.title)}.{wanted.extension}",
    )


def _file_name(title: str) -> str:
    """The title without what some file systems do not take: their separators, signs that nobody sees, a dot first."""
    words = "".join(
        " " if letter in _NOT_IN_NAMES or not letter.isprintable() else letter for letter in title
    )
    return " ".join(words.split())[:_LONGEST_NAME].strip(" .") or "canvas"


def thumbnail_of(canvas: Canvas, *, longest_side: int = _THUMBNAIL_SIDE) -> bytes:
    """A small PNG of the canvas for lists and mails; of a very full one, what lies at the bottom."""
    elements, detail = [], 0
    for element in _live_properties(canvas)[:_THUMBNAIL_ELEMENTS]:
        detail += detail_of(element)
        if detail > _THUMBNAIL_DETAIL:
            break
        elements.append(element)
    return png_of(svg_of(canvas.title, elements), longest_side=longest_side)


def live_elements(canvas: Canvas) -> list[dict[str, Any]]:
    """What is on the canvas, bottom to top."""
    return list(_live_properties(canvas))


def _live_properties(canvas: Canvas) -> "QuerySet[CanvasObject, dict[str, Any]]":
    live = CanvasObject.objects.filter(canvas=canvas).live().bottom_to_top()
    return live.values_list("properties", flat=True)

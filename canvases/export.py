"""A canvas as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from canvases.errors import UnknownExportFormat
from canvases.models import Canvas, CanvasObject

Elements = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A finished file and what it is called by those who receive it."""

    content: bytes
    content_type: str
    extension: str


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


FORMATS: Final[Mapping[str, Format]] = {
    "excalidraw": Format(
        content_type="application/vnd.excalidraw+json", extension="excalidraw", build=_excalidraw
    ),
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
    )


def live_elements(canvas: Canvas) -> list[dict[str, Any]]:
    """What is on the canvas, bottom to top."""
    live = CanvasObject.objects.filter(canvas=canvas, is_deleted=False)
    # Fractional indexes order as plain text; where two are equal, the id decides, as in the browser.
    rows = sorted(
        live.values_list("index", "object_id", "properties"), key=lambda row: (row[0] or "", row[1])
    )
    return [properties for _, _, properties in rows]

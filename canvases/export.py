"""A canvas as a file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from canvases.errors import UnknownExportFormat
from canvases.events import ObjectRow

EXCALIDRAW_TYPE = "application/vnd.excalidraw+json"


def excalidraw_file(rows: Sequence[ObjectRow]) -> dict[str, Any]:
    """A complete `.excalidraw` document (file version 2) of the live objects, bottom to top."""
    live = [row for row in rows if not row["is_deleted"]]
    # Fractional indexes order as plain text; where two are equal, the id decides, as in the browser.
    live.sort(key=lambda row: (row["index"] or "", row["id"]))
    return {
        "type": "excalidraw",
        "version": 2,
        "source": "CollabCanvas",
        "elements": [row["properties"] for row in live],
        "appState": {
            "gridSize": 20,
            "gridStep": 5,
            "gridModeEnabled": False,
            "viewBackgroundColor": "#ffffff",
        },
        "files": {},
    }


EXPORTS: Mapping[str, Callable[[Sequence[ObjectRow]], dict[str, Any]]] = {"excalidraw": excalidraw_file}


def export(rows: Sequence[ObjectRow], *, file_format: str) -> dict[str, Any]:
    """The file of these objects; raises `UnknownExportFormat`, which names what there is."""
    build = EXPORTS.get(file_format)
    if build is None:
        available = ", ".join(f"format={name}" for name in EXPORTS)
        raise UnknownExportFormat(f"That format is not available. Use {available}.")
    return build(rows)

"""A canvas as one file that any CollabCanvas can read back: format, checksum, reading and writing; see docs/backup.md.

The file is JSON, packed with gzip: `{"format", "version", "made_by", "checksum", "canvas"}`. The checksum is that of
`canvas`, written in one way only, so equal canvases have equal checksums.
"""

import gzip
import hashlib
import json
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any, Literal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from canvases.elements.validate import InvalidElement, ParsedElement, parse_element
from canvases.errors import BrokenCanvasFile, CanvasNotFound, UnknownFileVersion
from canvases.models import MAX_TITLE_LENGTH, Canvas, CanvasObject

FORMAT = "collabcanvas-canvas"
VERSION = 1
SUFFIX = ".canvas.json.gz"
# A file that grows beyond this when it is unpacked is no canvas; a full one is far below.
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
_MAX_BIGINT = 2**63 - 1
_GZIP_MAGIC = b"\x1f\x8b"


# The database stores no NUL.
_Text = Annotated[str, Field(pattern=r"\A[^\x00]*\z")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FilePerson(_Part):
    """Somebody whom the canvas names; recognised elsewhere by user name and e-mail address together."""

    username: _Text = Field(min_length=1, max_length=150)
    email: _Text = Field(max_length=254)
    first_name: _Text = Field(max_length=150)
    last_name: _Text = Field(max_length=150)


class FileMember(_Part):
    username: str
    role: Literal["viewer", "editor", "owner"]
    created_at: AwareDatetime


class FileObject(_Part):
    """One object or tombstone; its other columns follow from `properties`."""

    properties: dict[str, Any]
    seq: int = Field(ge=1, le=_MAX_BIGINT)
    created_by: str | None
    # Files that were written before the column was there lack it.
    created_by_job_id: uuid.UUID | None = None
    updated_by: str | None
    job_id: uuid.UUID | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class FileCanvas(_Part):
    """Everything about a canvas but invitations (pending rights are not revived) and jobs (they are short-lived)."""

    id: uuid.UUID
    title: _Text = Field(min_length=1, max_length=MAX_TITLE_LENGTH)
    owner: str
    seq: int = Field(ge=0, le=_MAX_BIGINT)
    pruned_seq: int = Field(ge=0, le=_MAX_BIGINT)
    created_at: AwareDatetime
    updated_at: AwareDatetime
    people: list[FilePerson]
    members: list[FileMember]
    objects: list[FileObject]


@dataclass(frozen=True, kw_only=True)
class CanvasFile:
    """A canvas file that was read and found whole: every reference is there and every object is valid."""

    canvas: FileCanvas
    elements: tuple[ParsedElement, ...]
    checksum: str

    @property
    def drawing(self) -> str:
        """What `drawing_digest` says of it."""
        live = [element.properties for element in self.elements if not element.is_deleted]
        return drawing_digest(self.canvas.title, live)


@dataclass(frozen=True, kw_only=True)
class WrittenFile:
    """The bytes of a canvas file and what lists say about it."""

    canvas_id: uuid.UUID
    title: str
    seq: int
    updated_at: datetime
    object_count: int
    checksum: str
    content: bytes


# --- Writing ---
def write_canvas(canvas_id: uuid.UUID) -> WrittenFile:
    """The canvas as it is at one moment; raises `CanvasNotFound` when it is gone.

    Edits of this canvas wait while its rows are read, not while they are packed.
    """
    with transaction.atomic():
        canvas = Canvas.objects.select_for_update(no_key=True).filter(pk=canvas_id).first()
        if canvas is None:
            raise CanvasNotFound
        content = _content(canvas)
    checksum = checksum_of(content)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"CollabCanvas {settings.VERSION}",
        "checksum": checksum,
        "canvas": content,
    }
    return WrittenFile(
        canvas_id=canvas.pk,
        title=canvas.title,
        seq=canvas.seq,
        updated_at=canvas.updated_at,
        object_count=sum(not entry["properties"].get("isDeleted") for entry in content["objects"]),
        checksum=checksum,
        # Without the time of packing: the same canvas gives the same bytes.
        content=gzip.compress(json.dumps(document, ensure_ascii=False).encode(), mtime=0),
    )


def _content(canvas: Canvas) -> dict[str, Any]:
    members = list(canvas.memberships.order_by("user__username").values_list("user_id", "role", "created_at"))
    rows = list(CanvasObject.objects.filter(canvas=canvas).order_by("object_id"))
    named = {
        canvas.owner_id,
        *(user_id for user_id, _, _ in members),
        *(user_id for row in rows for user_id in (row.created_by_id, row.updated_by_id) if user_id),
    }
    people = {person.pk: person for person in User.objects.filter(pk__in=named).order_by("username")}
    names: dict[int | None, str | None] = {pk: person.username for pk, person in people.items()}
    return {
        "id": str(canvas.pk),
        "title": canvas.title,
        "owner": names[canvas.owner_id],
        "seq": canvas.seq,
        "pruned_seq": canvas.pruned_seq,
        "created_at": canvas.created_at.isoformat(),
        "updated_at": canvas.updated_at.isoformat(),
        "people": [
            {
                "username": person.username,
                "email": person.email,
                "first_name": person.first_name,
                "last_name": person.last_name,
            }
            for person in people.values()
        ],
        "members": [
            {"username": names[user_id], "role": role, "created_at": created_at.isoformat()}
            for user_id, role, created_at in members
        ],
        "objects": [
            {
                "properties": row.properties,
                "seq": row.seq,
                "created_by": names.get(row.created_by_id),
                "created_by_job_id": None if row.created_by_job_id is None else str(row.created_by_job_id),
                "updated_by": names.get(row.updated_by_id),
                "job_id": None if row.job_id is None else str(row.job_id),
                "created_at": row.created_at.isoformat(),
                "updated_at": row.updated_at.isoformat(),
            }
            for row in rows
        ],
    }


# --- Comparing ---
def checksum_of(content: Any) -> str:
    """The SHA-256 of a JSON value, written with sorted keys and without blanks."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def drawing_digest(title: str, live_elements: Iterable[Mapping[str, Any]]) -> str:
    """What a person sees: title and live objects, whatever number their version has."""
    seen = [
        {key: value for key, value in element.items() if key not in {"version", "versionNonce", "updated"}}
        for element in live_elements
    ]
    return checksum_of([title, sorted(seen, key=lambda element: str(element["id"]))])


# --- Reading ---
def read_canvas(content: bytes) -> CanvasFile:
    """The canvas in the bytes of a file, packed or not.

    Raises `BrokenCanvasFile`, which says what is wrong with it, or `UnknownFileVersion`.
    """
    document = _parsed(_unpacked(content))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BrokenCanvasFile("This is not a canvas file. Choose one that ends in .canvas.json.gz.")
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise UnknownFileVersion(
            f"The file has version {str(version)[:20]!r} of the canvas format, and this CollabCanvas reads version "
            f"{VERSION}. Use the release that made the file: {str(document.get('made_by'))[:60]}."
        )
    raw = document.get("canvas")
    checksum = checksum_of(raw)
    if document.get("checksum") != checksum:
        raise BrokenCanvasFile(
            "The file was changed or damaged: its checksum does not fit. Take another copy."
        )
    try:
        canvas = FileCanvas.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenCanvasFile(f"The file does not describe a canvas ({where}: {first['msg']}).") from error
    return CanvasFile(canvas=canvas, elements=_checked(canvas), checksum=checksum)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP_MAGIC):
        return content
    try:
        with gzip.open(BytesIO(content)) as packed:
            unpacked = packed.read(MAX_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenCanvasFile(
            "The file is damaged or not complete: it cannot be unpacked. Take another copy."
        ) from error
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise BrokenCanvasFile("The file is larger than any canvas.")
    return unpacked


def _no_such_number(name: str) -> float:
    raise ValueError(name)


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text.decode(), parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise BrokenCanvasFile("This is not a canvas file: it cannot be read as JSON.") from error


def _checked(canvas: FileCanvas) -> tuple[ParsedElement, ...]:
    """The elements of all objects; raises when something is named that is not there, or is there twice."""
    people = {person.username for person in canvas.people}
    if len(people) != len(canvas.people):
        raise BrokenCanvasFile("The file names a person twice.")
    members = [member.username for member in canvas.members]
    owners = [member.username for member in canvas.members if member.role == "owner"]
    if len(set(members)) != len(members) or owners != [canvas.owner]:
        raise BrokenCanvasFile("The file must name each member once and its owner as one of them.")
    named = {
        *members,
        *(entry.created_by for entry in canvas.objects),
        *(e.updated_by for e in canvas.objects),
    }
    if not named - {None} <= people:
        raise BrokenCanvasFile("The file names a person whom it does not describe.")
    elements = []
    for entry in canvas.objects:
        try:
            elements.append(parse_element(entry.properties, is_stored=True))
        except InvalidElement as error:
            raise BrokenCanvasFile(f"The file holds an object that is not valid: {error.message}") from error
        if entry.seq > canvas.seq:
            raise BrokenCanvasFile("The file holds an object with a seq above its canvas's.")
    if len({element.id for element in elements}) != len(elements):
        raise BrokenCanvasFile("The file holds an object twice.")
    return tuple(elements)

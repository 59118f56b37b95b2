"""What may be asked for: the body of each job type, checked the same way for REST, sockets and command line."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ai_jobs.states import MAX_PRIORITY, MIN_PRIORITY
from collabcanvas.lib.openapi import NOT_BLANK

MAX_INSTRUCTIONS = 4_000
STYLES = ["modern", "corporate", "creative", "minimal"]
COLOR_SCHEMES = ["default", "pastel", "vibrant", "monochrome"]


class TextField(serializers.CharField):
    """A JSON string and nothing that merely looks like one; kept exactly as typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON integer: no text, no fraction, no boolean."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class TruthField(serializers.BooleanField):
    """JSON's true and false, and no word that merely means one."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "minLength": 1, "pattern": NOT_BLANK})
class InstructionsField(TextField):
    """1 to 4,000 characters after trimming, stored as typed."""

    default_error_messages = {
        "empty": "Say in words what should be drawn.",
        "too_long": f"At most {MAX_INSTRUCTIONS:,} characters. Shorten it or split it into several requests.",
    }

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        trimmed = text.strip()
        if not trimmed:
            self.fail("empty")
        if len(trimmed) > MAX_INSTRUCTIONS or len(text) > 4 * MAX_INSTRUCTIONS:
            self.fail("too_long")
        return text

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            self.fail("empty")
        return super().run_validation(data)


class JobRequest(serializers.Serializer[Any]):
    """What every job type takes."""

    instructions = InstructionsField()
    style = serializers.ChoiceField(choices=STYLES, default="modern")  # type: ignore[assignment]  # a field named style
    colorScheme = serializers.ChoiceField(choices=COLOR_SCHEMES, default="default")  # noqa: N815  # the contract's
    priority = WholeNumberField(default=0, min_value=MIN_PRIORITY, max_value=MAX_PRIORITY)
    use_cache = TruthField(
        default=True, help_text="Whether a plan that a model wrote for the same request may be used again."
    )


class CreateCanvasRequest(JobRequest):
    """`create_canvas`: draw on a new canvas, or on the one named."""

    canvas_id = TextField(max_length=64, required=False, allow_null=True, default=None)


class ModifyCanvasRequest(JobRequest):
    """`modify_canvas`: add to or change the canvas named."""

    canvas_id = TextField(max_length=64)
    selected_object_ids = serializers.ListField(child=TextField(max_length=64), max_length=500, default=list)


REQUESTS: dict[str, type[JobRequest]] = {
    "create_canvas": CreateCanvasRequest,
    "modify_canvas": ModifyCanvasRequest,
}

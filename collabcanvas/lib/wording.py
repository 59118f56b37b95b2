"""Numbers and durations as people read them."""


def seconds_text(seconds: float | None) -> str:
    """The duration in a few characters; a dash when there is none."""
    if seconds is None:
        return "–"  # a dash in a table cell
    seconds = max(0.0, seconds)
    if seconds < 60:
        # No break between number and unit: the columns are narrow.
        return f"{seconds * 1000:.0f}\u00a0ms" if seconds < 0.1 else f"{seconds:.1f}\u00a0s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"


def counted(number: int, noun: str, plural: str = "") -> str:
    """The number with its noun; `plural` is for nouns that do not just take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"

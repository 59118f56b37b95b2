"""How long something took, in a few characters."""


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

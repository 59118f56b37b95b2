"""How an exception is written into the log: where it came from and of which kind it is, not what it says."""

import traceback
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def without_words(exc_info: ExcInfo) -> str:
    """The frames and types of the exception and of what led to it, innermost last.

    Its own words may quote what a person wrote, or a row of the database; the `error_id` beside it and the frames
    find the place.
    """
    chain: list[BaseException] = []
    error: BaseException | None = exc_info[1]
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich led to\n".join(
        "".join(traceback.format_tb(each.__traceback__))
        + f"{type(each).__module__}.{type(each).__qualname__}"
        for each in reversed(chain)
    )

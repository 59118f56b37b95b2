"""Why an instruction did not become a drawing. Every message is a sentence for the person who asked."""


class PlanningError(Exception):
    """Base of what handlers and providers raise.

    `code` is a stable word for programs. `retryable` says whether the same request may succeed later, and
    `retry_after` how many seconds a vendor asked us to wait.
    """

    code = "planning_failed"
    message = "The drawing could not be planned. Try again, or say it in other words."
    retryable = False

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        self.message = message or self.message
        self.retry_after = retry_after
        super().__init__(self.message)


class NotUnderstood(PlanningError):
    """The words gave no picture; nothing was changed."""

    code = "not_understood"
    message = (
        "I could not find anything to draw in that. Try for example: Sign up -> Verify e-mail -> Welcome"
    )


class TooMuch(PlanningError):
    """More than one drawing may hold."""

    code = "too_much"
    message = "That is more than one drawing can hold. Ask for fewer things at once."


class NothingMatches(PlanningError):
    """The words name something that is not on the canvas; nothing was changed."""

    code = "nothing_matches"
    message = "There is nothing like that on this canvas. Nothing was changed."


# These tell of a request and not of the system: like an answer 4xx, they are nothing that an operator could mend.
REFUSALS = frozenset(error.code for error in (NotUnderstood, TooMuch, NothingMatches))

"""Why a model gave no plan, in sentences for the person who asked."""

from ai_jobs.planning.errors import PlanningError


class ModelRefusedUs(PlanningError):
    """The vendor does not accept our key; only the operator can change that."""

    code = "model_refused"
    message = "The AI model's vendor does not accept this installation's key. Tell the operator; drawing by hand works."


class ModelUnusable(PlanningError):
    """The vendor does not know the model, or cannot take such requests."""

    code = "model_unusable"
    message = "The AI model that is set up here could not be used. Tell the operator to look at AI_MODEL and the log."


class QuotaExhausted(PlanningError):
    """The account at the vendor is empty: waiting does not help."""

    code = "quota_exhausted"
    message = (
        "The account for the AI model has nothing left to spend. Tell the operator; drawing by hand works."
    )


class RateLimited(PlanningError):
    """The vendor asked us to slow down."""

    code = "rate_limited"
    message = "The AI model is busy with too many requests. This one waits for its turn."
    retryable = True


class ModelUnavailable(PlanningError):
    """The vendor could not be reached, or failed on its side."""

    code = "model_unavailable"
    message = "The AI model cannot be reached at the moment. Try again in a minute."
    retryable = True


class ModelTooSlow(PlanningError):
    """No answer within the limits."""

    code = "model_timeout"
    message = "The AI model took too long to answer. Try again, or ask for something smaller."
    retryable = True


class AnswerBrokeOff(PlanningError):
    """The connection ended, or turned to nonsense, in the middle of the answer."""

    code = "answer_broken_off"
    message = "The AI model's answer broke off in the middle, and nothing was changed. Try again."
    retryable = True


class WrongShape(PlanningError):
    """The answer was no plan, and its correction was none either."""

    code = "wrong_shape"
    message = (
        "The AI model's answer was not a drawing, and neither was its second try. Nothing was changed."
        " Say it in other words, or ask for less at once."
    )


class Declined(PlanningError):
    """The vendor's filter or the model itself does not want to draw this."""

    code = "declined"
    message = "The AI model declined this request. Say it in other words."


class DailyTokensUsedUp(PlanningError):
    """The person's tokens for today were used up before the answer was complete."""

    code = "daily_tokens_used_up"
    message = (
        "This needs more tokens of the AI model than you have left for today. They are renewed at midnight UTC; try"
        " again then, or ask for something smaller."
    )

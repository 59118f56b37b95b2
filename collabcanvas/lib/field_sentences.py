"""What a framework finds wrong with a field, said so that a person knows which one and what to do."""

import re
from typing import Final

# DRF's own words and django-filter's, which are those of Django's forms, by what stands in their place. `{field}` is
# the field's name, `{0}` what the first group caught. tests/test_bad_input.py lets none of the left side out.
_SENTENCES: Final = tuple(
    (re.compile(words, re.DOTALL), sentence)
    for words, sentence in (
        (r"This field is required\.", "“{field}” is missing. Add it and send everything again."),
        (r"This field may not be (?:blank|null)\.", "“{field}” is empty. Fill it in."),
        (r"This list may not be empty\.", "“{field}” is empty. Put at least one thing in."),
        (r"Not a valid string\.", "“{field}” must be text."),
        (r"A valid integer is required\.", "“{field}” must be a whole number."),
        (r"Must be a valid boolean\.", "“{field}” must be true or false."),
        (r"(?:Must be|Enter) a valid UUID\.", "“{field}” must be an id, as the API gave it."),
        (r"Enter a valid date/time\.", "“{field}” must be a moment such as 2026-01-31T12:00:00Z."),
        (r"Enter a valid email address\.", "That is no e-mail address. Write it like name@example.org."),
        (
            r"Ensure this (?:field|value) has (?:no more than|at most) (\d+) characters?(?: \(it has \d+\))?\.",
            "“{field}” is too long. Shorten it to {0} characters.",
        ),
        (r"Ensure this field has no more than (\d+) elements\.", "“{field}” has too many entries. Send {0} at most."),
        (r"Ensure this field has at least (\d+) elements\.", "“{field}” has too few entries. Send {0} at least."),
        (r"Ensure this value is less than or equal to (.+)\.", "“{field}” is too large. It is {0} at most."),
        (r"Ensure this value is greater than or equal to (.+)\.", "“{field}” is too small. It is {0} at least."),
        (r'"(.*)" is not a valid choice\.', "“{field}” cannot be “{0}”. See /api/docs for what it can be."),
        (
            r"Select a valid choice\. (.*) is not one of the available choices\.",
            "“{field}” cannot be “{0}”. See /api/docs for what it can be.",
        ),
        (r"Null characters are not allowed\.", "“{field}” holds a NUL character. Take it out."),
        (r'Expected a list of items but got type "(.*)"\.', "“{field}” must be a list."),
        (r"Invalid data\. Expected a dictionary, but got .*\.|No data provided", "Send a JSON object."),
    )
)  # fmt: skip


def field_sentence(text: str, *, field: str) -> str:
    """The text as it is where it is our own, or ours for what the framework says."""
    for words, sentence in _SENTENCES:
        if found := words.fullmatch(text):
            return sentence.format(*found.groups(), field=field)
    return text

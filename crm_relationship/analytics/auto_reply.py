"""What the header of a mail says about who wrote it: a person, or a program by itself.

Source: RFC 3834 (Recommendations for Automatic Responses to Electronic Mail), sections 2 and 5; the ``X-`` fields are
those that programs older than it, and Exchange, write in its place.
"""

from email.message import Message

# Fields that only programs write, whatever stands in them but “no”.
AUTOMATIC_FIELDS = ("Auto-Submitted", "X-Autoreply", "X-Autorespond")
AUTOMATIC_PRECEDENCES = {"auto_reply", "bulk", "junk"}
# Fields of mailing lists: a person wrote, but the answer would go to many.
LIST_FIELDS = ("List-Id", "List-Post", "List-Unsubscribe")
# What Exchange is asked to withhold: every automatic answer, or one of these.
SUPPRESSED = {"all", "autoreply", "oof"}


def _first_word(header: Message, name: str) -> str:
    """The value of a field without its parameters and comments, in small letters; empty if there is none."""
    value = str(header.get(name) or "")
    return value.partition(";")[0].partition("(")[0].strip().lower()


def is_automatic(header: Message) -> bool:
    """Whether a program sent this by itself: it is no answer of a person.

    >>> from email import message_from_string
    >>> is_automatic(message_from_string("Auto-Submitted: auto-replied (vacation)"))
    True
    >>> is_automatic(message_from_string("Auto-Submitted: No"))
    False
    >>> is_automatic(message_from_string("Return-Path: <>"))
    True
    >>> is_automatic(message_from_string("Precedence: list"))
    False
    """
    return (
        any(_first_word(header, name) not in ("", "no") for name in AUTOMATIC_FIELDS)
        or _first_word(header, "Precedence") in AUTOMATIC_PRECEDENCES
        or _first_word(header, "Return-Path") == "<>"
    )


def wants_no_answer(header: Message) -> bool:
    """Whether nothing may be sent back by itself, though a person may have written.

    >>> from email import message_from_string
    >>> wants_no_answer(message_from_string("X-Auto-Response-Suppress: DR, OOF"))
    True
    >>> wants_no_answer(message_from_string("X-Auto-Response-Suppress: DR"))
    False
    >>> wants_no_answer(message_from_string("List-Id: <all.example.com>"))
    True
    """
    withheld = _first_word(header, "X-Auto-Response-Suppress").split(",")
    return (
        is_automatic(header)
        or any(header.get(name) for name in LIST_FIELDS)
        or _first_word(header, "Precedence") == "list"
        or bool(SUPPRESSED & {word.strip() for word in withheld})
    )

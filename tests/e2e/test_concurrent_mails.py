"""Two mails for one ticket at the same moment, in real transactions: neither is lost, both are counted."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from unittest.mock import patch

import pytest


def make_mail(number: int) -> bytes:
    mail = EmailMessage()
    mail["From"] = "customer@example.com"
    mail["To"] = "service@desk.example"
    mail["Subject"] = "Hello"
    mail["Message-ID"] = f"<{number}@customer.example>"
    if number:
        mail["In-Reply-To"] = "<0@customer.example>"
    mail.set_content("Hello")
    return mail.as_bytes()


@pytest.fixture
def database(
    make_database: Callable[..., str], copy_database: Callable[[str, str], str]
) -> str:
    return copy_database(
        make_database("benchmark", ["crm_relationship"]), "mail_concurrent"
    )


def open_ticket(env: Any) -> int:
    env["res.partner"].create({"name": "Customer", "email": "customer@example.com"})
    domain = env["mail.alias.domain"].create({"name": "desk.example"})
    env["helpdesk.ticket.team"].create(
        {"name": "Desk", "alias_name": "service", "alias_domain_id": domain.id}
    )
    ticket_id = env["mail.thread"].message_process(None, make_mail(0))
    env.cr.commit()
    return int(ticket_id)


def test_a_mail_that_meets_another_one_is_tried_again(database: str) -> None:
    from support import inprocess

    with (
        inprocess.environment(database) as env,
        inprocess.environment(database) as other,
    ):
        ticket_id = open_ticket(env)
        thread = env["mail.thread"].with_context(fetchmail_cron_running=True)
        threads, original = type(thread), type(thread).message_route
        met: list[bool] = []

        def route(*args: Any, **kwargs: Any) -> Any:
            """Read the ticket; then the other mail comes in and is done first."""
            routes = original(*args, **kwargs)
            if not met:
                met.append(True)
                other["mail.thread"].message_process(None, make_mail(2))
                other.cr.commit()
            return routes

        with patch.object(threads, "message_route", route):
            thread.message_process(None, make_mail(1))
        env.cr.commit()
        other.cr.rollback()
        other.invalidate_all()
        ticket = other["helpdesk.ticket"].browse(ticket_id)
        replies = ticket.event_ids.filtered(lambda item: item.kind == "customer_reply")
        assert ticket.customer_reply_count == len(replies) == 2
        received = ticket.message_ids.filtered(
            lambda item: item.message_type == "email"
        )
        assert sorted(received.mapped("message_id")) == [
            f"<{number}@customer.example>" for number in range(3)
        ]

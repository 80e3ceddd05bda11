"""Two thousand mails through the real gateway, against helpdesk_mgmt alone in the same run."""

import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, NamedTuple

import pytest

MAILS = 2000
CHUNK = 20
# The first mails and the last ones, between which the history grows.
END = 20
CONTACTS = 200
TIME_BOUND = 1.3
# A mail that opens a ticket asks for relationship, policy, calendar, sender and loop, and makes the relationship of a
# new customer; an answer asks for stage and sender. Both write an event.
QUERIES_BOUND = 10


class Cost(NamedTuple):
    """Queries and seconds of so many mails, each committed."""

    queries: int
    seconds: float


class MailDesk:
    """Customers and a team with an address in one database, and the mails that they send."""

    def __init__(self, env: Any) -> None:
        self.env = env
        partners = env["res.partner"]
        companies = partners.create(
            [{"name": f"Company {n}", "is_company": True} for n in range(CONTACTS // 2)]
        )
        partners.create(
            [
                {
                    "name": f"Contact {n}",
                    "email": f"contact{n}@customer.example",
                    "parent_id": companies[n % len(companies)].id,
                }
                for n in range(CONTACTS)
            ]
        )
        # both write the same to customers by themselves: nothing
        env["helpdesk.ticket.stage"].search([]).mail_template_id = False
        domain = env["mail.alias.domain"].create({"name": "desk.example"})
        env["helpdesk.ticket.team"].create(
            {
                "name": "Benchmark",
                "alias_name": "service",
                "alias_domain_id": domain.id,
            }
        )
        env.cr.commit()

    def receive(self, mails: list[bytes]) -> Cost:
        """Process mails as the server that fetches them does: one transaction each, nothing in the cache."""
        cr = self.env.cr
        queries, start = cr.sql_log_count, time.perf_counter()
        for mail in mails:
            assert self.env["mail.thread"].message_process(None, mail)
            cr.commit()
            self.env.invalidate_all()
        return Cost(cr.sql_log_count - queries, time.perf_counter() - start)


class MailDesks(NamedTuple):
    alone: MailDesk
    suite: MailDesk


def make_mails() -> Iterator[bytes]:
    """Half of them open a ticket, and each of those is answered once by who wrote it."""
    for number in range(MAILS // 2):
        yield make_mail(number, number)
        yield make_mail(MAILS + number, number, answers=number)


def make_mail(name: int, number: int, answers: int | None = None) -> bytes:
    mail = EmailMessage()
    sender = number % CONTACTS
    mail["From"] = f"Contact {sender} <contact{sender}@customer.example>"
    mail["To"] = "service@desk.example"
    mail["Subject"] = f"The pump is loud, {number}"
    mail["Message-ID"] = f"<{name}@customer.example>"
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = f"<{answers}@customer.example>"
    mail.set_content("It makes a noise.\n" * 20)
    return mail.as_bytes()


@pytest.fixture(scope="module")
def desks(alone_and_suite: tuple[Any, Any]) -> MailDesks:
    return MailDesks(*map(MailDesk, alone_and_suite))


def measure(desks: MailDesks) -> tuple[list[Cost], list[Cost]]:
    """Costs of each chunk of mails: alone, and with the suite, by turns."""
    mails = list(make_mails())
    chunks = [mails[start : start + CHUNK] for start in range(0, MAILS, CHUNK)]
    for desk in desks:
        desk.receive([make_mail(10 * MAILS, 0), make_mail(11 * MAILS, 0, 10 * MAILS)])
    costs = [[desk.receive(chunk) for desk in desks] for chunk in chunks]
    alone, suite = zip(*costs, strict=True)
    return list(alone), list(suite)


def count_more(alone: list[Cost], suite: list[Cost]) -> float:
    """Queries more per mail with the suite."""
    queries = sum(cost.queries for cost in suite) - sum(cost.queries for cost in alone)
    return queries / len(alone) / CHUNK


def show(
    capsys: pytest.CaptureFixture[str], text: str, value: float, bound: float
) -> None:
    with capsys.disabled():
        print(f"\n  {text}: {value:.2f} (at most {bound})")


def test_two_thousand_mails(
    desks: MailDesks, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, suite = measure(desks)
    first = count_more(alone[:END], suite[:END])
    last = count_more(alone[-END:], suite[-END:])
    ratio = sum(cost.seconds for cost in suite) / sum(cost.seconds for cost in alone)
    show(capsys, "queries more per mail, of the first mails", first, QUERIES_BOUND)
    show(capsys, "queries more per mail, of the last mails", last, first)
    show(capsys, "time of 2,000 mails / helpdesk_mgmt alone", ratio, TIME_BOUND)
    assert first <= QUERIES_BOUND
    assert last <= first
    assert ratio <= TIME_BOUND

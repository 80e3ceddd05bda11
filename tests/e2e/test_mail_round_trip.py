"""Mails really sent and received: what customers get in their mailboxes, and what is written down of what they send.

Odoo sends to a local mail server and gets from it what customers answer, as from any other. An agent writes as his
browser does.
"""

from collections.abc import Callable, Iterator

import pytest

from support.desk import COMPANY, DOMAIN, LOOP_THRESHOLD, TEAM, WINDOW_DAYS, Desk
from support.mailbox import Customer, Delivery, Pipe, PostOffice
from support.server import Server


@pytest.fixture(scope="module")
def desk(
    demo_database: str,
    copy_database: Callable[[str, str], str],
    serve: Callable[[str], Server],
) -> Iterator[Desk]:
    server = serve(copy_database(demo_database, "mail_serve"))
    office = PostOffice(DOMAIN, Pipe(server, "admin"))
    office.start()
    made = Desk(server, office)
    made.prepare()
    yield made
    office.stop()


def last(customer: Customer, words: str) -> Delivery:
    """The only new mail in the mailbox, which says this."""
    (delivery,) = customer.new()
    assert words in f"{delivery.subject} {delivery.text}"
    return delivery


def open_ticket(desk: Desk, customer: Customer) -> tuple[int, Delivery]:
    """A ticket opened by mail and answered by the agent, and the answer in the mailbox."""
    customer.write(TEAM, "The pump is loud", "It makes a noise.")
    customer.new()
    ticket = desk.find_one(customer)
    desk.answer(ticket, "Please oil it.")
    return ticket, last(customer, "Please oil it.")


# --- a question, its answer, and the answer to that ---


def test_a_question_is_answered_and_answered_again(desk: Desk) -> None:
    customer = desk.make_customer("Ada")
    customer.write(TEAM, "The pump is loud", "It makes a noise.")
    ticket = desk.find_one(customer)
    values = desk.read(
        ticket,
        "number",
        "partner_id",
        "user_id",
        "first_response_deadline",
        "policy_id",
    )
    assert values["partner_id"][1] == "Ada"
    assert values["user_id"] and values["first_response_deadline"]
    receipt = last(customer, values["number"])
    assert values["user_id"][1] in receipt.text
    assert (
        values["number"] in desk.server.visitor().get(receipt.link("/my/ticket/")).text
    )
    assert TEAM in receipt.mail["Reply-To"]
    assert receipt.mail["Auto-Submitted"] == "auto-generated"
    assert desk.counts(ticket) == (0, 0, 0)
    assert not desk.read(ticket, "first_response_at")["first_response_at"]

    desk.answer(ticket, "Please oil it.")
    answer = last(customer, "Please oil it.")
    assert TEAM in answer.mail["Reply-To"]
    assert not answer.mail["Auto-Submitted"]
    assert desk.read(ticket, "first_response_at")["first_response_at"]
    assert desk.counts(ticket) == (1, 0, 0)

    customer.answer(answer, "Which oil?")
    assert desk.find(customer) == [ticket]
    assert desk.counts(ticket) == (1, 1, 0)
    assert customer.new() == []


def test_an_answer_to_the_receipt_reaches_the_same_ticket(desk: Desk) -> None:
    customer = desk.make_customer("Bea")
    customer.write(TEAM, "The pump is loud", "It makes a noise.")
    customer.answer(customer.new()[0], "It became louder.")
    assert desk.counts(desk.find_one(customer)) == (0, 1, 0)


# --- closed tickets ---


def test_within_the_window_the_same_ticket_is_opened_again(desk: Desk) -> None:
    customer = desk.make_customer("Cleo")
    ticket, answer = open_ticket(desk, customer)
    desk.close(ticket)
    assert desk.is_closed(ticket)
    notice = last(customer, "Cleo")
    assert f"/my/ticket/{ticket}" in notice.html
    customer.answer(notice, "It is loud again.")
    assert desk.find(customer) == [ticket]
    assert desk.counts(ticket) == (1, 1, 1)
    assert not desk.is_closed(ticket)
    assert desk.read(ticket, "fcr_state")["fcr_state"] == "no"
    desk.close(ticket)
    customer.answer(answer, "And again.")
    assert desk.counts(ticket) == (1, 2, 2)


def test_after_the_window_a_new_ticket_follows_up(desk: Desk) -> None:
    customer = desk.make_customer("Dora")
    ticket, answer = open_ticket(desk, customer)
    desk.close(ticket)
    customer.new()
    desk.age(ticket, WINDOW_DAYS + 1)
    customer.answer(answer, "It is loud again.")
    old, follow_up = desk.find(customer)
    assert old == ticket and desk.is_closed(old)
    assert desk.counts(old) == (1, 0, 0)
    values = desk.read(follow_up, "follow_up_of_id", "number", "name")
    assert values["name"] == "The pump is loud"
    assert values["follow_up_of_id"][0] == ticket
    told = last(customer, values["number"])
    assert desk.read(ticket, "number")["number"] in told.text
    assert f"/my/ticket/{follow_up}" in told.html
    customer.answer(told, "Thank you.")
    assert desk.counts(follow_up) == (0, 1, 0)
    assert customer.new() == []
    assert not any(COMPANY in item.recipients for item in desk.office.deliveries)


# --- programs ---


def test_an_out_of_office_answer_counts_as_nothing(desk: Desk) -> None:
    customer = desk.make_customer("Emma")
    ticket, answer = open_ticket(desk, customer)
    desk.close(ticket)
    customer.new()
    customer.answer(
        answer, "I am out of office.", Auto_Submitted="auto-replied (vacation)"
    )
    assert customer.new() == []
    assert desk.is_closed(ticket)
    assert desk.find(customer) == [ticket]
    assert desk.counts(ticket) == (1, 0, 0)


def test_two_programs_do_not_write_to_each_other_for_ever(desk: Desk) -> None:
    """One that answers every mail with a new one, and does not say that it is a program."""
    customer = desk.make_customer("Fay")
    customer.write(TEAM, "Hello", "First mail.")
    rounds = 0
    while new := customer.new():
        rounds += 1
        assert rounds <= LOOP_THRESHOLD + 2
        for delivery in new:
            customer.write(TEAM, f"Got it: {delivery.subject}", "I read it soon.")
    assert len(desk.find(customer)) <= LOOP_THRESHOLD


def test_a_program_that_answers_in_the_conversation_is_not_answered(desk: Desk) -> None:
    customer = desk.make_customer("Gil")
    customer.write(TEAM, "Hello", "First mail.")
    (receipt,) = customer.new()
    customer.answer(receipt, "I read it soon.", Auto_Submitted="auto-replied")
    assert customer.new() == []
    assert desk.counts(desk.find_one(customer)) == (0, 0, 0)


def test_a_mail_that_cannot_be_delivered_is_no_answer(desk: Desk) -> None:
    customer = desk.make_customer("Hugo")
    ticket, answer = open_ticket(desk, customer)
    desk.close(ticket)
    before = desk.read(ticket, "message_ids")["message_ids"]
    desk.office.bounce(answer, customer.address)
    assert desk.is_closed(ticket)
    assert desk.find(customer) == [ticket]
    assert desk.counts(ticket) == (1, 0, 0)
    assert desk.read(ticket, "message_ids")["message_ids"] == before
    status = [("res_partner_id.email", "=", customer.address)]
    found = desk.admin.call(
        "mail.notification", "search_read", status, fields=["notification_status"]
    )
    assert "bounce" in {item["notification_status"] for item in found}


# --- who writes, and what ---


def test_somebody_unknown_is_answered_too(desk: Desk) -> None:
    stranger = desk.make_stranger()
    stranger.write(TEAM, "Do you sell pumps?", "I look for one.")
    ticket = desk.find_one(stranger)
    values = desk.read(ticket, "number", "partner_id", "policy_id", "user_id")
    assert not values["partner_id"] and values["policy_id"]
    receipt = last(stranger, values["number"])
    assert "Powered by" in receipt.text  # in the layout of all others
    desk.answer(ticket, "We do.")
    answer = last(stranger, "We do.")
    assert desk.counts(ticket) == (1, 0, 0)
    stranger.answer(answer, "How much?")
    assert desk.find(stranger) == [ticket]
    assert desk.counts(ticket) == (1, 1, 0)


def test_a_colleague_in_copy_gets_the_answer(desk: Desk) -> None:
    customer, colleague = desk.make_customer("Ines"), desk.make_customer("Jan")
    customer.write(TEAM, "The pump is loud", "Jan knows it.", Cc=colleague.address)
    ticket = desk.find_one(customer)
    assert desk.read(ticket, "partner_id")["partner_id"][1] == "Ines"
    customer.new(), colleague.new()
    desk.answer(ticket, "Please oil it.")
    last(customer, "Please oil it.")
    last(colleague, "Please oil it.")


def test_a_mail_of_two_customers_is_of_nobody_until_asked(desk: Desk) -> None:
    one, other = desk.make_customer("Kim"), desk.make_customer("Lea")
    both = f"Kim <{one.address}>, Lea <{other.address}>"
    mail = one.prepare(TEAM, "The pump is loud", "We hear it.")
    mail.replace_header("From", both)
    mail["Sender"] = one.address
    desk.office.send(mail, sender=one.address)
    ticket = desk.find_one(one)
    assert not desk.read(ticket, "partner_id")["partner_id"]
    bodies = desk.manager.call(
        "mail.message",
        "search_read",
        [("model", "=", "helpdesk.ticket"), ("res_id", "=", ticket)],
        fields=["body"],
    )
    assert any("Kim" in item["body"] and "Lea" in item["body"] for item in bodies)


def test_no_script_gets_through(desk: Desk) -> None:
    customer = desk.make_customer("Mia")
    html = '<p onclick="bad()">Loud</p><script>bad()</script><img src="x" onerror="bad()"><b>very</b>'
    customer.write_html(TEAM, "Loud <script>bad()</script>", html)
    ticket = desk.find_one(customer)
    description = desk.read(ticket, "description")["description"]
    assert "<b>very</b>" in description and "bad()" not in description
    (receipt,) = customer.new()
    assert "<script" not in receipt.html
    desk.answer(ticket, "Please oil it.")
    assert "<script" not in last(customer, "Please oil it.").html


# --- a problem of many ---


def test_all_who_complained_hear_of_the_solution(desk: Desk) -> None:
    people = [
        desk.make_customer("Nina"),
        desk.make_customer("Oto"),
        desk.make_stranger(),
    ]
    tickets = [open_ticket(desk, person)[0] for person in people]
    call = desk.manager.call
    category = call("helpdesk.ticket.category", "create", {"name": "Noise"})
    problem = call(
        "crm.relationship.problem",
        "create",
        {"name": "Noise", "category_id": category, "solution": "A new bearing."},
    )
    call("helpdesk.ticket", "write", tickets, {"problem_id": problem})
    call("crm.relationship.problem", "action_solve", [problem])
    desk.send_queue()
    for person, ticket in zip(people, tickets, strict=True):
        notice = last(person, "A new bearing.")
        assert TEAM in notice.mail["Reply-To"]
        assert f"/my/ticket/{ticket}" in notice.html
        person.answer(notice, "Thank you.")
        assert desk.find(person) == [ticket]
        assert desk.counts(ticket) == (1, 1, 0)

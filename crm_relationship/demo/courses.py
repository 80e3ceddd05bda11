"""What else happened to tickets of the demo: hand-overs, waiting, second answers, reopenings, and what their agents and
customers say about it. Titles as in ``questions.py``, names as in ``plot.py``."""

from dataclasses import dataclass
from datetime import timedelta

from odoo.tools import SQL

from .cast import get


@dataclass(frozen=True)
class Step:
    """Something that happened so many hours after the ticket came.

    ``kind`` of the event; ``who`` is the colleague or team to whom it was handed; ``text`` is what was written.
    """

    hour: float
    kind: str
    who: str = ""
    text: str = ""


COURSES = {
    "Labels come off at −80 °C": (
        Step(4, "paused"),
        Step(21, "customer_reply", text="Lot 1143, stored since Monday."),
        Step(21, "resumed"),
        Step(
            23,
            "agent_reply",
            text="Thank you. The cryo quality leaves the house today.",
        ),
    ),
    "Order number missing on invoice": (
        Step(5, "paused"),
        Step(22, "customer_reply", text="It is the number in the head of our order."),
        Step(22, "resumed"),
        Step(24, "agent_reply", text="Now it stands on each invoice."),
    ),
    "Two boxes short": (
        Step(6, "handed_over", "user_agent2"),
        Step(26, "agent_reply", text="The two boxes leave the house today."),
    ),
    "Drawing of the mounting plate": (
        Step(22, "handed_over", "team_key"),
        Step(42, "agent_reply", text="Here is the drawing."),
    ),
    "Print fades after two days": (
        Step(60, "paused"),
        Step(90, "customer_reply", text="The oil is on a vegetable base."),
        Step(90, "resumed"),
        Step(192, "reopened"),
        Step(195, "agent_reply", text="We were too quick. A technician comes."),
        Step(210, "resolved"),
    ),
    "Still the wrong ribbons": (
        Step(30, "handed_over", "user_agent2"),
        Step(121, "reopened"),
        Step(124, "agent_reply", text="This time I packed them myself."),
        Step(125, "resolved"),
    ),
    "We cancel": (
        Step(100, "customer_reply", text="Nobody has fetched it yet."),
        Step(101, "handed_over", "user_manager"),
        Step(120, "agent_reply", text="I fetch it myself tomorrow."),
    ),
    "Which head for recycled film?": (
        Step(4, "paused"),
        Step(20, "resumed"),
        Step(23, "agent_reply", text="The samples say: the 300 dpi head."),
    ),
    "Offer for 40 schools": (
        Step(28, "agent_reply", text="My manager agrees to the price for schools."),
    ),
    "Food contact certificate": (
        Step(9, "handed_over", "team_key"),
        Step(21, "agent_reply", text="Here is the certificate."),
    ),
    "Setting up the scanners": (Step(30, "said_solved"),),
    "Please fewer calls": (Step(20, "said_solved"),),
}
# What the agent says, by the names of the causes.
CAUSES = {
    "Labels come off at −80 °C": "defect",
    "Print fades after two days": "defect",
    "Still the wrong ribbons": "misunderstood",
    "Offer for 40 schools": "authority",
    "Drawing of the mounting plate": "knowledge",
}


def follow(env):
    """Tell what else happened to the tickets, each thing when it happened."""
    told = [("company_id", "=", env.company.id), ("event_ids", "!=", False)]
    tickets = env["helpdesk.ticket"].search(told)
    set_event_dates(env, tickets)
    by_title = tickets.grouped("name")
    values = []
    for title, steps in COURSES.items():
        for step in steps:
            values.append(prepare_event(env, by_title[title], step))
    for title, cause in CAUSES.items():
        by_title[title].fcr_cause_id = get(env, f"fcr_cause_{cause}")
    env["crm.relationship.ticket.event"]._log(values)
    tickets._update_service()


def set_event_dates(env, tickets):
    """What was told of a ticket at once happened when the ticket says. Events stay as told: past the ORM."""
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            UPDATE crm_relationship_ticket_event event
               SET date = COALESCE(CASE event.kind WHEN 'opened' THEN ticket.create_date
                                                   WHEN 'resolved' THEN ticket.closed_date
                                                   ELSE ticket.assigned_date END, ticket.create_date)
              FROM helpdesk_ticket ticket
             WHERE ticket.id = event.ticket_id AND ticket.id = ANY(%s)
               AND event.kind IN ('opened', 'assigned', 'handed_over', 'resolved')
            """,
            tickets.ids,
        )
    )
    env.invalidate_all()


def prepare_event(env, ticket, step):
    """Values of the event; its message is written, its owner or team set."""
    moment = ticket.create_date + timedelta(hours=step.hour)
    values = {"date": moment}
    if step.text:
        values["message_id"] = write_message(env, ticket, step, moment).id
    if step.kind == "handed_over":
        values |= hand_over(env, ticket, step)
    if step.kind == "said_solved":
        ticket._write_silently({"is_solved_by_customer": "yes"})
    if step.kind == "resolved":
        ticket._write_silently({"closed_date": moment})
    return {**ticket._prepare_event(step.kind, **values), "user_id": False}


def write_message(env, ticket, step, moment):
    author = ticket.user_id.partner_id
    if step.kind == "customer_reply":
        author = ticket.partner_id
    return env["mail.message"].create(
        {
            "model": ticket._name,
            "res_id": ticket.id,
            "body": step.text,
            "author_id": author.id,
            "date": moment,
            "message_type": "comment",
            "subtype_id": env.ref("mail.mt_comment").id,
        }
    )


def hand_over(env, ticket, step):
    """From whom it went to whom; the ticket is where it went."""
    record = get(env, step.who)
    name = "team_id" if record._name == "helpdesk.ticket.team" else "user_id"
    moved = name.removesuffix("_id")
    values = {
        "from_user_id": ticket.user_id.id,
        "to_user_id": ticket.user_id.id,
        "from_team_id": ticket.team_id.id,
        "to_team_id": ticket.team_id.id,
        f"to_{moved}_id": record.id,
        "reason": "Knows it better.",
    }
    ticket._write_silently({name: record.id})
    return values

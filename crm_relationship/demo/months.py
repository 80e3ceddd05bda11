"""Four months of everyday service: ``tickets.csv`` says who asked when, and what became of it; ``topics.csv`` what was
asked and answered. Names as in ``plot.py``."""

import csv
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools.misc import file_open

from ..promise import WorkClock
from .cast import (
    PREFIX,
    find_workday,
    get,
    get_channel,
    get_contact,
    get_month,
    set_dates,
)
from .courses import set_event_dates

# What came in these last days is told by days before today, not by days of a month.
RECENT_DAYS = 10
# As long as this works on a ticket that is open, in working hours.
OPEN_HOURS = 8.0


class Step(NamedTuple):
    """Something that happened after the first answer: at this part of the way to the close, 1 being the close."""

    part: float
    kind: str
    text: str = ""


THANKS = "Thank you, that was it."
# Empty texts are those of the topic, or of its category below.
COURSES = {
    "": (),
    "thanked": (Step(0.8, "customer_reply", THANKS),),
    "solved": (Step(1.2, "said_solved"),),
    "waits": (Step(0, "paused"),),
    "asked": (
        Step(0, "paused"),
        Step(0.5, "customer_reply"),
        Step(0.5, "resumed"),
        Step(0.9, "agent_reply"),
    ),
    "passed": (Step(0.2, "handed_over"), Step(0.9, "agent_reply")),
    "workshop": (Step(0.2, "handed_over"), Step(0.9, "agent_reply")),
    "again": (
        Step(0.4, "customer_reply", "I cannot find it there."),
        Step(0.9, "agent_reply"),
    ),
    "reopened": (
        Step(1.3, "customer_reply", "It is back since this morning."),
        Step(1.3, "reopened"),
        Step(1.6, "agent_reply", "I am sorry. I looked again; now it is right."),
        Step(1.9, "resolved"),
    ),
}
# What is written first where the topic's own answer comes later.
FIRST = {
    "passed": "Thank you. A colleague who knows this better answers you.",
    "workshop": "Thank you. I ask our workshop.",
    "again": "You find it in your portal, under Documents.",
}
# category: (what we ask back, what the customer says to that, why somebody else takes it)
ASKED = {
    "printer": (
        "Please send me the serial number; it is on the back.",
        "It says LX2-4471-08.",
        "Knows the printers better.",
    ),
    "supplies": (
        "Which lot is it? The number is inside the core.",
        "Lot 2207.",
        "Knows the materials better.",
    ),
    "delivery": (
        "Which order is it about?",
        "The one of last week, three boxes.",
        "Talks to the carrier today.",
    ),
    "invoice": (
        "Which invoice is it about?",
        "The last one, with the two printers.",
        "May decide about prices and terms.",
    ),
}


@dataclass(frozen=True)
class Case:
    """A line of ``tickets.csv`` with its topic.

    ``answer`` and ``close`` are working hours after it came, None where it is open.
    """

    line: dict
    topic: dict
    opened: datetime

    @property
    def answer(self):
        return float(self.line["answer"])

    @property
    def close(self):
        return float(self.line["close"]) if self.line["close"] else None

    @property
    def steps(self):
        """(working hours after it came, what happened), in the order in which it did."""
        course = COURSES[self.line["course"]]
        length = (self.close or self.answer + OPEN_HOURS) - self.answer
        told = [(self.answer, Step(0, "agent_reply", self._get_first_text()))]
        told += [(self.answer + step.part * length, step) for step in course]
        if self.close:
            told.append((self.close, Step(1, "resolved")))
        return sorted(told, key=lambda item: item[0])

    def _get_first_text(self):
        if self.line["course"] in ("asked", "waits"):
            return ASKED[self.topic["category"]][0]
        return FIRST.get(self.line["course"]) or self.topic["reply"]

    def get_text(self, step):
        if step.text or step.kind not in ("agent_reply", "customer_reply"):
            return step.text
        is_ours = step.kind == "agent_reply"
        return self.topic["reply"] if is_ours else ASKED[self.topic["category"]][1]


def serve(env):
    """All these tickets, with what happened to them until now."""
    cases = read_cases()
    tickets = env["helpdesk.ticket"].create(
        [prepare_ticket(env, case) for case in cases]
    )
    opened = [case.opened for case in cases]
    set_dates(env, tickets, opened)
    set_event_dates(env, tickets)
    tickets._apply_promise()
    clock = WorkClock(env.company.resource_calendar_id, min(opened), max(opened))
    happened = [
        list(happen(env, ticket, case, clock))
        for ticket, case in zip(tickets, cases, strict=True)
    ]
    log(env, [event for events in happened for event in events])
    for ticket, events in zip(tickets, happened, strict=True):
        settle(env, ticket, events)


# --- who asked what, and when ---


def read(name):
    with file_open(f"crm_relationship/demo/{name}.csv") as file:
        return list(csv.DictReader(file))


def read_cases():
    """The tickets that have come by now, in the order in which they came."""
    topics = {topic["topic"]: topic for topic in read("topics")}
    limit = find_workday(fields.Date.today(), -RECENT_DAYS)
    cases = []
    for line in read("tickets"):
        day = get_day(line)
        if not line["month"] or day < limit:
            opened = datetime.combine(day, time(6)) + timedelta(
                hours=float(line["hour"]) - 6
            )
            cases.append(Case(line, topics[line["topic"]], opened))
    return sorted(cases, key=lambda case: case.opened)


def get_day(line):
    """A working day: of a month so many before this one, else so many before today."""
    number = int(line["day"])
    if not line["month"]:
        return find_workday(fields.Date.today(), -number)
    return find_workday(get_month(int(line["month"])) - timedelta(days=1), number)


def prepare_ticket(env, case):
    contact = get_contact(env, case.line["contact"])
    topic, team = case.topic, get(env, "team_service")
    return {
        "name": topic["title"],
        "description": f"<p>{topic['text']}</p>",
        "partner_id": contact.id,
        "partner_name": contact.name,
        "partner_email": contact.email,
        "channel_id": get_channel(env, case.line["channel"]).id,
        "kind_id": env.ref(f"{PREFIX}ticket_kind_{topic['kind']}").id,
        "category_id": get(env, f"category_{topic['category']}").id,
        "product_id": topic["product"] and get(env, f"product_{topic['product']}").id,
        "stage_id": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new").id,
        "user_id": get(env, f"user_{case.line['agent']}").id,
        "team_id": team.id,
        # Nobody chose it: the policy may have another one.
        "routing": {"team_id": team.id},
        "handling_minutes": float(case.line["minutes"]),
        "fcr_cause_id": case.line["cause"]
        and get(env, f"fcr_cause_{case.line['cause']}").id,
        "cause": topic["cause"],
        "remedy": topic["remedy"],
    }


# --- what happened ---


def happen(env, ticket, case, clock):
    """Values of the events until now, with the ``text`` of what was written and its ``author_id``."""
    now = fields.Datetime.now()
    owner, team = ticket.user_id, ticket.team_id
    for hours, step in case.steps:
        moment = clock.get_deadline(case.opened, hours)
        if moment > now:
            return
        values = {"date": moment, "user_id": owner.id}
        if step.kind == "handed_over":
            values |= hand_over(env, case, owner, team)
            owner = owner.browse(values["to_user_id"])
            team = team.browse(values["to_team_id"])
        if step.kind in ("customer_reply", "said_solved", "resumed", "reopened"):
            values["user_id"] = False
        author = owner.partner_id if values["user_id"] else ticket.partner_id
        yield {
            **ticket._prepare_event(step.kind, **values),
            "text": case.get_text(step),
            "author_id": author.id,
        }


def hand_over(env, case, owner, team):
    """From whom it goes to whom: to the colleague, or to the workshop."""
    colleagues = get(env, "user_agent") + get(env, "user_agent2")
    workshop = get(env, "team_workshop")
    is_workshop = case.line["course"] == "workshop"
    return {
        "from_user_id": owner.id,
        "to_user_id": (owner if is_workshop else (colleagues - owner)[0]).id,
        "from_team_id": team.id,
        "to_team_id": (workshop if is_workshop else team).id,
        "reason": "Needs a look into the device."
        if is_workshop
        else ASKED[case.topic["category"]][2],
    }


def log(env, events):
    """Write the messages and the events, all in one go."""
    written = [event for event in events if event["text"]]
    messages = env["mail.message"].create(
        [prepare_message(env, event) for event in written]
    )
    for event, message in zip(written, messages, strict=True):
        event["message_id"] = message.id
    env["crm.relationship.ticket.event"]._log(
        [
            {name: event[name] for name in event if name not in ("text", "author_id")}
            for event in events
        ]
    )


def prepare_message(env, event):
    return {
        "model": "helpdesk.ticket",
        "res_id": event["ticket_id"],
        "body": event["text"],
        "author_id": event["author_id"],
        "date": event["date"],
        "message_type": "comment",
        "subtype_id": env.ref("mail.mt_comment").id,
    }


def settle(env, ticket, events):
    """Stage, owner and team as they are after all that, each with its date."""
    last = {event["kind"]: event for event in events}
    values, dates = {}, {}
    if moved := last.get("handed_over"):
        values |= {"user_id": moved["to_user_id"], "team_id": moved["to_team_id"]}
        dates["assigned_date"] = moved["date"]
    if "said_solved" in last:
        values["is_solved_by_customer"] = "yes"
    if stage := get_stage(ticket, events):
        values["stage_id"] = env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{stage}").id
        dates["last_stage_update"] = ticket.resolved_at or events[-1]["date"]
    if ticket.resolved_at:
        dates["closed_date"] = ticket.resolved_at
    # Odoo dates what is written now.
    ticket._write_silently(values)
    ticket._write_silently(dates)


def get_stage(ticket, events):
    """By what happened last that changed whose turn it is."""
    if ticket.resolved_at:
        return "done"
    turns = [
        event["kind"] for event in events if event["kind"] in ("paused", "resumed")
    ]
    if turns and turns[-1] == "paused":
        return "awaiting"
    return "in_progress" if events else None

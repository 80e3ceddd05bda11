"""Complaints that repeat themselves in the demo: labels that come off, still open; opened parcels, solved."""

from dataclasses import dataclass

from .cast import PREFIX, days_ago, get
from .questions import DAY, Question


@dataclass(frozen=True)
class Complaint(Question):
    """A ticket of a customer who is not content; closed ones name cause and remedy."""

    product: str | None = None
    cause: str | None = None
    remedy: str | None = None


PACKED = {
    "cause": "The new carrier opened parcels to put two into one.",
    "remedy": "Replaced free of charge; we are back with the former carrier.",
}
COMPLAINTS = (
    Complaint(
        "customer_bakari",
        "email",
        "delivery",
        "Parcel arrived open",
        "Two rolls were missing, the tape was cut.",
        25 * DAY,
        4,
        30,
        "agent2",
        **PACKED,
    ),
    Complaint(
        "lindenhof_petra",
        "phone",
        "delivery",
        "Box was opened and taped again",
        "The labels are dirty, we cannot put them on bread.",
        22 * DAY,
        2,
        26,
        **PACKED,
    ),
    Complaint(
        "customer_zinnia",
        "web",
        "delivery",
        "Someone else's rolls in my parcel",
        "I got 100 mm rolls that are not mine.",
        20 * DAY,
        5,
        28,
        **PACKED,
    ),
    Complaint(
        "kowalczyk_ewa",
        "email",
        "supplies",
        "Labels peel off the recycled film",
        "Since the last delivery the edges come up after a day.",
        6 * DAY,
        3,
        reply="Thank you. Please send us one of the rolls: we test its glue.",
        product="labels",
    ),
    Complaint(
        "greenfern_tama",
        "web",
        "supplies",
        "Labels fall off in the cold room",
        "They held for years, the new box does not.",
        4 * DAY,
        6,
        agent="agent2",
        product="labels",
    ),
)
# A ticket of the plot that is one of them too.
THIRD_COMPLAINT = "Third complaint: labels come off"
SOLUTION = (
    "The carrier that we tried in the last weeks opened parcels to put two into one. We are back with the former one."
    " What was missing or spoilt is replaced free of charge."
)


def prepare(env, question):
    """Values of a ticket beyond those that every question has."""
    if not isinstance(question, Complaint):
        kind = "question" if "?" in question.title + question.text else "request"
        return {"kind_id": env.ref(f"{PREFIX}ticket_kind_{kind}").id}
    return {
        "kind_id": env.ref(f"{PREFIX}ticket_kind_complaint").id,
        "product_id": question.product and get(env, f"product_{question.product}").id,
        "cause": question.cause,
        "remedy": question.remedy,
    }


def collect(env, company):
    """Two problems come of them; the one of the parcels is solved, and nobody of the demo gets a mail."""
    env["helpdesk.ticket"].search(
        [("name", "=", THIRD_COMPLAINT), ("company_id", "=", company.id)]
    ).write(
        {
            "kind_id": env.ref(f"{PREFIX}ticket_kind_complaint").id,
            "product_id": get(env, "product_labels").id,
        }
    )
    problems = env["crm.relationship.problem"]._raise(company)
    parcels = problems.filtered("category_id")
    parcels.solution = SOLUTION
    parcels.action_solve()
    parcels.solved_at = days_ago(12)
    env["mail.mail"].search(
        [
            ("model", "=", "helpdesk.ticket"),
            ("res_id", "in", parcels.ticket_ids.ids),
            ("state", "=", "outgoing"),
        ]
    ).cancel()

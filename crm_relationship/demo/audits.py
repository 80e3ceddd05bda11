"""Services that customers of the demo got or were refused; the fairness audits: three sealed months and this one."""

from dataclasses import dataclass
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields

from .cast import get, get_month, get_relationship


@dataclass(frozen=True)
class Use:
    """A service that was given, or refused with a reason: so many months before this one, on that day of the month."""

    customer: str
    service: str
    month: int
    day: int
    agent: str = "agent"
    refusal: str = ""


USES = (
    Use("kaveri", "visit", 3, 5, "manager"),
    Use("weidenau", "visit", 3, 11),
    Use("fjordlys", "training", 3, 18),
    Use("oakridge", "training", 3, 25),
    Use("kaveri", "extended_hours", 2, 9, "manager"),
    Use("fjordlys", "visit", 2, 12),
    Use("aurelia", "video", 2, 16),
    Use("lagoverde", "video", 2, 23, "agent2"),
    Use("greenfern", "extended_hours", 2, 17, refusal="Nobody was there after six."),
    Use("quilla", "video", 2, 24, refusal="No camera at the desk that day."),
    Use("alamos", "training", 2, 24),
    Use("fjordlys", "training", 1, 6),
    Use("lantern", "video", 1, 9, "agent2"),
    Use("harborview", "training", 1, 13, "agent2"),
    Use("kaveri", "visit", 1, 14, "manager"),
    Use("greenfern", "visit", 1, 15, refusal="No technician on the island this month."),
    Use("brelac", "video", 1, 20, "agent2"),
    Use("tarnhill", "training", 1, 21, refusal="The course was full."),
    Use("fjordlys", "video", 0, 1),
    Use("solstice", "video", 0, 1, "agent2"),
)


def audit(env, company):
    """Note the uses, then audit the last three months and seal them; this month is audited so far."""
    env["crm.relationship.service.use"].create(
        [prepare_use(env, use, company) for use in USES]
    )
    audits = env["crm.relationship.audit"].create(
        [prepare_audit(company, month) for month in (3, 2, 1, 0)]
    )
    audits._run()
    audits[:3].action_seal()


def prepare_use(env, use, company):
    return {
        "relationship_id": get_relationship(env, use.customer, company).id,
        "company_id": company.id,
        "service_id": get(env, f"service_{use.service}").id,
        "date": get_month(use.month) + timedelta(days=use.day - 1),
        "state": "refused" if use.refusal else "used",
        "reason": use.refusal,
        "user_id": get(env, f"user_{use.agent}").id,
    }


def prepare_audit(company, month):
    first = get_month(month)
    last = first + relativedelta(months=1, days=-1)
    return {
        "company_id": company.id,
        "date_from": first,
        "date_to": min(last, fields.Date.today()),
    }

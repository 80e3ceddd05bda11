"""What people decide in the demo: types, managers, stages, cost rates, plans, and what customers say to suggestions."""

from datetime import date, timedelta

from odoo import Command, fields
from odoo.tools import SQL

from . import plot
from .cast import days_ago, get, get_contact, get_relationship


def decide(env, company):
    """Cost rates, types with their reasons, managers, stages, and one segment by hand."""
    set_rates(env, company)
    settle(env, company)
    for kept in plot.DECISIONS:
        get_relationship(env, kept.customer, company).write(
            {
                "manager_id": kept.manager and get(env, f"user_{kept.manager}").id,
                "deputy_id": kept.deputy and get(env, f"user_{kept.deputy}").id,
                "stage_id": get(env, f"stage_{kept.stage}").id,
            }
        )
    for given in plot.TYPES:
        env["crm.relationship.assignment"].create(prepare_type(env, given, company))
    get_relationship(env, "oakridge", company).write(
        {
            "segment_id": get(env, "segment_core").id,
            "segment_is_manual": True,
            "segment_reason": "Pilot for 40 schools; the board decides in spring.",
            "segment_until_date": fields.Date.today() + timedelta(days=150),
        }
    )


def settle(env, company):
    """Customers whose first order is old are not onboarding any more; each relationship is as old as it."""
    relationships = env["crm.relationship"].search([("company_id", "=", company.id)])
    bought = relationships.filtered("first_order_date")
    settled = bought.filtered(
        lambda item: item.tenure_days > company.relationship_new_days
    )
    settled.stage_id = get(env, "stage_active")
    (bought - settled).stage_id = get(env, "stage_onboarding")
    env.flush_all()
    env.cr.execute(
        SQL(
            "UPDATE crm_relationship SET create_date = first_order_date"
            " WHERE company_id = %s AND first_order_date IS NOT NULL",
            company.id,
        )
    )
    relationships.invalidate_recordset(["create_date"])


def prepare_type(env, given, company):
    today = fields.Date.today()
    return {
        "relationship_id": get_relationship(env, given.customer, company).id,
        "type_id": get(env, f"type_{given.type}").id,
        "since": today - timedelta(days=given.since),
        "until": given.until is not None and today - timedelta(days=given.until),
        "is_primary": given.is_primary,
        "reason": given.reason,
    }


# --- what our time costs ---


def set_rates(env, company):
    """Rates that followed those every company starts with, each from the first of January of its year."""
    this_year = fields.Date.today().year
    env["crm.relationship.cost.rate"].create(
        [
            {
                "company_id": company.id,
                "channel_id": get(env, f"interaction_channel_{rate.channel}").id,
                "date_from": date(this_year + rate.year, 1, 1),
                "hour_amount": rate.hour,
                "touch_amount": rate.touch,
            }
            for rate in plot.RATES
        ]
    )


# --- key account plans ---


def plan(env, company):
    """The plans of the key accounts, with whom they count on."""
    # No mail about the activities of the reviews.
    plans = env["crm.relationship.plan"].with_context(mail_activity_quick_update=True)
    plans.create([prepare_plan(env, planned, company) for planned in plot.PLANS])


def prepare_plan(env, planned, company):
    today = fields.Date.today()
    review = planned.review is not None and today + timedelta(days=planned.review)
    objectives = "".join(f"<li>{text}</li>" for text in planned.objectives)
    return {
        "relationship_id": get_relationship(env, planned.customer, company).id,
        "year": today.year + planned.year,
        "state": planned.state,
        "objectives": f"<ul>{objectives}</ul>",
        "next_review_date": review,
        "planned_revenue_amount": planned.revenue,
        "planned_margin_amount": planned.margin,
        "planned_cost_amount": planned.cost,
        "stakeholder_ids": [
            Command.create(
                {
                    "contact_id": get_contact(env, person.contact).id,
                    "role": person.role,
                    "attitude": person.attitude,
                    "note": person.note,
                }
            )
            for person in planned.stakeholders
        ],
    }


# --- what customers say to suggestions ---


def answer_suggestions(env, company):
    """Some suggestions are offered, some of these ordered, some refused; the others are still open."""
    for answer in plot.ANSWERS:
        relationship = get_relationship(env, answer.customer, company)
        suggestion = relationship.suggestion_ids.filtered_domain(
            [
                ("state", "=", "open"),
                ("product_id", "=", get(env, f"product_{answer.product}").id),
            ]
        )
        suggestion.date = days_ago(answer.days + 6).date()
        seller = suggestion.with_user(get(env, f"user_{answer.agent}"))
        if answer.refusal:
            seller._refuse(answer.refusal)
            suggestion.outcome_date = days_ago(answer.days).date()
            continue
        seller.action_create_quotation()
        if answer.is_ordered:
            order = suggestion.sale_order_id
            order.action_confirm()
            order.date_order = days_ago(answer.days)
            suggestion.outcome_date = days_ago(answer.days).date()

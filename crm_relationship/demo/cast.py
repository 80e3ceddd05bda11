"""Who is meant in the demo, and when: records by the names of ``plot.py``, times by days before today."""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import SQL

PREFIX = "crm_relationship."


def get(env, name):
    """The record of the demo with that name: a contact, or a whole customer."""
    return env.ref(PREFIX + name)


def get_contact(env, name):
    return get(env, name if name.startswith("customer_") else f"contact_{name}")


def days_ago(days, hour=9):
    """A working time so many days before today, naive UTC."""
    day = fields.Date.today() - timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, 20)


def get_month(month):
    """The first day of a month, so many before this one."""
    return fields.Date.today().replace(day=1) - relativedelta(months=month)


def find_workday(day, number):
    """The so many-th day from Monday to Friday after a day, before it if the number is negative."""
    step = timedelta(days=1 if number > 0 else -1)
    while number:
        day += step
        if day.weekday() < 5:
            number -= step.days
    return day


def get_channel(env, name):
    is_theirs = name in ("web", "email", "phone")
    prefix = "helpdesk_mgmt.helpdesk_ticket_" if is_theirs else PREFIX
    return env.ref(f"{prefix}channel_{name}")


def set_dates(env, tickets, moments):
    """The tickets came at these moments. The ORM keeps ``create_date`` to itself."""
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket ticket
               SET create_date = came.moment, last_stage_update = came.moment,
                   assigned_date = CASE WHEN ticket.user_id IS NOT NULL THEN came.moment END
              FROM UNNEST(%s::int[], %s::timestamp[]) came (id, moment)
             WHERE came.id = ticket.id
            """,
            tickets.ids,
            list(moments),
        )
    )
    tickets.invalidate_recordset()


def get_relationship(env, customer, company):
    pair = (company.id, get(env, f"customer_{customer}").id)
    return env["crm.relationship"]._get_or_create([pair])[pair]

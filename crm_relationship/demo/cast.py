"""Who is meant in the demo, and when: records by the names of ``plot.py``, times by days before today."""

from datetime import datetime, timedelta

from odoo import fields

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


def get_relationship(env, customer, company):
    pair = (company.id, get(env, f"customer_{customer}").id)
    return env["crm.relationship"]._get_or_create([pair])[pair]

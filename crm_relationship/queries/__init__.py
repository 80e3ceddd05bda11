"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    compass,
    costs,
    curve,
    customers,
    feedback,
    health,
    interactions,
    merge,
    plan,
    profitability,
    refresh,
    reports,
    review,
    snapshots,
    sources,
    suggestions,
    tickets,
)

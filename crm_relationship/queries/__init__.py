"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    cohorts,
    compass,
    costs,
    curve,
    customers,
    feedback,
    figures,
    interactions,
    intervals,
    merge,
    plan,
    profitability,
    refresh,
    reports,
    snapshots,
    sources,
    suggestions,
    tickets,
)

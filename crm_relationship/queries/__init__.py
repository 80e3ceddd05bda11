"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    compass,
    costs,
    customers,
    feedback,
    health,
    interactions,
    merge,
    profitability,
    refresh,
    reports,
    snapshots,
    sources,
    suggestions,
    tickets,
)

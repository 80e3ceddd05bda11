"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    compass,
    costs,
    curve,
    interactions,
    merge,
    plan,
    profitability,
    refresh,
    review,
    snapshots,
    sources,
    tickets,
)

"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import merge, refresh, sources, suggestions, tickets
from . import (
    compass,
    costs,
    curve,
    customers,
    feedback,
    interactions,
    merge,
    plan,
    profitability,
    refresh,
    review,
    reports,
    snapshots,
    sources,
    tickets,
)

"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import cohorts, intervals, merge, refresh, sources, tickets
from . import (
    customers,
    feedback,
    interactions,
    merge,
    reports,
    refresh,
from . import (
    compass,
    costs,
    curve,
    interactions,
    merge,
    plan,
    profitability,
    refresh,
    snapshots,
    sources,
    tickets,
)
from . import merge, refresh, sources, suggestions, tickets

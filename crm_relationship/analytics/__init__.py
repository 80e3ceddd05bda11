"""Pure functions: no Odoo, no environment, no clock. One file per method of the field."""

from . import (
    affinity,
    baskets,
    curve,
    fairness,
    health,
    reorder,
    significance,
    worktime,
)

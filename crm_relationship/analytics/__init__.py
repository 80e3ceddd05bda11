"""Pure functions: no Odoo, no environment, no clock. One file per method of the field."""

from . import (
    affinity,
    baskets,
    clv,
    curve,
    fairness,
    gamma_gamma,
    interval,
    reorder,
    rfm,
    significance,
    worktime,
)
from . import affinity, baskets, fairness, health, reorder, significance, worktime
    curve,
    fairness,
    reorder,
    significance,
    worktime,
)

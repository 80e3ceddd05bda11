"""Pure functions: no Odoo, no environment, no clock. One file per method of the field."""

from . import (
    affinity,
    audit,
    baskets,
    clv,
    curve,
    dispatch,
    fairness,
    fcr,
    gamma_gamma,
    health,
    interval,
    reorder,
    rfm,
    significance,
    worktime,
)

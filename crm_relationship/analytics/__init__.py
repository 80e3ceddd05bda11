"""Pure functions: no Odoo, no environment, no clock. One file per method of the field."""

from . import clv, fairness, gamma_gamma, interval, rfm, worktime
from . import curve, fairness, worktime
from . import affinity, baskets, fairness, reorder, significance, worktime

"""Pure functions: no Odoo, no environment, no clock. One file per method of the field."""

from . import curve, fairness, worktime
from . import affinity, baskets, fairness, reorder, significance, worktime

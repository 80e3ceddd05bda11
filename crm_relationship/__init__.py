from . import analytics, controllers, models, queries, report, wizards
from .hooks import post_init_hook

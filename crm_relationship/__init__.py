from . import analytics, controllers, models, queries, report, review, wizards
from . import demo  # after the models that it extends
from .hooks import post_init_hook, uninstall_hook

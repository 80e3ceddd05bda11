from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


def is_uninstall(env):
    """Whether Odoo takes the addon away. Clients may send the flag too, but they are never the superuser."""
    return env.su and bool(env.context.get(MODULE_UNINSTALL_FLAG))

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


def is_uninstall(env):
    """Whether Odoo takes the addon away at this moment: the flag alone may come with the request of a client."""
    if not (env.su and env.context.get(MODULE_UNINSTALL_FLAG)):
        return False
    leaving = [("name", "=", "crm_relationship"), ("state", "=", "to remove")]
    return bool(env["ir.module.module"].search_count(leaving))

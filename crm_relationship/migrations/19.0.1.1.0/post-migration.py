from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file


def migrate(cr, _version):
    """Say on which interaction channel the helpdesk channels and activity types that exist already are counted: they
    are data that an update leaves alone."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    convert_file(
        env,
        "crm_relationship",
        "data/crm_relationship_channel.xml",
        {},
        mode="init",
        noupdate=True,
    )

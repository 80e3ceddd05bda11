from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file


def migrate(cr, _version):
    """Say on which interaction channel the helpdesk channels and activity types that exist already are counted: they
    are data that an update leaves alone."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    path = "data/crm_relationship_channel.xml"
    convert_file(env, "crm_relationship", path, {}, mode="init", noupdate=True)
    for code in ("chat", "video", "visit", "letter"):
        channel = env.ref(f"crm_relationship.channel_{code}", raise_if_not_found=False)
        if channel:
            channel.relationship_channel_id = env.ref(
                f"crm_relationship.interaction_channel_{code}"
            )

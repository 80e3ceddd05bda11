"""What happens once, when the addon is installed in a database that already has a history."""


def post_init_hook(env):
    """Every company has a default type, a floor, and relationships for the customers it already has."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies._set_default_type()
    for company in companies:
        env["crm.relationship"]._refresh(company)
    companies._create_missing_floors()

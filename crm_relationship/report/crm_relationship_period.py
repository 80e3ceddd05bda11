from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainCondition, DomainNary


class CrmRelationshipPeriod(models.AbstractModel):
    """A report over the contracts that reads only the months which it is asked for.

    The rows of a report are numbered, and PostgreSQL takes no condition below a numbering. So the days that a domain
    leaves are found here, and ``_table_query`` is told by the context (``relationship_period``: first and last day,
    None where it is open) to read no others. The numbers start anew in each month (see ``queries.reports``), so that
    a row has the same whatever was read.
    """

    _name = "crm.relationship.period"
    _description = "Report by Period"

    @api.model
    def _search(self, domain, *args, **kwargs):
        domain = Domain(domain).optimize_full(self)
        period = get_period(domain, "date")
        asked = self.with_context(relationship_period=period)
        return super(CrmRelationshipPeriod, asked)._search(domain, *args, **kwargs)

    @api.model
    def _get_period(self):
        """(first day, last day) of what is to be read, None where it is open."""
        return self.env.context.get("relationship_period", (None, None))


def get_period(domain, name):
    """(lowest, highest) value that a field can have in what meets an optimized domain, None where it is open."""
    if isinstance(domain, DomainCondition):
        return _get_bounds(domain, name)
    if not isinstance(domain, DomainNary):
        return None, None
    lows, highs = zip(
        *(get_period(child, name) for child in domain.children), strict=True
    )
    if domain.OPERATOR == "&":
        return _known(max, lows), _known(min, highs)
    return (
        None if None in lows else min(lows),
        None if None in highs else max(highs),
    )


def _get_bounds(condition, name):
    if condition.field_expr != name or not condition.value:
        return None, None
    if condition.operator in (">", ">="):
        return condition.value, None
    if condition.operator in ("<", "<="):
        return None, condition.value
    return None, None


def _known(choose, values):
    return choose((value for value in values if value is not None), default=None)

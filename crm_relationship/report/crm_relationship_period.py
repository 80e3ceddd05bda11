import re
from collections.abc import Set

from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainNary

from ..queries.reports import Scope, get_partner_id

# What takes long to find: only for those who ask.
DEAR = ("id", "initiative")


class CrmRelationshipPeriod(models.AbstractModel):
    """A report over the contracts that reads only what it is asked for.

    The rows of a report are numbered, and PostgreSQL takes no condition below a numbering. So the days and the rows
    that a domain leaves are found here, and ``_table_query`` is told by the context (``relationship_scope``: first and
    last day and customers, None where all are meant) to read no others. The numbers start anew for each customer and
    month (see ``queries.reports``), so that a row has the same whatever was read. Groups have no rows: unless they
    ask for them, numbers and who began a conversation are left out (``relationship_without_<name>``).
    """

    _name = "crm.relationship.period"
    _description = "Report by Period"

    @api.model
    def _search(self, domain, *args, **kwargs):
        domain = Domain(domain).optimize_full(self)
        ids = get_ids(domain)
        partner_ids = None if ids is None else sorted(set(map(get_partner_id, ids)))
        scope = (*get_period(domain, "date"), partner_ids)
        asked = self.with_context(relationship_scope=scope)
        return super(CrmRelationshipPeriod, asked)._search(domain, *args, **kwargs)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        asked = self._leave_out_unasked(domain, groupby, aggregates, args, kwargs)
        return super(CrmRelationshipPeriod, asked)._read_group(
            domain, groupby, aggregates, *args, **kwargs
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), **kwargs):
        asked = self._leave_out_unasked(domain, grouping_sets, aggregates, kwargs)
        return super(CrmRelationshipPeriod, asked)._read_grouping_sets(
            domain, grouping_sets, aggregates, **kwargs
        )

    @api.model
    def _leave_out_unasked(self, domain, *specs):
        paths = [item.field_expr for item in Domain(domain).iter_conditions()]
        asked = re.findall(r"\w+", str([*paths, *specs]))
        return self.with_context(
            **{f"relationship_without_{name}": name not in asked for name in DEAR}
        )

    @api.model
    def _read_group_postprocess_groupby(self, groupby_spec, raw_values):
        """The records of groups go their way without what was told to this report."""
        told = {f"relationship_without_{name}": False for name in DEAR}
        return super(
            CrmRelationshipPeriod, self.with_context(**told)
        )._read_group_postprocess_groupby(groupby_spec, raw_values)

    @api.model
    def _get_scope(self):
        """:class:`queries.reports.Scope`: what is to be read."""
        scope = self.env.context.get("relationship_scope", (None, None, None))
        has_id = not self.env.context.get("relationship_without_id")
        return Scope(*scope, has_id)


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


def get_ids(domain):
    """The ids to which an optimized domain keeps, None where it names none."""
    conditions = domain.children if isinstance(domain, DomainAnd) else [domain]
    for item in conditions:
        if (
            isinstance(item, DomainCondition)
            and (item.field_expr, item.operator) == ("id", "in")
            and isinstance(item.value, Set | list | tuple)
            and all(isinstance(value, int) for value in item.value)
        ):
            return item.value
    return None


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

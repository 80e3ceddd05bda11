"""The sheets of the account review. Each is told its columns once and then gets the relationships batch by batch."""

from dateutil.relativedelta import relativedelta

from odoo import fields

from ..queries import review as review_query
from .workbook import Column

KINDS = {
    "integer": "integer",
    "float": "number",
    "monetary": "money",
    "date": "date",
    "datetime": "datetime",
}
MONTHS = 24


def kind_of(name, type_):
    """The kind of column for a field.

    >>> kind_of("alive_probability", "float"), kind_of("health_score", "float"), kind_of("note", "char")
    ('ratio', 'number', 'text')
    """
    if name.endswith(("_ratio", "_probability")):
        return "ratio"
    if name == "year":
        return "year"
    return KINDS.get(type_, "text")


class ReviewSheet:
    """One sheet of the review. An addon adds its own by ``crm.relationship._get_review_sheets``.

    The first two columns are always the number of the customer in this review and his name.

    :param env: environment of the reader; what he may not see must not get in.
    """

    def __init__(self, env, book):
        self.env = env
        self.book = book
        self.table = None

    @property
    def title(self):
        raise NotImplementedError

    def get_columns(self):
        """The columns after number and customer."""
        raise NotImplementedError

    def get_rows(self, relationships):
        """Yield (relationship, values of the columns) of a batch, with a constant number of queries."""
        raise NotImplementedError

    def is_available(self):
        """Whether the reader gets this sheet at all."""
        return True

    def start(self):
        columns = [
            Column(self.env._("No."), "integer", 6),
            Column(self.env._("Customer"), width=34),
            *self.get_columns(),
        ]
        self.table = self.book.add_table(self.title, columns)

    def add(self, numbers, relationships):
        """Add a batch. ``numbers``: relationship id -> number in this review."""
        for relationship, values in self.get_rows(relationships):
            row = [numbers[relationship.id], relationship.display_name, *values]
            self.table.add_row(row, relationship.currency_id)

    def connect(self, sheets):
        """After the last batch, before anybody finishes: look at what the others have."""

    def finish(self):
        """After the last batch."""
        self.table.close()

    # --- help for sheets ---

    def describe(self, model, names):
        """name -> what ``fields_get`` tells of these fields, in that order; only those that the reader may see."""
        found = self.env[model].fields_get(names, ["string", "type", "selection"])
        return {name: found[name] for name in names if name in found}

    def make_columns(self, described, widths=None):
        widths = widths or {}
        return [
            Column(item["string"], kind_of(name, item["type"]), widths.get(name))
            for name, item in described.items()
        ]

    def to_cell(self, record, name, description):
        """A field's value as a cell has it; None for nothing."""
        value, type_ = record[name], description["type"]
        if type_ == "selection":
            return dict(description["selection"]).get(value)
        if type_ == "many2one":
            return (
                value.sudo().display_name
            )  # sudo: a name on a record that he may read
        if type_ == "datetime" and value:
            local = fields.Datetime.context_timestamp(record, value)
            return local.replace(tzinfo=None)
        return value


class SummarySheet(ReviewSheet):
    """One row per customer: who he is to us, and his figures."""

    FIELDS = (
        "company_id",
        "segment_id",
        "primary_type_id",
        "stage_id",
        "manager_id",
        "deputy_id",
        "first_order_date",
        "last_order_date",
        "next_order_date",
        "order_count_12m",
        "revenue_12m_amount",
        "margin_12m_amount",
        "cost_to_serve_12m_amount",
        "contribution_12m_amount",
        "clv_amount",
        "health_score",
        "alive_probability",
        "overdue_ratio",
        "completeness_ratio",
        "open_ticket_count",
    )

    @property
    def title(self):
        return self.env._("Summary")

    def get_columns(self):
        self.described = self.describe("crm.relationship", self.FIELDS)
        stored = self.env["crm.relationship"]._fields
        self.figures = [
            name
            for name, item in self.described.items()
            if item["type"] in ("integer", "float", "monetary") and stored[name].store
        ]
        return self.make_columns(self.described, {"open_ticket_count": 14})

    def get_rows(self, relationships):
        figures = review_query.figures(relationships, self.figures)
        for relationship in relationships:
            known = figures[relationship.id]
            yield (
                relationship,
                [
                    known[name]
                    if name in known
                    else self.to_cell(relationship, name, item)
                    for name, item in self.described.items()
                ],
            )


class MonthsSheet(ReviewSheet):
    """One row per customer and closed month of the last 24."""

    FIELDS = (
        "date",
        "order_count",
        "revenue_amount",
        "margin_amount",
        "cost_to_serve_amount",
        "contribution_amount",
        "discount_amount",
        "health_score",
    )
    OPEN_FIELDS = ("date", "order_count", "revenue_amount", "health_score")

    def __init__(self, env, book):
        super().__init__(env, book)
        self.start_date = fields.Date.context_today(env.user).replace(
            day=1
        ) - relativedelta(months=MONTHS)
        self.totals = {}

    @property
    def title(self):
        return self.env._("Months")

    @property
    def snapshots(self):
        # sudo: months are for managers; of customers that he may read, others get the figures without profit
        return self.env["crm.relationship.snapshot"].sudo()

    @property
    def names(self):
        is_manager = self.env["crm.relationship.snapshot"].has_access("read")
        return self.FIELDS if is_manager else self.OPEN_FIELDS

    def get_columns(self):
        found = self.snapshots.fields_get(self.names, ["string", "type"])
        self.described = {name: found[name] for name in self.names}
        return self.make_columns(self.described)

    def get_rows(self, relationships):
        months = self.snapshots.search_fetch(
            [
                ("relationship_id", "in", relationships.ids),
                ("date", ">=", self.start_date),
            ],
            self.names,
            order="date",
        )
        figures = review_query.figures(months, ["health_score"])
        by_relationship = months.grouped("relationship_id")
        for relationship in relationships:
            for month in by_relationship.get(relationship.sudo(), ()):
                self._add(month)
                yield (
                    relationship,
                    [
                        figures[month.id].get(name, month[name])
                        for name in self.described
                    ],
                )

    def _add(self, month):
        """Sum up what the charts show before anybody chooses a customer."""
        sums = self.totals.setdefault(month.date, dict.fromkeys(self.names, 0.0))
        for name in self.names:
            if name.endswith("_amount"):
                sums[name] += month[name]


class TicketSheet(ReviewSheet):
    """The open tickets that the reader may see."""

    FIELDS = (
        "number",
        "name",
        "stage_id",
        "priority",
        "create_date",
        "first_response_deadline",
        "resolution_deadline",
        "user_id",
        "team_id",
    )

    @property
    def title(self):
        return self.env._("Open Tickets")

    def is_available(self):
        return self.env["helpdesk.ticket"].has_access("read")

    def get_columns(self):
        self.described = self.describe("helpdesk.ticket", self.FIELDS)
        return self.make_columns(self.described, {"name": 44})

    def get_rows(self, relationships):
        tickets = self.env["helpdesk.ticket"].search(
            [
                ("relationship_id", "in", relationships.ids),
                ("stage_id.closed", "=", False),
            ]
        )
        by_relationship = tickets.grouped("relationship_id")
        for relationship in relationships:
            for ticket in by_relationship.get(relationship, ()):
                yield (
                    relationship,
                    [
                        self.to_cell(ticket, name, item)
                        for name, item in self.described.items()
                    ],
                )


class SuggestionSheet(ReviewSheet):
    """What could be offered to the customer, and what became of it."""

    FIELDS = (
        "date",
        "kind",
        "product_id",
        "reason",
        "support_ratio",
        "confidence_ratio",
        "lift",
        "expected_date",
        "state",
        "refusal_reason",
    )
    RULE_FIELDS = ("support_ratio", "confidence_ratio", "lift")

    @property
    def title(self):
        return self.env._("Suggestions")

    def get_columns(self):
        self.described = self.describe("crm.relationship.suggestion", self.FIELDS)
        return self.make_columns(self.described, {"reason": 70, "product_id": 34})

    def get_rows(self, relationships):
        suggestions = self.env["crm.relationship.suggestion"].search(
            [("relationship_id", "in", relationships.ids)]
        )
        by_relationship = suggestions.grouped("relationship_id")
        for relationship in relationships:
            for suggestion in by_relationship.get(relationship, ()):
                yield relationship, self._prepare_values(suggestion)

    def _prepare_values(self, suggestion):
        """A reorder stands on the customer's own rhythm: it has no numbers of a rule."""
        is_reorder = suggestion.kind == "reorder"
        return [
            None
            if is_reorder and name in self.RULE_FIELDS
            else self.to_cell(suggestion, name, item)
            for name, item in self.described.items()
        ]


class PlanSheet(ReviewSheet):
    """Plan against actual, one row per key account plan."""

    FIELDS = (
        "year",
        "state",
        "planned_revenue_amount",
        "actual_revenue_amount",
        "revenue_ratio",
        "planned_margin_amount",
        "actual_margin_amount",
        "planned_cost_amount",
        "actual_cost_amount",
        "next_review_date",
    )

    @property
    def title(self):
        return self.env._("Plan against Actual")

    def get_columns(self):
        self.described = self.describe("crm.relationship.plan", self.FIELDS)
        return self.make_columns(self.described)

    def get_rows(self, relationships):
        plans = self.env["crm.relationship.plan"].search(
            [("relationship_id", "in", relationships.ids)]
        )
        by_relationship = plans.grouped("relationship_id")
        for relationship in relationships:
            for plan in by_relationship.get(relationship, ()):
                yield relationship, self._prepare_values(plan)

    def _prepare_values(self, plan):
        values = {
            name: self.to_cell(plan, name, item)
            for name, item in self.described.items()
        }
        if not plan.planned_revenue_amount:
            values["revenue_ratio"] = None
        return list(values.values())

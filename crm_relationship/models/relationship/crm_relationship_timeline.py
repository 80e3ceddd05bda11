from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...queries import timeline

MAX_LIMIT = 200
# Kind -> (report model, whose rights decide; SELECT of the timeline; method of the contract). Quickest to read first.
KINDS = {
    "transaction": (
        "crm.relationship.transaction",
        timeline.transactions,
        "_transaction_query",
    ),
    "feedback": (
        "crm.relationship.feedback",
        timeline.feedback,
        "_feedback_query",
    ),
    "interaction": (
        "crm.relationship.interaction",
        timeline.interactions,
        "_interaction_query",
    ),
}
BEST_SCORES = {"csat": 5}
ICONS = {
    "sale": "fa-shopping-cart",
    "refund": "fa-undo",
    "down_payment": "fa-clock-o",
    "feedback": "fa-star-o",
}


class CrmRelationship(models.Model):
    """The history of one customer: contacts, sales and answers, the newest first."""

    _inherit = "crm.relationship"

    @api.readonly
    def get_timeline(self, kinds=None, limit=30, before=None):
        """One page of the customer's history. The number of queries does not grow with the history or the page.

        :param kinds: names of :data:`KINDS`; None for all.
        :param before: ``next`` of the page before, None for the first page.
        :return: dict of ``entries`` (list of dicts, the newest first) and ``next`` (False on the last page).
        """
        self.ensure_one()
        self.check_access("read")
        kinds = self._check_kinds(kinds)
        if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
            raise ValidationError(
                self.env._(
                    "A page of the timeline has 1 to %(max)s entries, not %(limit)s.",
                    max=MAX_LIMIT,
                    limit=limit,
                )
            )
        self.env.flush_all()
        rows = timeline.fetch_page(
            self.env, self._get_timeline_queries(kinds), limit, self._read_place(before)
        )
        return {
            "entries": self._prepare_timeline_entries(rows),
            "next": self._write_place(rows[-1]) if len(rows) >= limit else False,
        }

    def _check_kinds(self, kinds):
        """The kinds asked for, each of which the user may see in its report."""
        kinds = kinds or list(KINDS)
        for kind in kinds:
            if kind not in KINDS:
                raise ValidationError(
                    self.env._(
                        "The timeline does not know “%(kind)s”. It shows: %(kinds)s.",
                        kind=kind,
                        kinds=", ".join(KINDS),
                    )
                )
            self.env[KINDS[kind][0]].check_access("read")
        return kinds

    def _get_timeline_queries(self, kinds):
        """The SELECTs of these kinds, source by source."""
        customer_id = self.partner_id.id
        sources = self.env["crm.relationship.source"].with_context(
            relationship_customer_id=customer_id
        )
        return [
            select(query, customer_id, self.company_id.id)
            for kind, (_model, select, contract) in KINDS.items()
            if kind in kinds
            for query in sources._get_queries(contract)
        ]

    @api.model
    def _write_place(self, row):
        """The place of an entry, as the client hands it back."""
        return [
            row["date"].isoformat(),
            row["kind"],
            row["document_model"],
            row["document_id"],
        ]

    @api.model
    def _read_place(self, place):
        if not place:
            return None
        try:
            date, kind, model, document_id = place
            return datetime.fromisoformat(date), str(kind), str(model), int(document_id)
        except (TypeError, ValueError) as error:
            raise ValidationError(
                self.env._(
                    "“%(place)s” is no place in the timeline. Load the first page again.",
                    place=place,
                )
            ) from error

    # --- entries ---

    def _prepare_timeline_entries(self, rows):
        """What the client shows of the rows; everything is read at once."""
        documents = self._get_timeline_documents(rows)
        contacts, users = self._get_timeline_names(rows)
        channels = {
            item.code: item
            for item in self.env["crm.relationship.channel"].search_fetch(
                [], ["code", "name", "icon"]
            )
        }
        return [
            {
                "kind": row["kind"],
                "date": fields.Datetime.to_string(row["date"]),
                "direction": row["direction"],
                "contact": contacts.get(row["contact_id"], False),
                "user": users.get(row["user_id"], False),
                "document": documents.get((row["document_model"], row["document_id"])),
                **self._prepare_timeline_texts(row, channels),
            }
            for row in rows
        ]

    @api.model
    def _get_timeline_names(self, rows):
        """id -> name of the contacts, and of the colleagues. Of both no more is read."""
        contacts = self.env["res.partner"].sudo()
        contacts = contacts.browse({row["contact_id"] for row in rows} - {None})
        users = self.env["res.users"].sudo()
        users = users.browse({row["user_id"] for row in rows} - {None})
        users.fetch(["partner_id"])
        (contacts | users.partner_id).fetch(["name"])
        return (
            {contact.id: contact.name for contact in contacts},
            {user.id: user.partner_id.name for user in users},
        )

    def _prepare_timeline_texts(self, row, channels):
        """Title, icon and value of an entry, in the user's language."""
        detail, value = row["detail"], row["value"]
        if row["kind"] == "transaction":
            kinds = self.env["crm.relationship.transaction"]._fields["kind"]
            return {
                "title": dict(kinds._description_selection(self.env))[detail],
                "icon": ICONS[detail],
                "value": self._get_timeline_amount(value),
            }
        if row["kind"] == "feedback":
            metrics = self.env["crm.relationship.feedback"]._fields["metric"]
            names = dict(metrics._description_selection(self.env))
            return {
                "title": names.get(detail, detail),
                "icon": ICONS["feedback"],
                "value": self._get_timeline_score(detail, value),
            }
        channel = channels.get(detail, self.env["crm.relationship.channel"])
        minutes = self.env._("%(minutes)s min", minutes=round(value))
        return {
            "title": channel.name or detail,
            "icon": channel.icon or "fa-comment-o",
            "value": minutes if value else False,
        }

    @api.model
    def _get_timeline_score(self, metric, score):
        """The score as given, with the best one where the metric has one."""
        best = BEST_SCORES.get(metric)
        if best is None:
            return f"{score:g}"
        return self.env._("%(score)s of %(best)s", score=f"{score:g}", best=best)

    def _get_timeline_amount(self, amount):
        """Money as text, for those who may see it in the transactions."""
        facts = self.env["crm.relationship.transaction"]
        if not facts._has_field_access(facts._fields["revenue"], "read"):
            return False
        return self.currency_id.format(amount)

    @api.model
    def _get_timeline_documents(self, rows):
        """(model, id) -> name, and what to open where the user may read it."""
        keys = {(row["document_model"], row["document_id"]) for row in rows}
        documents = {}
        for model in sorted({model for model, _id in keys}):
            ids = [res_id for name, res_id in keys if name == model]
            readable = self._get_readable_documents(model, ids)
            documents.update(
                {
                    (model, record.id): {
                        "name": record.display_name,
                        "model": model,
                        "id": record.id,
                    }
                    for record in readable
                }
            )
            if len(readable) < len(ids):
                name = self.env["ir.model"].sudo()._get(model).name
                for res_id in ids:
                    documents.setdefault((model, res_id), {"name": name})
        return documents

    @api.model
    def _get_readable_documents(self, model, ids):
        """Those of a model's records that the user may open; a log-in is none."""
        if model not in self.env or model == "res.users":
            return self.browse()
        records = self.env[model].with_context(active_test=False)
        if not records.has_access("read"):
            return records
        return records.search_fetch([("id", "in", ids)], ["display_name"], order="id")

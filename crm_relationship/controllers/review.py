"""The account review as a file to download."""

from odoo import http
from odoo.http import request

from .portal import MAX_ID
from .workbook import send_workbook


class RelationshipReview(http.Controller):
    """A review as a workbook."""

    @http.route(
        "/crm_relationship/review/<int:review_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download(self, review_id, **_kw):
        """An own request; that of another user looks like one that does not exist."""
        review = request.env["crm.relationship.review"]._find_own(
            min(review_id, MAX_ID)
        )
        relationships = review.relationship_ids
        if not relationships:
            raise request.not_found()
        return send_workbook(review._get_filename(), relationships._write_review)

"""The account review as a file to download."""

import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import content_disposition, request

from .portal import MAX_ID

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RelationshipReview(http.Controller):
    """The file is written to disk while it grows and is sent from there; nothing of it is kept."""

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
        stream = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
        relationships._write_review(stream)
        size = stream.seek(0, 2)
        stream.seek(0)
        headers = [
            ("Content-Type", XLSX),
            ("Content-Length", str(size)),
            ("Content-Disposition", content_disposition(review._get_filename())),
            ("Cache-Control", "no-store"),
        ]
        body = wrap_file(request.httprequest.environ, stream)
        return request.make_response(body, headers)

"""The fairness audit as a file to download."""

import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import content_disposition, request

from .portal import MAX_ID
from .review import XLSX


class RelationshipAudit(http.Controller):
    """The file is written to disk while it grows and is sent from there; nothing of it is kept."""

    @http.route(
        "/crm_relationship/audit/<int:audit_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download(self, audit_id, **_kw):
        """An audit that the user may not read looks like one that does not exist."""
        audits = request.env["crm.relationship.audit"]
        audit = audits._find_readable(min(audit_id, MAX_ID))
        if not audit:
            raise request.not_found()
        stream = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
        audit._write_file(stream)
        size = stream.seek(0, 2)
        stream.seek(0)
        headers = [
            ("Content-Type", XLSX),
            ("Content-Length", str(size)),
            ("Content-Disposition", content_disposition(audit._get_filename())),
            ("Cache-Control", "no-store"),
        ]
        body = wrap_file(request.httprequest.environ, stream)
        return request.make_response(body, headers)

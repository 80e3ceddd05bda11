"""The fairness audit as a file to download."""

from odoo import http
from odoo.http import request

from .portal import MAX_ID
from .workbook import send_workbook


class RelationshipAudit(http.Controller):
    """An audit as a workbook."""

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
        return send_workbook(audit._get_filename(), audit._write_file)

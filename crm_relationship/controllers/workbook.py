"""An Excel file as the answer to a request."""

import tempfile

from werkzeug.wsgi import wrap_file

from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_workbook(name, write):
    """The file is written to disk while it grows and is sent from there; nothing of it is kept.

    :param write: writes the workbook into a binary stream.
    """
    stream = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
    write(stream)
    size = stream.seek(0, 2)
    stream.seek(0)
    headers = [
        ("Content-Type", XLSX),
        ("Content-Length", str(size)),
        ("Content-Disposition", content_disposition(name)),
        ("Cache-Control", "no-store"),
    ]
    body = wrap_file(request.httprequest.environ, stream)
    return request.make_response(body, headers)

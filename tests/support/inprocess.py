"""Odoo in this process: its environment on any database."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from databases import CONF


@functools.cache
def load() -> None:
    """Read Odoo's configuration once."""
    from odoo.tools import config

    config.parse_config(["-c", str(CONF)], setup_logging=False)


@contextmanager
def environment(database: str) -> Iterator[Any]:
    """An environment of the superuser; rolled back at the end unless committed."""
    load()
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
        cr.rollback()
    registry.reset_changes()


def close(database: str) -> None:
    """Forget a database, so that it can be dropped or copied."""
    load()
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db

    Registry.delete(database)
    close_db(database)

"""Odoo's command line, with the tests of both positions run once every installed addon is loaded.

Odoo itself runs a test of the position at_install when its addon is loaded, before the addons that stand on it: it
could never fail because of them. Tests in a browser are left out by those who call it: bundles are not made beforehand.
"""

from collections.abc import Iterable
from typing import Any

POSITIONS = ("at_install", "post_install")


def load_all_positions() -> None:
    from odoo.tests import loader
    from odoo.tests.suite import OdooSuite

    make_suite = loader.make_suite

    def make_whole_suite(modules: Iterable[str], position: str = "at_install") -> Any:
        if position == "at_install":
            return OdooSuite()
        names = list(modules)
        tests = [test for where in POSITIONS for test in make_suite(names, where)]
        suite = OdooSuite(sorted(tests, key=lambda t: getattr(t, "test_sequence", 0)))
        suite.has_http_case = lambda: False  # no browser: nobody needs the bundles
        return suite

    loader.make_suite = make_whole_suite


def main() -> None:
    from odoo.cli.command import main as odoo_main

    load_all_positions()
    odoo_main()


if __name__ == "__main__":
    main()

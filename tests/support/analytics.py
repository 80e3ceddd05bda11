"""The pure functions of an addon, without Odoo."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from databases import ROOT


def load(addon: str = "crm_relationship") -> ModuleType:
    """The package `analytics` of an addon, imported beside the addon instead of through it: load().clv.

    The addon itself cannot be imported where no Odoo runs.
    """
    name = f"{addon}_analytics"
    if name in sys.modules:
        return sys.modules[name]
    folder = ROOT / addon / "analytics"
    spec = spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec and spec.loader
    package = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(package)
    return package

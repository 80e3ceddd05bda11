"""What the addons that the suite stands on promise by their own tests, they still keep with the suite installed."""

from collections.abc import Callable

import pytest

import databases
from checks.addon_tests import DATABASE
from support import upstream
from support.installation import SHORT, Installation

ADDONS = ("helpdesk_mgmt", "crm", "portal", "rating", "sale", "loyalty")
# Needed by their tests alone: the suite does not stand on it.
BESIDE = ["loyalty"]
# Tours in a browser: minutes of bundles for each database, and they look at pages that the suite has its own tours for.
BROWSER = (
    "/helpdesk_mgmt:TestHelpdesMgmtJs",
    "/crm:TestUi",
    "/portal:TestUi",
    "/sale:TestProductAttributeValue.test_attribute_values_deletion_or_archiving",
    "/sale:TestSaleComboConfigurator",
    "/sale:TestSaleMailComposerUI",
    "/sale:TestSaleOrderProductCatalog.test_sale_order_product_catalog_branch_company_tour",
    "/sale:TestSaleOrderProductCatalog.test_add_section_from_product_catalog_on_sale_order_tour",
    "/sale:TestSaleOrderUI",
    "/sale:TestSaleSignature.test_01_portal_sale_signature_tour",
)
# Minutes of tax arithmetic: left out where the run has to be short.
LONG = ("/sale:TestTaxesDownPaymentSale",) if SHORT else ()
TAGS = [f"/{addon}" for addon in ADDONS] + [f"-{tag}" for tag in BROWSER + LONG]


@pytest.fixture
def with_suite(
    make_database: Callable[..., str], copy_database: Callable[[str, str], str]
) -> str:
    modules = [*databases.addons(), *BESIDE]
    made = make_database("upstream", modules, base=DATABASE)
    return copy_database(made, "upstream_with")


@pytest.fixture
def without_suite(
    make_database: Callable[..., str],
    base_database: Callable[[bool], str],
    copy_database: Callable[[str, str], str],
) -> Callable[[], str]:
    """Made only if there is anything to compare."""

    def make() -> str:
        modules = [*databases.foundations(databases.addons()), *BESIDE]
        made = make_database("upstream_plain", modules, base=base_database(False))
        return copy_database(made, "upstream_without")

    return make


def test_their_own_tests_pass_with_the_suite(
    installation: Installation,
    with_suite: str,
    without_suite: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = upstream.run(installation, with_suite, TAGS)
    failed = upstream.failures(found)
    plain = upstream.run(installation, without_suite(), failed) if failed else None
    theirs = upstream.failures(plain) if plain else {}
    with capsys.disabled():
        print(f"\n  {found.passed} tests of {', '.join(ADDONS)} pass with the suite")
        print(f"  left out, needs a browser: {', '.join(BROWSER)}")
        if LONG:
            print(f"  left out, takes long: {', '.join(LONG)}")
        for tag in sorted(theirs.keys() & failed.keys()):
            print(f"  not ours, fails without the suite too: {tag}")
    ours = {tag: text for tag, text in failed.items() if tag not in theirs}
    assert not ours, "\n\n".join(f"{tag}\n{text}" for tag, text in ours.items())
    assert found.passed, "no test was run"

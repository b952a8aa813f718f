import subprocess
import sys

import pytest

from reqlog.catalog import endpoint_of, endpoints, path_parameters
from reqlog.catalog.facts import rows


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", "/v1/customers", "/v1/customers"),
        ("GET", "/v1/customers/cus_1", "/v1/customers/{customer}"),
        ("GET", "/v1/customers/search", "/v1/customers/search"),
        ("DELETE", "/v1/customers/search", "/v1/customers/{customer}"),
        ("PUT", "/v1/customers/search", "/v1/customers/search"),
        (None, "/v1/customers/cus_1", "/v1/customers/{customer}"),
        ("GET", "/v1/plans/small-monthly", "/v1/plans/{plan}"),
        ("GET", "/v1/transfers/tr_1/reversals", "/v1/transfers/{id}/reversals"),
        ("GET", "/v1/transfers/tr_1/reversals/trr_1", "/v1/transfers/{transfer}/reversals/{id}"),
        ("GET", "/v2/core/events/evt_1", "/v2/core/events/{id}"),
        ("GET", "/v1/customers/:id", "/v1/customers/{customer}"),
        ("GET", "/v1/customers/{customer}", "/v1/customers/{customer}"),
        ("GET", "/v1/gizmos/:gizmo_id/parts", "/v1/gizmos/{id}/parts"),
        ("GET", "/v1/gizmos/giz_1MowQVLkdIwHu7ixraBm", "/v1/gizmos/{id}"),
        ("GET", "/v<ID>/customers/cus_S<ID>29iEC0BTN6Pb", "/v<ID>/customers/{id}"),
        ("POST", "/v<ID>/payment_methods/pm_card_visa/attach", "/v<ID>/payment_methods/{id}/attach"),
        ("GET", "/users/42/file_links", "/users/{id}/file_links"),
        ("GET", "/a/550e8400-e29b-41d4-a716-446655440000", "/a/{id}"),
        ("GET", "/commits/9fceb02", "/commits/9fceb02"),
        ("GET", "/commits/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commits/{id}"),
        ("GET", "/reports/2024-01-01/oauth2-token-revocation", "/reports/2024-01-01/oauth2-token-revocation"),
        ("GET", "/v1/customers/", "/v1/customers/"),
        ("GET", "//v1/customers", "//v1/customers"),
        ("GET", "/", "/"),
        ("GET", "/" + "9" * 300, "/" + "9" * 300),
        ("OPTIONS", "*", None),
        ("CONNECT", "example.com:443", None),
        ("GET", "", None),
    ],
)
def test_a_path_has_one_endpoint(method, path, endpoint):
    assert endpoint_of(method, path) == endpoint


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        (None, "/v1/customers/{customer}"),
        ("api.stripe.com", "/v1/customers/{customer}"),
        ("localhost:12111", "/v1/customers/{customer}"),
        ("127.0.0.1", "/v1/customers/{customer}"),
        ("[::1]:8080", "/v1/customers/{customer}"),
        ("example.com", "/v1/customers/{id}"),
        ("localhost.example.com", "/v1/customers/{id}"),
    ],
)
def test_the_catalog_is_asked_for_stripe_and_for_test_servers_only(host, endpoint):
    assert endpoint_of("GET", "/v1/customers/cus_1", host) == endpoint


def test_every_template_is_its_own_endpoint():
    templates = [(method, path) for method, path, _ in rows("endpoints.tsv")]
    assert [(method, path) for method, path in templates if endpoint_of(method, path) != path] == []


def test_the_templates_are_listed_once_and_sorted():
    assert list(endpoints()) == sorted({path for _, path, _ in rows("endpoints.tsv")})


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/v1/plans/small-monthly", ("small-monthly",)),
        ("/v1/customers/cus_1/sources/card_1", ("cus_1", "card_1")),
        ("/v1/customers", ()),
        ("/v1/gizmos/42", ()),
        ("/v1/" + "a/" * 5000, ()),
    ],
)
def test_parameters_are_what_stands_in_their_places(path, parameters):
    assert path_parameters("GET", path) == parameters


def test_importing_the_catalog_reads_nothing_and_loads_nothing_heavy():
    code = (
        "import sys, reqlog.catalog as c; from reqlog.catalog import ids, templates;"
        "print({'importlib.resources', 'pathlib', 'json', 'msgspec'} & set(sys.modules),"
        "templates._root.cache_info().currsize + ids.prefixes.cache_info().currsize)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set() 0\n"

"""Of a header that carries credentials no more is left than what tells two apart."""

import pytest

from reqlog.redact.credentials import redact_authorization, redact_cookies, redact_key, redact_set_cookies

KEY = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"Bearer {KEY}", "Bearer sk_test_…p7dc"),
        (KEY, "sk_test_…p7dc"),
        ("Bearer pk_test_123", "Bearer pk_test_123"),
        ("Bearer <STRIPE_SECRET_KEY>", "Bearer <STRIPE_SECRET_KEY>"),
        ("Bearer sk_test_REDACTED", "Bearer sk_test_REDACTED"),
        ("Bearer something-else", "Bearer [redacted]"),
        ("Bearer 4eC39HqLyjWDarjtT1zdp7dc", "Bearer [redacted …p7dc]"),
        ("Basic 4eC39HqLyjWDarjtT1zdp7dc", "Basic [redacted]"),
        ("Basic ", "Basic "),
        ("api_key mob-82856bdd", "api_key [redacted]"),
        ("Basic dXNlcjpwYXNz", "Basic [redacted]"),
        ("bearer abc, Bearer def", "bearer [redacted]"),
        ('Digest username="a", response="b"', "Digest [redacted]"),
        ("hunter2 and more", "[redacted]"),
        ("Basic", "[redacted]"),
        ("", ""),
    ],
)
def test_an_authorization_keeps_its_scheme(value, expected):
    assert redact_authorization(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (KEY, "sk_test_…p7dc"),
        ("sk_test_…p7dc", "sk_test_…p7dc"),
        ("pk_live_1", "pk_live_1"),
        ("whatever", "[redacted]"),
        ("4eC39HqLyjWDarjtT1zdp7dc", "[redacted …p7dc]"),
    ],
)
def test_a_key_keeps_what_tells_two_apart(value, expected):
    assert redact_key(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a=1; b=2==", "a=[redacted]; b=[redacted]"),
        ("a=; b", "a=; [redacted]"),
        ("", ""),
    ],
)
def test_cookies_keep_their_names(value, expected):
    assert redact_cookies(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("sid=abc; Path=/; HttpOnly", "sid=[redacted]; Path=/; HttpOnly"),
        (
            "a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure, b=2,3; SameSite=Lax",
            "a=[redacted]; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure, b=[redacted]; SameSite=Lax",
        ),
        ("path=secret; other=x", "path=[redacted]; other=[redacted]"),
        ("bare; Path=/", "[redacted]; Path=/"),
    ],
)
def test_set_cookies_keep_names_and_attributes(value, expected):
    assert redact_set_cookies(value) == expected

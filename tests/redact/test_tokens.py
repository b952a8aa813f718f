"""Secrets are known by what they look like, anywhere in a text."""

from collections import Counter

import pytest

from reqlog.redact.tokens import (
    is_placeholder,
    mark_of,
    redact_client_secrets,
    redact_keys,
    redact_private_keys,
    redact_tokens,
    redact_url_credentials,
)

RANDOM = "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"sk_live_{RANDOM}", "sk_live_…p7dc"),
        (f"rk_test_{RANDOM}", "rk_test_…p7dc"),
        (f"ek_live_{RANDOM}", "ek_live_…p7dc"),
        (f"sk_org_live_{RANDOM}", "sk_org_live_…p7dc"),
        (f"sk_{RANDOM}", "sk_…p7dc"),
        (f"whsec_{RANDOM}+/=", "whsec_…c+/="),
        ("sk_test_123", "sk_test_[redacted]"),
        (f"key%3Dsk_test_{RANDOM}%26", "key%3Dsk_test_…p7dc%26"),
        (rf"{{\"a\":\"\nsk_test_{RANDOM}\"}}", r"{\"a\":\"\nsk_test_…p7dc\"}"),
        (f"xsk_test_sk_test_{RANDOM}", "xsk_test_sk_test_…p7dc"),
    ],
)
def test_of_a_key_the_prefix_and_the_last_four_are_left(text, expected):
    assert redact_keys(text, Counter()) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"pk_live_{RANDOM}",
        "sk_test_REDACTED",
        "sk_test_xxxxxxxx",
        "sk_test_********4242",
        "sk_test_…4242",
        f"task_test_{RANDOM}",
        "sk_short",
        "risk_level",
        "whsec_REDACTED",
    ],
)
def test_what_is_no_secret_key_stays(text):
    assert redact_keys(text, Counter()) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pi_3abc_secret_xyz", "pi_3abc_secret_[redacted]"),
        (f"seti_1_secret_{RANDOM}&a=1", "seti_1_secret_[redacted]&a=1"),
        (f"src_client_secret_{RANDOM}", "src_client_secret_[redacted]"),
        ("vs_1N_secret_test_YWNjdF8x", "vs_1N_secret_[redacted]"),
        (f"cs_test_a1_secret_{RANDOM}%2F{RANDOM}", "cs_test_a1_secret_[redacted]"),
        (f"accs_secret__{RANDOM}", "accs_secret_[redacted]"),
    ],
)
def test_of_a_client_secret_the_object_is_left(text, expected):
    assert redact_client_secrets(text, Counter()) == expected


@pytest.mark.parametrize(
    "text",
    ["<STRIPE_SECRET_KEY>", "client_secret_basic", "my_secret_santa", "%22aws_secret_access_key%22", "pi_3_secret"],
)
def test_what_is_no_client_secret_stays(text):
    assert redact_client_secrets(text, Counter()) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{RANDOM}!", "got [redacted …p7dc]!"),
        ("cut eyJhbGciOiJIUz", "cut [redacted]"),
        (f"Authorization: Bearer {RANDOM}", "Authorization: Bearer [redacted …p7dc]"),
        ("Bearer abc123de-XYZ", "Bearer [redacted]"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted]"),
        ("Bearer sk_test_…4242", "Bearer sk_test_…4242"),
        ("Bearer authentication is basic information", "Bearer authentication is basic information"),
        ('Bearer realm="Stripe"', 'Bearer realm="Stripe"'),
        ("eyJjdXJzb3IiOjF9", "eyJjdXJzb3IiOjF9"),
    ],
)
def test_tokens_in_free_text_go(text, expected):
    assert redact_tokens(text, Counter()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://user:pass@example.com/x", "see https://[redacted]@example.com/x"),
        ("postgres://u:p@ss@db/x", "postgres://[redacted]@db/x"),
        (r"https:\/\/user:pass@example.com\/x", r"https:\/\/[redacted]@example.com\/x"),
        ("u=https%3A%2F%2Fuser%3Apass%40example.com", "u=https%3A%2F%2F[redacted]%40example.com"),
        (f"https://{RANDOM}@example.com", "https://[redacted]@example.com"),
        ("https://sk_test_…4242:@example.com", "https://sk_test_…4242:@example.com"),
        ("ssh://git@example.com/x", "ssh://git@example.com/x"),
        ("https://example.com/a@b:c", "https://example.com/a@b:c"),
        ("//user:pass@example.com/x", "//[redacted]@example.com/x"),
    ],
)
def test_credentials_in_urls_go(text, expected):
    assert redact_url_credentials(text, Counter()) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[redacted]", True),
        ("<SECRET>", True),
        ("sk_test_…4242", True),
        ("sk_test_REDACTED", True),
        ("[FILTERED]", True),
        ("[redacted …x8Yz]", True),
        ("[card …4242]", True),
        ("pi_3abc_secret_[redacted]", True),
        ("********", True),
        ("<hunter2>", False),
        ("[redacted] and more", False),
        ("", False),
    ],
)
def test_a_placeholder_is_known(value, expected):
    assert is_placeholder(value) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\n",
        ),
        ("-----BEGIN PRIVATE KEY-----MIIEcut", "-----BEGIN PRIVATE KEY-----[redacted]"),
        (
            "-----BEGIN PUBLIC KEY-----MIIE-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----MIIE-----END PUBLIC KEY-----",
        ),
    ],
)
def test_private_keys_go(text, expected):
    assert redact_private_keys(text, Counter()) == expected
    assert redact_private_keys(expected, Counter()) == expected


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (RANDOM, "[redacted …p7dc]"),
        (RANDOM[:19], "[redacted]"),
        ("correct horse battery staple 1", "[redacted]"),
        ("correcthorsebatterystaple", "[redacted]"),
        ("12345678901234567890", "[redacted]"),
    ],
)
def test_of_what_is_long_and_random_four_characters_tell_two_apart(secret, expected):
    assert mark_of(secret) == expected

"""Names that hold secrets are known however they are spelled, and names about secrets are not taken for them."""

import pytest

from reqlog.redact.names import rule_of_header, rule_of_name, rule_of_parameter


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("password", "password"),
        ("userPassword", "password"),
        ("new-passwd", "password"),
        ("client_secret", "secret"),
        ("clientSecret", "secret"),
        ("aws_secret_access_key", "api_key"),
        ("access_token", "token"),
        ("X-Auth-Token", "token"),
        ("apiKey", "api_key"),
        ("x-api-key", "api_key"),
        ("private_key", "api_key"),
        ("cvc", "cvc"),
        ("card[cvc]", "cvc"),
        ("card%5Bcvc%5D", "cvc"),
        ("creditCardCvv", "cvc"),
        ("security_code", "cvc"),
        ("card[number]", "card"),
        ("payment_method_data[card][number]", "card"),
        ("cardNumber", "card"),
        ("number", "number"),
        ("bank_account[account_number]", "bank"),
        ("routing_number", "bank"),
        ("sepa_debit[iban]", "bank"),
        ("account[individual][id_number]", "identity"),
        ("authorization", "authorization"),
        ("cvv_code", "cvc"),
        ("cvn", "cvc"),
        ("pass", "password"),
        ("user[pass]", "password"),
        ("passcode", "password"),
        ("bacs_debit[sort_code]", "bank"),
        ("au_becs_debit[bsb_number]", "bank"),
        ("clabe", "bank"),
        ("individual[ssn_last_4]", "identity"),
        ("id_number_secondary", "identity"),
        ("encryptionKey", "api_key"),
        ("X-RapidAPI-Key", "api_key"),
    ],
)
def test_a_secret_is_known_by_its_name(name, rule):
    assert rule_of_name(name) == rule


@pytest.mark.parametrize(
    "name",
    [
        "cvc_check",
        "last4",
        "fingerprint",
        "token_type",
        "tokenization_method",
        "max_tokens",
        "password_required",
        "has_password",
        "access_key_id",
        "idempotency_key",
        "lookup_key",
        "publishable_key",
        "key",
        "receipt_number",
        "phone[number]x",
        "id_number_provided",
        "incremental_authorization",
        "PWD",
        "bypass",
        "pass_count",
        "ssn_last_4_provided",
        "session_id",
        "sort",
        "author_key",
        "[]",
        "",
    ],
)
def test_other_names_hold_no_secret(name):
    assert rule_of_name(name) is None


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("key", "api_key"),
        ("sig", "signature"),
        ("signature", "signature"),
        ("X-Amz-Signature", "signature"),
        ("api_key", "api_key"),
        ("limit", None),
        ("auth", "token"),
        ("jwt", "token"),
        ("PHPSESSID", "token"),
        ("jsessionid", "token"),
        ("session_id", None),
    ],
)
def test_a_query_has_secrets_of_its_own(name, rule):
    assert rule_of_parameter(name) == rule


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("authorization", "authorization"),
        ("proxy-authorization", "authorization"),
        ("cookie", "cookie"),
        ("set-cookie", "cookie"),
        ("stripe-signature", "signature"),
        ("x-hub-signature-256", "signature"),
        ("x-api-key", "api_key"),
        ("x-goog-api-key", "api_key"),
        ("x-vault-token", "token"),
        ("x-shopify-hmac-sha256", "signature"),
        ("paypal-transmission-sig", "signature"),
        ("x-signature-ed25519", "signature"),
        ("x-signature-timestamp", None),
        ("authentication", "authorization"),
        ("x-goog-iap-jwt-assertion", "token"),
        ("x-github-otp", "password"),
        ("x-auth-key", "api_key"),
        ("idempotency-key", None),
        ("x-csrf-token-required", None),
        ("x-slack-shared-secret-outcome", None),
        ("x-stripe-client-user-agent", None),
        ("sec-websocket-key", None),
        ("www-authenticate", None),
        ("access-control-allow-credentials", None),
    ],
)
def test_a_header_is_judged_by_its_name(name, rule):
    assert rule_of_header(name) == rule


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tokens", "token"),
        ("tokens[]", "token"),
        ("secrets[0]", "secret"),
        ("password[12]", "password"),
        ("card%5Bcvc%5D[0]", "cvc"),
        ("max_tokens", None),
        ("total_tokens", None),
        ("tokenized", None),
        ("items[0]", None),
        ("0", None),
    ],
)
def test_a_place_in_a_list_is_no_name(name, expected):
    assert rule_of_name(name) == expected


@pytest.mark.parametrize(("name", "expected"), [("X-Session-Id", "token"), ("Session", "token"), ("Cookie2", "cookie")])
def test_sessions_are_told_by_their_headers(name, expected):
    assert rule_of_header(name) == expected

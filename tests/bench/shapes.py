"""What the made-up requests of the benchmark are: fifteen endpoints of Stripe's, and how requests to them fail.

Shares are whole numbers of the whole that their docstring names. A `<name>` stands for what differs, as in `objects`.
"""

from typing import Final, NamedTuple

from .objects import CHARGE, CUSTOMER, INTENT, INVOICE, LIST, METHOD, PRICE, REFUND, SUBSCRIPTION

VERSIONS: Final = {
    "2020-08-27": 9,
    "2022-11-15": 13,
    "2023-10-16": 24,
    "2024-06-20": 31,
    "2025-03-31.basil": 12,
    "2026-08-26.dahlia": 8,
    "2026-09-30.endive": 3,
}
"""API versions, each with its share in a hundred."""

ASKED: Final = 0.8
"""The share of requests that ask for a version."""

USER_AGENTS: Final = (
    "Stripe/v1 RubyBindings/13.3.0",
    "Stripe/v1 PythonBindings/11.4.1",
    "Stripe/v1 NodeBindings/17.5.0",
    "Stripe/v1 PhpBindings/16.4.0",
    "Stripe/v1 GoBindings/81.2.0",
)

_ADDRESS_SENT: Final = (
    "address[line1]=<street_sent>&address[city]=<city_sent>&address[postal_code]=<postal_code>&"
    "address[country]=<country>&"
)
_METADATA_SENT: Final = "metadata[order_id]=<order>"
_MONEY_SENT: Final = "amount=<amount>&currency=<currency>&customer=<customer>&"


class Operation(NamedTuple):
    """One endpoint with its method."""

    method: str
    endpoint: str
    share: int
    """In a thousand."""
    path: str
    body: object
    """What it answers if it succeeds."""
    sent: str = ""
    """The body that is sent, as a form; of a GET, its query."""
    pays: bool = False
    """Whether a card is charged, which may be declined."""


OPERATIONS: Final = (
    Operation(
        "POST",
        "/v1/customers",
        60,
        "/v1/customers",
        CUSTOMER,
        f"email=<email_sent>&name=<name_sent>&{_ADDRESS_SENT}{_METADATA_SENT}",
    ),
    Operation("GET", "/v1/customers/{customer}", 170, "/v1/customers/<customer>", CUSTOMER),
    Operation(
        "POST",
        "/v1/payment_intents",
        160,
        "/v1/payment_intents",
        INTENT,
        f"{_MONEY_SENT}payment_method=<payment_method>&confirm=true&{_METADATA_SENT}",
        pays=True,
    ),
    Operation("GET", "/v1/payment_intents/{intent}", 130, "/v1/payment_intents/<intent>", INTENT),
    Operation(
        "POST",
        "/v1/payment_intents/{intent}/confirm",
        70,
        "/v1/payment_intents/<intent>/confirm",
        INTENT,
        "payment_method=<payment_method>&return_url=https%3A%2F%2Fexample.com%2Forders%2F<order>",
        pays=True,
    ),
    Operation(
        "POST",
        "/v1/payment_intents/{intent}/capture",
        30,
        "/v1/payment_intents/<intent>/capture",
        INTENT,
        "amount_to_capture=<amount>",
        pays=True,
    ),
    Operation(
        "POST",
        "/v1/payment_methods",
        50,
        "/v1/payment_methods",
        METHOD,
        "type=card&card[number]=424242424242<last4>&card[exp_month]=8&card[exp_year]=2029&card[cvc]=314",
    ),
    Operation(
        "POST",
        "/v1/payment_methods/{payment_method}/attach",
        40,
        "/v1/payment_methods/<payment_method>/attach",
        METHOD,
        "customer=<customer>",
        pays=True,
    ),
    Operation(
        "POST",
        "/v1/refunds",
        30,
        "/v1/refunds",
        REFUND,
        f"charge=<charge>&amount=<amount>&reason=requested_by_customer&{_METADATA_SENT}",
    ),
    Operation("GET", "/v1/charges/{charge}", 70, "/v1/charges/<charge>", CHARGE),
    Operation("GET", "/v1/charges", 30, "/v1/charges", LIST, "customer=<customer>&limit=1"),
    Operation(
        "POST",
        "/v1/subscriptions",
        30,
        "/v1/subscriptions",
        SUBSCRIPTION,
        f"customer=<customer>&items[0][price]=<price>&items[0][quantity]=<quantity>&{_METADATA_SENT}",
        pays=True,
    ),
    Operation(
        "GET",
        "/v1/subscriptions/{subscription_exposed_id}",
        60,
        "/v1/subscriptions/<subscription>",
        SUBSCRIPTION,
    ),
    Operation(
        "POST",
        "/v1/invoices",
        30,
        "/v1/invoices",
        INVOICE,
        f"customer=<customer>&collection_method=charge_automatically&auto_advance=true&{_METADATA_SENT}",
    ),
    Operation("GET", "/v1/prices/{price}", 40, "/v1/prices/<price>", PRICE),
)


class Failure(NamedTuple):
    """One way in which a request fails."""

    share: int
    """In a hundred of those that fail."""
    status: int
    type: str
    message: str
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None

    @property
    def is_decline(self) -> bool:
        return self.type == "card_error"


FAILED: Final = 0.07
"""The share of requests that fail."""

FAILURES: Final = (
    Failure(16, 402, "card_error", "Your card has insufficient funds.", "card_declined", "insufficient_funds"),
    Failure(14, 402, "card_error", "Your card was declined.", "card_declined", "generic_decline"),
    Failure(6, 402, "card_error", "Your card has expired.", "expired_card", None, "exp_month"),
    Failure(5, 402, "card_error", "Your card's security code is incorrect.", "incorrect_cvc", "incorrect_cvc", "cvc"),
    Failure(3, 402, "card_error", "Your card was declined.", "card_declined", "lost_card"),
    Failure(18, 404, "invalid_request_error", "No such object: '<missing>'", "resource_missing", None, "id"),
    Failure(
        12, 400, "invalid_request_error", "Missing required param: currency.", "parameter_missing", None, "currency"
    ),
    Failure(
        8, 400, "invalid_request_error", "Invalid integer: <amount>.5", "parameter_invalid_integer", None, "amount"
    ),
    Failure(9, 429, "invalid_request_error", "Request rate limit exceeded.", "rate_limit"),
    Failure(4, 409, "idempotency_error", "There is another request with the same key.", "idempotency_key_in_use"),
    Failure(5, 500, "api_error", "An unknown error occurred."),
)

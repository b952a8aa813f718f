"""The objects of Stripe's that the made-up requests of the benchmark are answered with.

A `<name>` in them stands for what differs from request to request; `generate` fills it in. The names in `NUMBERS` stand
for what JSON has without quotes, all others for text.
"""

from typing import Final

NUMBERS: Final = ("amount", "created", "duration_ms", "livemode", "period_end", "quantity")

_ADDRESS: Final = {"city": "<city>", "country": "<country>", "line1": "<street>", "postal_code": "<postal_code>"}
_CARD: Final = {"brand": "<brand>", "last4": "<last4>"}
_METADATA: Final = {"order_id": "<order>"}

CUSTOMER: Final = {
    "id": "<customer>",
    "object": "customer",
    "address": _ADDRESS,
    "created": "<created>",
    "email": "<email>",
    "metadata": _METADATA,
    "name": "<name>",
}
INTENT: Final = {
    "id": "<intent>",
    "object": "payment_intent",
    "amount": "<amount>",
    "client_secret": "<intent>_secret_<secret>",
    "created": "<created>",
    "currency": "<currency>",
    "customer": "<customer>",
    "latest_charge": "<charge>",
    "metadata": _METADATA,
    "payment_method": "<payment_method>",
    "status": "succeeded",
}
CHARGE: Final = {
    "id": "<charge>",
    "object": "charge",
    "amount": "<amount>",
    "billing_details": {"name": "<name>"},
    "created": "<created>",
    "currency": "<currency>",
    "customer": "<customer>",
    "metadata": _METADATA,
    "payment_intent": "<intent>",
    "payment_method_details": {"card": _CARD, "type": "card"},
    "status": "succeeded",
}
METHOD: Final = {
    "id": "<payment_method>",
    "object": "payment_method",
    "billing_details": {"email": "<email>", "name": "<name>"},
    "card": _CARD,
    "created": "<created>",
    "customer": "<customer>",
    "metadata": _METADATA,
    "type": "card",
}
SUBSCRIPTION: Final = {
    "id": "<subscription>",
    "object": "subscription",
    "created": "<created>",
    "currency": "<currency>",
    "current_period_end": "<period_end>",
    "customer": "<customer>",
    "items": {"object": "list", "data": [{"id": "<item>", "price": "<price>", "quantity": "<quantity>"}]},
    "latest_invoice": "<invoice>",
    "metadata": _METADATA,
    "status": "active",
}
INVOICE: Final = {
    "id": "<invoice>",
    "object": "invoice",
    "amount_due": "<amount>",
    "created": "<created>",
    "currency": "<currency>",
    "customer": "<customer>",
    "customer_name": "<name>",
    "metadata": _METADATA,
    "status": "draft",
    "subscription": "<subscription>",
}
REFUND: Final = {
    "id": "<refund>",
    "object": "refund",
    "amount": "<amount>",
    "balance_transaction": "<transaction>",
    "charge": "<charge>",
    "created": "<created>",
    "currency": "<currency>",
    "metadata": _METADATA,
    "payment_intent": "<intent>",
    "reason": "requested_by_customer",
    "status": "succeeded",
}
PRICE: Final = {
    "id": "<price>",
    "object": "price",
    "active": True,
    "created": "<created>",
    "currency": "<currency>",
    "metadata": _METADATA,
    "product": "<product>",
    "recurring": {"interval": "month", "interval_count": 1},
    "type": "recurring",
    "unit_amount": "<amount>",
}
LIST: Final = {"object": "list", "data": [CHARGE], "has_more": True, "url": "/v1/charges"}

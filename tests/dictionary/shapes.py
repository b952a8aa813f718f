"""What bodies and headers of requests look like: the shapes of the API's objects, with values of no account.

Written from the public reference of the API: names of members, in their order, with their usual defaults.
"""

from random import Random
from string import ascii_letters, digits
from typing import Any

Shape = dict[str, Any]

_LETTERS = digits + ascii_letters
_ADDRESS: Shape = {"city": None, "country": "US", "line1": None, "line2": None, "postal_code": "94103", "state": "CA"}
_DOC = "https://stripe.com/docs/error-codes/"
_DASHBOARD = "https://dashboard.stripe.com/test/logs/"


class Shapes:
    """Makes bodies and headers, each with ids, amounts and times of its own."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def id(self, prefix: str, length: int = 14) -> str:
        """Return an id that no object has."""
        return prefix + "".join(self._random.choices(_LETTERS, k=length))

    def _amount(self) -> int:
        return self._random.randrange(50, 99_999)

    def _time(self) -> int:
        return self._random.randrange(1_600_000_000, 1_900_000_000)

    def objects(self) -> list[Shape]:
        """Return one object of each shape."""
        return [
            self.customer(),
            self.payment_intent(),
            self.charge(),
            self.payment_method(),
            self.refund(),
            self.setup_intent(),
            self.subscription(),
            self.invoice(),
            self.product(),
            self.price(),
            self.event(),
            self.checkout_session(),
            self.balance_transaction(),
            self.deleted(),
            self.list_of(self.customer()),
            self.list_of(self.charge()),
            *self.errors(),
        ]

    def customer(self) -> Shape:
        return {
            "id": self.id("cus_"),
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": self._time(),
            "currency": "usd",
            "default_currency": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "discount": None,
            "email": "customer@example.com",
            "invoice_prefix": self.id("", 8).upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": {},
            "name": None,
            "next_invoice_sequence": 1,
            "phone": None,
            "preferred_locales": [],
            "shipping": None,
            "sources": {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": "/v1/customers/"},
            "subscriptions": {"object": "list", "data": [], "has_more": False, "total_count": 0},
            "tax_exempt": "none",
            "tax_ids": {"object": "list", "data": []},
            "test_clock": None,
        }

    def payment_intent(self) -> Shape:
        id, amount = self.id("pi_", 24), self._amount()
        return {
            "id": id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": amount,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "charges": {"object": "list", "data": [], "has_more": False, "total_count": 0},
            "client_secret": f"{id}_secret_[redacted]",
            "confirmation_method": "automatic",
            "created": self._time(),
            "currency": self._random.choice(("usd", "eur", "gbp")),
            "customer": self.id("cus_"),
            "description": None,
            "invoice": None,
            "last_payment_error": None,
            "latest_charge": self.id("ch_", 24),
            "livemode": False,
            "metadata": {"order_id": str(self._amount())},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": self.id("pm_", 24),
            "payment_method_configuration_details": None,
            "payment_method_options": {
                "card": {
                    "installments": None,
                    "mandate_options": None,
                    "network": None,
                    "request_three_d_secure": "automatic",
                }
            },
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": None,
            "shipping": {"address": _ADDRESS, "carrier": None, "name": "", "phone": None, "tracking_number": None},
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": self._random.choice(
                ("succeeded", "requires_payment_method", "requires_confirmation", "canceled")
            ),
            "transfer_data": None,
            "transfer_group": None,
        }

    def charge(self) -> Shape:
        id, amount = self.id("ch_", 24), self._amount()
        return {
            "id": id,
            "object": "charge",
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": self.id("txn_", 24),
            "billing_details": self._billing_details(),
            "calculated_statement_descriptor": "Stripe",
            "captured": True,
            "created": self._time(),
            "currency": "usd",
            "customer": None,
            "description": None,
            "destination": None,
            "dispute": None,
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "on_behalf_of": None,
            "order": None,
            "outcome": {
                "network_status": "approved_by_network",
                "reason": None,
                "risk_level": "normal",
                "risk_score": 32,
                "seller_message": "Payment complete.",
                "type": "authorized",
            },
            "paid": True,
            "payment_intent": self.id("pi_", 24),
            "payment_method": self.id("pm_", 24),
            "payment_method_details": {"card": self._card(), "type": "card"},
            "receipt_email": None,
            "receipt_number": None,
            "receipt_url": "https://pay.stripe.com/receipts/payment/",
            "refunded": False,
            "refunds": {
                "object": "list",
                "data": [],
                "has_more": False,
                "total_count": 0,
                "url": f"/v1/charges/{id}/refunds",
            },
            "review": None,
            "shipping": None,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "succeeded",
            "transfer_data": None,
            "transfer_group": None,
        }

    def _billing_details(self) -> Shape:
        return {"address": dict.fromkeys(_ADDRESS), "email": None, "name": None, "phone": None}

    def _card(self) -> Shape:
        return {
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": "visa",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": self.id("", 16),
            "funding": "credit",
            "generated_from": None,
            "last4": "4242",
            "networks": {"available": ["visa"], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }

    def payment_method(self) -> Shape:
        return {
            "id": self.id("pm_", 24),
            "object": "payment_method",
            "billing_details": self._billing_details(),
            "card": self._card(),
            "created": self._time(),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
        }

    def refund(self) -> Shape:
        return {
            "id": self.id("re_", 24),
            "object": "refund",
            "amount": self._amount(),
            "balance_transaction": self.id("txn_", 24),
            "charge": self.id("ch_", 24),
            "created": self._time(),
            "currency": "usd",
            "metadata": {},
            "payment_intent": self.id("pi_", 24),
            "reason": None,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }

    def setup_intent(self) -> Shape:
        id = self.id("seti_", 24)
        return {
            "id": id,
            "object": "setup_intent",
            "application": None,
            "cancellation_reason": None,
            "client_secret": f"{id}_secret_[redacted]",
            "created": self._time(),
            "customer": None,
            "description": None,
            "flow_directions": None,
            "last_setup_error": None,
            "latest_attempt": None,
            "livemode": False,
            "mandate": None,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_options": {"card": {"mandate_options": None, "request_three_d_secure": "automatic"}},
            "payment_method_types": ["card"],
            "single_use_mandate": None,
            "status": "requires_payment_method",
            "usage": "off_session",
        }

    def subscription(self) -> Shape:
        id, start = self.id("sub_", 24), self._time()
        return {
            "id": id,
            "object": "subscription",
            "application": None,
            "application_fee_percent": None,
            "automatic_tax": {"enabled": False, "liability": None},
            "billing_cycle_anchor": start,
            "billing_thresholds": None,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": {"comment": None, "feedback": None, "reason": None},
            "collection_method": "charge_automatically",
            "created": start,
            "currency": "usd",
            "current_period_end": start + 2_592_000,
            "current_period_start": start,
            "customer": self.id("cus_"),
            "days_until_due": None,
            "default_payment_method": None,
            "default_source": None,
            "default_tax_rates": [],
            "description": None,
            "discount": None,
            "ended_at": None,
            "items": {
                "object": "list",
                "data": [
                    {
                        "id": self.id("si_"),
                        "object": "subscription_item",
                        "billing_thresholds": None,
                        "created": start,
                        "metadata": {},
                        "plan": self._plan(),
                        "price": self.price(),
                        "quantity": 1,
                        "subscription": id,
                        "tax_rates": [],
                    }
                ],
                "has_more": False,
                "total_count": 1,
                "url": f"/v1/subscription_items?subscription={id}",
            },
            "latest_invoice": self.id("in_", 24),
            "livemode": False,
            "metadata": {},
            "next_pending_invoice_item_invoice": None,
            "on_behalf_of": None,
            "pause_collection": None,
            "payment_settings": {
                "payment_method_options": None,
                "payment_method_types": None,
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": None,
            "pending_setup_intent": None,
            "pending_update": None,
            "plan": self._plan(),
            "quantity": 1,
            "schedule": None,
            "start_date": start,
            "status": "active",
            "test_clock": None,
            "transfer_data": None,
            "trial_end": None,
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "trial_start": None,
        }

    def _plan(self) -> Shape:
        return {
            "id": self.id("price_", 24),
            "object": "plan",
            "active": True,
            "aggregate_usage": None,
            "amount": self._amount(),
            "amount_decimal": "2000",
            "billing_scheme": "per_unit",
            "created": self._time(),
            "currency": "usd",
            "interval": "month",
            "interval_count": 1,
            "livemode": False,
            "metadata": {},
            "nickname": None,
            "product": self.id("prod_"),
            "tiers_mode": None,
            "transform_usage": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        }

    def invoice(self) -> Shape:
        id, amount, at = self.id("in_", 24), self._amount(), self._time()
        return {
            "id": id,
            "object": "invoice",
            "account_country": "US",
            "account_name": "Example",
            "account_tax_ids": None,
            "amount_due": amount,
            "amount_paid": 0,
            "amount_remaining": amount,
            "amount_shipping": 0,
            "application": None,
            "attempt_count": 0,
            "attempted": False,
            "auto_advance": False,
            "automatic_tax": {"enabled": False, "liability": None, "status": None},
            "billing_reason": "manual",
            "charge": None,
            "collection_method": "charge_automatically",
            "created": at,
            "currency": "usd",
            "custom_fields": None,
            "customer": self.id("cus_"),
            "customer_address": None,
            "customer_email": "customer@example.com",
            "customer_name": None,
            "customer_phone": None,
            "customer_shipping": None,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_payment_method": None,
            "discounts": [],
            "due_date": None,
            "effective_at": None,
            "ending_balance": None,
            "footer": None,
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "issuer": {"type": "self"},
            "lines": {
                "object": "list",
                "data": [
                    {
                        "id": self.id("il_", 24),
                        "object": "line_item",
                        "amount": amount,
                        "amount_excluding_tax": amount,
                        "currency": "usd",
                        "description": None,
                        "discount_amounts": [],
                        "discountable": True,
                        "invoice_item": self.id("ii_", 24),
                        "livemode": False,
                        "metadata": {},
                        "period": {"end": at, "start": at},
                        "proration": False,
                        "proration_details": {"credited_items": None},
                        "type": "invoiceitem",
                        "unit_amount_excluding_tax": str(amount),
                    }
                ],
                "has_more": False,
                "total_count": 1,
                "url": f"/v1/invoices/{id}/lines",
            },
            "next_payment_attempt": None,
            "number": None,
            "paid": False,
            "paid_out_of_band": False,
            "payment_intent": None,
            "period_end": at,
            "period_start": at,
            "starting_balance": 0,
            "status": "draft",
            "status_transitions": {
                "finalized_at": None,
                "marked_uncollectible_at": None,
                "paid_at": None,
                "voided_at": None,
            },
            "subscription": None,
            "subtotal": amount,
            "subtotal_excluding_tax": amount,
            "tax": None,
            "total": amount,
            "total_discount_amounts": [],
            "total_excluding_tax": amount,
            "total_tax_amounts": [],
            "webhooks_delivered_at": at,
        }

    def product(self) -> Shape:
        return {
            "id": self.id("prod_"),
            "object": "product",
            "active": True,
            "attributes": [],
            "created": self._time(),
            "default_price": None,
            "description": None,
            "features": [],
            "images": [],
            "livemode": False,
            "marketing_features": [],
            "metadata": {},
            "name": "Gold Plan",
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": None,
            "type": "service",
            "unit_label": None,
            "updated": self._time(),
            "url": None,
        }

    def price(self) -> Shape:
        return {
            "id": self.id("price_", 24),
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": self._time(),
            "currency": "usd",
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": self.id("prod_"),
            "recurring": {
                "aggregate_usage": None,
                "interval": "month",
                "interval_count": 1,
                "trial_period_days": None,
                "usage_type": "licensed",
            },
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "recurring",
            "unit_amount": 1000,
            "unit_amount_decimal": "1000",
        }

    def event(self) -> Shape:
        return {
            "id": self.id("evt_", 24),
            "object": "event",
            "api_version": "2024-06-20",
            "created": self._time(),
            "data": {"object": self.setup_intent()},
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.id("req_"), "idempotency_key": None},
            "type": "setup_intent.created",
        }

    def checkout_session(self) -> Shape:
        return {
            "id": self.id("cs_test_", 58),
            "object": "checkout.session",
            "after_expiration": None,
            "allow_promotion_codes": None,
            "amount_subtotal": 2000,
            "amount_total": 2000,
            "automatic_tax": {"enabled": False, "liability": None, "status": None},
            "billing_address_collection": None,
            "cancel_url": "https://example.com/cancel",
            "client_reference_id": None,
            "consent": None,
            "created": self._time(),
            "currency": "usd",
            "customer": None,
            "customer_creation": "if_required",
            "customer_details": None,
            "customer_email": None,
            "expires_at": self._time(),
            "invoice": None,
            "livemode": False,
            "locale": None,
            "metadata": {},
            "mode": "payment",
            "payment_intent": None,
            "payment_link": None,
            "payment_method_collection": "if_required",
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "phone_number_collection": {"enabled": False},
            "setup_intent": None,
            "shipping_address_collection": None,
            "shipping_cost": None,
            "status": "open",
            "submit_type": None,
            "subscription": None,
            "success_url": "https://example.com/success",
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "url": "https://checkout.stripe.com/c/pay/",
        }

    def balance_transaction(self) -> Shape:
        return {
            "id": self.id("txn_", 24),
            "object": "balance_transaction",
            "amount": self._amount(),
            "available_on": self._time(),
            "created": self._time(),
            "currency": "usd",
            "description": None,
            "exchange_rate": None,
            "fee": 0,
            "fee_details": [],
            "net": self._amount(),
            "reporting_category": "charge",
            "source": self.id("ch_", 24),
            "status": "available",
            "type": "charge",
        }

    def deleted(self) -> Shape:
        return {"id": self.id("cus_"), "object": "customer", "deleted": True}

    def list_of(self, item: Shape) -> Shape:
        return {"object": "list", "data": [item], "has_more": False, "url": f"/v1/{item['object']}s"}

    def errors(self) -> list[Shape]:
        """Return one answer for each of the usual errors."""
        return [
            {"error": {**error, "request_log_url": f"{_DASHBOARD}{self.id('req_')}?t={self._time()}"}}
            for error in (
                {
                    "charge": self.id("ch_", 24),
                    "code": "card_declined",
                    "decline_code": self._random.choice(("generic_decline", "insufficient_funds", "lost_card")),
                    "doc_url": f"{_DOC}card-declined",
                    "message": self._random.choice(("Your card was declined.", "Your card has insufficient funds.")),
                    "payment_intent": self.payment_intent(),
                    "payment_method": self.payment_method(),
                    "type": "card_error",
                },
                {
                    "code": self._random.choice(("expired_card", "incorrect_cvc", "processing_error")),
                    "doc_url": f"{_DOC}expired-card",
                    "message": self._random.choice(
                        ("Your card has expired.", "Your card's security code is incorrect.")
                    ),
                    "param": "exp_month",
                    "type": "card_error",
                },
                {
                    "code": "resource_missing",
                    "doc_url": f"{_DOC}resource-missing",
                    "message": f"No such customer: '{self.id('cus_')}'",
                    "param": "customer",
                    "type": "invalid_request_error",
                },
                {
                    "code": "parameter_missing",
                    "doc_url": f"{_DOC}parameter-missing",
                    "message": "Missing required param: amount.",
                    "param": "amount",
                    "type": "invalid_request_error",
                },
                {
                    "code": "parameter_unknown",
                    "doc_url": f"{_DOC}parameter-unknown",
                    "message": "Received unknown parameter: source",
                    "param": "source",
                    "type": "invalid_request_error",
                },
                {
                    "code": "rate_limit",
                    "doc_url": f"{_DOC}rate-limit",
                    "message": "Request rate limit exceeded. Learn more about rate limits "
                    "https://stripe.com/docs/rate-limits.",
                    "type": "invalid_request_error",
                },
                {
                    "message": "Invalid API Key provided: sk_test_***",
                    "type": "invalid_request_error",
                },
                {"message": "An unexpected error occurred.", "type": "api_error"},
                {
                    "message": "Keys for idempotent requests can only be used with the same parameters they were first "
                    "used with.",
                    "type": "idempotency_error",
                },
            )
        ]

    def forms(self) -> list[str]:
        """Return bodies that are sent."""
        amount, customer = self._amount(), self.id("cus_")
        return [
            f"amount={amount}&currency=usd&customer={customer}&description=Order+{amount}&metadata[order_id]={amount}",
            f"amount={amount}&currency=eur&payment_method_types[0]=card&confirm=true&payment_method=pm_card_visa",
            f"email=customer%40example.com&name=Jenny+Rosen&description=&metadata[user_id]={amount}&phone=",
            f"customer={customer}&items[0][price]={self.id('price_', 24)}&items[0][quantity]=1&expand[]=latest_invoice",
            f"charge={self.id('ch_', 24)}&reason=requested_by_customer&payment_intent={self.id('pi_', 24)}",
            "type=card&card[number]=[card …4242]&card[exp_month]=12&card[exp_year]=2034&card[cvc]=[redacted]",
        ]

    def headers(self) -> list[Shape]:
        """Return headers that are sent and received."""
        id, version = self.id("req_"), self._random.choice(("2023-10-16", "2024-06-20", "2025-03-31.basil"))
        return [
            {
                "server": "nginx",
                "date": "Mon, 24 Feb 2025 10:00:00 GMT",
                "content-type": "application/json",
                "content-length": str(self._amount()),
                "connection": "keep-alive",
                "access-control-allow-credentials": "true",
                "access-control-allow-methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
                "access-control-allow-origin": "*",
                "access-control-expose-headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, "
                "X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required",
                "access-control-max-age": "300",
                "cache-control": "no-cache, no-store",
                "content-security-policy": "base-uri 'none'; default-src 'none'; form-action 'none'; frame-ancestors "
                "'none'; img-src 'self'; script-src 'self' 'report-sample'; style-src 'self'",
                "idempotency-key": self.id("", 32),
                "original-request": id,
                "request-id": id,
                "stripe-should-retry": "false",
                "stripe-version": version,
                "vary": "Origin",
                "x-stripe-routing-context-priority-tier": "api-testmode",
                "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
            },
            {"content-type": "application/json", "request-id": id, "stripe-version": version},
            {
                "accept": "*/*",
                "accept-encoding": "gzip, deflate",
                "authorization": "Bearer sk_test_…4242",
                "content-length": "54",
                "content-type": "application/x-www-form-urlencoded",
                "host": "api.stripe.com",
                "idempotency-key": self.id("", 32),
                "stripe-version": version,
                "user-agent": "Stripe/v1 PythonBindings/12.0.0",
                "x-stripe-client-user-agent": '{"bindings_version": "12.0.0", "lang": "python", "publisher": "stripe", '
                '"httplib": "requests", "lang_version": "3.12.0", "platform": "Linux", "uname": ""}',
            },
        ]

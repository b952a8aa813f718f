"""The records of the benchmark as templates for `%`, each made once; they take what `objects` and `shapes` name.

Every combination of operation, outcome and whether a version is asked for has a template of its own, so that filling in
is all the work that a record takes.
"""

import json
import re
from itertools import product
from typing import Final, NamedTuple

from .objects import INTENT, NUMBERS
from .shapes import ASKED, FAILED, FAILURES, OPERATIONS, Failure, Operation

_RESOURCES: Final = (
    *("charge", "customer", "intent", "invoice", "item", "missing", "payment_method", "price", "product", "refund"),
    *("subscription", "transaction"),
)
_NAME: Final = re.compile(r"<(\w+)>")
_BARE: Final = re.compile(rf'(\\?")<({"|".join(NUMBERS)})>\1')


class Shape(NamedTuple):
    """One operation with one outcome, with or without a version that is asked for."""

    operation: Operation
    failure: Failure | None
    weight: float
    template: str
    """The record, as reqlog writes it, with the keys left out that are null."""


def shapes() -> tuple[Shape, ...]:
    """Return every shape that there is; the weights add up to one."""
    return tuple(
        Shape(operation, failure, weight * (ASKED if asks else 1 - ASKED), template(_record(operation, failure, asks)))
        for operation, failure, asks in product(OPERATIONS, (None, *FAILURES), (True, False))
        if (weight := _weight(operation, failure))
    )


def template(data: object) -> str:
    """Return `data` as JSON on one line, with `%(name)s` where `<name>` stood."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("%", "%%")
    return _NAME.sub(r"%(\1)s", _BARE.sub(r"<\2>", text))


def _weight(operation: Operation, failure: Failure | None) -> float:
    """Return the share of requests that are such; a card is declined only where one is charged."""
    if failure is None:
        return operation.share / 1000 - sum(_weight(operation, each) for each in FAILURES)
    if failure.is_decline and not operation.pays:
        return 0
    able = sum(each.share for each in OPERATIONS if each.pays or not failure.is_decline)
    return FAILED * failure.share / 100 * operation.share / able


def _record(operation: Operation, failure: Failure | None, asks: bool) -> dict[str, object]:
    is_get = operation.method == "GET"
    answer = _error(operation, failure) if failure else operation.body
    body = json.dumps(answer, indent=2)
    record = {
        "id": "<id>",
        "time": "<time>",
        "duration_ms": "<duration_ms>",
        "method": operation.method,
        "path": operation.path,
        "query": operation.sent if is_get else None,
        "endpoint": operation.endpoint,
        "status": failure.status if failure else 200,
        "source": "<source>",
        "livemode": "<livemode>",
        "api_key": "sk_live_…<key>",
        "ip_address": "<ip>",
        "user_agent": "<user_agent>",
        "api_version": "<version>",
        "requested_version": "<version>" if asks else None,
        "idempotency_key": None if is_get else "<idempotency_key>",
        **(_of_error(failure) if failure else {}),
        "request_headers": _sent_headers(is_get, asks),
        "response_headers": {"request-id": "<id>", "stripe-version": "<version>"},
        "request_body": None if is_get else operation.sent,
        "response_body": body,
        "truncated": [],
        "resources": _resources(f"{operation.path} {operation.sent} {body}"),
    }
    return {name: value for name, value in record.items() if value not in (None, "")}


def _of_error(failure: Failure) -> dict[str, str | None]:
    return {
        "error_type": failure.type,
        "error_code": failure.code,
        "decline_code": failure.decline_code,
        "error_param": failure.param,
        "error_message": failure.message,
    }


def _sent_headers(is_get: bool, asks: bool) -> dict[str, str]:
    form = {} if is_get else {"content-type": "application/x-www-form-urlencoded"}
    return form | ({"stripe-version": "<version>"} if asks else {})


def _error(operation: Operation, failure: Failure) -> dict[str, object]:
    """Return what the API answers; a decline comes with what was to be paid."""
    error = {
        "code": failure.code,
        "decline_code": failure.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{failure.code.replace('_', '-')}" if failure.code else None,
        "message": failure.message,
        "param": failure.param,
        "payment_intent": INTENT | {"status": "requires_payment_method"} if _is_of_intent(operation, failure) else None,
        "request_log_url": "https://dashboard.stripe.com/logs/<id>?t=<created>",
        "type": failure.type,
    }
    return {"error": {name: value for name, value in error.items() if value is not None}}


def _is_of_intent(operation: Operation, failure: Failure) -> bool:
    return failure.is_decline and operation.body is INTENT


def _resources(text: str) -> list[str]:
    """Return the ids that `text` names, in the order of their first appearance."""
    return [f"<{name}>" for name in dict.fromkeys(_NAME.findall(text)) if name in _RESOURCES]

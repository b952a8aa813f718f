import pytest

from reqlog.exchange.answers import Told, told_by


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"id": "cus_1", "livemode": false, "metadata": {"livemode": true}}', Told(id="cus_1", livemode=False)),
        ('{"livemode": "yes", "id": 7}', Told()),
        (
            '{"error": {"type": "card_error", "code": "a", "decline_code": "b", "param": "c", "message": "No."}}',
            Told(type="card_error", code="a", decline_code="b", param="c", message="No."),
        ),
        ('{"error": {"code": 404, "type": null, "param": ["a"], "message": ""}}', Told()),
        (
            '{"error": "invalid_grant", "error_description": "Code expired.", "livemode": true}',
            Told(code="invalid_grant", message="Code expired.", livemode=True),
        ),
        ('{"error": "Not found"}', Told(message="Not found")),
        ('{"error": null}', Told()),
        ('{"error": [{"code": "a"}]}', Told()),
        (r'{"error": {"message": "caf\u00e9 \ud83d\ude00"}}', Told(message="café 😀")),
    ],
)
def test_a_json_object_tells_mode_error_and_id(body, told):
    assert told_by(body) == told


@pytest.mark.parametrize(
    "body",
    [
        None,
        "<html>",
        'callback({"error": "a"})',
        '{"error": "invalid_grant"',
        '{"error": "invalid_grant"} x',
        '["error"]',
        "7",
        '{"error": ' + "[" * 100_000,
        '{"error": {"code": "a", "x": ' + "[" * 100_000 + "]" * 100_000 + "}}",
        r'{"error": {"message": "\ud800"}}',
    ],
)
def test_any_other_body_tells_nothing(body):
    assert told_by(body) == Told()

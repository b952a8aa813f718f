import inspect

import reqlog.capture


def test_all_that_is_public_is_documented() -> None:
    for name in reqlog.capture.__all__:
        assert inspect.getdoc(getattr(reqlog.capture, name)), name

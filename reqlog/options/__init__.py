"""The click options that commands share, as decorators; a command gets ready values, not what the user typed.

`asking.asks` gives a `Question`, `output.prints` an `Output`; `headings` makes the help of both.
"""

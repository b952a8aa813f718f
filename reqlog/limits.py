"""How much reqlog takes from one input record: bounds that keep memory and time small whatever a file holds."""

RECORD_BYTES = 16 * 1024 * 1024
"""A line, an array element or a cassette's interaction longer than this is a reject."""

BODY_CHARACTERS = 1024 * 1024
"""A body is cut to this length, and `truncated` says so."""

HEADER_COUNT = 1000
"""Headers of one message past this are left out, and `truncated` says so."""

DEPTH = 200
"""JSON or YAML nested deeper than this is a reject where it is a record, and plain text where it is a body."""

RESOURCES = 1000
"""Resource ids of one request past this are left out, and `truncated` says so."""

CELL_CHARACTERS = 8192
"""A cell of a table is cut to this length, into a file or a pipe too: the cells above and below get its width."""

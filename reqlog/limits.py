"""How much reqlog takes of what it is given: bounds that keep memory and time small whatever that is.

Every bound stands here, and the docs have the table of them.
"""

RECORD_BYTES = 16 * 1024 * 1024
"""A line, an array element or a cassette's interaction longer than this is a reject."""

RECORD_VALUES = 500_000
"""A JSON record of more values than this, those inside texts aside, is a reject."""

BODY_CHARACTERS = 1024 * 1024
"""A body is cut to this length, and `truncated` says so."""

TEXT_CHARACTERS = 65_536
"""A path, a query, an error message or any other text but a body is cut to this length, and `truncated` says so."""

ID_CHARACTERS = 1024
"""A request id longer than this is replaced by one derived from it, and a longer resource id is left out."""

HEADER_COUNT = 1000
"""Headers of one message past this are left out, and `truncated` says so."""

HEADER_CHARACTERS = 262_144
"""So are headers that, with those before them, have more characters than this, names included."""

HEADER_NAME_CHARACTERS = 1024
"""So are headers with a name longer than this."""

DEPTH = 200
"""JSON or YAML nested deeper than this is a reject where it is a record, and plain text where it is a body."""

RESOURCES = 1000
"""Resource ids of one request past this are left out, and `truncated` says so."""

UNPACKED_TIMES = 250
"""Compressed data that gives more than this many times its size, and more than `UNPACKED_BYTES`, is read no further."""

UNPACKED_BYTES = 64 * 1024 * 1024
"""What any compressed data may give, however small it is."""

CONFIG_BYTES = 64 * 1024
"""A configuration file that is larger than this is refused."""

HELD_CHARACTERS = 64 * 1024 * 1024
"""Requests of captures that are asked directly are held in memory up to this size, past it in a temporary file."""

CELL_CHARACTERS = 8192
"""A cell of a table is cut to this length, into a file or a pipe too: the cells above and below get its width."""

FILTER_VALUES = 10_000
"""More values of filter flags than this are refused; of a flag that compares all for equality they do not count."""

GLOB_CHARACTERS = 1000
"""A glob longer than this is refused."""

"""reqlog keeps the requests an application sent to an HTTP API, and answers questions about them."""

__version__ = "0.1.0"

"""A recording reverse proxy: what clients send goes on to one API, and every exchange is handed to whoever records.

Nothing but this package knows aiohttp. Nothing here knows of a store, and nothing waits for the one who records.
"""

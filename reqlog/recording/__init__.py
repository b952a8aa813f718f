"""From exchanges as they happen to a store, without holding up the traffic, whoever has the traffic.

`recorder` does the work in a thread, `process` in a process of its own; both queue in a `backlog`. `failures` says what
was recorded.
"""

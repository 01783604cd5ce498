"""The asynchronous driver: one conversation over one socket, many of them on a few threads.

Read `session` first, then `transport` (all it knows of a socket), `egress` and `anticipation` (how
far ahead of its listener it goes), `scheduler` (where CPU work runs) with `step_queue` (whose comes
first), `capacity` with `activity` and `costs` (who is let in), `limits` and `observer`.
"""

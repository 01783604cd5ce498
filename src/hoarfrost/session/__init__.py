"""The asynchronous driver: one conversation over one socket, many of them on a few threads.

Read `session` first, then `transport` (all it knows of a socket), `scheduler` (where CPU work
runs), `limits` and `observer`.
"""

"""The wire protocols: the only place that knows the wire's names for things.

`codec` is the seam; each protocol is one file with one codec: `plain` for ``/ws``, `events` for
``/ws?events=json``. `query` reads the query string, `auth` the header. The rules are numbered in
``docs/spec.md``.
"""

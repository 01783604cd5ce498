"""What arrives: the only place that knows the wire's names for things.

`frames` reads messages, `options` the query string, `auth` the header. The rules are numbered in
``docs/spec.md``.
"""

"""The port between text and sound: the contract of engines, their voices, and how both are found.

Read `voice` and `engine` first (the contract), then `registry` (which engines are installed) and
`catalogue` (which names a client may ask for).
"""

"""The conversation with one client: START READING HERE.

`events` is what can happen, `options` what holds throughout, `outputs` what a client may be told,
`actions` what can be asked of the driver, `machine` the table between them. `playback` is the clock
of the listener. Nothing here has a socket, a thread, a clock or a name of the wire.
"""

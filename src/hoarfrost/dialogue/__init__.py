"""The conversation with one client: START READING HERE.

`events` is what can happen, `actions` what can be asked of the driver, `machine` the table between
them. `playback` is the clock of the listener. Nothing here has a socket, a thread or a clock.
"""

"""The asynchronous driver: conversations over sockets, many of them on a few threads.

Read `connection` first (a socket, its codec and the pacing of what goes out), then `conversation`
(one machine driven, which knows no socket). `transport` is all that is known of a socket, `pacing`
how far ahead of its listener audio goes, `prefetch` what is begun before it is certain, `timing`
how long first audio took. `scheduler` is where CPU work runs, `step_queue` whose comes first,
`loading` where voices are loaded. `events` is what happens, for whoever listens; `capacity` with
`activity` and `costs` decides who is let in, and `limits` counts.
"""

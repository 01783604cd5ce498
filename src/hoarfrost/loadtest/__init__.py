"""A load tester for any server that speaks ``/ws``: simulated callers, measured as they would hear.

It knows the wire, not this server: it works as well against another build or Rime's own service.
What every figure means stands in ``docs/benchmarking.md``. Reading order, from what decides to what
does::

    percentiles  targets  search          figures, judged
    sentences  texts  speakable  pace     what is said, and how long it should last
    hearing  playback  turn  records      what a listener makes of the bytes: no clock, no socket
    plan  line  call  scenarios  run      the callers, over a real connection
    lag  machine  trials                  a run, or many in search of a capacity
    figures  report  findings             what is told,
    table  plots  page                    and in which form

Invariant: audio is counted as it comes and never kept.
"""

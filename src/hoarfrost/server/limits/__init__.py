"""Limits that hold before anybody is known, and those of each key.

Nobody without a key, and no hungry caller, may keep another one waiting. `allowance` counts,
`turns` shares the event loop, `front` is what connections share, `peers` counts connections,
`accepting` takes them, `descriptors` keeps some for those inside, `wrong_keys` slows guesses,
`quotas` says what a key may use. None of them knows a protocol.
"""

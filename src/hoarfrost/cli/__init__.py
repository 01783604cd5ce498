"""The command line: each command a module, loaded only when it is called.

In: arguments, standard input. Out: standard output, which carries data only, and standard error,
which carries what is meant for people. Invariant: every failure is one clear line and a status.
"""

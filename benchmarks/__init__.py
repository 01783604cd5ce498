"""What hoarfrost costs: first audio, upgrades, idle connections, CPU.

`python -m benchmarks` runs all. Every figure with a target is a ratio or a difference of two
measurements of the same run.
"""

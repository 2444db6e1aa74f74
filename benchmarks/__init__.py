"""What the program promises about speed and size, measured here: `python -m benchmarks`.

Only counts, and ratios within one run: an absolute rate of a small shared box means nothing.
"""

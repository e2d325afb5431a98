"""Comparison of runs: groups, differences from a baseline, confidence intervals."""

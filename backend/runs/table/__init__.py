"""The table of runs: windows, filters and groups over thousands of runs."""

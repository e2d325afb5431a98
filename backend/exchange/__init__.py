"""Import and export of runs: bundles, CSV, JSON, NPZ."""

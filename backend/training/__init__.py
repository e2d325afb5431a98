"""Training of queued runs: dispatcher, executor on Dask, recorder, housekeeping."""

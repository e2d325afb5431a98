"""Worker process: trains one run at a time and reports to the server."""

"""What gets runs trained: executor, recorder of events, live hub."""

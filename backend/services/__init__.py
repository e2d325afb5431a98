"""The use cases. They never commit: whoever opened the session does."""

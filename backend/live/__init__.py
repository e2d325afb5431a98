"""The live feed: what workers report, sent to subscribers over WebSockets and server-sent events."""

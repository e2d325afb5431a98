"""People: authentication, sign-in sessions, tokens, join links, rate limits."""

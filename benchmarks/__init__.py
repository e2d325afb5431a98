"""Where the numbers in README and docs come from."""

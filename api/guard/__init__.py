"""What stands before every route: limits, breakers, addresses, headers."""

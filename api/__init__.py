"""Takes requests, relays events."""

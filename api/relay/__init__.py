"""From the event log to the sockets."""

"""The sockets of the earlier servers: ``/ws`` and ``/ws/live``."""

"""The shared record: the only place where api, worker and schedules meet."""

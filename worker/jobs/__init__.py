"""One handler a kind: `run(request, context) -> result`. No Celery, no SQL."""

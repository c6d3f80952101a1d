"""All queries, one file an aggregate. They never commit."""

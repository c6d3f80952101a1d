"""Invoices, which the service tells as tables."""

import csv
from io import StringIO

from api.client.models import InvoiceLine


def read_invoice(text: str) -> list[InvoiceLine]:
    """Return the lines of an invoice; a ``total`` has no prices."""
    return [
        InvoiceLine.model_validate({name: cell for name, cell in row.items() if cell})
        for row in csv.DictReader(StringIO(text))
    ]

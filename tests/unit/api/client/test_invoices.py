from decimal import Decimal

from api.client.invoices import read_invoice

TABLE = (
    "month,caller,kind,jobs,cpu_seconds,price_per_job,price_per_cpu_second,"
    "price_since,amount,currency\r\n"
    "2026-11,key:ann,solve,3,1.25,0.10,0,,0.30,EUR\r\n"
    "2026-11,key:ann,total,,,,,,0.30,EUR\r\n"
)


def test_amounts_are_exact_and_a_total_has_no_prices() -> None:
    line, total = read_invoice(TABLE)
    assert (line.jobs, line.amount, line.cpu_seconds) == (
        3,
        Decimal("0.30"),
        Decimal("1.25"),
    )
    assert (total.kind, total.jobs, total.price_per_job) == ("total", None, None)

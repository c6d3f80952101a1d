"""Cash flows valued: a pure library.

Amounts are doubles and taken as the exact fractions that they are; rates are fractions
of a period (0.1 is 10 %), above -1.
"""

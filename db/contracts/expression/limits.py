"""How large an expression may be. All of it is checked before anything is computed."""

MAX_LENGTH = 2_000
"""Characters."""
MAX_NODES = 400
"""Numbers, names and operators together."""
MAX_DEPTH = 60
"""Of parentheses, powers and signs in each other; a long sum is not deep."""
MAX_LITERAL_DIGITS = 1_000
MAX_LITERAL_EXPONENT = 100_000
"""Of ten: 1e100000 is the largest power of ten that can be written as a number."""
MAX_VARIABLES = 20
MAX_NAME_LENGTH = 32
MAX_ARGUMENTS = 50
"""Of min and max."""
MAX_EXPONENT = 1_000_000_000
"""Of ten, of any value on the way: what is larger or smaller is refused."""
MAX_DIGITS = 100_000
"""Significant digits that may be asked for; some functions allow fewer."""
MAX_SECONDS = 600.0
"""What is estimated to take longer is refused."""
MAX_POINTS = 10_000
"""Of a table."""
MAX_VALUE_LENGTH = 20_000
"""Characters of a variable's value."""

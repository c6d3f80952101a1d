"""A process that ends as the library of numbers does when it gives up."""

import os
import sys

if __name__ == "__main__":
    sys.stderr.write("FLINT exception (General error): too large\n")
    sys.stderr.flush()
    os.abort()

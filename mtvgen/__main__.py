"""`python -m mtvgen`, the same as the command `mtvgen`."""

from mtvgen.cli import main

if __name__ == "__main__":
    main()

"""The program ``hoarfrost``, also as ``python -m hoarfrost``."""

import sys


def main() -> None:
    """Run the command line, and exit the process with its status."""
    try:
        # Here, so that an interruption while it loads is as quiet as a later one.
        from hoarfrost.cli.root import root  # noqa: PLC0415 -- for the reason above

        root(prog_name="hoarfrost")
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        sys.exit(130)  # `INTERRUPTED` of hoarfrost.cli.failures, which may not be there yet


if __name__ == "__main__":
    main()

"""The program ``hoarfrost``, also as ``python -m hoarfrost``."""

from hoarfrost.cli.root import root


def main() -> None:
    """Run the command line, and exit the process with its status."""
    root(prog_name="hoarfrost")


if __name__ == "__main__":
    main()

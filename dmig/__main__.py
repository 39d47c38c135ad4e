"""`python -m dmig` is `dmig`."""

from dmig.cli.main import main

if __name__ == "__main__":
    main()

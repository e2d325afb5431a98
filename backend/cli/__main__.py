"""`python -m backend.cli`: the command `synrl`."""

from backend.cli.main import main

main()

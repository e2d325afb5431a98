"""The command line `synrl`: one module for each group of commands."""

"""Copybooks and the numbers of hosts: text in, nodes out; nothing here opens a file."""

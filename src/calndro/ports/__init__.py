"""
What the use cases ask of the world, and what the world asks of them.

Each port is a Protocol; its docstring is the contract, and the suites under
``tests/contracts`` check it against every adapter. Adapters match by structure.
"""

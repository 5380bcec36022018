"""
The command line: one module for each group of commands, imported when it is used.

``app`` lists the commands, ``options`` what several of them take, ``session`` opens what
they work with, ``render`` draws what they show, and ``exits`` says what becomes of errors.
"""

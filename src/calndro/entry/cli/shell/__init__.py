"""
The shell of few letters, as ``calndro tui`` runs it.

``grammar`` says what an order is, ``orders`` carries them out, ``creating`` asks for a new
event, ``lines`` and ``terminal`` read what is typed, ``interruptible`` waits for a slow server.
"""

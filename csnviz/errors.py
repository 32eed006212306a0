"""The one error that is meant for the person at the keyboard."""


class InputError(ValueError):
    """Something given to csnviz cannot be used.

    The message is one sentence (or two) that names what was found, where (file, participant, camera, frame, AU) and
    what to do next. The command line prints it without a traceback and exits with code 2.
    """
